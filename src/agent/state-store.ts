/** What must outlive a restart beside the outbox: outcomes with what a result needs, events, numbering. */
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Sealer } from '../outbox/outbox.ts'
import type { Outcome } from '../transcode/outcome.ts'
import { installationDigest } from './installation-secret.ts'
import { createNumbering } from './numbering.ts'
import { createPlatformNotes } from './platform-notes.ts'
import { openStateDatabase } from './state-database.ts'
import type { EventType, StoredEvent, StoredOutcome } from './stored.ts'
import { unprintedStored } from './unprinted.ts'
import { createUnstored } from './unstored.ts'

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
  /** @param seq of the outcome that it announces; default the next number */
  putEvent(type: EventType, at: number, data: unknown, seq?: number): StoredEvent
  eventsAfter(seq: number, limit: number): StoredEvent[]
  /** The highest number given out, to an outcome or an event. */
  lastSeq(): number
  /** No number at or below this is given out any more. */
  raiseSeq(floor: number): void
  /** True while the disk takes nothing: what happened since is in memory alone, and written as soon as there is room. */
  isUnstored(): boolean
  /** The files were removed, renamed or replaced under this process, and were written anew. */
  filesWereGone(): boolean
  /** Ids of the reports that a result led to, or undefined when it is new. */
  resultOf(outcomeId: string, tradeNo: string): string[] | undefined
  /** Takes the place of what stands under the number. */
  putResult(outcomeId: string, tradeNo: string, reports: string[], at: number): void
  /** A platform's note as it was last written; undefined where there is none, or nobody can read it any more. */
  note(name: string): string | undefined
  /** On disk when it returns true, also where the power goes then; false where the disk takes nothing. */
  putNote(name: string, text: string): boolean
  /**
   * Erases what is older; a mark without content stays, so that 410 differs from 404.
   * @param now what a clock that was ahead has stamped later than this is stamped with it
   */
  expire(before: number, now?: number): void
  /** The time that was kept last, or else of the newest event; ms since 1970. */
  keptTime(): number | undefined
  keepTime(at: number): void
  /** Seals everything anew; the sealer must open what the old one sealed. */
  rekey(next: Sealer): Promise<void>
  close(): void
}

/** How many marks of expired outcomes and old events are kept. */
const MARK_DAYS = 30
const MAX_EVENTS = 20_000
const RESEAL_AT_ONCE = 50

/**
 * Opens the store; a damaged file is set aside as `<file>.damaged-<time>` and a
 * new one begun (`setAside` tells where). `synchronous` is NORMAL: kill -9 loses
 * nothing, a power cut at most the last moments; what must not be lost is in the outbox.
 */
export function openStateStore(options: {
  file: string
  sealer: Sealer
  /** By which results are found again; it must outlive a change of the key. Default: the sealer's own. */
  digest?: (text: string) => string
  now?: () => number
}): { store: StateStore; setAside: string | null } {
  const now = options.now ?? Date.now
  const digest = options.digest ?? options.sealer.digest
  try {
    return { store: open(options.file, options.sealer, digest, 0), setAside: null }
  } catch (error) {
    if (!/malformed|not a database|corrupt/i.test(String((error as Error).message)) || !existsSync(options.file)) throw error
    const aside = `${options.file}.damaged-${now()}`
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(options.file + suffix)) renameSync(options.file + suffix, aside + suffix)
    }
    // Numbers must not go back with the file lost: seconds since 1970 run ahead of any count of scans.
    return { store: open(options.file, options.sealer, digest, Math.floor(now() / 1000)), setAside: aside }
  }
}

/** The state of a data directory, with the digest of its installation. Throws OutboxError OUTBOX_KEY or as `openStateStore`. */
export function openInstallationState(dataDir: string, sealer: Sealer, now: () => number) {
  const digest = installationDigest(dataDir, sealer)
  return { ...openStateStore({ file: join(dataDir, 'state.db'), sealer, digest, now }), digest }
}

