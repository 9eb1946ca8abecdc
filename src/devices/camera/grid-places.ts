/** Where a symbol's modules lie in a field: four corners, the bend of the paper, and its folds. */
import type { Field } from './field.ts'
import type { Finder } from './finders.ts'

export type Grid = {
  /** Corners (x, y by turns, clockwise from the top left), then six bends along x and six along y, in the field's pixels. */
  readonly places: Float64Array
  /** Shift of each module's middle beyond that, x and y by turns. */
  readonly drift?: Float32Array
  readonly fit: number
}

export const CORNERS = 8
export const PLACES = CORNERS + 12

/** A finder's middle in the field's pixels. */
export function inField({ scale, x, y }: Field, finder: Finder): [number, number] {
  return [(finder.x - x) * scale, (finder.y - y) * scale]
}

/** The symbol's corners from the middles of its finders and the place as far from the edges in the fourth corner. */
export function cornersFrom(middles: readonly number[], size: number): Float64Array | undefined {
  const h = homography(middles)
  const places = new Float64Array(PLACES)
  const [low, high] = [-3.5 / (size - 7), 1 + 3.5 / (size - 7)]
  const corners = [[low, low], [high, low], [high, high], [low, high]] as const
  for (const [k, [u, v]] of corners.entries()) {
    const depth = h[6]! * u + h[7]! * v + 1
    if (depth < 0.1) return undefined
    places[2 * k] = (h[0]! * u + h[1]! * v + h[2]!) / depth
    places[2 * k + 1] = (h[3]! * u + h[4]! * v + h[5]!) / depth
  }
  return places
}

/** The middle of every module, x and y by turns. */
export function middlesOf(places: Float64Array, size: number): Float32Array {
  const h = homography(places)
  const middles = new Float32Array(2 * size * size)
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at += 2) {
      const [u, v] = [(column + 0.5) / size, (row + 0.5) / size]
      const depth = h[6]! * u + h[7]! * v + 1
      middles[at] = (h[0]! * u + h[1]! * v + h[2]!) / depth + bend(places, 8, u, v)
      middles[at + 1] = (h[3]! * u + h[4]! * v + h[5]!) / depth + bend(places, 14, u, v)
    }
  }
  return middles
}

/** From the unit square to four corners; the array is used again at the next call. */
export function homography(p: ArrayLike<number>): Float64Array {
  const [x0, y0, x1, y1, x2, y2, x3, y3] = [p[0]!, p[1]!, p[2]!, p[3]!, p[4]!, p[5]!, p[6]!, p[7]!]
  const [dx1, dy1, dx2, dy2] = [x1 - x2, y1 - y2, x3 - x2, y3 - y2]
  const [sx, sy] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3]
  const determinant = dx1 * dy2 - dx2 * dy1
  const g = (sx * dy2 - dx2 * sy) / determinant
  const i = (dx1 * sy - sx * dy1) / determinant
  const h = unitSquare
  h[0] = x1 - x0 + g * x1
  h[1] = x3 - x0 + i * x3
  h[2] = x0
  h[3] = y1 - y0 + g * y1
  h[4] = y3 - y0 + i * y3
  h[5] = y0
  h[6] = g
  h[7] = i
  return h
}
const unitSquare = new Float64Array(8)

/** Nothing at the corners; bulges along each side, and shifts along it. */
export function bend(p: Float64Array, from: number, u: number, v: number): number {
  const [a, b] = [u * (1 - u), v * (1 - v)]
  return (
    p[from]! * a + p[from + 1]! * b + p[from + 2]! * a * (u - 0.5) + p[from + 3]! * b * (v - 0.5) +
    p[from + 4]! * a * (v - 0.5) + p[from + 5]! * b * (u - 0.5)
  )
}

/** Whether the paper is bent at all. */
export function isBent(places: Float64Array): boolean {
  for (let k = CORNERS; k < PLACES; k++) if (places[k] !== 0) return true
  return false
}
