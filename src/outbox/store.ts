/** What the outbox asks of its store: each call is one durable commit, all of it or nothing. */
import type { OpenId, ReportFault } from './outbox.ts'

/** `ready` to be sent; `asleep` until its next attempt; `behind` an earlier report of its group; `dead` and `unproven` wait for a word. */
export const ROW_STATES = ['ready', 'asleep', 'behind', 'dead', 'unproven'] as const
export type RowState = (typeof ROW_STATES)[number]
/** States in which a report waits for a person's word. */
export type EndState = 'dead' | 'unproven'

/** A report to be stored; `seal` is called with the id it gets. */
export type NewRow = {
  kind: string
  /** Keyed digests: neither a visit nor a trade number is readable on disk. */
  group: string | null
  key: string | null
  seal(id: string): Uint8Array
}

export type Row = {
  id: string
  kind: string
  state: RowState
  /** ms since 1970 of the next attempt where asleep, else 0. */
  due: number
  attempts: number
  /** Of an attempt that was begun and has no answer, else null; `open` tells of it. */
  requestId: string | null
  open: OpenId | null
  /** False where no attempt can have reached the receiver. */
  sent: boolean
  error: ReportFault | null
  createdAt: number
  payload: Uint8Array
}


export type Lane = {
  kind: string
  pending: number
  dead: number
  unproven: number
  /** When the pause was set and how long it is, ms: a clock that jumps back cannot lengthen it. */
  pausedAt: number
  pauseMs: number
  /** How often in a row the lane was told to pause for a growing interval. */
  growth: number
  reason: ReportFault | null
}

export type Pause = Pick<Lane, 'pausedAt' | 'pauseMs' | 'growth' | 'reason'>

/**
 * What a delivery makes of a lane's pause, undefined where nothing changes: the
 * next pause is a short one again, and one that is over is forgotten, or a
 * clock put back would bring it to life.
 */
export function afterDelivery(lane: Lane, now: number): Pause | undefined {
  if (lane.pauseMs === 0 && lane.growth === 0) return undefined
  const isOver = lane.pausedAt + lane.pauseMs <= now
  return isOver
    ? { pausedAt: 0, pauseMs: 0, growth: 0, reason: null }
    : { pausedAt: lane.pausedAt, pauseMs: lane.pauseMs, growth: 0, reason: lane.reason }
}

/** How an attempt's end is recorded. `open` null gives the next attempt a new id. */
export type Ending = { kind: 'delivered' } | Undelivered
type Undelivered = { open: OpenId | null; attempts: number; sent: boolean; error: ReportFault } & (
  | { kind: 'retry'; sleepMs: number }
  | { kind: 'pause'; pause: Pause }
  | { kind: 'dead' }
  | { kind: 'unproven' }
)

export type Store = {
  /** Ids in order; a key that is known gives the id it had, delivered or not. */
  insert(rows: readonly NewRow[], now: number): string[]
  /** Replaces payloads, erases rows with their keys and stores others, all in one commit; the ids of the others. */
  amend(change: { replace: readonly { id: string; payload: Uint8Array }[]; remove: readonly string[]; insert: readonly NewRow[] }, now: number): string[]
  /** The oldest report of a lane that may be sent now (or `only` that one, if it may). */
  claim(kind: string, now: number, only?: string): Row | undefined
  /** Puts an attempt on disk before it is sent. */
  begin(id: string, attempt: { requestId: string; open: OpenId; attempts: number }): void
  /** ms since 1970 of the lane's next report: 0 where one is ready, undefined where none is. */
  nextDue(kind: string, now: number): number | undefined
  settle(id: string, ending: Ending, now: number): void
  /** From memory: costs nothing however many reports there are. */
  lanes(): Lane[]
  pause(kind: string, pause: Pause): void
  get(id: string): Row | undefined
  /** Undelivered reports, oldest first. */
  list(limit: number): Row[]
  /** Reports in a state after an id ('' from the beginning), oldest first. */
  listIn(state: EndState, after: string, limit: number): Row[]
  /** The newest unproven reports of a lane, newest first. */
  unproven(kind: string, limit: number): Row[]
  /** When the oldest report that is neither dead nor unproven was stored. */
  oldestAt(): number | undefined
  /** Makes a dead, unproven, sleeping or ready report ready, an unproven one under a new id; false when there is none. */
  revive(id: string): boolean
  replacePayload(id: string, payload: Uint8Array): void
  /** Passes rows after an id to `reseal` and keeps what it gives; the last id, or undefined at the end. */
  resealAfter(after: string, limit: number, reseal: (row: Row) => Uint8Array): string | undefined
  /** Every report that is stored now waits until `release`, or until `claim` asks for it alone. */
  hold(): void
  release(): void
  /** The last id that is held; '' where nothing is. */
  heldUpTo(): string
  heldCount(): number
  /** Whether an id was ever given out. */
  hasGivenOut(id: string): boolean
  /** Erases a dead report for good; false when no dead report has the id. Its number and its key are not given out again. */
  removeDead(id: string): boolean
  /**
   * Erases receipts, and keys of reports that are gone, of what was stored
   * before a moment: at most `limit` of each. True while there may be more.
   */
  forget(before: number, limit: number): boolean
  /** Reports delivered out of those stored since a moment, by kind. */
  deliveredSince(since: number): Record<string, number>
  /** A secret of the store's own, sealed. */
  secret(): Uint8Array | undefined
  keepSecret(sealed: Uint8Array): void
  /** Writes and erases something, to find out whether writing works. */
  probe(): void
  /** Frees what can be freed, and erases what earlier commits left in the log. */
  tidy(): void
  close(): void
}
