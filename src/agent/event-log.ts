/** Numbered events that a client can ask for again after it was away. */
import type { Outcome } from '../transcode/outcome.ts'
import type { StateStore } from './state-store.ts'
import type { EventType, StoredEvent } from './stored.ts'

/** Replay reads this many at a time, so that a long absence does not fill the memory. */
const REPLAY_PAGE = 500

export type EventLog = {
  publish(type: 'outcome', data: Outcome): void
  publish(type: 'device' | 'outbox', data: unknown): void
  subscribe(listener: (event: StoredEvent) => void): () => void
  /** Events after a number, oldest first; an outcome that has expired since is left out. */
  after(seq: number, notBefore: number): Generator<StoredEvent>
  lastSeq(): number
}

export function createEventLog(options: { state: StateStore; now: () => number }): EventLog {
  const listeners = new Set<(event: StoredEvent) => void>()
  return {
    publish(type: EventType, data: unknown) {
      const at = options.now()
      // An outcome is personal and kept encrypted once: the event only points at it.
      const outcome = type === 'outcome' ? (data as Outcome) : undefined
      const { seq } = options.state.putEvent(type, at, outcome ? { id: outcome.id } : data, outcome?.seq)
      const event: StoredEvent = { seq, type, at: new Date(at).toISOString(), data }
      for (const listener of listeners) listener(event)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    *after(seq, notBefore) {
      for (let from = seq; ; ) {
        const page = options.state.eventsAfter(from, REPLAY_PAGE)
        for (const event of page) {
          from = event.seq
          if (event.type !== 'outcome') yield event
          else {
            const stored = options.state.outcome((event.data as { id: string }).id, notBefore)
            // One that was numbered again since comes under its newer number.
            if (typeof stored === 'object' && stored.outcome.seq <= event.seq) yield { ...event, data: stored.outcome }
          }
        }
        if (page.length < REPLAY_PAGE) return
      }
    },
    lastSeq: () => options.state.lastSeq(),
  }
}
