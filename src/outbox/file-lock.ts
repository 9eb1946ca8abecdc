/** One process a data directory: a lock that the operating system drops when its holder dies, however it dies. */
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { OutboxError } from './outbox.ts'
import { storageFault } from './storage-fault.ts'

const WAIT_MS = 300

/**
 * Takes the lock beside a database file; returns its release.
 * Throws OUTBOX_IN_USE with the holder's process id.
 *
 * The holder keeps a write transaction of a small SQLite file open: that
 * leaves the file readable, so that the other process can read who it is.
 */
export function lockFile(file: string): () => void {
  const path = `${file}.lock`
  try {
    return take(path)
  } catch (error) {
    if (storageFault(error) !== 'OUTBOX_DAMAGED') throw error
    // A lock file holds nothing but a process id: one that is damaged is simply made anew.
    rmSync(path, { force: true })
    return take(path)
  }
}

function take(path: string): () => void {
  const db = new DatabaseSync(path, { timeout: WAIT_MS })
  try {
    db.exec('PRAGMA synchronous = OFF; CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY, pid INTEGER NOT NULL)')
    db.prepare('INSERT OR REPLACE INTO holder VALUES (1, ?)').run(process.pid)
    db.exec('BEGIN IMMEDIATE')
    return () => db.close()
  } catch (error) {
    const holder = storageFault(error) === 'OUTBOX_IN_USE' ? holderOf(db) : undefined
    db.close()
    if (storageFault(error) !== 'OUTBOX_IN_USE') throw error
    throw new OutboxError('OUTBOX_IN_USE', holder === undefined ? undefined : `进程号 ${holder}`)
  }
}

function holderOf(db: DatabaseSync): number | undefined {
  try {
    return db.prepare('SELECT pid FROM holder').get()?.['pid'] as number | undefined
  } catch {
    return undefined
  }
}
