/** The state database: whole, for this account alone, its statements prepared once. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { databaseInPlace, fileAt } from '../outbox/files-in-place.ts'
import { syncDirectory } from '../outbox/sync-directory.ts'

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA secure_delete = ON;
  PRAGMA busy_timeout = 2000;
  PRAGMA cache_size = -256;
  CREATE TABLE IF NOT EXISTS outcomes (id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, at INTEGER NOT NULL, sealed BLOB) STRICT;
  CREATE INDEX IF NOT EXISTS outcomes_at ON outcomes (at);
  CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, reports TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
`

export type StateDatabase = {
  /** A statement, prepared at its first use. */
  sql(text: string): StatementSync
  /** All of it or nothing. */
  atomically<T>(work: () => T): T
  /** A commit that a power cut cannot take back, outside any other. */
  durably(work: () => void): void
  /** Runs a write; false where the disk takes nothing, or the files are gone and cannot be put back. */
  tryStore(work: () => void): boolean
  /** Empties the log, which holds what was erased or sealed under an older key; false while another process reads. */
  emptyLog(): boolean
  /** The files were removed, renamed or replaced under this process, and were written anew. */
  filesWereGone(): boolean
  close(): void
}

/** Opens the file, or makes it. Throws SQLite's own error, or one that says `malformed`. */
export function openStateDatabase(file: string): StateDatabase {
  let db = open(file)
  let prepared = new Map<string, StatementSync>()
  let wereGone = false
  const look = () => databaseInPlace(file, ['-wal', '-shm'])
  let inPlace = look()
  let ours = fileAt(file)

  /** Writes what the open files hold to new ones, where those at the paths are others. Throws where it cannot. */
  function restore(): void {
    if (inPlace()) return
    rescue(file, db, fileAt(file) === ours)
    db = open(file)
    prepared = new Map()
    inPlace = look()
    ours = fileAt(file)
    wereGone = true
  }

  return {
    sql(text) {
      let statement = prepared.get(text)
      if (!statement) prepared.set(text, (statement = db.prepare(text)))
      return statement
    },
    atomically(work) {
      db.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        db.exec('COMMIT')
        return result
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    },
    durably(work) {
      db.exec('PRAGMA synchronous = FULL')
      try {
        work()
      } finally {
        db.exec('PRAGMA synchronous = NORMAL')
      }
    },
    tryStore(work) {
      try {
        restore()
        work()
        return true
      } catch (error) {
        const { code, syscall } = error as NodeJS.ErrnoException
        if (code !== 'ERR_SQLITE_ERROR' && syscall === undefined) throw error
        return false
      }
    },
    emptyLog() {
      // Nobody waits for a reader: it is tried again.
      db.exec('PRAGMA busy_timeout = 0')
      try {
        return (db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }).busy === 0
      } catch {
        return false
      } finally {
        db.exec('PRAGMA busy_timeout = 2000')
      }
    },
    filesWereGone: () => wereGone,
    close: () => db.close(),
  }
}

function open(file: string): DatabaseSync {
  // SQLite would let others read it; its log takes the mode of the file.
  closeSync(openSync(file, 'a', 0o600))
  const db = new DatabaseSync(file)
  try {
    db.exec(SCHEMA)
    const check = db.prepare('PRAGMA quick_check(1)').get() as Record<string, unknown>
    if (Object.values(check)[0] !== 'ok') throw new Error('malformed database')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Writes an open database to a new file at its path and closes it; another file that lies there is put aside. */
function rescue(file: string, db: DatabaseSync, isOurs: boolean): void {
  const fresh = `${file}.rescue`
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  rmSync(fresh, { force: true })
  const handle = openSync(fresh, 'wx', 0o600)
  try {
    db.exec(`VACUUM INTO '${fresh.replaceAll("'", "''")}'`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  const aside = `${file}.replaced-${Date.now()}`
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
  }
  // Before the new one is there: SQLite removes the log at the path when it closes.
  db.close()
  renameSync(fresh, file)
  syncDirectory(dirname(file))
  if (isOurs) for (const suffix of ['', '-wal', '-shm']) rmSync(aside + suffix, { force: true })
}
