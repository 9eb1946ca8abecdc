/** The lanes of the SQLite store in memory: loaded once, changed after each commit. */
import type { OpenId, ReportFault } from './outbox.ts'
import type { SqliteQueries } from './sqlite-queries.ts'
import { ROW_STATES, type EndState, type Lane, type RowState } from './store.ts'

export type StoredLane = Lane & {
  id: number
  /** The longest sleep ever ordered, ms: one that lasts longer is due to a clock put back. */
  longestSleep: number
}

export type LaneCounts = {
  /** Any lane that a report has; undefined for one that only receipts remember. */
  byId(id: number): StoredLane | undefined
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
  for (const lane of sql.lanes()) keep({ ...lane, pending: 0, dead: 0, unproven: 0, reason: parseFault(lane.reason) })
  for (const { lane, state, count } of sql.counts()) {
    // Reports whose lane was lost with a damaged page wait under a name that shows it.
    const found = byId.get(lane) ?? keep(emptyLane(lane, `unknown/${lane}`))
    found[countOf(ROW_STATES[state])] += count
  }

  return {
    byId: (id) => byId.get(id),
    find: (kind) => byKind.get(kind),
    of(kind) {
      const found = byKind.get(kind)
      if (found) return found
      // On disk before its first report and in a commit of its own: a lane without reports is harmless.
      const id = Math.max(0, ...byId.keys()) + 1
      sql.addLane(id, kind)
      return keep(emptyLane(id, kind))
    },
    all: () => [...byKind.values()],
  }
}

function emptyLane(id: number, kind: string): StoredLane {
  return { id, kind, pending: 0, dead: 0, unproven: 0, pausedAt: 0, pauseMs: 0, growth: 0, reason: null, longestSleep: 0 }
}

/** Which count of its lane a report in a state is part of. */
export function countOf(state: RowState | undefined): 'pending' | EndState {
  return state === 'dead' || state === 'unproven' ? state : 'pending'
}

/** A fault as it was stored; null where there is none or it cannot be read any more. */
export function parseFault(text: string | null): ReportFault | null {
  return parsed<ReportFault>(text)
}

/** What is known of an open id; one whose notes were never taken or cannot be read any more is open all the same. */
export function parseOpen(request: string | null, text: string | null): OpenId | null {
  return request === null ? null : (parsed<OpenId>(text) ?? { note: '', refused: true })
}

function parsed<T>(text: string | null): T | null {
  if (text === null) return null
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}
