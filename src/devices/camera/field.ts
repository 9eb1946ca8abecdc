/** A part of a picture as darkness against its surroundings, so that shadow, glare and weak light count alike. */
import { crop, halve, type Box, type Luma } from './luma.ts'

/** Positive where darker than the surroundings, in about their standard deviations; `scale` and the offset lead to it from the picture. */
export type Field = {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
  readonly scale: number
  readonly x: number
  readonly y: number
}

/** Grey levels that count as noise rather than contrast. */
const NOISE = 3
/** Modules of more pixels than this hold nothing more. */
const ENOUGH_PIXELS = 6.5

/** The surroundings of a symbol whose modules have `module` pixels; `reach` is in modules. */
export function fieldOf(whole: Luma, box: Box, module: number, reach: number): Field {
  let luma = crop(whole, box)
  let scale = 1
  while (module * scale > ENOUGH_PIXELS) {
    luma = halve(luma)
    scale /= 2
  }
  return { ...normalised(luma, Math.max(3, Math.round(module * scale * reach))), scale, x: box.x, y: box.y }
}

function normalised({ width, height, data }: Luma, radius: number): { width: number; height: number; data: Float32Array } {
  const stride = width + 1
  const sums = new Float64Array(stride * (height + 1))
  const squares = new Float64Array(stride * (height + 1))
  for (let y = 0, i = 0; y < height; y++) {
    let [sum, square] = [0, 0]
    for (let x = 0, at = (y + 1) * stride + 1; x < width; x++, at++, i++) {
      const value = data[i]!
      sum += value
      square += value * value
      sums[at] = sums[at - stride]! + sum
      squares[at] = squares[at - stride]! + square
    }
  }
  const out = new Float32Array(width * height)
  for (let y = 0, i = 0; y < height; y++) {
    const top = (y > radius ? y - radius : 0) * stride
    const bottom = (y + radius + 1 < height ? y + radius + 1 : height) * stride
    const tall = (bottom - top) / stride
    for (let x = 0; x < width; x++, i++) {
      const left = x > radius ? x - radius : 0
      const right = x + radius + 1 < width ? x + radius + 1 : width
      const count = tall * (right - left)
      const mean = (sums[bottom + right]! - sums[top + right]! - sums[bottom + left]! + sums[top + left]!) / count
      const square = (squares[bottom + right]! - squares[top + right]! - squares[bottom + left]! + squares[top + left]!) / count
      const spread = Math.sqrt(Math.max(0, square - mean * mean)) + NOISE
      out[i] = (mean - data[i]!) / spread
    }
  }
  return { width, height, data: out }
}
