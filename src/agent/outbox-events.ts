/** The outbox's changes as events: counts, lanes and faults, nothing of a report. */
import type { Outbox, OutboxStatus } from '../outbox/outbox.ts'
import type { EventLog } from './event-log.ts'

const BURST_MS = 50

export type OutboxEvents = {
  /** Asks for an event where the counts did not change. */
  soon(): void
  stop(): void
}

/** What the outbox's event and the screens show. */
export function outboxSummary(status: OutboxStatus): Pick<OutboxStatus, 'pending' | 'dead' | 'unproven' | 'fault' | 'lanes'> {
  return { pending: status.pending, dead: status.dead, unproven: status.unproven, fault: status.fault, lanes: status.lanes }
}

/** Many changes in a burst become one event: the counts are what matters. */
export function publishOutbox(
  outbox: Pick<Outbox, 'onChange' | 'status'>,
  events: Pick<EventLog, 'publish'>,
): OutboxEvents {
  let timer: NodeJS.Timeout | undefined
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      events.publish('outbox', outboxSummary(outbox.status()))
    }, BURST_MS)
  }
  const stop = outbox.onChange(soon)
  return {
    soon,
    stop() {
      clearTimeout(timer)
      stop()
    },
  }
}
