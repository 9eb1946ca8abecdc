/** Where finder patterns stand: the squares in three corners of a symbol (ISO/IEC 18004, 6.3.3). */
import type { Luma } from './luma.ts'

/** The middle of a finder pattern and the side of its modules, in pixels; so many rows crossed it. */
export type Finder = { readonly x: number; readonly y: number; readonly module: number; readonly inverted: boolean; readonly hits: number }

/** A picture in dark (1) and light (0). */
export type Bits = { readonly width: number; readonly height: number; readonly data: Uint8Array }

type Mutable = { -readonly [Key in keyof Finder]: Finder[Key] }

const MAX_FINDERS = 16
/** No limit to a run, and still a small whole number: the rows are counted in those. */
const ANY = 2 ** 30 - 1
const MANY_ROWS = 600
/**
 * How dark parts from light: at the mean of `radius` pixels each way, and `clearly` grey levels below it, so that an
 * even ground with a sensor's noise is light and not sown with patterns.
 */
export type Parting = { readonly radius: number; readonly clearly: number }

export function binarise({ width, height, data }: Luma, { radius, clearly }: Parting): Bits {
  const bits = new Uint8Array(width * height)
  // Sums down the window's rows, kept from row to row: nothing of the picture's size besides the result.
  const columns = new Int32Array(width)
  let tall = 0
  for (let y = -radius; y < height; y++) {
    const entering = y + radius
    const leaving = y - radius - 1
    if (entering < height && leaving >= 0) {
      for (let x = 0, i = entering * width, o = leaving * width; x < width; x++, i++, o++) columns[x] = columns[x]! + data[i]! - data[o]!
    } else if (entering < height) {
      for (let x = 0, i = entering * width; x < width; x++, i++) columns[x] = columns[x]! + data[i]!
      tall++
    } else if (leaving >= 0) {
      for (let x = 0, i = leaving * width; x < width; x++, i++) columns[x] = columns[x]! - data[i]!
      tall--
    }
    if (y < 0) continue
    let sum = 0
    let wide = 0
    const row = y * width
    for (; wide < radius && wide < width; wide++) sum += columns[wide]!
    const rising = Math.min(radius + 1, width - radius)
    let x = 0
    for (; x < rising; x++) {
      sum += columns[x + radius]!
      bits[row + x] = (data[row + x]! + clearly) * tall * ++wide < sum ? 1 : 0
    }
    const area = tall * (2 * radius + 1)
    for (; x < width - radius; x++) {
      sum += columns[x + radius]! - columns[x - radius - 1]!
      bits[row + x] = (Math.imul(data[row + x]! + clearly, area) - sum) >>> 31
    }
    for (; x < width; x++) {
      if (x > radius) {
        sum -= columns[x - radius - 1]!
        wide = width - x + radius
      }
      bits[row + x] = (data[row + x]! + clearly) * tall * Math.min(wide, width) < sum ? 1 : 0
    }
  }
  return { width, height, data: bits }
}

/**
 * Finder patterns, dark on light and light on dark, the clearest first; `bare`
 * counts no more than a module of the outermost runs, which may go on into the ground.
 */
export function findFinders(bits: Bits, bare = false): Finder[] {
  const { width, height, data } = bits
  const found: Mutable[] = []
  const active: Mutable[] = []
  const runs = new Int32Array(width + 2)
  // The middle of a pattern is crossed by several rows: of a large picture every other one will do.
  const step = height > MANY_ROWS ? 2 : 1
  for (let y = 0; y < height; y += step) {
    const row = y * width
    let count = 0
    let from = 0
    let last = data[row]!
    for (let x = 1; x < width; x++) {
      const bit = data[row + x]!
      if (bit === last) continue
      last = bit
      runs[count++] = x - from
      from = x
    }
    runs[count++] = width - from
    if (y % 16 === 0) retire(active, y)
    let end = count > 3 ? runs[0]! + runs[1]! + runs[2]! + runs[3]! : 0
    for (let k = 4; k < count; k++) {
      end += runs[k]!
      const c = runs[k - 2]!
      // The middle is the widest by far; most of a picture ends here.
      if (c < 2 || c < runs[k - 1]! || c < runs[k - 3]!) continue
      if (!bare && (c < runs[k]! || c < runs[k - 4]!)) continue
      const most = bare ? outermost(runs[k - 3]!, c, runs[k - 1]!) : ANY
      const [a, e] = [Math.min(runs[k - 4]!, most), Math.min(runs[k]!, most)]
      if (!isFinder(a, runs[k - 3]!, c, runs[k - 1]!, e)) continue
      const total = a + runs[k - 3]! + c + runs[k - 1]! + e
      const one = cross(bits, end - runs[k]! - runs[k - 1]! - c / 2, y, total, data[row + end - 1]!, active, bare)
      if (one) {
        found.push(one)
        active.push(one)
      }
    }
  }
  // A large one is crossed by more rows, and what looks like one for a single row is none.
  const clarity = ({ hits, module }: Finder) => hits / Math.sqrt(module)
  return found.filter(({ hits }) => hits > 1).sort((a, b) => clarity(b) - clarity(a)).slice(0, MAX_FINDERS)
}

