/** A symbol's modules -> a flawless picture of it, for the engine that turns symbols into text. */
import type { Pixels } from './luma.ts'

const QUIET = 4
const PIXELS = 3

/** `modules` row by row, dark 1, `size` a row. */
export function symbolPicture(modules: Uint8Array, size: number): Pixels {
  const side = (size + 2 * QUIET) * PIXELS
  const rgba = new Uint32Array(side * side).fill(0xffffffff)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (modules[row * size + column] === 0) continue
      for (let y = 0; y < PIXELS; y++) {
        const at = ((row + QUIET) * PIXELS + y) * side + (column + QUIET) * PIXELS
        rgba.fill(0xff000000, at, at + PIXELS)
      }
    }
  }
  return { width: side, height: side, data: new Uint8ClampedArray(rgba.buffer) }
}
