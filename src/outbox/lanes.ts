/** When each lane sends: one report at a time, oldest first, resting and pausing apart from every other lane. */
import { backoff } from './backoff.ts'
import type { Attempted, Deliver } from './delivery.ts'
import type { OpenStore } from './keep-open.ts'
import { OutboxError } from './outbox.ts'
import type { Lane } from './store.ts'

/** No timer is longer, ms: a clock that jumps or a machine that sleeps is noticed within it. */
const LONGEST_TIMER_MS = 60_000
/** Rest after a claim that unexpectedly found nothing, ms. */
const NOTHING_TAKEN_MS = 1000
/** Attempts in a row without success after which a lane sends only a probe now and then. */
const BREAK_AFTER = 5

export type LanesOptions = {
  store: OpenStore
  deliver: Deliver
  canSend(kind: string): boolean
  lane(kind: string): Lane
  now: () => number
  random: () => number
  retryFirstMs: number
  retryMaxMs: number
  onChange: () => void
  /** A defect, not a fault of storing: the lane goes on after a rest. */
  onDefect: (kind: string, error: unknown) => void
}

export type Lanes = {
  start(): void
  /** Looks at a lane again: something was stored, resumed or repaired. */
  wake(kind: string): void
  /** Sends one report before all others, past any pause or rest. */
  force(kind: string, id: string): void
  /** Ends a pause, and a rest that failures have brought about. */
  resume(kind: string): void
  /** ms that a pause still lasts. */
  pauseLeft(lane: Lane): number
  /** Waits at most `graceMs` for attempts in flight, then aborts them. */
  stop(graceMs: number): Promise<void>
}

type Running = {
  flight: Promise<void> | undefined
  /** Woken since it last looked. */
  again: boolean
  timer: NodeJS.Timeout | undefined
  failures: number
  restFrom: number
  restMs: number
  forced: string[]
}

export function createLanes(options: LanesOptions): Lanes {
  const { store, now, canSend } = options
  const running = new Map<string, Running>()
  const abort = new AbortController()
  let state: 'idle' | 'started' | 'stopping' = 'idle'

  function of(kind: string): Running {
    let found = running.get(kind)
    if (!found) {
      found = { flight: undefined, again: false, timer: undefined, failures: 0, restFrom: 0, restMs: 0, forced: [] }
      running.set(kind, found)
    }
    return found
  }

  function wake(kind: string): void {
    const lane = of(kind)
    lane.again = true
    if (state !== 'started' || lane.flight) return
    clearTimeout(lane.timer)
    lane.flight = run(kind, lane)
      .catch((error: unknown) => {
        // Nothing could be stored: the lane is woken when that is over.
        if (!(error instanceof OutboxError)) options.onDefect(kind, error)
        lane.again = false
        sleep(kind, lane, LONGEST_TIMER_MS)
      })
      .finally(() => {
        lane.flight = undefined
        if (lane.again && store.fault() === null) wake(kind)
      })
  }

  async function run(kind: string, lane: Running): Promise<void> {
    for (;;) {
      // A turn of the loop for everyone else: a commit takes its time, and whoever stores is answered before we send.
      await new Promise((resolve) => setImmediate(resolve))
      if (state !== 'started' || store.fault() !== null) return
      lane.again = false
      const wait = waitOf(kind, lane)
      if (wait === undefined) return
      if (wait > 0) return sleep(kind, lane, wait)
      const attempted = await options.deliver(kind, lane.forced.shift(), abort.signal)
      if (attempted) note(lane, attempted)
      // Sent past the pause on a technician's word, and taken: the platform's limit is no more.
      if (attempted?.delivered && pauseLeft(options.lane(kind)) > 0) liftPause(kind)
      if (!attempted && lane.forced.length === 0) return sleep(kind, lane, NOTHING_TAKEN_MS)
      options.onChange()
    }
  }

  function sleep(kind: string, lane: Running, ms: number): void {
    clearTimeout(lane.timer)
    if (state !== 'started') return
    lane.timer = setTimeout(() => wake(kind), Math.min(Math.max(ms, 1), LONGEST_TIMER_MS))
    lane.timer.unref()
  }

  /** ms until a lane may send; undefined where it has nothing to send. */
  function waitOf(kind: string, lane: Running): number | undefined {
    if (lane.forced.length > 0 && canSend(kind)) return 0
    const due = store.read((open) => open.nextDue(kind, now()), undefined)
    if (due === undefined) return undefined
    if (!canSend(kind)) return LONGEST_TIMER_MS
    return Math.max(0, due - now(), pauseLeft(options.lane(kind)), restLeft(lane))
  }

  function pauseLeft(lane: Lane): number {
    if (lane.pauseMs === 0) return 0
    const left = lane.pausedAt + lane.pauseMs - now()
    if (left <= lane.pauseMs) return Math.max(0, left)
    // The clock was put back: the pause begins anew, no longer than it was.
    const { growth, pauseMs, reason } = lane
    try {
      store.use((open) => open.pause(lane.kind, { growth, pauseMs, reason, pausedAt: now() }))
    } catch (error) {
      if (!(error instanceof OutboxError)) throw error
    }
    return pauseMs
  }

  function liftPause(kind: string): void {
    store.use((open) => open.pause(kind, { pausedAt: 0, pauseMs: 0, growth: 0, reason: null }))
  }

  function restLeft(lane: Running): number {
    if (lane.restMs === 0) return 0
    if (now() < lane.restFrom) lane.restFrom = now()
    return Math.max(0, lane.restFrom + lane.restMs - now())
  }

  function note(lane: Running, { failed, retryAfterMs }: Attempted): void {
    lane.failures = failed ? lane.failures + 1 : 0
    lane.restFrom = now()
    lane.restMs =
      lane.failures < BREAK_AFTER
        ? 0
        : Math.max(retryAfterMs, backoff(lane.failures - BREAK_AFTER + 1, options.retryFirstMs, options.retryMaxMs, options.random))
  }

  return {
    start() {
      if (state === 'idle') state = 'started'
      for (const lane of store.read((open) => open.lanes(), [])) wake(lane.kind)
    },
    wake,
    force(kind, id) {
      const lane = of(kind)
      if (!lane.forced.includes(id)) lane.forced.push(id)
      wake(kind)
    },
    resume(kind) {
      liftPause(kind)
      of(kind).restMs = 0
      wake(kind)
    },
    pauseLeft,
    async stop(graceMs) {
      state = 'stopping'
      for (const lane of running.values()) clearTimeout(lane.timer)
      const flights = Promise.all([...running.values()].map((lane) => lane.flight))
      await within(flights, graceMs)
      abort.abort()
      await within(flights, 500)
    },
  }
}

async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, limit])
  clearTimeout(timer)
}