/** Those that no row from here on can cross. */
function retire(active: Mutable[], y: number): void {
  let kept = 0
  for (const finder of active) if (finder.y + 4 * finder.module >= y) active[kept++] = finder
  active.length = kept
}

/** A module, as the three runs within tell. */
function outermost(b: number, c: number, d: number): number {
  return Math.max(1, Math.round((b + c + d) / 5))
}

/** 1:1:3:1:1, each off by as much as blur or bending takes. */
function isFinder(a: number, b: number, c: number, d: number, e: number): boolean {
  const total = a + b + c + d + e
  if (total < 7) return false
  const module = total / 7
  const slack = module * 0.7 + 0.5
  return (
    Math.abs(c - 3 * module) < 1.5 * slack && Math.abs(b - module) < slack && Math.abs(d - module) < slack &&
    Math.abs(a - module) < slack && Math.abs(e - module) < slack && a + b < 1.7 * (d + e) && d + e < 1.7 * (a + b)
  )
}

/** The same proportions down through the middle, and along the row through the middle of that: a new one, unless known. */
function cross({ width, height, data }: Bits, x: number, y: number, total: number, mark: number, active: readonly Mutable[], bare: boolean): Mutable | undefined {
  const column = Math.floor(x)
  // A third of the middle's height above or below: noise seldom has that.
  const near = Math.floor(total / 7)
  if (data[(y - near) * width + column] !== mark && data[(y + near) * width + column] !== mark) return undefined
  const down = through(data, column + y * width, width, y, height, total, mark, bare)
  if (!down) return undefined
  const along = through(data, Math.floor(down.middle) * width + column, 1, column, width, total, mark, bare)
  if (!along) return undefined
  const module = (down.total + along.total) / 14
  const inverted = mark === 0
  for (const near of active) {
    if (near.inverted !== inverted || Math.abs(near.x - along.middle) > 2 * module || Math.abs(near.y - down.middle) > 2 * module) continue
    if (near.module > 1.6 * module || module > 1.6 * near.module) continue
    near.hits++
    near.x += (along.middle - near.x) / near.hits
    near.y += (down.middle - near.y) / near.hits
    near.module += (module - near.module) / near.hits
    return undefined
  }
  return { x: along.middle, y: down.middle, module, inverted, hits: 1 }
}

/** Five runs outwards from a place in the middle one, every `stride`th of the data: their middle and length along the line. */
function through(
  data: Uint8Array, at: number, stride: number, place: number, length: number, expected: number, mark: number, bare: boolean,
): { middle: number; total: number } | undefined {
  if (data[at] !== mark) return undefined
  const back = run(data, at, -stride, place + 1, expected, mark)
  const forth = run(data, at + stride, stride, length - place - 1, expected, mark)
  const b = run(data, at - back * stride, -stride, place + 1 - back, expected, mark ^ 1)
  const outside = run(data, at - (back + b) * stride, -stride, place + 1 - back - b, expected, mark)
  const d = run(data, at + (1 + forth) * stride, stride, length - place - 1 - forth, expected, mark ^ 1)
  const beyond = run(data, at + (1 + forth + d) * stride, stride, length - place - 1 - forth - d, expected, mark)
  const most = bare ? outermost(b, back + forth, d) : ANY
  const [a, e] = [Math.min(outside, most), Math.min(beyond, most)]
  const total = a + b + back + forth + d + e
  if (total > expected * 2.2 || total * 2.2 < expected || !isFinder(a, b, back + forth, d, e)) return undefined
  return { middle: place + (forth - back) / 2 + 0.5, total }
}

/** How many of at most `most` and `room` places from `at` on, every `stride`th, hold `value`. */
function run(data: Uint8Array, at: number, stride: number, room: number, most: number, value: number): number {
  const end = room < most + 1 ? room : most + 1
  let steps = 0
  while (steps < end && data[at] === value) {
    at += stride
    steps++
  }
  return steps
}
