/** A scanner in keyboard mode: what each key event costs the screen's thread, and how many codes are read, by us and by published libraries. */
import type { Keystroke } from '../../src/devices/keyboard/keystroke.ts'
import { createWedge } from '../../src/devices/keyboard/wedge.ts'
import { scannerKeys, seeded, type ScannerPlay } from '../devices/keyboard/play.ts'
import { withPeers } from './keyboard-peers.ts'

/** The digits are what a library reads that knows letters and numbers only. */
const TEXTS = {
  'Ankang code': 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=6F9E2C41D0B84A7A9C53E1F02B7D8A64&cityNo=340100000000',
  digits: '3401020000123456789012345678',
} as const
const BETWEEN_MS = 4000

const DISTURBANCES = {
  plain: { msPerKey: 5 },
  'input method': { msPerKey: 5, inputMethod: true },
  CapsLock: { msPerKey: 5, capsLock: true },
  'no terminator': { msPerKey: 5, terminator: 'none' },
  '80 ms a key': { msPerKey: 80 },
  'a stall of 0.4 s': { msPerKey: 5, stallMs: 400 },
  'a stall of 0.9 s, no terminator': { msPerKey: 5, stallMs: 900, terminator: 'none' },
} as const satisfies Record<string, ScannerPlay & { stallMs?: number }>

export type KeyboardFigures = {
  readonly name: string
  readonly codes: number
  readonly read: number
  readonly keyMicroseconds: number
  readonly peers: readonly { readonly name: string; readonly read: number }[]
}

/** `codes` scans of each text under each disturbance. */
export async function benchKeyboard(codes = 1000): Promise<KeyboardFigures[]> {
  return withPeers((peers) => {
    // The played clock only goes on, for one library after the other.
    let start = 1000
    return Object.entries(TEXTS).flatMap(([kind, text]) => Object.entries(DISTURBANCES).map(([disturbance, play]) => {
      const random = seeded(7)
      let [read, keys, ns] = [0, 0, 0n]
      const peerReads = peers.map(() => 0)
      let texts: string[] = []
      const wedge = createWedge({ onReading: (reading) => texts.push(reading.text) })
      // One code undisturbed: what a code of this kind looks like is known from the first on.
      const first = scannerKeys(text, { ...play, random }, start)
      for (const stroke of first) wedge.press(stroke)
      start = (first.at(-1)?.timeStamp ?? 0) + BETWEEN_MS
      wedge.settle(start - 1)
      for (let code = 0; code < codes; code++) {
        const strokes = stalled(scannerKeys(text, { ...play, random }, start), 'stallMs' in play ? play.stallMs : 0, random)
        const spanMs = (strokes.at(-1)?.timeStamp ?? 0) - start + BETWEEN_MS
        texts = []
        const from = process.hrtime.bigint()
        for (const stroke of strokes) {
          wedge.press(stroke)
          // The listener asks this after each key, to set its timer.
          void wedge.dueAt
        }
        ns += process.hrtime.bigint() - from
        keys += strokes.length
        wedge.settle(start + spanMs - 1)
        if (texts.length === 1 && texts[0] === text) read += 1
        peers.forEach((peer, index) => {
          const later = strokes.map((stroke) => ({ ...stroke, timeStamp: stroke.timeStamp + index * spanMs }))
          if (peer.reads(later, text)) peerReads[index]! += 1
        })
        start += peers.length * spanMs
      }
      const others = peers.map((peer, index) => ({ name: peer.name, read: peerReads[index]! }))
      return { name: `${kind}, ${disturbance}`, codes, read, keyMicroseconds: Number(ns) / 1000 / keys, peers: others }
    }))
  })
}

/** The keys after a random one come later. */
function stalled(strokes: readonly Keystroke[], ms: number, random: () => number): Keystroke[] {
  const from = Math.floor((0.2 + 0.6 * random()) * strokes.length)
  return strokes.map((stroke, index) => (index < from ? stroke : { ...stroke, timeStamp: stroke.timeStamp + ms }))
}
