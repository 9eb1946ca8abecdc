/** A picture that no look can read and every look must try: noise, and a symbol whose data is none. */
import type { Pixels } from './luma.ts'
import { layoutOf } from './symbol.ts'

const WIDTH = 400
const HEIGHT = 300
const PIXELS = 5

export function warmingPicture(round: number): Pixels {
  const { size, fixed } = layoutOf(3 + round)
  const side = (size + 8) * PIXELS
  const [left, top] = [(WIDTH - side) >> 1, (HEIGHT - side) >> 1]
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4)
  for (let y = 0, p = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, p += 4) {
      const [row, column] = [Math.floor((y - top) / PIXELS) - 4, Math.floor((x - left) / PIXELS) - 4]
      const inside = row >= 0 && column >= 0 && row < size && column < size
      const onPaper = x >= left && y >= top && x < left + side && y < top + side
      const known = inside ? fixed[row * size + column]! : -1
      const dark = known > 0 || (known === 0 && Math.sin(row * 37 + column * 91 + round) > 0)
      const value = (onPaper ? (dark ? 40 : 210) : 120) + 30 * Math.sin(p * p)
      data[p] = data[p + 1] = data[p + 2] = value
      data[p + 3] = 255
    }
  }
  return { width: WIDTH, height: HEIGHT, data }
}
