/** A code that a stalled machine or USB bus cut in two: its rest must not pass for a code of its own. */
import { isBrisk, type Beat } from './rhythm.ts'
import type { Shape } from '../whole.ts'

/** What ended with a pause: perhaps the head of a code. */
export type Head = {
  readonly lastAt: number
  /** When the pause was over, ms. */
  readonly endedAt: number
  /** It was taken for a whole code. */
  readonly taken: boolean
  readonly brisk: boolean
  readonly shape: Shape
}

type Tail = { readonly firstAt: number; readonly beats: readonly Beat[]; readonly isScan: boolean; readonly terminated: boolean; readonly shape: Shape }

/** A device in trouble goes on within this, ms. */
const STALL_MS = 1000
/** From one code's reading to the next one a hand needs longer, ms. */
const REAIM_MS = 500
/** A scanner's next key follows the release of the last within this, ms. */
const RELEASE_MS = 25

/** Whether keys at `at` may still go on with this head. */
export function mayGoOn(head: Head, at: number): boolean {
  return at <= Math.max(head.lastAt + STALL_MS, head.endedAt + REAIM_MS)
}

/**
 * Whether these keys are the rest of the head; `releasedAt` is when the last key went
 * up. A device that sends a terminator now sent none with the head: it was no end. One
 * that never sends any is believed to have read another code where a hand had time for it
 * and one of the two looks whole by itself.
 */
export function isRestOf(head: Head, { firstAt, beats, isScan, terminated, shape }: Tail, releasedAt: number): boolean {
  if (!mayGoOn(head, firstAt)) return false
  if (!head.taken) return isScan && (head.brisk || (releasedAt <= firstAt && firstAt - releasedAt <= RELEASE_MS))
  if (!isScan && !isBrisk(beats)) return false
  const another = firstAt - head.lastAt >= REAIM_MS && (looksWhole(head.shape) || looksWhole(shape))
  return terminated || !another
}

function looksWhole(shape: Shape): boolean {
  return shape === 'whole' || shape === 'likely'
}
