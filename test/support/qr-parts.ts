/** QR symbols that carry one text together (Structured Append), which the library of the other pictures cannot make; and pages of several symbols. */
import { createRequire } from 'node:module'
import QRCode from 'qrcode'
import { blocksOf, FORMATS, formatPlaces, isMasked, layoutOf } from '../../src/devices/camera/symbol.ts'
import type { Picture } from './qr-pictures.ts'

const ReedSolomon = createRequire(import.meta.url)('qrcode/lib/core/reed-solomon-encoder') as new (degree: number) => { encode(data: Uint8Array): Uint8Array }

export type Modules = { readonly size: number; readonly data: Uint8Array }

const MASK = 3
const LEVEL = 'M'
/** Larger versions would need version information and longer counts. */
const LARGEST = 6

/** The symbols of one text cut into `count`, each in byte mode; `parity` other than the text's own is a fault. */
export function partsOf(bytes: Uint8Array, count: number, parity = bytes.reduce((sum, byte) => sum ^ byte, 0)): Modules[] {
  const each = Math.ceil(bytes.length / count)
  return Array.from({ length: count }, (_, index) => symbolOf(bytes.subarray(index * each, (index + 1) * each), index, count, parity))
}

function symbolOf(data: Uint8Array, index: number, count: number, parity: number): Modules {
  const bits = [[0b0011, 4], [index, 4], [count - 1, 4], [parity, 8], [0b0100, 4], [data.length, 8], ...[...data].map((byte) => [byte, 8]), [0, 4]] as const
  const stream = bits.map(([value, length]) => (value as number).toString(2).padStart(length as number, '0')).join('')
  for (let version = 1; version <= LARGEST; version++) {
    const layout = layoutOf(version)
    const blocks = blocksOf(layout, LEVEL)
    const room = blocks.reduce((sum, block) => sum + block.data, 0)
    if (stream.length > room * 8) continue
    const words = Uint8Array.from({ length: room }, (_, at) => {
      const octet = stream.slice(at * 8, at * 8 + 8)
      const padding = at - Math.ceil(stream.length / 8)
      return octet === '' ? [0xec, 0x11][padding % 2]! : Number.parseInt(octet.padEnd(8, '0'), 2)
    })
    let from = 0
    const filled = blocks.map(({ data: length, checks }) => {
      const own = words.subarray(from, (from += length))
      return { own, check: new ReedSolomon(checks).encode(own) }
    })
    const longest = Math.max(...filled.map(({ own }) => own.length))
    const order = [
      ...Array.from({ length: longest }, (_, at) => filled.flatMap(({ own }) => [...own.subarray(at, at + 1)])).flat(),
      ...Array.from({ length: filled[0]!.check.length }, (_, at) => filled.map(({ check }) => check[at]!)).flat(),
    ]
    const modules = Uint8Array.from(layout.fixed, (value) => (value > 0 ? 1 : 0))
    layout.order.forEach((place, bit) => {
      const on = (((order[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
      modules[place] = on !== isMasked(MASK, Math.floor(place / layout.size), place % layout.size) ? 1 : 0
    })
    const format = FORMATS.find(({ level, mask }) => level === LEVEL && mask === MASK)!.bits
    for (const places of formatPlaces(layout.size)) places.forEach((place, bit) => (modules[place] = (format >> (14 - bit)) & 1))
    return { size: layout.size, data: modules }
  }
  throw new Error('the part is too long')
}

export function modulesOf(text: string | Uint8Array): Modules {
  const segments = typeof text === 'string' ? text : [{ data: text, mode: 'byte' as const }]
  const { modules } = QRCode.create(segments as string, { errorCorrectionLevel: 'M' })
  return { size: modules.size, data: Uint8Array.from(modules.data) }
}

export type Placed = { readonly modules: Modules; readonly x: number; readonly y: number; readonly scale: number }
export type Colours = { readonly ground?: number; readonly paper?: number; readonly ink?: number; readonly quiet?: number; readonly alpha?: number }

/** A flawless page; `quiet` modules of paper around each symbol, `alpha` of everything but the ink. */
export function page(width: number, height: number, symbols: readonly Placed[], { ground = 255, paper = 255, ink = 0, quiet = 4, alpha = 255 }: Colours = {}): Picture {
  const data = new Uint8ClampedArray(width * height * 4)
  const put = (x: number, y: number, grey: number, opaque: number) => data.set([grey, grey, grey, opaque], (y * width + x) * 4)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) put(x, y, ground, alpha)
  for (const { modules, x: left, y: top, scale } of symbols) {
    const side = modules.size + 2 * quiet
    for (let y = 0; y < Math.round(side * scale); y++) {
      for (let x = 0; x < Math.round(side * scale); x++) {
        const [row, column] = [Math.floor(y / scale) - quiet, Math.floor(x / scale) - quiet]
        const inside = row >= 0 && column >= 0 && row < modules.size && column < modules.size
        const dark = inside && modules.data[row * modules.size + column] === 1
        put(left + x, top + y, dark ? ink : paper, dark ? 255 : alpha)
      }
    }
  }
  return { width, height, data }
}
