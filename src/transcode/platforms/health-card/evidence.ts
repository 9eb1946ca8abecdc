/**
 * What the platform's answers tell of an attempt that had none. 10054 says that an id was seen, not that
 * the use was counted: the attempt may have been refused, and the refusal lost. Each refusal is excluded by
 * a later call (contract 1.1): of the token, signature, hospital and clock by one that the same were accepted
 * for; of the interface (10034, 21007) by a report accepted on the same day, with no other refusal around.
 */
import { createHash, randomUUID } from 'node:crypto'
import { uptime } from 'node:os'
import { chinaDateTime } from '../../china-time.ts'
import { PlatformError } from '../platform-error.ts'
import type { OpenId } from '../platform.ts'
import type { Exchange } from './exchange.ts'
import { TOKEN_CODES } from './return-codes.ts'
import type { HealthCardOperation } from './settings.ts'

/** Clocks that differ by less are the same, s; the platform allows minutes. */
const SAME_CLOCK_SEC = 5
/** A refusal this long before an attempt makes another one likely, ms. */
const TROUBLE_MS = 600_000
/** Tokens remembered; the platform knows one at a time. */
const MOST_TOKENS = 8
/** 重复请求. */
const REPEATED = '10054'

/** What is kept of the unanswered attempts under one id. Times are ms of this process's steady clock; `run` names the process. */
type Note = {
  run: string
  first: number
  last: number
  /** By fingerprint of token, secret and hospital: when its last attempt ended. */
  access: Record<string, number>
  clock: number
  day: string
  /** True where the clock was changed or a day ended between two attempts: nothing is proven then. */
  mixed: boolean
}

/** A call that was accepted. */
type Accepted = { begun: number; clock: number; day: string }

export type Evidence = ReturnType<typeof createEvidence>

export function createEvidence(options: { now: () => number; secret: () => string }) {
  const run = randomUUID()
  const access = new Map<string, Accepted>()
  const accepted = new Map<HealthCardOperation, Accepted>()
  const refusedAt = new Map<HealthCardOperation, number>()

  const fingerprint = (appToken: string) => createHash('sha256').update(`${appToken}\n${options.secret()}`).digest('hex').slice(0, 16)
  // When the machine was started by the wall clock: it moves only when that clock is changed.
  const present = (): Accepted => ({ begun: performance.now(), clock: Math.round(options.now() / 1000 - uptime()), day: chinaDateTime(options.now()).slice(0, 10) })
  const isAfter = (call: Accepted | undefined, note: Note, at: number): call is Accepted =>
    call !== undefined && (note.run !== run || call.begun > at) && Math.abs(call.clock - note.clock) <= SAME_CLOCK_SEC

  function noteOf(open: OpenId | null): Note | undefined {
    if (!open?.note) return undefined
    return JSON.parse(open.note) as Note
  }

  return {
    /** The same exchange, its answers noted. */
    watch:
      (exchange: Exchange): Exchange =>
      async (operation, req, sending) => {
        const call = present()
        try {
          const rsp = await exchange(operation, req, sending)
          const key = fingerprint(sending.appToken)
          access.delete(key)
          access.set(key, call)
          if (access.size > MOST_TOKENS) access.delete(access.keys().next().value as string)
          accepted.set(operation, call)
          return rsp
        } catch (error) {
          if (error instanceof PlatformError && error.answered && ![...TOKEN_CODES, REPEATED].includes(error.fault.code)) refusedAt.set(operation, performance.now())
          throw error
        }
      },

    /** What is to be kept where an attempt with this token goes unanswered now, beside what is known of the id. */
    note(open: OpenId | null, appToken: string): string {
      const { begun, clock, day } = present()
      const before = noteOf(open)
      if (open !== null && before === undefined) return open.note
      const key = fingerprint(appToken)
      if (before === undefined) return JSON.stringify({ run, first: begun, last: begun, access: { [key]: begun }, clock, day, mixed: false } satisfies Note)
      const mixed = before.mixed || before.day !== day || Math.abs(before.clock - clock) > SAME_CLOCK_SEC
      // The clock of this process begins after whatever an earlier one did.
      const earlier = before.run === run ? before : { access: Object.fromEntries(Object.keys(before.access).map((each) => [each, -1])), first: -1 }
      return JSON.stringify({ run, first: earlier.first, last: begun, access: { ...earlier.access, [key]: begun }, clock, day, mixed } satisfies Note)
    },

    /** Whether the token may be why the last attempt went unanswered: it has not been accepted since. */
    isInDoubt(open: OpenId, appToken: string): boolean {
      const note = noteOf(open)
      const at = note?.access[fingerprint(appToken)]
      return note !== undefined && at !== undefined && !isAfter(access.get(fingerprint(appToken)), note, at)
    },

    /** Whether every refusal of the attempts under an id is excluded, so that a seen id is a counted use. */
    isProven(operation: HealthCardOperation, open: OpenId): boolean {
      const note = noteOf(open)
      if (note === undefined || note.mixed || open.refused) return false
      const report = accepted.get(operation)
      const trouble = refusedAt.get(operation)
      return (
        Object.entries(note.access).every(([key, at]) => isAfter(access.get(key), note, at)) &&
        isAfter(report, note, note.last) &&
        report.day === note.day &&
        (trouble === undefined || (note.run === run && trouble < note.first - TROUBLE_MS))
      )
    },
  }
}
