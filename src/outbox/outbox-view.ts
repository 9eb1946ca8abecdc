/** What the outbox shows of itself: counts, lanes and reports, nothing of a payload. */
import type { LaneView, OutboxStatus, ReportFault, ReportState, ReportView } from './outbox.ts'
import type { Lane, Row } from './store.ts'

export function outboxStatus(
  lanes: readonly Lane[],
  rest: {
    oldestAt: number | undefined
    fault: ReportFault | null
    setAside: string | null
    filesWereGone: boolean
    held: number
    now: number
    pauseLeft: (lane: Lane) => number
  },
): OutboxStatus {
  const views = lanes.map((lane): LaneView => {
    const left = rest.pauseLeft(lane)
    return {
      kind: lane.kind,
      pending: lane.pending,
      pausedUntil: left > 0 ? iso(rest.now + left) : null,
      reason: left > 0 ? lane.reason : null,
    }
  })
  return {
    pending: sum(lanes.map((lane) => lane.pending)),
    dead: sum(lanes.map((lane) => lane.dead)),
    unproven: sum(lanes.map((lane) => lane.unproven)),
    oldestAt: rest.oldestAt === undefined ? null : iso(rest.oldestAt),
    lanes: views.filter((lane) => lane.pending > 0 || lane.pausedUntil !== null),
    fault: rest.fault,
    setAside: rest.setAside,
    filesWereGone: rest.filesWereGone,
    held: rest.held,
  }
}

export function reportView(
  row: Row,
  lane: { isHeld: boolean; canSend: (kind: string) => boolean; now: number; pauseLeft: number },
): ReportView {
  const state: ReportState =
    row.state === 'dead' || row.state === 'unproven' ? row.state : !lane.canSend(row.kind) ? 'waiting' : lane.isHeld || lane.pauseLeft > 0 ? 'paused' : 'pending'
  const planned = (state === 'pending' || state === 'paused') && !lane.isHeld
  return {
    id: row.id,
    kind: row.kind,
    state,
    attempts: row.attempts,
    nextAttemptAt: planned ? iso(Math.max(row.due, lane.now + lane.pauseLeft)) : null,
    lastError: row.error,
    createdAt: iso(row.createdAt),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
