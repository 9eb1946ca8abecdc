/** A patient's call for staff: told to the hospital's own system and to the desks of this terminal, once however often it is pressed. */
import { randomUUID } from 'node:crypto'
import type { LogFields } from './log.ts'

/** Why a patient calls, as far as the screen knows; nothing of who they are. */
export const CALL_REASONS = ['help', 'ending', 'no-code', 'health-code', 'closed'] as const
export type CallReason = (typeof CALL_REASONS)[number]

/**
 * `local`: nobody is told but who hears the bell; `sending`: not yet; `told`: the hospital's
 * system has taken it; `failed`: it has not, for a minute; `seen`: a desk has answered.
 */
export type CallState = 'local' | 'sending' | 'told' | 'failed' | 'seen'
export type StaffCall = { id: string; at: string; reason: CallReason; state: CallState }

/** What is sent; `at` is ISO 8601. */
export type CallMessage = { terminalId: string; department: string; at: string; reason: CallReason }

/** `refused`: another attempt would be refused as well. */
export type Delivered = 'taken' | 'refused' | 'lost'

export type StaffCalls = {
  /** Begins a call, or rings the one there is. */
  call(reason: CallReason): StaffCall
  /** The patient needs nobody any more. */
  withdraw(): void
  /** A desk has seen it; false where that call is over. */
  see(id: string): boolean
  current(): StaffCall | null
  onChange(listener: (call: StaffCall | null) => void): () => void
  stop(): void
}

/** Left alone for so long a call is over. */
const LASTS_MS = 180_000
/** When it is tried again, ms after the first attempt: for a minute, however long each attempt takes. */
const AGAIN_AT_MS = [3000, 6000, 11_000, 21_000, 36_000, 60_000] as const
/** Staff who were told are not told again so soon, and a system is not asked faster. */
const TOLD_FOR_MS = 30_000
const GAP_MS = 3000

export function createStaffCalls(options: {
  /** Who and where, at the time of the call. */
  origin(): { terminalId: string; department: string }
  /** Sends one message; undefined where no address is set. Never rejects. */
  send: ((message: CallMessage, signal: AbortSignal) => Promise<Delivered>) | undefined
  log(event: string, fields?: LogFields): void
  now?: () => number
  after?: (ms: number, run: () => void) => { cancel(): void }
}): StaffCalls {
  const { send, log, now = Date.now, after = afterMs } = options
  /** Not the clock of the day: put back, it would keep a patient's call from being sent for as long. */
  const ticks = options.now ?? (() => performance.now())
  const listeners = new Set<(call: StaffCall | null) => void>()
  let call: StaffCall | null = null
  let end: { cancel(): void } | undefined
  let next: { cancel(): void } | undefined
  let sending: AbortController | undefined
  let triedAt = -Infinity
  let toldAt = -Infinity

  function tell(change: Partial<StaffCall> | null): void {
    call = change && call ? { ...call, ...change } : null
    for (const listener of listeners) listener(call)
  }

  function over(): void {
    for (const timer of [end, next]) timer?.cancel()
    sending?.abort()
    if (call) tell(null)
  }

  async function attempt(number: number, firstAt: number): Promise<void> {
    if (!call || !send) return
    const { id, at, reason } = call
    triedAt = ticks()
    const limit = (sending = new AbortController())
    const result = await send({ ...options.origin(), at, reason }, limit.signal)
    if (result === 'taken') toldAt = ticks()
    if (call?.id !== id || call.state !== 'sending') return
    log('staff-call.sent', { ended: result, attempts: number })
    const gone = ticks() - firstAt
    const againAt = AGAIN_AT_MS.find((ms) => ms > gone)
    if (result === 'taken') tell({ state: 'told' })
    else if (result === 'refused' || againAt === undefined) tell({ state: 'failed' })
    else next = after(Math.max(againAt - gone, triedAt + GAP_MS - ticks()), () => void attempt(number + 1, firstAt))
  }

  function begin(): void {
    const told = ticks() - toldAt < TOLD_FOR_MS
    tell({ state: !send ? 'local' : told ? 'told' : 'sending' })
    if (send && !told) next = after(Math.max(0, triedAt + GAP_MS - ticks()), () => void attempt(1, ticks()))
  }

  return {
    call(reason) {
      end?.cancel()
      end = after(LASTS_MS, over)
      if (!call) {
        call = { id: randomUUID(), at: new Date(now()).toISOString(), reason, state: 'local' }
        begin()
      } else if (call.state === 'failed') begin()
      return call
    },
    withdraw: over,
    see(id) {
      if (call?.id !== id) return false
      next?.cancel()
      tell({ state: 'seen' })
      return true
    },
    current: () => call,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop() {
      listeners.clear()
      over()
    },
  }
}

function afterMs(ms: number, run: () => void): { cancel(): void } {
  const timer = setTimeout(run, ms)
  timer.unref()
  return { cancel: () => clearTimeout(timer) }
}
