/** Opens the outbox's database: ours, of a version we know, whole, and durable at each commit. */
import { closeSync, existsSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { OutboxError } from './outbox.ts'

const APPLICATION_ID = 0x4d51424f
export const SCHEMA_VERSION = 1

/** Up to this size a database is checked page by page when it is opened; the check of a larger one would delay the start. */
const CHECK_UP_TO_BYTES = 24 * 1024 * 1024

/** What the log grows to before it is moved into the database (1000 pages with their headers). */
const LOG_BYTES = 32 + 1000 * (4096 + 24)

// `state` is a place in ROW_STATES. `work` finds the next report of a lane and counts them; `groups` the earlier ones of a visit.
const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
  CREATE TABLE lane (id INTEGER PRIMARY KEY, kind TEXT NOT NULL UNIQUE, paused_at INTEGER NOT NULL DEFAULT 0,
    pause_ms INTEGER NOT NULL DEFAULT 0, growth INTEGER NOT NULL DEFAULT 0, reason TEXT, longest_sleep INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE report (n INTEGER PRIMARY KEY, lane INTEGER NOT NULL, state INTEGER NOT NULL, due INTEGER NOT NULL,
    attempts INTEGER NOT NULL, created INTEGER NOT NULL, grp TEXT, request TEXT, error TEXT, payload BLOB NOT NULL, open TEXT,
    sent INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX work ON report (lane, state, due, n);
  CREATE INDEX groups ON report (grp, n) WHERE grp IS NOT NULL;
  CREATE TABLE known (digest TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE receipt (n INTEGER PRIMARY KEY, lane INTEGER NOT NULL, delivered INTEGER NOT NULL, attempts INTEGER NOT NULL);
`

/** Throws OutboxError (OUTBOX_NEWER, untouched; OUTBOX_DAMAGED) or SQLite's own error. */
export function openDatabase(file: string): DatabaseSync {
  if (checkHeader(file)) create(file)
  reserveLog(file)
  const db = new DatabaseSync(file, { timeout: 2000 })
  try {
    // Exclusive: the log's index lives in our memory, so no shared-memory file that a full disk could tear.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY')
    db.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -4000; PRAGMA trusted_schema = OFF')
    if (Number(db.prepare('PRAGMA user_version').get()?.['user_version']) > SCHEMA_VERSION) throw new OutboxError('OUTBOX_NEWER')
    assertDurable(db)
    check(db, file)
    addMissing(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

// In one commit and without a log, so that the header on disk names the application and version from the first moment.
function create(file: string): void {
  // SQLite would let others read it; its log takes the mode of the file.
  closeSync(openSync(file, 'a', 0o600))
  const db = new DatabaseSync(file, { timeout: 2000 })
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA page_size = 4096')
    db.exec(`BEGIN; ${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
    db.exec('PRAGMA journal_mode = WAL')
  } finally {
    db.close()
  }
}

/** Reads the file's header without SQLite, which would alter a log that is not ours. True where there is no database yet. */
function checkHeader(file: string): boolean {
  const header = Buffer.alloc(100)
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
  try {
    const length = readSync(descriptor, header, 0, 100, 0)
    if (length === 0) return true
    if (length < 100 || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw new OutboxError('OUTBOX_DAMAGED')
  } finally {
    closeSync(descriptor)
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw new OutboxError('OUTBOX_DAMAGED')
  if (header.readUInt32BE(60) > SCHEMA_VERSION) throw new OutboxError('OUTBOX_NEWER')
  return false
}

// A commit into a log that has its full size costs one write; one that makes the file longer costs about twice that.
// Zeros are an empty log to SQLite. The space also serves commits that free something when the disk is full.
function reserveLog(file: string): void {
  const log = `${file}-wal`
  if (existsSync(log) && statSync(log).size > 0) return
  try {
    writeFileSync(log, Buffer.alloc(LOG_BYTES))
  } catch {
    rmSync(log, { force: true })
  }
}

/** A commit that returns before it is on disk would make every 202 a promise that nobody keeps: rather no outbox. */
function assertDurable(db: DatabaseSync): void {
  const value = (pragma: string) => Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]
  const found = [value('synchronous'), value('journal_mode'), value('secure_delete')]
  if (String(found) !== '2,wal,1') throw new Error(`the outbox is not durable: ${String(found)}`)
}

function check(db: DatabaseSync, file: string): void {
  if (statSync(file).size > CHECK_UP_TO_BYTES) return
  const found = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  if (found !== 'ok') throw new OutboxError('OUTBOX_DAMAGED')
}

// Columns that files of earlier versions lack. The version stays: an earlier one that an update is rolled back to still opens the file.
function addMissing(db: DatabaseSync): void {
  const columns = db.prepare('PRAGMA table_info(report)').all().map((column) => column['name'])
  if (!columns.includes('open')) db.exec('ALTER TABLE report ADD COLUMN open TEXT')
  if (!columns.includes('sent')) db.exec('BEGIN; ALTER TABLE report ADD COLUMN sent INTEGER NOT NULL DEFAULT 0; UPDATE report SET sent = 1 WHERE attempts > 0; COMMIT')
}
