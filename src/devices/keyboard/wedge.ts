/** Keystrokes -> readings: tells a scanner in keyboard mode from a person, and reads it by physical key. */
import { WEDGE_ADVICE, type WedgeAdviceCode } from './advice.ts'
import { addKey, closeNumber, newBurst, note, plainText, readingOf, type Burst } from './burst.ts'
import { isRestOf, mayGoOn, type Head } from './cut.ts'
import { KEYMAPS, type Keymap } from './keymaps.ts'
import { isModifier, isTerminator, type Keystroke } from './keystroke.ts'
import type { NumpadEncoding } from './numpad.ts'
import type { WedgeFault, WedgeReading } from './reading.ts'
import { createShapes, isCut, printOf, type Print } from '../whole.ts'
import { isBrisk, isCertain, isScanner, pauseMs } from './rhythm.ts'

export type WedgeOptions = {
  readonly onReading: (reading: WedgeReading) => void
  /** A scanner typed what cannot be trusted; never holds the text. */
  readonly onUnreadable?: (fault: WedgeFault) => void
  /** Keys that turned out to be a person's, outside any field: for shortcuts that a scanned digit must not trigger. */
  readonly onTyped?: (keys: readonly string[]) => void
  /** The country that the scanner is set to; `us` by default. */
  readonly keymap?: Keymap
  /** Fewer characters are never a scan; 6 by default. */
  readonly minLength?: number
  /** More characters are refused until the next pause; 4096 by default. */
  readonly maxLength?: number
  /** How Alt+numpad numbers above 255 are read; `auto` by default. */
  readonly numpadEncoding?: NumpadEncoding
}

/** `scanner`: the key belongs to a scan for certain, and the page should not see it. */
export type WedgeVerdict = 'scanner' | 'undecided'

export type Wedge = {
  /** Takes one key event, in the order of time. */
  press(stroke: Keystroke): WedgeVerdict
  /** Ends a code whose pause is over at `now`, on the keystrokes' clock. */
  settle(now: number): void
  /** When `settle` should be called next, on the keystrokes' clock. */
  readonly dueAt: number | undefined
}

/** The shortest pause in ms that ends a scanner's code: by whether the device is known to send a terminator. */
const SCANNER_PAUSE_MS = { seen: 1000, supposed: 600, none: 300 } as const
/** What breaks off in the middle is waited for as long as a device in trouble may take. */
const UNFINISHED_PAUSE_MS = 1000
/** Enter after Enter, or LF after CR, belongs to the code before. */
const TAIL_MS = 60

