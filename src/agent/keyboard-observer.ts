/** Reads scanners in keyboard mode from keys that another process shows, beside the page that is given the same keys. */
import { standsForCharacter, type Keystroke } from '../devices/keyboard/keystroke.ts'
import type { OfferedReading } from '../devices/keyboard/second-source.ts'
import { createWedge } from '../devices/keyboard/wedge.ts'

/** Longer than what a person types while this process stands still and all keys seem to come at once. */
const LEAST_CHARACTERS = 12
/** A page that dies is back within 5 s; afterwards nothing of the patient's is kept here. */
const HELD_MS = 5000

/** A key as it arrives: neither its own time nor the focus is told. */
export type ObservedKey = Omit<Keystroke, 'timeStamp' | 'inField'>

/** Calls `offer` with each reading; the page takes it only where it missed keys of it. */
export function createKeyboardObserver(offer: (reading: OfferedReading) => void) {
  let timer: NodeJS.Timeout | undefined
  let forgetting: NodeJS.Timeout | undefined
  let startedAt = 0
  let keys = 0
  let held: OfferedReading | undefined

  const wedge = createWedge({
    minLength: LEAST_CHARACTERS,
    onReading({ text }) {
      held = { text, keys, startedAt, endedAt: Date.now() }
      offer(held)
      clearTimeout(forgetting)
      forgetting = setTimeout(() => (held = undefined), HELD_MS).unref()
    },
  })
  function settle(): void {
    wedge.settle(performance.now())
    arm()
  }
  function arm(): void {
    clearTimeout(timer)
    if (wedge.dueAt !== undefined) timer = setTimeout(settle, Math.max(0, wedge.dueAt - performance.now()))
  }

  return {
    /** Takes one key event, in the order of arrival. */
    key(observed: ObservedKey): void {
      // Of a focus that is not told, the stricter measure of a field applies.
      const stroke: Keystroke = { ...observed, timeStamp: performance.now(), inField: true }
      wedge.settle(stroke.timeStamp)
      if (wedge.dueAt === undefined) {
        startedAt = Date.now()
        keys = 0
      }
      if (standsForCharacter(stroke)) keys += 1
      wedge.press(stroke)
      arm()
    },
    /** Offers the last reading once more, within 5 s of it: to a page that was loaded again. */
    offerAgain(): void {
      if (held) offer(held)
    },
  }
}
