/** A full or read-only disk must not stop a scan: what cannot be stored now waits here in memory, under its number. */
import type { StoredEvent, StoredOutcome } from './stored.ts'

export type OutcomeEntry = { stored: StoredOutcome; at: number }
export type EventEntry = { event: StoredEvent; at: number }
export type ResultEntry = { reports: string[]; at: number }

export type Unstored = {
  /** Stored at once, or kept until there is room. */
  putOutcome(entry: OutcomeEntry): void
  putEvent(entry: EventEntry): void
  putResult(key: string, entry: ResultEntry): void
  /** For an outcome of which only a change could not be stored. */
  keepOutcome(entry: OutcomeEntry): void
  outcome(id: string): OutcomeEntry | undefined
  outcomes(): OutcomeEntry[]
  events(): StoredEvent[]
  result(key: string): ResultEntry | undefined
  /** Writes what waits; in order, and no further than the disk goes. */
  flush(): void
}

/** How much of each is held: an afternoon at a busy window. The oldest goes where there is more. */
const MOST = 2000

/** Each of the inserts throws where the disk takes nothing; `tryStore` runs one, false then. */
export function createUnstored(options: {
  tryStore: (work: () => void) => boolean
  insertOutcome: (entry: OutcomeEntry) => void
  insertEvent: (entry: EventEntry) => void
  insertResult: (key: string, entry: ResultEntry) => void
}): Unstored {
  const { tryStore, insertOutcome, insertEvent, insertResult } = options
  const outcomes = new Map<string, OutcomeEntry>()
  const events: EventEntry[] = []
  const results = new Map<string, ResultEntry>()

  function keep<T>(entries: Map<string, T>, key: string, entry: T): void {
    entries.delete(key)
    entries.set(key, entry)
    if (entries.size > MOST) entries.delete(entries.keys().next().value as string)
  }

  return {
    putOutcome(entry) {
      if (outcomes.size > 0 || !tryStore(() => insertOutcome(entry))) keep(outcomes, entry.stored.outcome.id, entry)
    },
    putEvent(entry) {
      if (events.length === 0 && tryStore(() => insertEvent(entry))) return
      events.push(entry)
      if (events.length > MOST) events.shift()
    },
    putResult(key, entry) {
      if (!tryStore(() => insertResult(key, entry))) keep(results, key, entry)
    },
    keepOutcome: (entry) => keep(outcomes, entry.stored.outcome.id, entry),
    outcome: (id) => outcomes.get(id),
    outcomes: () => [...outcomes.values()],
    events: () => events.map(({ event }) => event),
    result: (key) => results.get(key),
    flush() {
      for (const [id, entry] of outcomes) {
        if (!tryStore(() => insertOutcome(entry))) return
        outcomes.delete(id)
      }
      for (const [key, result] of results) {
        if (!tryStore(() => insertResult(key, result))) return
        results.delete(key)
      }
      while (events[0]) {
        const entry = events[0]
        if (!tryStore(() => insertEvent(entry))) return
        events.shift()
      }
    },
  }
}
