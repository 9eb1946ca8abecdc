/** The build of a QR symbol, versions 1 to 20 (ISO/IEC 18004, 6.3, 7.3.2 and table 9): what every one has at the same place. */

export const MAX_VERSION = 20
export type Level = 'L' | 'M' | 'Q' | 'H'

/** Check codewords of each block and number of blocks, by version from 1. */
const CHECKS: Record<Level, readonly number[]> = {
  L: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28],
  M: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26],
  Q: [13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30],
  H: [17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28],
}
const BLOCKS: Record<Level, readonly number[]> = {
  L: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8],
  M: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16],
  Q: [1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20],
  H: [1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25],
}

/** One module of a symbol as its place in the rows (`row * size + column`). */
export type Layout = {
  readonly version: number
  readonly size: number
  /** Modules that are the same in every symbol of the version: 1 dark, -1 light, 0 where there is data or its description. */
  readonly fixed: Int8Array
  /** Data modules in the order of their bits. */
  readonly order: Int32Array
  readonly codewords: number
  /** Rows and columns of the alignment patterns' middles. */
  readonly alignments: readonly (readonly [number, number])[]
}

const layouts: (Layout | undefined)[] = []

export function layoutOf(version: number): Layout {
  return (layouts[version] ??= build(version))
}

/** Data and check codewords of each block of a symbol, in its order. */
export function blocksOf({ version, codewords }: Layout, level: Level): { readonly data: number; readonly checks: number }[] {
  const blocks = BLOCKS[level][version - 1] ?? 1
  const checks = CHECKS[level][version - 1] ?? 0
  const short = Math.floor(codewords / blocks)
  const shortBlocks = blocks - (codewords % blocks)
  return Array.from({ length: blocks }, (_, index) => ({ data: short - checks + (index < shortBlocks ? 0 : 1), checks }))
}

/** Whether the mask turns this module round (table 10). */
export function isMasked(mask: number, row: number, column: number): boolean {
  const product = row * column
  switch (mask) {
    case 0: return (row + column) % 2 === 0
    case 1: return row % 2 === 0
    case 2: return column % 3 === 0
    case 3: return (row + column) % 3 === 0
    case 4: return ((row >> 1) + Math.floor(column / 3)) % 2 === 0
    case 5: return (product % 2) + (product % 3) === 0
    case 6: return ((product % 2) + (product % 3)) % 2 === 0
    default: return (((row + column) % 2) + (product % 3)) % 2 === 0
  }
}

/** The two places of the 15 bits of the format, highest bit first. */
export function formatPlaces(size: number): readonly [readonly number[], readonly number[]] {
  const at = (row: number, column: number) => row * size + column
  const first = [
    ...[0, 1, 2, 3, 4, 5, 7, 8].map((column) => at(8, column)),
    ...[7, 5, 4, 3, 2, 1, 0].map((row) => at(row, 8)),
  ]
  const second = [
    ...[1, 2, 3, 4, 5, 6, 7].map((up) => at(size - up, 8)),
    ...[8, 7, 6, 5, 4, 3, 2, 1].map((back) => at(8, size - back)),
  ]
  return [first, second]
}

/** All 32 formats as they stand in a symbol (Annex C), by level and mask. */
export const FORMATS: readonly { readonly bits: number; readonly level: Level; readonly mask: number }[] = (['M', 'L', 'H', 'Q'] as const).flatMap(
  (level, index) =>
    Array.from({ length: 8 }, (_, mask) => {
      const data = (index << 3) | mask
      let rest = data
      for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537)
      return { bits: ((data << 10) | rest) ^ 0x5412, level, mask }
    }),
)

function build(version: number): Layout {
  const size = version * 4 + 17
  const fixed = new Int8Array(size * size)
  const taken = new Uint8Array(size * size)
  const set = (row: number, column: number, dark: boolean) => {
    fixed[row * size + column] = dark ? 1 : -1
    taken[row * size + column] = 1
  }
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0)
    set(i, 6, i % 2 === 0)
  }
  const alignments: [number, number][] = []
  const places = alignmentPlaces(version)
  for (const row of places) {
    for (const column of places) {
      const atFinder = (row === 6 && (column === 6 || column === size - 7)) || (row === size - 7 && column === 6)
      if (atFinder) continue
      alignments.push([row, column])
      for (let y = -2; y <= 2; y++) for (let x = -2; x <= 2; x++) set(row + y, column + x, Math.max(Math.abs(x), Math.abs(y)) !== 1)
    }
  }
  for (const [row, column] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) {
    for (let y = -4; y <= 4; y++) {
      for (let x = -4; x <= 4; x++) {
        const ring = Math.max(Math.abs(x), Math.abs(y))
        const [r, c] = [row + y, column + x]
        if (r >= 0 && c >= 0 && r < size && c < size) set(r, c, ring !== 2 && ring !== 4)
      }
    }
  }
  const places15 = formatPlaces(size)
  for (const place of [...places15[0], ...places15[1]]) taken[place] = 1
  set(size - 8, 8, true)
  if (version >= 7) {
    for (let i = 0; i < 18; i++) {
      const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)]
      taken[a * size + b] = 1
      taken[b * size + a] = 1
    }
  }
  const order = dataOrder(size, taken)
  return { version, size, fixed, order, codewords: order.length >> 3, alignments }
}

/** Two columns at a time from the right, up and down by turns, past the timing column. */
function dataOrder(size: number, taken: Uint8Array): Int32Array {
  const order: number[] = []
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    const upward = ((right + 1) & 2) === 0
    for (let step = 0; step < size; step++) {
      const row = upward ? size - 1 - step : step
      for (const column of [right, right - 1]) if (taken[row * size + column] === 0) order.push(row * size + column)
    }
  }
  return Int32Array.from(order)
}

function alignmentPlaces(version: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2
  const places = [6]
  for (let at = version * 4 + 10; places.length < count; at -= step) places.splice(1, 0, at)
  return places
}
