/** The modules of a symbol, each with its certainty -> the same symbol without a fault. */
import { correctCodewords } from './correct-codewords.ts'
import { blocksOf, FORMATS, formatPlaces, isMasked, type Layout } from './symbol.ts'

/** Shares of the check codewords given to the most doubtful ones, one after the other. */
const ERASED = [0, 0.25, 0.5, 0.75] as const
/** Formats further from what was read are not believed. */
const FORMAT_BITS = 4

/**
 * Every module of the symbol, dark 1, row by row, where its codewords can be
 * corrected; `values` holds each module, positive where dark, the larger the surer.
 */
export function mendSymbol(values: Float32Array, layout: Layout): Uint8Array | undefined {
  const { size, order, codewords } = layout
  for (const { level, mask } of likelyFormats(values, size)) {
    const words = new Uint8Array(codewords)
    const sure = new Float32Array(codewords)
    for (let word = 0; word < codewords; word++) {
      let bits = 0
      let least = Infinity
      for (let bit = 0; bit < 8; bit++) {
        const at = order[word * 8 + bit]!
        const value = values[at]!
        const dark = value > 0 !== isMasked(mask, Math.floor(at / size), at % size)
        bits = (bits << 1) | (dark ? 1 : 0)
        least = Math.min(least, Math.abs(value))
      }
      words[word] = bits
      sure[word] = least
    }
    if (correctAll(words, sure, blocksOf(layout, level))) return drawn(words, layout, level, mask)
  }
  return undefined
}

/** The nearest formats to either copy and to both, nearest first. */
function likelyFormats(values: Float32Array, size: number) {
  const [first, second] = formatPlaces(size).map((places) => places.reduce((bits, at) => (bits << 1) | (values[at]! > 0 ? 1 : 0), 0)) as [number, number]
  return FORMATS.map((format) => ({ ...format, distance: Math.min(ones(format.bits ^ first), ones(format.bits ^ second)) }))
    .filter(({ distance }) => distance <= FORMAT_BITS)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 2)
}

function correctAll(words: Uint8Array, sure: Float32Array, blocks: readonly { data: number; checks: number }[]): boolean {
  const places = interleaved(blocks)
  for (const [index, { checks }] of blocks.entries()) {
    const at = places[index]!
    const block = Uint8Array.from(at, (place) => words[place]!)
    const byDoubt = at.map((_, k) => k).sort((a, b) => sure[at[a]!]! - sure[at[b]!]!)
    const mended = ERASED.some((share) => {
      const attempt = block.slice()
      if (correctCodewords(attempt, checks, byDoubt.slice(0, Math.floor(checks * share))) < 0) return false
      attempt.forEach((value, k) => (words[at[k]!] = value))
      return true
    })
    if (!mended) return false
  }
  return true
}

/** For each block, the places of its codewords in the symbol's order. */
function interleaved(blocks: readonly { data: number; checks: number }[]): number[][] {
  const places: number[][] = blocks.map(() => [])
  let at = 0
  const longest = Math.max(...blocks.map(({ data }) => data))
  for (let k = 0; k < longest; k++) blocks.forEach(({ data }, index) => k < data && places[index]!.push(at++))
  for (let k = 0; k < (blocks[0]?.checks ?? 0); k++) for (const place of places) place.push(at++)
  return places
}

function drawn(words: Uint8Array, { size, fixed, order, version }: Layout, level: string, mask: number): Uint8Array {
  const modules = Uint8Array.from(fixed, (value) => (value > 0 ? 1 : 0))
  order.forEach((at, bit) => {
    const on = (((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
    modules[at] = on !== isMasked(mask, Math.floor(at / size), at % size) ? 1 : 0
  })
  const format = FORMATS.find((entry) => entry.level === level && entry.mask === mask)?.bits ?? 0
  for (const places of formatPlaces(size)) places.forEach((at, bit) => (modules[at] = (format >> (14 - bit)) & 1))
  if (version >= 7) {
    let rest = version
    for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25)
    const bits = (version << 12) | rest
    for (let i = 0; i < 18; i++) {
      const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)]
      modules[a * size + b] = modules[b * size + a] = (bits >> i) & 1
    }
  }
  return modules
}

function ones(bits: number): number {
  let count = 0
  for (let rest = bits; rest; rest &= rest - 1) count++
  return count
}
