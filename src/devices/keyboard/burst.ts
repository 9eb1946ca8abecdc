/** Keystrokes close enough together to be one code, and the text they make. */
import { cleanText } from '../clean.ts'
import type { WedgeAdviceCode } from './advice.ts'
import { compose, type Keymap } from './keymaps.ts'
import { isTakenByInputMethod, type Keystroke } from './keystroke.ts'
import { numpadText, type NumpadEncoding } from './numpad.ts'
import type { WedgeReading } from './reading.ts'
import type { Beat } from './rhythm.ts'

export type Burst = {
  readonly firstAt: number
  lastAt: number
  /** Character keys, the latest only where there are very many. */
  readonly beats: Beat[]
  /** Characters, and numbers typed as Alt+numpad. */
  readonly units: (string | number)[]
  /** What the keys meant to the page, should they be a person's. */
  readonly typed: string[]
  /** Keys still held down. */
  readonly held: Map<string, Beat>
  inField: boolean
  /** Certainly a scanner's. */
  certain: boolean
  overflow: boolean
  /** Keys that stand for no character. */
  lost: number
  inputMethod: boolean
  capsLock: boolean
  capsToggled: boolean
  numpad: boolean
  withoutCode: boolean
  /** Shift was held with a character. */
  shifted: boolean
  /** Place -> character where the key has it only with Shift, which was not held. */
  readonly injected: Map<number, string>
  /** A dead accent that waits for its letter. */
  accent?: string | undefined
  /** Its usual pause is over and it looks unfinished. */
  waiting: boolean
  /** Digits of an Alt+numpad number so far; `+` begins a hexadecimal one. */
  alt?: string | undefined
}

const MOST_BEATS = 256
const SLOW_MS_PER_CHARACTER = 25

export function newBurst(at: number): Burst {
  return {
    firstAt: at, lastAt: at, beats: [], units: [], typed: [], held: new Map(), inField: false, certain: false,
    overflow: false, lost: 0, inputMethod: false, capsLock: false, capsToggled: false, numpad: false, withoutCode: false,
    shifted: false, injected: new Map(), waiting: false,
  }
}

/** What a key tells beside its character. */
export function note(burst: Burst, stroke: Keystroke): void {
  burst.inField ||= stroke.inField === true
  burst.inputMethod ||= isTakenByInputMethod(stroke)
  burst.capsLock ||= stroke.capsLock === true
  burst.shifted ||= stroke.shiftKey
}

/** Adds a key that is neither a modifier nor a terminator. */
export function addKey(burst: Burst, stroke: Keystroke, keymap: Keymap, maxLength: number): void {
  note(burst, stroke)
  const beat: Beat = {
    at: stroke.timeStamp,
    key: stroke.code || stroke.key,
    modifiers: `${stroke.shiftKey ? 'S' : ''}${stroke.altKey ? 'A' : ''}`,
    overlaps: burst.held.size > 0,
  }
  burst.beats.push(beat)
  if (burst.beats.length > 2 * MOST_BEATS) burst.beats.splice(0, MOST_BEATS)
  burst.held.set(stroke.code, beat)
  burst.lastAt = stroke.timeStamp
  burst.waiting = false
  if (burst.typed.length < MOST_BEATS) burst.typed.push(stroke.key)
  addCharacter(burst, stroke, keymap)
  if (burst.units.length > maxLength) burst.overflow = true
  if (burst.overflow) burst.units.length = 0
}

/** Ends an Alt+numpad number, if one is open; true where it was CR or LF. */
export function closeNumber(burst: Burst): boolean {
  const digits = burst.alt
  if (digits === undefined) return false
  burst.alt = undefined
  const value = digits.startsWith('+') ? parseInt(digits.slice(1), 16) : parseInt(digits, 10)
  if (value === 13 || value === 10) return true
  if (Number.isFinite(value) && value <= 0xffffffff) burst.units.push(value)
  else burst.lost += 1
  return false
}

/** Its characters so far, for a look at their shape; empty where numbers stand among them. */
export function plainText({ units }: Burst): string {
  if (!units.every((unit) => typeof unit === 'string')) return ''
  return cleanText(units.join('')).text
}

/** The reading that a finished burst is, cleaned of its AIM identifier and control characters. */
export function readingOf(burst: Burst, terminated: boolean, encoding: NumpadEncoding): WedgeReading {
  const units = burst.accent === undefined ? burst.units : [...burst.units, burst.accent]
  // A program that injects keys (remote control, a driver) may leave out every Shift; a scanner never does.
  const typed = burst.shifted ? units : units.map((unit, place) => burst.injected.get(place) ?? unit)
  const whole = numpadText(typed, encoding)
  const { text, aim } = cleanText(whole)
  const msPerCharacter = (burst.lastAt - burst.firstAt) / Math.max(1, [...whole].length - 1)
  const { inputMethod, capsLock, numpad, withoutCode } = burst
  const advice: WedgeAdviceCode[] = []
  if (inputMethod) advice.push('WEDGE_INPUT_METHOD')
  if (msPerCharacter > SLOW_MS_PER_CHARACTER) advice.push('WEDGE_SLOW')
  if (numpad) advice.push('WEDGE_NUMPAD')
  if (!terminated) advice.push('WEDGE_NO_TERMINATOR')
  return {
    text,
    ...(aim ? { aim } : {}),
    msPerCharacter,
    evidence: { inputMethod, capsLock, numpad, terminated, withoutCode },
    advice,
  }
}

function addCharacter(burst: Burst, stroke: Keystroke, keymap: Keymap): void {
  if (addToNumber(burst, stroke)) return
  const third = stroke.altGraph || (stroke.altKey && stroke.ctrlKey)
  if (!third && (stroke.ctrlKey || stroke.metaKey || stroke.altKey)) return
  if (/^F\d+$/.test(stroke.code)) return
  const character = characterOf(burst, stroke, keymap, third ? 2 : stroke.shiftKey ? 1 : 0)
  if (character === undefined) burst.lost += 1
  else if (burst.accent !== undefined) {
    burst.units.push(...compose(keymap, burst.accent, character))
    burst.accent = undefined
  } else if (character in keymap.dead) burst.accent = character
  else burst.units.push(character)
}

function addToNumber(burst: Burst, { altKey, ctrlKey, altGraph, code }: Keystroke): boolean {
  const hexadecimal = burst.alt?.startsWith('+') === true
  if (!altKey || ctrlKey || altGraph || !(code.startsWith('Numpad') || hexadecimal)) return false
  const digit = /^(?:Numpad|Digit)(\d)$/.exec(code)?.[1] ?? /^Key([A-F])$/.exec(code)?.[1]
  burst.alt = (burst.alt ?? '') + (code === 'NumpadAdd' ? '+' : (digit ?? ''))
  burst.numpad = true
  return true
}

function characterOf(burst: Burst, stroke: Keystroke, keymap: Keymap, level: 0 | 1 | 2): string | undefined {
  const { code, key, capsLock } = stroke
  if (code === '' || code === 'Unidentified') {
    burst.withoutCode = true
    return [...key].length === 1 ? key : undefined
  }
  const characters = keymap.keys[code]
  // The numeric keypad has one character whatever is held with it.
  if (code.startsWith('Numpad')) return characters?.[0]
  // A scanner that presses CapsLock itself means letters as CapsLock makes them.
  const turned = burst.capsToggled && capsLock && level < 2 && code.startsWith('Key')
  const impossible = level === 0 && capsLock === false && key !== characters?.[0] && key === characters?.[1]
  if (impossible) burst.injected.set(burst.units.length, key)
  return characters?.[turned ? 1 - level : level] || undefined
}
