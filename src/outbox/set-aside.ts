/** Puts a damaged database aside, whole, and begins a new one with what can still be read of it. */
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase, SCHEMA_VERSION } from './open-database.ts'

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
  remove(rebuilt)
  salvage(file, rebuilt)
  const aside = asidePath(file, now)
  moveAside(file, aside)
  renameSync(rebuilt, file)
  syncDirectory(dirname(file))
  return aside
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

function salvage(file: string, rebuilt: string): void {
  const fresh = openDatabase(rebuilt)
  const copy = `${file}.salvage`
  let old: DatabaseSync | undefined
  try {
    remove(copy)
    copyFileSync(file, copy)
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`)
    mendHeader(copy)
    old = new DatabaseSync(copy)
    old.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON')
  } catch {
    // Nothing can be read: the new database is begun empty.
  }
  fresh.exec('BEGIN')
  if (old) for (const [table, key] of Object.entries(TABLES)) carryOver(old, fresh, table, key)
  fresh.exec('COMMIT')
  fresh.close()
  try {
    old?.close()
  } catch {
    // It is a copy, and is removed now.
  }
  remove(copy)
}

/** Reads a table from its beginning to the first damage, then from its end. */
function carryOver(old: DatabaseSync, fresh: DatabaseSync, table: string, key: string): void {
  for (const order of ['ASC', 'DESC']) {
    try {
      const columns = fresh.prepare(`SELECT * FROM ${table}`).columns().map((column) => column.name)
      const put = fresh.prepare(`INSERT OR IGNORE INTO ${table} (${columns}) VALUES (${columns.map(() => '?')})`)
      for (const row of old.prepare(`SELECT ${columns} FROM ${table} ORDER BY ${key} ${order}`).iterate()) {
        try {
          put.run(...columns.map((column) => row[column] ?? null))
        } catch (error) {
          // A row that breaks the rules of its table is damage too; a full disk is not, and ends this.
          if (((error as { errcode?: number }).errcode ?? 0) % 256 !== 19) throw error
        }
      }
      return
    } catch (error) {
      if ([13, 10, 8].includes(((error as { errcode?: number }).errcode ?? 0) % 256)) throw error
    }
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

/** Makes renames and new names durable; a no-op where directories cannot be opened (Windows). */
export function syncDirectory(directory: string): void {
  let descriptor: number
  try {
    descriptor = openSync(directory, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(descriptor)
  } catch {
    // Some file systems refuse it; there is nothing more to be done.
  } finally {
    closeSync(descriptor)
  }
}
