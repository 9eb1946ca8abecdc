/** A clock that stands still until the test moves it. */
import type { Timers } from '../../src/devices/framer.ts'

export type PlayedTimers = Timers & {
  /** Moves the clock; timers that are due run in order. */
  pass(ms: number): void
  /** Moves the clock without running timers, as a busy process does. */
  stall(ms: number): void
}

export function createPlayedTimers(): PlayedTimers {
  let now = 1_700_000_000_000
  const waiting = new Set<{ due: number; run: () => void }>()
  return {
    now: () => now,
    after(ms, run) {
      const timer = { due: now + ms, run }
      waiting.add(timer)
      return { cancel: () => void waiting.delete(timer) }
    },
    stall(ms) {
      now += ms
    },
    pass(ms) {
      const end = now + ms
      for (;;) {
        const [next] = [...waiting].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)
        if (!next) break
        now = Math.max(now, next.due)
        waiting.delete(next)
        next.run()
      }
      now = Math.max(now, end)
    },
  }
}
