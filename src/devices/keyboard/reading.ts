/** What the wedge hands out. */
import type { WedgeAdviceCode } from './advice.ts'

/** What was met on the way to a reading. */
export type WedgeEvidence = {
  readonly inputMethod: boolean
  readonly capsLock: boolean
  readonly numpad: boolean
  /** It ended with Enter or Tab rather than with a pause. */
  readonly terminated: boolean
  /** `code` was empty: read by `key`, which an input method or CapsLock can spoil. */
  readonly withoutCode: boolean
}

export type WedgeReading = {
  readonly text: string
  /** AIM symbology identifier (such as `]Q1`) where the scanner sent one. */
  readonly aim?: string
  readonly msPerCharacter: number
  readonly evidence: WedgeEvidence
  /** What would read better; the words are in `WEDGE_ADVICE`. */
  readonly advice: readonly WedgeAdviceCode[]
}

export type WedgeFault = { readonly code: WedgeAdviceCode; readonly message: string; readonly advice: string }
