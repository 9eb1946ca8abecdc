/** How well a grid lies on a symbol, and what its modules hold. */
import type { Field } from './field.ts'
import { bend, homography, isBent, type Grid } from './grid-places.ts'
import type { Layout } from './symbol.ts'

/** How much the modules that are known hold and all of them stand out: about 0 for none, 1 and more for a clear symbol. */
export function fitOf(field: Field, places: Float64Array, { size, fixed }: Layout, sign: number): number {
  const values = sampled(field, places, size)
  let [known, contrast, count] = [0, 0, 0]
  for (let at = 0; at < values.length; at++) {
    const value = values[at]! * sign
    const expected = fixed[at]!
    if (expected !== 0) {
      known += value * expected
      count++
    }
    contrast += value < 0 ? -value : value
  }
  return known / count + contrast / values.length
}

/** The fit around the far corner alone: its alignment pattern, or in version 1 all modules; from the middles of the finders. */
export function farFit(field: Field, middles: readonly number[], { size, fixed, version }: Layout, sign: number): number {
  const { width, height, data } = field
  const h = homography(middles)
  const [from, to] = version === 1 ? [0, size] : [size - 10, size - 3]
  const span = 1 / (size - 7)
  let [known, contrast, count] = [0, 0, 0]
  for (let row = from; row < to; row++) {
    const v = (row - 3) * span
    for (let column = from; column < to; column++) {
      const u = (column - 3) * span
      const depth = h[6]! * u + h[7]! * v + 1
      const x = (h[0]! * u + h[1]! * v + h[2]!) / depth
      const y = (h[3]! * u + h[4]! * v + h[5]!) / depth
      const value = depth > 0 && x >= 0 && y >= 0 && x < width && y < height ? data[(y | 0) * width + (x | 0)]! * sign : 0
      const expected = fixed[row * size + column]!
      if (expected !== 0) {
        known += value * expected
        count++
      }
      contrast += value < 0 ? -value : value
    }
  }
  return known / count + ((version === 1 ? 1 : 0.5) * contrast) / ((to - from) * (to - from))
}

/** Share of the modules known beforehand that are of the right colour. */
export function knownShare(field: Field, { places }: Grid, { size, fixed }: Layout, sign: number): number {
  const values = sampled(field, places, size)
  let [right, count] = [0, 0]
  for (let at = 0; at < values.length; at++) {
    if (fixed[at] === 0) continue
    count++
    if (values[at]! * sign * fixed[at]! > 0) right++
  }
  return right / count
}

/** Every module's darkness, between pixels, from five places in it. */
export function modulesOf(field: Field, { places, drift }: Grid, size: number, sign: number): Float32Array {
  const values = new Float32Array(size * size)
  const h = homography(places)
  const near = 0.2 / size
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at++) {
      let sum = 0
      for (const [du, dv, weight] of [[0, 0, 2], [-near, -near, 1], [near, -near, 1], [-near, near, 1], [near, near, 1]] as const) {
        const u = (column + 0.5) / size + du
        const v = (row + 0.5) / size + dv
        const depth = h[6]! * u + h[7]! * v + 1
        const x = (h[0]! * u + h[1]! * v + h[2]!) / depth + bend(places, 8, u, v) + (drift?.[2 * at] ?? 0)
        const y = (h[3]! * u + h[4]! * v + h[5]!) / depth + bend(places, 14, u, v) + (drift?.[2 * at + 1] ?? 0)
        sum += weight * between(field, x - 0.5, y - 0.5)
      }
      values[at] = (sum / 6) * sign
    }
  }
  return values
}

function between({ width, height, data }: Field, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= width - 1 || y >= height - 1) return 0
  const [ix, iy] = [x | 0, y | 0]
  const [fx, fy] = [x - ix, y - iy]
  const at = iy * width + ix
  return (data[at]! * (1 - fx) + data[at + 1]! * fx) * (1 - fy) + (data[at + width]! * (1 - fx) + data[at + width + 1]! * fx) * fy
}

let scratch = new Float32Array(0)

/** The field at every module's middle, nearest pixel; the array is used again at the next call. */
function sampled(field: Field, places: Float64Array, size: number): Float32Array {
  if (scratch.length !== size * size) scratch = new Float32Array(size * size)
  const { width, height, data } = field
  const h = homography(places)
  const bent = isBent(places)
  for (let row = 0, at = 0; row < size; row++) {
    const v = (row + 0.5) / size
    for (let column = 0; column < size; column++, at++) {
      const u = (column + 0.5) / size
      const depth = h[6]! * u + h[7]! * v + 1
      let x = (h[0]! * u + h[1]! * v + h[2]!) / depth
      let y = (h[3]! * u + h[4]! * v + h[5]!) / depth
      if (bent) {
        x += bend(places, 8, u, v)
        y += bend(places, 14, u, v)
      }
      scratch[at] = x >= 0 && y >= 0 && x < width && y < height ? data[(y | 0) * width + (x | 0)]! : 0
    }
  }
  return scratch
}
