/** Plays a keyboard scanner or a person as the keystrokes that a browser would report. */
import { KEYMAPS, type Keymap } from '../../../src/devices/keyboard/keymaps.ts'
import type { Keystroke } from '../../../src/devices/keyboard/keystroke.ts'
import type { WedgeFault, WedgeReading } from '../../../src/devices/keyboard/reading.ts'
import { createWedge, type WedgeOptions } from '../../../src/devices/keyboard/wedge.ts'

export type ScannerPlay = {
  readonly msPerKey: number
  /** Share of `msPerKey` by which each gap wanders; 0.1 by default. */
  readonly jitter?: number
  readonly random?: () => number
  readonly inputMethod?: boolean
  readonly capsLock?: boolean
  readonly numLockOff?: boolean
  readonly terminator?: 'Enter' | 'Tab' | 'none'
  readonly keymap?: Keymap
  readonly inField?: boolean
  /** Every character as Alt and the number of its code unit in this reading. */
  readonly numpad?: (character: string) => readonly number[]
  /** An input method that lets only releases through after the first keys. */
  readonly releasesOnly?: boolean
}

export function scannerKeys(text: string, play: ScannerPlay, start = 1000): Keystroke[] {
  const { msPerKey, jitter = 0.1, random = () => 0.5, keymap = KEYMAPS.us, terminator = 'Enter' } = play
  const strokes: Keystroke[] = []
  let now = start
  const wait = () => (now += msPerKey * (1 + jitter * (2 * random() - 1)))
  const held = { shiftKey: false, altKey: false }
  const emit = (type: 'down' | 'up', code: string, key: string) => {
    const taken = play.inputMethod && type === 'down'
    strokes.push({
      type, code, key: taken ? 'Process' : key, keyCode: taken ? 229 : 0,
      ...held, ctrlKey: false, capsLock: play.capsLock ?? false, repeat: false,
      timeStamp: now, inField: play.inField ?? false,
    })
  }
  const tap = (code: string, key: string) => {
    emit('down', code, key)
    now += Math.min(1, msPerKey / 4)
    emit('up', code, key)
    wait()
  }
  for (const character of text) {
    if (play.numpad) {
      for (const value of play.numpad(character)) {
        held.altKey = true
        emit('down', 'AltLeft', 'Alt')
        for (const digit of String(value)) tap(`Numpad${digit}`, play.numLockOff ? 'ArrowLeft' : digit)
        held.altKey = false
        emit('up', 'AltLeft', 'Alt')
      }
      continue
    }
    const [code, level] = keyOf(character, keymap)
    if (level === 1) {
      held.shiftKey = true
      emit('down', 'ShiftLeft', 'Shift')
    }
    tap(code, play.capsLock ? swapCase(character) : character)
    if (level === 1) {
      held.shiftKey = false
      emit('up', 'ShiftLeft', 'Shift')
    }
  }
  if (terminator !== 'none') tap(terminator, terminator)
  if (!play.releasesOnly) return strokes
  let presses = 0
  return strokes.filter(({ type, code }) => type === 'up' || code === 'ShiftLeft' || ++presses <= 4)
}

/** A person: gaps of a log-normal kind, keys held about 90 ms, the next often pressed before the last is up. */
export function personKeys(text: string, medianMs: number, spread: number, random: () => number, inField: boolean): Keystroke[] {
  const strokes: Keystroke[] = []
  let now = 1000
  for (const character of text) {
    const [code, level] = keyOf(character, KEYMAPS.us)
    const shared = { code, key: character, shiftKey: level === 1, altKey: false, ctrlKey: false, inField }
    strokes.push({ ...shared, type: 'down', timeStamp: now })
    strokes.push({ ...shared, type: 'up', timeStamp: now + 90 * Math.exp(0.25 * normal(random)) })
    now += medianMs * Math.exp(spread * normal(random))
  }
  return strokes.toSorted((a, b) => a.timeStamp - b.timeStamp)
}

/** Gives a wedge the keystrokes, then a long pause; what came of it. */
export function read(strokes: readonly Keystroke[], options: Partial<WedgeOptions> = {}) {
  const readings: WedgeReading[] = []
  const faults: WedgeFault[] = []
  const typed: string[] = []
  const wedge = createWedge({
    ...options,
    onReading: (reading) => readings.push(reading),
    onUnreadable: (fault) => faults.push(fault),
    onTyped: (keys) => typed.push(...keys),
  })
  const verdicts = strokes.map((stroke) => {
    if (wedge.dueAt !== undefined && wedge.dueAt < stroke.timeStamp) wedge.settle(wedge.dueAt)
    return wedge.press(stroke)
  })
  wedge.settle((strokes.at(-1)?.timeStamp ?? 0) + 5000)
  return { readings, faults, typed, verdicts, texts: readings.map(({ text }) => text) }
}

/** The same numbers every time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function keyOf(character: string, keymap: Keymap): [string, number] {
  for (const [code, characters] of Object.entries(keymap.keys)) {
    if (code.startsWith('Numpad') || code === 'IntlBackslash') continue
    const level = characters.indexOf(character)
    if (level >= 0) return [code, level]
  }
  throw new Error(`no key for ${JSON.stringify(character)}`)
}

function swapCase(character: string): string {
  return character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase()
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
