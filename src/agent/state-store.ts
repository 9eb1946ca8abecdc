/** What must outlive a restart beside the outbox: outcomes with what a result needs, events, numbering. */
import { existsSync, renameSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Sealer } from '../outbox/outbox.ts'
import type { Outcome } from '../transcode/outcome.ts'
import type { Kept } from '../transcode/platforms/platform.ts'

/** An outcome as it is kept: encrypted on disk until it expires. */
export type StoredOutcome = { outcome: Outcome; kept: Kept }

export type EventType = 'outcome' | 'device' | 'outbox'
export type StoredEvent = { seq: number; type: EventType; at: string; data: unknown }

/** An id that once was an outcome's, or never was. */
export type Missing = 'expired' | 'unknown'

export type StateStore = {
  /** Stores an outcome under the next number, or an earlier one again under a new number; returns it with `seq`. */
  putOutcome(stored: StoredOutcome, at: number): StoredOutcome
  /** Keeps what changed beside an outcome without renumbering it. */
  updateOutcome(stored: StoredOutcome): void
  outcome(id: string, notBefore: number): StoredOutcome | Missing
  outcomesAfter(seq: number, limit: number, notBefore: number): Outcome[]
  /** The newest `limit` outcomes, oldest first. */
  latestOutcomes(limit: number, notBefore: number): Outcome[]
  putEvent(type: EventType, at: number, data: unknown): StoredEvent
  eventsAfter(seq: number, limit: number): StoredEvent[]
  lastEventSeq(): number
  /** Ids of the reports that a result led to, or undefined when it is new. */
  resultOf(outcomeId: string, tradeNo: string): string[] | undefined
  putResult(outcomeId: string, tradeNo: string, reports: string[], at: number): void
  /** Erases what is older; a mark without content stays, so that 410 differs from 404. */
  expire(before: number): void
  close(): void
}

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

/** Numbers are reserved in blocks, so that a power cut which takes the last rows never takes a number back. */
const BLOCK = 1000
/** How many marks of expired outcomes and old events are kept. */
const MARK_DAYS = 30
const MAX_EVENTS = 20_000

/**
 * Opens the store; a damaged file is set aside as `<file>.damaged-<time>` and a
 * new one begun (`setAside` tells where). `synchronous` is NORMAL: kill -9 loses
 * nothing, a power cut at most the last moments; what must not be lost is in the outbox.
 */
export function openStateStore(options: { file: string; sealer: Sealer; now?: () => number }): { store: StateStore; setAside: string | null } {
  const now = options.now ?? Date.now
  try {
    return { store: open(options.file, options.sealer, 0), setAside: null }
  } catch (error) {
    if (!/malformed|not a database|corrupt/i.test(String((error as Error).message)) || !existsSync(options.file)) throw error
    const aside = `${options.file}.damaged-${now()}`
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(options.file + suffix)) renameSync(options.file + suffix, aside + suffix)
    }
    // Numbers must not go back with the file lost: seconds since 1970 run ahead of any count of scans.
    return { store: open(options.file, options.sealer, Math.floor(now() / 1000)), setAside: aside }
  }
}

