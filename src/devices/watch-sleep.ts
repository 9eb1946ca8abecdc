/** Notices that the computer has slept: ports are often dead after it, and no system says so. */
import { systemTimers, type Timers } from './framer.ts'

/** How often it looks, and how late a look must be to be put down to sleep, ms. */
const EVERY_MS = 5000
const LATE_MS = 10_000

/** Calls `woke` after each sleep (or after the clock was set forward, which cannot be told apart); returns what stops it. */
export function watchSleep(woke: () => void, timers: Timers = systemTimers): () => void {
  let timer: { cancel(): void }
  const wait = (): void => {
    const due = timers.now() + EVERY_MS
    timer = timers.after(EVERY_MS, () => {
      const late = timers.now() - due
      wait()
      if (late > LATE_MS) woke()
    })
  }
  wait()
  return () => timer.cancel()
}
