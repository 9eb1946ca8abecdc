/** The lanes of the SQLite store in memory: loaded once, changed after each commit. */
import type { ReportFault } from './outbox.ts'
import type { SqliteQueries } from './sqlite-queries.ts'
import { ROW_STATES, type Lane } from './store.ts'

export type StoredLane = Lane & {
  id: number
  /** The longest sleep ever ordered, ms: one that lasts longer is due to a clock put back. */
  longestSleep: number
}

export type LaneCounts = {
  byId(id: number): StoredLane
  find(kind: string): StoredLane | undefined
  /** Found, or added on disk. */
  of(kind: string): StoredLane
  all(): StoredLane[]
}

export function loadLanes(sql: SqliteQueries): LaneCounts {
  const byKind = new Map<string, StoredLane>()
  const byId = new Map<number, StoredLane>()
  const keep = (lane: StoredLane): StoredLane => {
    byKind.set(lane.kind, lane)
    byId.set(lane.id, lane)
    return lane
  }
  for (const lane of sql.lanes()) keep({ ...lane, pending: 0, dead: 0, reason: parseFault(lane.reason) })
  for (const { lane, state, count } of sql.counts()) {
    const found = byId.get(lane)
    if (found) found[ROW_STATES[state] === 'dead' ? 'dead' : 'pending'] += count
  }

  return {
    byId: (id) => byId.get(id)!,
    find: (kind) => byKind.get(kind),
    of(kind) {
      const found = byKind.get(kind)
      if (found) return found
      // On disk before its first report and in a commit of its own: a lane without reports is harmless.
      const id = sql.addLane(kind)
      return keep({ id, kind, pending: 0, dead: 0, pausedAt: 0, pauseMs: 0, growth: 0, reason: null, longestSleep: 0 })
    },
    all: () => [...byKind.values()],
  }
}

export function parseFault(text: string | null): ReportFault | null {
  return text === null ? null : (JSON.parse(text) as ReportFault)
}
