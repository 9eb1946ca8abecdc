/** Waiting times: full jitter under a bound that doubles. */

/** ms before the next attempt, between `firstMs` and `firstMs * 2^attempts`, at most `maxMs`; `attempts` made so far, at least 1. */
export function backoff(attempts: number, firstMs: number, maxMs: number, random: () => number): number {
  const bound = Math.min(maxMs, firstMs * 2 ** Math.min(attempts, 40))
  return Math.round(Math.min(firstMs, bound) + random() * Math.max(0, bound - firstMs))
}

const FIRST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000

/** ms of the `growth`-th growing pause in a row: 1 minute, doubling to an hour. */
export function growingPause(growth: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(growth - 1, 10))
}