function open(file: string, sealer: Sealer, floor: number): StateStore {
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
  const sql = (text: string) => {
    let statement = prepared.get(text)
    if (!statement) prepared.set(text, (statement = db.prepare(text)))
    return statement
  }
  const atomically = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
  const outcomeSeq = counter('outcome')
  const eventSeq = counter('event')

  function counter(name: string): { next(): number; current(): number } {
    const reserved = (sql('SELECT value FROM numbers WHERE name = ?').get(name) as { value: number } | undefined)?.value ?? 0
    const clean = (sql('SELECT value FROM numbers WHERE name = ?').get(`${name}.closed`) as { value: number } | undefined)?.value
    let value = Math.max(floor, clean ?? reserved)
    let limit = value
    sql('DELETE FROM numbers WHERE name = ?').run(`${name}.closed`)
    return {
      current: () => value,
      next() {
        if (value >= limit) {
          limit = value + BLOCK
          sql('INSERT INTO numbers VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, limit)
        }
        return ++value
      },
    }
  }

  const sealed = (stored: StoredOutcome) => sealer.seal(Buffer.from(JSON.stringify(stored)), stored.outcome.id)
  const unsealed = (id: string, bytes: Uint8Array) => JSON.parse(Buffer.from(sealer.open(bytes, id)).toString()) as StoredOutcome
  const readable = (rows: unknown[]) =>
    (rows as { id: string; sealed: Uint8Array }[]).flatMap((row) => {
      try {
        return [unsealed(row.id, row.sealed).outcome]
      } catch {
        return [] // sealed under a key that is gone: nobody can read it any more
      }
    })

  return {
    putOutcome(stored, at) {
      return atomically(() => {
        const numbered = { ...stored, outcome: { ...stored.outcome, seq: outcomeSeq.next() } }
        sql('INSERT INTO outcomes VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, sealed = excluded.sealed')
          .run(numbered.outcome.id, numbered.outcome.seq, at, sealed(numbered))
        return numbered
      })
    },
    updateOutcome(stored) {
      sql('UPDATE outcomes SET sealed = ? WHERE id = ?').run(sealed(stored), stored.outcome.id)
    },
    outcome(id, notBefore) {
      const row = sql('SELECT at, sealed FROM outcomes WHERE id = ?').get(id) as { at: number; sealed: Uint8Array | null } | undefined
      if (!row) return 'unknown'
      if (row.sealed === null || row.at < notBefore) return 'expired'
      try {
        return unsealed(id, row.sealed)
      } catch {
        return 'expired'
      }
    },
    outcomesAfter: (seq, limit, notBefore) =>
      readable(sql('SELECT id, sealed FROM outcomes WHERE seq > ? AND at >= ? AND sealed IS NOT NULL ORDER BY seq LIMIT ?').all(seq, notBefore, limit)),
    latestOutcomes: (limit, notBefore) =>
      readable(sql('SELECT id, sealed FROM outcomes WHERE at >= ? AND sealed IS NOT NULL ORDER BY seq DESC LIMIT ?').all(notBefore, limit)).reverse(),
    putEvent(type, at, data) {
      const event = { seq: eventSeq.next(), type, at: new Date(at).toISOString(), data }
      sql('INSERT INTO events VALUES (?, ?, ?, ?)').run(event.seq, type, at, JSON.stringify(data))
      return event
    },
    eventsAfter: (seq, limit) =>
      (sql('SELECT seq, type, at, data FROM events WHERE seq > ? ORDER BY seq LIMIT ?').all(seq, limit) as
        { seq: number; type: EventType; at: number; data: string }[])
        .map((row) => ({ ...row, at: new Date(row.at).toISOString(), data: JSON.parse(row.data) as unknown })),
    lastEventSeq: () => eventSeq.current(),
    resultOf(outcomeId, tradeNo) {
      const row = sql('SELECT reports FROM results WHERE key = ?').get(sealer.digest(`${outcomeId}\n${tradeNo}`)) as { reports: string } | undefined
      return row && (JSON.parse(row.reports) as string[])
    },
    putResult(outcomeId, tradeNo, reports, at) {
      sql('INSERT OR IGNORE INTO results VALUES (?, ?, ?)').run(sealer.digest(`${outcomeId}\n${tradeNo}`), JSON.stringify(reports), at)
    },
    expire(before) {
      const marks = before - MARK_DAYS * 86_400_000
      atomically(() => {
        sql('UPDATE outcomes SET sealed = NULL WHERE at < ? AND sealed IS NOT NULL').run(before)
        sql('DELETE FROM outcomes WHERE at < ?').run(marks)
        sql('DELETE FROM results WHERE at < ?').run(marks)
        sql('DELETE FROM events WHERE at < ? OR seq <= ?').run(before, eventSeq.current() - MAX_EVENTS)
      })
    },
    close() {
      for (const [name, seq] of [['outcome', outcomeSeq], ['event', eventSeq]] as const) {
        sql('INSERT OR REPLACE INTO numbers VALUES (?, ?)').run(`${name}.closed`, seq.current())
      }
      db.close()
    },
  }
}
