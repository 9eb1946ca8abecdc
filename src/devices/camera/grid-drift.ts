/** Paper in folds: a grid that gives way from place to place. */
import type { Field } from './field.ts'
import { middlesOf, type Grid } from './grid-places.ts'
import type { Layout } from './symbol.ts'

/** Modules between the knots of the net. */
const MESH = 7

/** Lets the modules around each knot of a wide net move together, nearest to the finders first. */
export function drifted(field: Field, { places }: Grid, { size, fixed }: Layout, sign: number): Grid {
  const { width, height, data } = field
  const module = Math.hypot(places[2]! - places[0]!, places[3]! - places[1]!) / size
  const middles = middlesOf(places, size)
  const drift = new Float32Array(2 * size * size)
  const knots = Math.max(3, Math.round(size / MESH) + 1)
  const gap = (size - 1) / (knots - 1)
  const fitNear = (row: number, column: number, dx: number, dy: number): number => {
    let sum = 0
    let weights = 0
    for (let y = Math.max(0, Math.ceil(row - gap)); y <= Math.min(size - 1, row + gap); y++) {
      for (let x = Math.max(0, Math.ceil(column - gap)); x <= Math.min(size - 1, column + gap); x++) {
        const weight = (1 - Math.abs(y - row) / gap) * (1 - Math.abs(x - column) / gap)
        const at = y * size + x
        const px = middles[2 * at]! + drift[2 * at]! + dx * weight
        const py = middles[2 * at + 1]! + drift[2 * at + 1]! + dy * weight
        const value = px >= 0 && py >= 0 && px < width && py < height ? data[(py | 0) * width + (px | 0)]! * sign : 0
        const expected = fixed[at]!
        sum += weight * ((value < 0 ? -value : value) + (expected === 0 ? 0 : 2 * value * expected))
        weights += weight
      }
    }
    return sum / (weights || 1)
  }
  for (const stride of [0.35, 0.35, 0.18, 0.18]) {
    for (let knot = 0; knot < knots * knots; knot++) {
      const [row, column] = [Math.floor(knot / knots) * gap, (knot % knots) * gap]
      let best = { fit: fitNear(row, column, 0, 0) + 0.01, dx: 0, dy: 0 }
      for (const [a, b] of [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [1, -1], [-1, 1], [-1, -1]] as const) {
        const [dx, dy] = [a * stride * module, b * stride * module]
        const fit = fitNear(row, column, dx, dy)
        if (fit > best.fit) best = { fit, dx, dy }
      }
      if (best.dx === 0 && best.dy === 0) continue
      for (let y = Math.max(0, Math.ceil(row - gap)); y <= Math.min(size - 1, row + gap); y++) {
        for (let x = Math.max(0, Math.ceil(column - gap)); x <= Math.min(size - 1, column + gap); x++) {
          const weight = (1 - Math.abs(y - row) / gap) * (1 - Math.abs(x - column) / gap)
          const at = 2 * (y * size + x)
          drift[at] = drift[at]! + best.dx * weight
          drift[at + 1] = drift[at + 1]! + best.dy * weight
        }
      }
    }
  }
  return { places, drift, fit: 0 }
}