function open(file: string, first: Sealer, digest: (text: string) => string, floor: number): StateStore {
  let sealer = first
  const { sql, atomically, durably, tryStore, emptyLog, filesWereGone, close } = openStateDatabase(file)
  /** Something was erased or sealed anew that the log still holds. */
  let isLeftInLog = true
  const notes = createPlatformNotes(sql, () => sealer)
  // Durable: a reservation that a power cut takes back would be given out twice.
  const reserve = (work: () => void) => tryStore(() => durably(work))
  // One numbering: an outcome has the number of the event that announces it. Directories from before had two.
  const before = sql("SELECT max(value) AS value FROM numbers WHERE name IN ('outcome', 'outcome.closed')").get() as { value: number | null }
  const numbering = createNumbering({ name: 'event', floor: Math.max(floor, before.value ?? 0), sql, tryStore: reserve })

  const sealed = (stored: StoredOutcome) => sealer.seal(Buffer.from(JSON.stringify(stored)), stored.outcome.id)
  const unsealed = (id: string, bytes: Uint8Array) => unprintedStored(JSON.parse(Buffer.from(sealer.open(bytes, id)).toString()) as StoredOutcome)
  /** Only where it has not changed or expired since it was read. */
  const reseal = (row: { id: string; sealed: Uint8Array }) => {
    let plain: Uint8Array
    try {
      plain = sealer.open(row.sealed, row.id)
    } catch {
      return // nobody can read it any more
    }
    sql('UPDATE outcomes SET sealed = ? WHERE id = ? AND sealed = ?').run(sealer.seal(plain, row.id), row.id, row.sealed)
  }
  const readable = (rows: unknown[]) =>
    (rows as { id: string; sealed: Uint8Array }[]).flatMap((row) => {
      if (unstored.outcome(row.id)) return [] // what waits in memory is newer
      try {
        return [unsealed(row.id, row.sealed).outcome]
      } catch {
        return [] // sealed under a key that is gone: nobody can read it any more
      }
    })

  const unstored = createUnstored({
    tryStore,
    insertOutcome({ stored, at }) {
      sql('INSERT INTO outcomes VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, sealed = excluded.sealed')
        .run(stored.outcome.id, stored.outcome.seq, at, sealed(stored))
    },
    insertEvent({ event, at }) {
      sql('INSERT INTO events VALUES (?, ?, ?, ?)').run(event.seq, event.type, at, JSON.stringify(event.data))
    },
    insertResult(key, { reports, at }) {
      sql('INSERT OR REPLACE INTO results VALUES (?, ?, ?)').run(key, JSON.stringify(reports), at)
    },
  })

  const withUnstored = (rows: Outcome[], seq: number, notBefore: number) =>
    [...rows, ...unstored.outcomes().filter(({ stored, at }) => stored.outcome.seq > seq && at >= notBefore).map(({ stored }) => stored.outcome)]
      .sort((a, b) => a.seq - b.seq)

  return {
    putOutcome(stored, at) {
      unstored.flush()
      const numbered = unprintedStored({ ...stored, outcome: { ...stored.outcome, seq: numbering.next() } })
      unstored.putOutcome({ stored: numbered, at })
      return numbered
    },
    updateOutcome(changed) {
      const stored = unprintedStored(changed)
      const { id } = stored.outcome
      const waiting = unstored.outcome(id)
      if (waiting) waiting.stored = stored
      else if (!tryStore(() => void sql('UPDATE outcomes SET sealed = ? WHERE id = ?').run(sealed(stored), id))) {
        const row = sql('SELECT at FROM outcomes WHERE id = ?').get(id) as { at: number } | undefined
        if (row) unstored.keepOutcome({ stored, at: row.at })
      }
    },
    outcome(id, notBefore) {
      const waiting = unstored.outcome(id)
      if (waiting) return waiting.at < notBefore ? 'expired' : waiting.stored
      const row = sql('SELECT at, sealed FROM outcomes WHERE id = ?').get(id) as { at: number; sealed: Uint8Array | null } | undefined
      if (!row) return 'unknown'
      if (row.sealed === null || row.at < notBefore) return 'expired'
      try {
        return unsealed(id, row.sealed)
      } catch {
        return 'expired'
      }
    },
    outcomesAfter(seq, limit, notBefore) {
      const rows = sql('SELECT id, sealed FROM outcomes WHERE seq > ? AND at >= ? AND sealed IS NOT NULL ORDER BY seq LIMIT ?').all(seq, notBefore, limit)
      return withUnstored(readable(rows), seq, notBefore).slice(0, limit)
    },
    latestOutcomes(limit, notBefore) {
      const rows = sql('SELECT id, sealed FROM outcomes WHERE at >= ? AND sealed IS NOT NULL ORDER BY seq DESC LIMIT ?').all(notBefore, limit)
      return withUnstored(readable(rows), 0, notBefore).slice(-limit)
    },
    putEvent(type, at, data, seq = numbering.next()) {
      unstored.flush()
      const event = { seq, type, at: new Date(at).toISOString(), data }
      unstored.putEvent({ event, at })
      return event
    },
    eventsAfter(seq, limit) {
      const rows = sql('SELECT seq, type, at, data FROM events WHERE seq > ? ORDER BY seq LIMIT ?').all(seq, limit) as
        { seq: number; type: EventType; at: number; data: string }[]
      const stored = rows.map((row) => ({ ...row, at: new Date(row.at).toISOString(), data: JSON.parse(row.data) as unknown }))
      return [...stored, ...unstored.events().filter((event) => event.seq > seq)].slice(0, limit)
    },
    filesWereGone,
    isUnstored: () => unstored.outcomes().length > 0,
    lastSeq: numbering.current,
    raiseSeq: numbering.raise,
    resultOf(outcomeId, tradeNo) {
      const key = digest(`${outcomeId}\n${tradeNo}`)
      const row = sql('SELECT reports FROM results WHERE key = ?').get(key) as { reports: string } | undefined
      // What waits in memory is newer.
      return unstored.result(key)?.reports ?? (row && (JSON.parse(row.reports) as string[]))
    },
    putResult(outcomeId, tradeNo, reports, at) {
      unstored.putResult(digest(`${outcomeId}\n${tradeNo}`), { reports, at })
    },
    note: notes.read,
    putNote: (name, text) => tryStore(() => durably(() => notes.write(name, text))),
    keptTime: () =>
      (sql("SELECT value FROM numbers WHERE name = 'time'").get() as { value: number } | undefined)?.value ??
      (sql('SELECT max(at) AS at FROM events').get() as { at: number | null }).at ??
      undefined,
    keepTime: (at) => void tryStore(() => void sql("INSERT OR REPLACE INTO numbers VALUES ('time', ?)").run(at)),
    expire(before, now) {
      unstored.flush()
      const marks = before - MARK_DAYS * 86_400_000
      tryStore(() => atomically(() => {
        if (now !== undefined) for (const table of ['outcomes', 'events', 'results']) sql(`UPDATE ${table} SET at = ?1 WHERE at > ?1`).run(now)
        const erased = sql('UPDATE outcomes SET sealed = NULL WHERE at < ? AND sealed IS NOT NULL').run(before)
        if (erased.changes > 0) isLeftInLog = true
        sql('DELETE FROM outcomes WHERE at < ?').run(marks)
        sql('DELETE FROM results WHERE at < ?').run(marks)
        sql('DELETE FROM events WHERE at < ? OR seq <= ?').run(before, numbering.current() - MAX_EVENTS)
      }))
      if (isLeftInLog) isLeftInLog = !emptyLog()
    },
    async rekey(next) {
      const noted = notes.all()
      sealer = next
      for (const { name, text } of noted) notes.write(name, text)
      const old = (sql('SELECT id, sealed FROM outcomes WHERE sealed IS NOT NULL').all() as { id: string; sealed: Uint8Array }[])
        .filter((row) => !sealer.isCurrent(row.sealed))
      for (let from = 0; from < old.length; from += RESEAL_AT_ONCE) {
        atomically(() => old.slice(from, from + RESEAL_AT_ONCE).forEach(reseal))
        await new Promise((resolve) => setImmediate(resolve))
      }
      isLeftInLog = !emptyLog()
    },
    close() {
      unstored.flush()
      numbering.close()
      close()
    },
  }
}
