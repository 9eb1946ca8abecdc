/** A scanner in keyboard mode: what each key event costs the screen's thread, and whether all is read. */
import { createWedge } from '../../src/devices/keyboard/wedge.ts'
import { scannerKeys, seeded, type ScannerPlay } from '../devices/keyboard/play.ts'

const TEXT = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=6F9E2C41D0B84A7A9C53E1F02B7D8A64&cityNo=340100000000'
const BETWEEN_MS = 3000

const DISTURBANCES = {
  plain: { msPerKey: 5 },
  'input method': { msPerKey: 5, inputMethod: true },
  CapsLock: { msPerKey: 5, capsLock: true },
  'no terminator': { msPerKey: 5, terminator: 'none' },
  '80 ms a key': { msPerKey: 80 },
} as const satisfies Record<string, ScannerPlay>

export type KeyboardFigures = { readonly name: string; readonly codes: number; readonly read: number; readonly keyMicroseconds: number }

/** `codes` scans of one 安康码 under each disturbance. */
export function benchKeyboard(codes = 1000): KeyboardFigures[] {
  return Object.entries(DISTURBANCES).map(([name, play]) => {
    const random = seeded(7)
    let [read, keys, ms, start] = [0, 0, 0, 1000]
    const wedge = createWedge({ onReading: ({ text }) => (read += text === TEXT ? 1 : 0) })
    for (let code = 0; code < codes; code++) {
      const strokes = scannerKeys(TEXT, { ...play, random }, start)
      start = (strokes.at(-1)?.timeStamp ?? 0) + BETWEEN_MS
      const from = performance.now()
      for (const stroke of strokes) {
        wedge.press(stroke)
        // The listener asks this after each key, to set its timer.
        void wedge.dueAt
      }
      ms += performance.now() - from
      keys += strokes.length
      wedge.settle(start - 1)
    }
    return { name, codes, read, keyMicroseconds: (ms * 1000) / keys }
  })
}
