/** The one error that platforms raise: it knows how the scan ends. */
import type { Fault, PlatformId } from '../outcome.ts'

/** `rejected`: the platform said no. `unavailable`: it gave no usable answer. */
export type FaultEnding = 'rejected' | 'unavailable'

/**
 * A platform's refusal or fault. `message` and `advice` are shown to staff and
 * go to the API; neither may hold a name, number, token or code text.
 */
export class PlatformError extends Error {
  override readonly name = 'PlatformError'
  readonly fault: Fault
  readonly ending: FaultEnding
  /** True when an answer of the platform itself arrived (not a proxy's page, not a time-out). */
  readonly answered: boolean
  /** False where it is certain that nothing reached the platform (no connection came about). */
  readonly sent: boolean
  /** From a `retry-after` header, ms. */
  readonly retryAfterMs: number | undefined
  constructor(
    ending: FaultEnding,
    fault: Fault,
    options: { answered?: boolean; sent?: boolean; retryAfterMs?: number } = {},
  ) {
    super(`${fault.platform} ${fault.code}`)
    this.fault = fault
    this.ending = ending
    this.answered = options.answered ?? ending === 'rejected'
    this.sent = options.sent ?? true
    this.retryAfterMs = options.retryAfterMs
  }

  /** The same error, with the id that the platform knows the request by. */
  withRequestId(requestId: string): PlatformError {
    const { answered, sent, retryAfterMs } = this
    return new PlatformError(this.ending, { ...this.fault, requestId }, { answered, sent, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
  }
}

/** A request that breaks the document's own rules, or repeats what must not be repeated, and therefore never left the terminal. */
export class RequestFault extends Error {
  override readonly name = 'RequestFault'
  readonly platform: PlatformId
  readonly code: string
  readonly advice: string
  /** One for each field: its path, and the reason in Chinese. */
  readonly fields: readonly { path: string; message: string }[]
  readonly httpStatus: 400 | 409 | 422
  constructor(
    platform: PlatformId,
    code: string,
    message: string,
    advice: string,
    fields: readonly { path: string; message: string }[] = [],
    httpStatus: 400 | 409 | 422 = 400,
  ) {
    super(message)
    this.platform = platform
    this.code = code
    this.advice = advice
    this.fields = fields
    this.httpStatus = httpStatus
  }
}
