/** How old something is, by a clock that does not jump with the system's: an hour of a wrong clock erases nothing. */

import type { StateStore } from './state-store.ts'

const EXPIRE_EVERY_MS = 60_000
/** What a time server may correct at once, and what a restart may take, ms. */
const STEP_MS = 5 * 60_000
/** How long a jump must hold before it is believed, ms. */
const HELD_MS = 3_600_000

export type AgeClock = {
  /** ms since 1970: stamps of what is kept, and what is hidden for its age. */
  now(): number
  /** ms since 1970, never ahead of a time that is confirmed: what may be erased for its age. */
  confirmed(): number
  /** A platform's clock was read: the system's is confirmed where they agree. @param skewMs platform's minus ours, undefined where it told none */
  heard(skewMs: number | undefined): void
}

/**
 * While it runs it goes by uptime; a jump of the system's clock by more than
 * 5 minutes is followed once it has held for an hour or a platform's clock
 * agrees. At the start it takes the system's clock where that is ahead (the
 * machine may have been off), but confirms it in the same way; a clock that is
 * behind the time of the last run goes on from there.
 *
 * @param options.known the confirmed time of the last run, ms since 1970
 * @param options.uptime ms, monotonic
 */
export function createAgeClock(options: { wall: () => number; known: number | undefined; uptime?: () => number }): AgeClock {
  const { wall, uptime = () => performance.now() } = options
  let base = options.known ?? wall()
  let at = uptime()
  /** `shown`: `now` follows it though it is not confirmed. */
  let jump: { offset: number; since: number; shown: boolean } | undefined

  function follow(): number {
    base = wall()
    at = uptime()
    jump = undefined
    return base
  }

  function look(isStart = false): { now: number; confirmed: number } {
    const confirmed = base + Math.floor(uptime() - at)
    const offset = wall() - confirmed
    if (Math.abs(offset) > STEP_MS) {
      if (!jump || Math.abs(offset - jump.offset) > STEP_MS) jump = { offset, since: uptime(), shown: (jump?.shown ?? isStart) && offset > 0 }
      if (uptime() - jump.since < HELD_MS) return { now: jump.shown ? confirmed + offset : confirmed, confirmed }
    }
    const followed = follow()
    return { now: followed, confirmed: followed }
  }
  look(true)

  return {
    now: () => look().now,
    confirmed: () => look().confirmed,
    heard(skewMs) {
      if (skewMs !== undefined && Math.abs(skewMs) <= STEP_MS) follow()
    },
  }
}

export type Retention = {
  /** Outcomes before this moment are not shown any more, ms since 1970. */
  notBefore(): number
  /** Erases what is too old now and each minute. */
  start(): void
  stop(): void
}

/** @param options.outcomeHours how long an outcome is kept */
export function createRetention(options: { state: Pick<StateStore, 'expire' | 'keepTime'>; ages: AgeClock; outcomeHours: number }): Retention {
  const { state, ages } = options
  const keptMs = options.outcomeHours * 3_600_000
  let timer: NodeJS.Timeout | undefined

  function expire(): void {
    state.expire(ages.confirmed() - keptMs, ages.now())
    state.keepTime(ages.confirmed())
  }

  return {
    notBefore: () => ages.now() - keptMs,
    start() {
      expire()
      timer = setInterval(expire, EXPIRE_EVERY_MS).unref()
    },
    stop() {
      clearInterval(timer)
      state.keepTime(ages.confirmed())
    },
  }
}
