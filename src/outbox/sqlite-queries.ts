/** The statements of the SQLite store, prepared once; each is one line of what it does. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Pause } from './store.ts'

export type ReportRow = {
  n: number
  lane: number
  state: number
  due: number
  attempts: number
  created: number
  grp: string | null
  request: string | null
  open: string | null
  sent: number
  error: string | null
  payload: Uint8Array
}

type LaneRow = { id: number; kind: string; pausedAt: number; pauseMs: number; growth: number; reason: string | null; longestSleep: number }

/** Names in `meta` under which the ids of lanes are kept once more. */
export const LANE_NAME = 'lane '

export type SqliteQueries = ReturnType<typeof sqliteQueries>

export function sqliteQueries(db: DatabaseSync) {
  const one = <T>(text: string) => {
    const statement = db.prepare(text)
    return (...values: SQLInputValue[]) => statement.get(...values) as T | undefined
  }
  const all = <T>(text: string) => {
    const statement = db.prepare(text)
    return (...values: SQLInputValue[]) => statement.all(...values) as T[]
  }
  const run = (text: string) => {
    const statement = db.prepare(text)
    return (...values: SQLInputValue[]) => statement.run(...values)
  }

  const lastNumber = one<{ n: number }>(
    `SELECT max(ifnull((SELECT max(n) FROM report), 0), ifnull((SELECT max(n) FROM receipt), 0),
      ifnull((SELECT value FROM meta WHERE name = 'last'), 0)) AS n`,
  )
  const addLane = run('INSERT INTO lane (id, kind) VALUES (?, ?)')
  const insert = run(
    'INSERT INTO report (n, lane, state, due, attempts, created, grp, payload) VALUES (?, ?, ?, 0, 0, ?, ?, ?)',
  )
  const known = one<{ n: number }>('SELECT n FROM known WHERE digest = ?')
  const hasGroup = one('SELECT 1 FROM report WHERE grp = ? AND state < 3 LIMIT 1')
  const hasEarlier = one('SELECT 1 FROM report WHERE grp = ? AND n < ? AND state < 3 LIMIT 1')
  const wakeDue = run(
    'UPDATE report SET state = 0, due = 0 WHERE n IN (SELECT n FROM report WHERE lane = ? AND state = 1 AND due <= ? LIMIT ?)',
  )
  const wakeAhead = run(
    'UPDATE report SET state = 0, due = 0 WHERE n IN (SELECT n FROM report WHERE lane = ? AND state = 1 AND due > ? LIMIT ?)',
  )
  const due = 'SELECT due FROM report WHERE lane = ?1 AND state = 1 ORDER BY due'
  const sleep = one<{ first: number | null; last: number | null }>(
    `SELECT (${due} LIMIT 1) AS first, (${due} DESC LIMIT 1) AS last`,
  )
  const ended = run(
    'UPDATE report SET state = ?1, due = ?2, error = ?3, open = ?4, request = CASE WHEN ?4 IS NULL THEN NULL ELSE request END, attempts = ?5, sent = ?6 WHERE n = ?7',
  )
  const pause = run('UPDATE lane SET paused_at = ?, pause_ms = ?, growth = ?, reason = ? WHERE id = ?')
  const meta = one<{ value: Uint8Array }>('SELECT value FROM meta WHERE name = ?')
  const begun = run('UPDATE report SET request = ?, open = ?, attempts = ?, sent = 1 WHERE n = ?')
  const placed = run('UPDATE report SET state = ?, due = ? WHERE n = ?')
  const longest = run('UPDATE lane SET longest_sleep = ? WHERE id = ?')
  const replaced = run('UPDATE report SET payload = ? WHERE n = ?')
  const setMeta = run('INSERT OR REPLACE INTO meta VALUES (?, ?)')
  const begin = run('BEGIN IMMEDIATE')
  const commit = run('COMMIT')
  // SQLite has rolled back by itself after some faults.
  const rollback = () => void (db.isTransaction && db.exec('ROLLBACK'))
  const countUpTo = one<{ count: number }>('SELECT count(*) AS count FROM report WHERE n <= ? AND state < 3')
  const oldest = one<{ created: number }>('SELECT created FROM report WHERE state < 3 ORDER BY n LIMIT 1')

  return {
    begin,
    commit,
    rollback,
    lastNumber: () => lastNumber()!.n,
    lanes: all<LaneRow>(
      'SELECT id, kind, paused_at AS pausedAt, pause_ms AS pauseMs, growth, reason, longest_sleep AS longestSleep FROM lane ORDER BY id',
    ),
    counts: all<{ lane: number; state: number; count: number }>(
      'SELECT lane, state, count(*) AS count FROM report INDEXED BY work GROUP BY lane, state',
    ),
    /** Kept in two places: with a lane's row alone, one damaged page would take the names of all reports. */
    addLane(id: number, kind: string) {
      begin()
      try {
        addLane(id, kind)
        setMeta(LANE_NAME + kind, id)
        commit()
      } catch (error) {
        rollback()
        throw error
      }
    },
    insert: (n: number, lane: number, state: number, created: number, group: string | null, payload: Uint8Array) =>
      void insert(n, lane, state, created, group, payload),
    known: (digest: string) => known(digest)?.n,
    remember: run('INSERT INTO known VALUES (?, ?)'),
    hasGroup: (group: string) => hasGroup(group) !== undefined,
    hasEarlierOfGroup: (group: string, n: number) => hasEarlier(group, n) !== undefined,
    nextOfGroup: one<ReportRow>('SELECT * FROM report WHERE grp = ? AND n > ? AND state < 3 ORDER BY n LIMIT 1'),
    holdLaterOfGroup: run('UPDATE report SET state = 2, due = 0 WHERE grp = ? AND n > ? AND state < 2'),
    wake: (lane: number, now: number, latest: number, limit: number) => {
      wakeDue(lane, now, limit)
      wakeAhead(lane, latest, limit)
    },
    /** One that is ready has `due` 0: the index leads past those that are held. */
    firstReady: one<ReportRow>('SELECT * FROM report WHERE lane = ? AND state = 0 AND (due, n) > (0, ?) ORDER BY due, n LIMIT 1'),
    sleep: (lane: number) => sleep(lane)!,
    beginAttempt: (n: number, request: string, open: string, attempts: number) => void begun(request, open, attempts, n),
    end: (n: number, to: { state: number; due: number; error: string; open: string | null; attempts: number; sent: boolean }) =>
      void ended(to.state, to.due, to.error, to.open, to.attempts, Number(to.sent), n),
    /** Its next attempt has a new id. */
    closeId: run('UPDATE report SET request = NULL, open = NULL WHERE n = ?'),
    place: (n: number, state: number, due: number) => void placed(state, due, n),
    remove: run('DELETE FROM report WHERE n = ?'),
    receipt: run('INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?)'),
    oldReceipts: all<{ n: number }>('SELECT n FROM receipt WHERE n < ? ORDER BY n LIMIT ?'),
    dropReceipts: run('DELETE FROM receipt WHERE n <= ?'),
    keysAfter: all<{ digest: string; n: number }>('SELECT digest, n FROM known WHERE digest > ? ORDER BY digest LIMIT ?'),
    dropKeysOf: run('DELETE FROM known WHERE n = ?'),
    dropKey: run('DELETE FROM known WHERE digest = ?'),
    /** The highest number given out, where no row tells it any more. */
    keepLast: (n: number) => void setMeta('last', n),
    pause: (lane: number, to: Pause) =>
      void pause(to.pausedAt, to.pauseMs, to.growth, to.reason === null ? null : JSON.stringify(to.reason), lane),
    longestSleep: (lane: number, ms: number) => void longest(ms, lane),
    countUpTo: (n: number) => countUpTo(n)!.count,
    report: one<ReportRow>('SELECT * FROM report WHERE n = ?'),
    list: all<ReportRow>('SELECT * FROM report ORDER BY n LIMIT ?'),
    listIn: all<ReportRow>('SELECT * FROM report WHERE state = ? AND n > ? ORDER BY n LIMIT ?'),
    newestIn: all<ReportRow>('SELECT * FROM report WHERE lane = ? AND state = ? ORDER BY n DESC LIMIT ?'),
    after: all<ReportRow>('SELECT * FROM report WHERE n > ? ORDER BY n LIMIT ?'),
    oldest: () => oldest()?.created,
    replacePayload: (n: number, payload: Uint8Array) => void replaced(payload, n),
    deliveredSince: all<{ lane: number; count: number }>(
      'SELECT lane, count(*) AS count FROM receipt WHERE n >= ? GROUP BY lane',
    ),
    meta: (name: string) => meta(name)?.value,
    setMeta,
    dropMeta: run('DELETE FROM meta WHERE name = ?'),
    checkpoint: () => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
  }
}
