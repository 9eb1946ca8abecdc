/** Finds the halves among the codes of one device, and what comes after them as their rest. */
import type { Timers } from './framer.ts'
import { createShapes, isCut, pauseFor, printOf, type Ending } from './whole.ts'

export type CutsOptions = {
  /** Silence that ends a whole code, ms: of a device without terminators, and of one that sends them. */
  readonly idleMs: number
  readonly patientMs: number
  /** The device sends no terminator, by its settings. */
  readonly noTerminator?: boolean
  /** Whether the site's own settings take a text for a code. */
  readonly isCode?: ((text: string) => boolean) | undefined
  readonly timers: Timers
}

/** The rest of a code follows its half within this, ms; a hand needs about as long for another code. */
const REST_MS = 1500
/** A half is compared with what is read next for so long, ms. */
const REMEMBERED_MS = 10_000

type Head = { readonly text: string; readonly at: number; readonly given: boolean }

export function createCuts({ idleMs, patientMs, noTerminator = false, isCode, timers }: CutsOptions) {
  let shapes = createShapes(isCode)
  let ending: Ending = noTerminator ? 'pause' : undefined
  /** Codes given out since the last terminator. */
  let without = 0
  /** The last reading if no terminator ended it. */
  let head: Head | undefined
  let forgetting: { cancel(): void } | undefined

  function keep(next: Head | undefined): void {
    forgetting?.cancel()
    head = next
    if (next) forgetting = timers.after(REMEMBERED_MS, () => (head = undefined))
  }

  /** Whether this is a code of its own, as far as its shape says. */
  function looksWhole(text: string): boolean {
    const shape = shapes.shapeOf(text)
    return shape === 'whole' || shape === 'likely'
  }

  /** Whether two readings are one code, or go on a half that is none yet; the code read again begins as its half does. */
  function isRest(before: Head, text: string, at: number): boolean {
    if (at - before.at > REST_MS || text.startsWith(before.text)) return false
    const joined = shapes.shapeOf(before.text + text)
    if (joined === 'whole' || (joined === 'likely' && !looksWhole(before.text))) return true
    return !before.given && !looksWhole(text)
  }

  return {
    /** How long the device must be silent after this text, ms. */
    pauseAfter: (text: string): number => pauseFor(shapes.shapeOf(text), ending, idleMs, patientMs),
    looksWhole,
    /** Whether this reading is a half or the rest of one. */
    isPart(text: string, { terminated, at }: { terminated: boolean; at: number }): boolean {
      const before = head
      keep(undefined)
      if (before && isRest(before, text, at)) {
        if (!terminated) keep({ text: before.text + text, at, given: false })
        return true
      }
      if (before?.given) shapes.learn(printOf(before.text))
      if (terminated) {
        ending = 'terminator'
        without = 0
        shapes.learn(printOf(text))
        return false
      }
      // Read twice alike, with nothing after it either time: whole, whatever it looks like.
      const isSame = before?.given === false && before.text === text
      const part = !isSame && isCut(shapes.shapeOf(text), ending)
      if (!part && (isSame || ++without > 1 || ending === undefined)) ending = 'pause'
      keep({ text, at, given: !part })
      return part
    },
    reset(): void {
      shapes = createShapes(isCode)
      ending = noTerminator ? 'pause' : undefined
      without = 0
      keep(undefined)
    },
  }
}
