/** What is known of a platform's return code, and the fault that is made of it. */
import type { Fault, PlatformId } from '../outcome.ts'
import { ownWords } from './own-words.ts'

/** One line of a platform's table. */
export type ReturnCode = {
  cause: string
  /** What staff do. */
  staff: string
  /** What staff tell the patient. */
  patient: string
  retryable: boolean
}
export type ReturnCodeTable = Readonly<Record<string, ReturnCode>>

/**
 * The fault for a code. A code outside the table keeps the platform's own words
 * as its cause and takes the advice of `other`; `personal` values of the request
 * that the platform repeats are starred out.
 */
export function faultOfCode(
  platform: PlatformId,
  code: string,
  known: ReturnCode | undefined,
  other: Omit<ReturnCode, 'cause'>,
  words?: unknown,
  personal: readonly (string | undefined)[] = [],
): Fault {
  const own = ownWords(words, personal)
  const message =
    known === undefined
      ? own || `平台返回 ${code}，没有说明原因`
      : own === '' || own === known.cause
        ? known.cause
        : `${known.cause}（${own}）`
  const { staff, patient, retryable } = known ?? other
  return { platform, code, message, advice: `${staff}可告诉患者：“${patient}”`, retryable }
}
