/** A call of the local API that did not succeed. */
import type { Fault } from '../../transcode/outcome.ts'

/** `status` is 0 where the terminal did not answer at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly fault: Fault
  constructor(status: number, fault: Fault) {
    super(fault.code)
    this.status = status
    this.fault = fault
  }
}
