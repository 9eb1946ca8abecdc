/** The state database: whole, for this account alone, its statements prepared once. */
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA secure_delete = ON;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS outcomes (id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, at INTEGER NOT NULL, sealed BLOB) STRICT;
  CREATE INDEX IF NOT EXISTS outcomes_at ON outcomes (at);
  CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, reports TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
`

export type StateDatabase = {
  readonly db: DatabaseSync
  /** A statement, prepared at its first use. */
  sql(text: string): StatementSync
  /** All of it or nothing. */
  atomically<T>(work: () => T): T
  /** A commit that a power cut cannot take back, outside any other. */
  durably(work: () => void): void
  /** Runs a write; false where the disk takes nothing. */
  tryStore(work: () => void): boolean
}

/** Opens the file, or makes it. Throws SQLite's own error, or one that says `malformed`. */
export function openStateDatabase(file: string): StateDatabase {
  // SQLite would let others read it; its log takes the mode of the file.
  closeSync(openSync(file, 'a', 0o600))
  const db = new DatabaseSync(file)
  try {
    db.exec(SCHEMA)
    const check = db.prepare('PRAGMA quick_check(1)').get() as Record<string, unknown>
    if (Object.values(check)[0] !== 'ok') throw new Error('malformed database')
  } catch (error) {
    db.close()
    throw error
  }
  const prepared = new Map<string, StatementSync>()

  return {
    db,
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
        work()
        return true
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_SQLITE_ERROR') throw error
        return false
      }
    },
  }
}
