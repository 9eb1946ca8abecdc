/** Puts a damaged database aside, whole, and begins a new one with what can still be read of it. */
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { openDatabase, SCHEMA_VERSION } from './open-database.ts'
import { LANE_NAME } from './sqlite-queries.ts'
import { storageFault } from './storage-fault.ts'
import { syncDirectory } from './sync-directory.ts'

/** Each table with the columns of its key, by which it is read from both ends. */
const TABLES = { lane: 'id', meta: 'name', report: 'n', known: 'digest', receipt: 'n' } as const

/**
 * Puts a damaged database aside; returns where it is.
 *
 * The new file is complete before the old one is moved, so that a crash in
 * between leaves one of the two in place (see `finishSetAside`).
 */
export function setAside(file: string, now: number): string {
  const rebuilt = `${file}.rebuilt`
  const copy = `${file}.salvage`
  const old = openCopy(file, copy)
  try {
    fill(rebuilt, old)
  } finally {
    if (old) closeQuietly(old)
    remove(copy)
  }
  const aside = asidePath(file, now)
  moveAside(file, aside)
  renameSync(rebuilt, file)
  syncDirectory(dirname(file))
  return aside
}

/**
 * Writes what an open database holds to a new file at its path, after files of
 * it were removed, renamed or replaced. It is closed once the new file is whole;
 * where this throws it is still open. Returns where another file that lay at
 * the path was put.
 *
 * @param isOurs whether the file at the path is the open one: then only its log is gone, and nothing of it is kept
 */
export function rescue(file: string, open: DatabaseSync, options: { now: number; isOurs: boolean }): string | undefined {
  const fresh = `${file}.rescue`
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  fill(fresh, open)
  const isLeft = ['', '-wal'].some((suffix) => existsSync(file + suffix))
  const aside = asidePath(file, options.now)
  moveAside(file, aside)
  // From here on a crash is ended by `finishSetAside`.
  renameSync(fresh, `${file}.rebuilt`)
  // Before the new one is opened: SQLite removes the log at the path when it closes.
  closeQuietly(open)
  renameSync(`${file}.rebuilt`, file)
  syncDirectory(dirname(file))
  if (options.isOurs) remove(aside)
  return isLeft && !options.isOurs ? aside : undefined
}

/** Ends a setting aside that a crash cut short; returns where a log without its database was put. */
export function finishSetAside(file: string, now: number): string | undefined {
  const rebuilt = `${file}.rebuilt`
  if (existsSync(file)) {
    remove(rebuilt)
    return undefined
  }
  let aside: string | undefined
  if (existsSync(`${file}-wal`)) {
    // A log is only ever read with the database it belongs to.
    aside = asidePath(file, now)
    moveAside(file, aside)
  }
  if (existsSync(rebuilt)) {
    renameSync(rebuilt, file)
    syncDirectory(dirname(file))
  }
  return aside
}

function asidePath(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  let path = `${file}.damaged-${stamp}`
  for (let n = 2; existsSync(path) || existsSync(`${path}-wal`); n++) path = `${file}.damaged-${stamp}-${n}`
  return path
}

// The database first: a log that stays behind without it is found and moved at the next start.
function moveAside(file: string, aside: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
  }
  syncDirectory(dirname(file))
}

/** Makes a database with what can be read of another, which stays open. */
function fill(path: string, old: DatabaseSync | undefined): void {
  remove(path)
  const fresh = openDatabase(path)
  try {
    fresh.exec('BEGIN')
    if (old) for (const [table, key] of Object.entries(TABLES)) carryOver(old, fresh, table, key)
    const length = LANE_NAME.length
    fresh.exec(`INSERT OR IGNORE INTO lane (id, kind)
      SELECT value, substr(name, ${length + 1}) FROM meta WHERE substr(name, 1, ${length}) = '${LANE_NAME}'`)
    // A file of an earlier version does not tell which were sent.
    fresh.exec('UPDATE report SET sent = 1 WHERE attempts > 0; COMMIT')
  } finally {
    fresh.close()
  }
}

/** A copy to read from, its header mended; undefined where nothing of it can be read. */
function openCopy(file: string, copy: string): DatabaseSync | undefined {
  remove(copy)
  try {
    copyFileSync(file, copy)
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`)
  } catch (error) {
    // Without room for a copy it is tried again later; what the disk cannot read is lost already.
    if (storageFault(error) === 'OUTBOX_DISK_FULL') throw error
    return undefined
  }
  mendHeader(copy)
  const old = new DatabaseSync(copy)
  try {
    old.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON')
    return old
  } catch {
    closeQuietly(old)
    return undefined
  }
}

/** Reads a table from its beginning to the first damage, then from its end. */
function carryOver(old: DatabaseSync, fresh: DatabaseSync, table: string, key: string): void {
  const columns = columnsOf(fresh, table).filter((name) => !isMissing(old, table, name))
  const put = fresh.prepare(`INSERT OR IGNORE INTO ${table} (${columns}) VALUES (${columns.map(() => '?')})`)
  for (const order of ['ASC', 'DESC']) {
    if (readRows(old, `SELECT ${columns} FROM ${table} ORDER BY ${key} ${order}`, (row) => {
      const values = columns.map((column) => row[column] ?? null)
      // What no row of ours can be is damage that SQLite did not notice.
      if (columns.every((column, at) => values[at] !== null || NULLABLE.has(column))) put.run(...values)
    })) return
  }
}

const NULLABLE: ReadonlySet<string> = new Set(['grp', 'request', 'error', 'reason', 'open'])

function columnsOf(db: DatabaseSync, table: string): string[] {
  return db.prepare(`SELECT * FROM ${table}`).columns().map((column) => column.name)
}

/** Whether a file of an earlier version lacks a column; a table that cannot be read lacks none. */
function isMissing(old: DatabaseSync, table: string, name: string): boolean {
  try {
    return !columnsOf(old, table).includes(name)
  } catch {
    return false
  }
}

/** False where damage ended it. */
function readRows(db: DatabaseSync, query: string, take: (row: Record<string, SQLOutputValue>) => void): boolean {
  let rows
  try {
    rows = db.prepare(query).iterate()
  } catch {
    return false
  }
  for (;;) {
    let next
    try {
      next = rows.next()
    } catch {
      return false
    }
    if (next.done) return true
    take(next.value)
  }
}

function closeQuietly(db: DatabaseSync): void {
  try {
    db.close()
  } catch {
    // It is a copy, and is removed.
  }
}

/** Writes the header that every database of ours has, where the one on disk is no header at all. */
function mendHeader(copy: string): void {
  const pageSize = 4096
  const header = Buffer.alloc(100)
  header.write('SQLite format 3\0', 'latin1')
  header.writeUInt16BE(pageSize, 16)
  header.set([2, 2, 0, 64, 32, 32], 18)
  header.writeUInt32BE(Math.ceil(statSync(copy).size / pageSize), 28)
  header.writeUInt32BE(4, 44)
  header.writeUInt32BE(1, 56)
  header.writeUInt32BE(SCHEMA_VERSION, 60)
  const descriptor = openSync(copy, 'r+')
  writeSync(descriptor, header, 0, header.length, 0)
  closeSync(descriptor)
}

function remove(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true })
}