/** A wedge for one window; it holds no timer: the caller asks `dueAt` and calls `settle`. */
export function createWedge(options: WedgeOptions): Wedge {
  const { keymap = KEYMAPS.us, minLength = 6, maxLength = 4096, numpadEncoding = 'auto' } = options
  let burst: Burst | undefined
  let terminates: boolean | undefined
  let endedAt = -Infinity
  /** What ended with a pause just now, and may not have been all. */
  let head: Head | undefined
  const shapes = createShapes()
  /** The print of the last reading: learnt from once no rest of it came. */
  let unproved: Print | undefined
  /** What was refused as a half just now. */
  let refused: string | undefined
  /** When the last key went up. */
  let releasedAt = -Infinity
  /** Keys whose press the page did not see, so that it does not see their release either. */
  const hidden = new Set<string>()

  function press(stroke: Keystroke): WedgeVerdict {
    settle(stroke.timeStamp)
    if (stroke.type === 'up') return release(stroke)
    const verdict = strike(stroke)
    if (verdict === 'scanner') hidden.add(stroke.code)
    return verdict
  }

  function strike(stroke: Keystroke): WedgeVerdict {
    if (stroke.repeat) return verdictOf(burst)
    if (isTerminator(stroke)) return terminate(stroke)
    if (isModifier(stroke)) {
      if (burst && stroke.code === 'CapsLock') burst.capsToggled = true
      return verdictOf(burst)
    }
    if (!stroke.altKey && burst && closeNumber(burst)) end(true)
    burst ??= begin(stroke.timeStamp)
    addKey(burst, stroke, keymap, maxLength)
    burst.certain ||= burst.beats.length >= minLength && isCertain(burst.beats, burst.inField)
    return verdictOf(burst)
  }

  function begin(at: number): Burst {
    if (unproved && !(head && mayGoOn(head, at))) learn()
    return newBurst(at)
  }

  function learn(): void {
    if (unproved) shapes.learn(unproved)
    unproved = undefined
  }

  function release(stroke: Keystroke): WedgeVerdict {
    const verdict = hidden.delete(stroke.code) ? 'scanner' : 'undecided'
    if (stroke.code.startsWith('Alt') && burst && closeNumber(burst)) end(true)
    if (!burst) releasedAt = stroke.timeStamp
    const beat = burst?.held.get(stroke.code)
    if (beat) {
      beat.heldMs = stroke.timeStamp - beat.at
      burst?.held.delete(stroke.code)
      return verdict
    }
    // An input method may swallow a press and leave its release.
    if (!burst?.inputMethod || verdict === 'scanner' || isModifier(stroke)) return verdict
    const late = strike(stroke)
    burst?.held.delete(stroke.code)
    return late
  }

  function terminate(stroke: Keystroke): WedgeVerdict {
    if (!burst) {
      const late = head?.taken === true && mayGoOn(head, stroke.timeStamp)
      return late || stroke.timeStamp - endedAt <= TAIL_MS ? 'scanner' : 'undecided'
    }
    note(burst, stroke)
    closeNumber(burst)
    if (!end(true)) return 'undecided'
    endedAt = stroke.timeStamp
    return 'scanner'
  }

  /** Closes the burst at its terminator, or where its pause was over; whether it was a scanner's. */
  function end(terminated: boolean, at = 0): boolean {
    const done = burst
    const before = head
    burst = undefined
    head = undefined
    if (!done) return false
    const enough = done.overflow || done.units.length + done.lost >= minLength
    const isScan = enough && (done.certain || isScanner(done.beats, done.inField))
    const text = plainText(done)
    const shape = shapes.shapeOf(text)
    const isRest = before !== undefined && isRestOf(before, { ...done, isScan, terminated, shape }, releasedAt)
    const taken = isScan || isRest
    if (!terminated) head = { lastAt: done.lastAt, endedAt: at, taken, brisk: isBrisk(done.beats), shape }
    if (!taken) {
      if (!done.inField) options.onTyped?.(done.typed)
      return false
    }
    // An input method may have swallowed the terminator.
    const ending = terminates && !done.inputMethod ? 'terminator' : undefined
    // Typed twice alike, it is whole, whatever it looks like.
    const isHalf = !terminated && text !== '' && text !== refused && isCut(shape, ending)
    refused = isHalf ? text : undefined
    if (!isHalf) terminates = terminated
    if (isRest) unproved = undefined
    learn()
    if (isRest || isHalf) refuse('WEDGE_CUT')
    else if (done.overflow) refuse('WEDGE_OVERFLOW')
    else if (done.lost > 0) refuse('WEDGE_KEYS_LOST')
    else {
      if (text !== '') unproved = printOf(text)
      options.onReading(readingOf(done, terminated, numpadEncoding))
    }
    return true
  }

  function refuse(code: WedgeAdviceCode): void {
    options.onUnreadable?.({ code, ...WEDGE_ADVICE[code] })
  }

  /** A person's keys end soon, for a shortcut waits for it; a scanner's are given time to go on. */
  function pauseOf({ beats, certain, inputMethod, waiting }: Burst): number {
    const pause = pauseMs(beats)
    if (!certain && !isBrisk(beats)) return pause
    // An input method may have swallowed the terminator.
    const supposed = terminates === undefined && !inputMethod && beats.length > 1
    const known = terminates && beats.length > 1 ? 'seen' : supposed ? 'supposed' : 'none'
    return Math.max(pause, waiting ? UNFINISHED_PAUSE_MS : SCANNER_PAUSE_MS[known])
  }

  function settle(now: number): void {
    if (!burst) return
    if (now <= burst.lastAt + pauseOf(burst)) return
    const shape = shapes.shapeOf(plainText(burst))
    burst.waiting = shape === 'unfinished' || shape === 'open'
    const overAt = burst.lastAt + pauseOf(burst)
    if (now <= overAt) return
    closeNumber(burst)
    end(false, overAt)
    hidden.clear()
  }

  return {
    press,
    settle,
    get dueAt() {
      return burst ? burst.lastAt + pauseOf(burst) + 1 : undefined
    },
  }
}

function verdictOf(burst: Burst | undefined): WedgeVerdict {
  return burst?.certain ? 'scanner' : 'undecided'
}
