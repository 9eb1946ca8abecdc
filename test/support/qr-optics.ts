/** What lenses, shaking hands, filters and JPEG do to a grey picture; values of 0 to 255 or any other scale. */

/** Out of focus: near enough a disc of `radius` pixels. */
export function defocus(luma: Float32Array, width: number, height: number, radius: number): Float32Array {
  let result = luma
  // Two boxes of this radius spread as much as a disc does.
  const reach = radius * 0.82
  for (let pass = 0; pass < 2; pass++) {
    result = transpose(box(result, width, height, reach), width, height)
    result = transpose(box(result, height, width, reach), height, width)
  }
  return result
}

/** Moved while the shutter was open. */
export function smear(luma: Float32Array, width: number, height: number, length: number, angle: number): Float32Array {
  const taps = Math.max(2, Math.round(length))
  const out = new Float32Array(luma.length)
  const shifts = Array.from({ length: taps }, (_, tap) => {
    const along = ((tap + 0.5) / taps - 0.5) * length
    return [Math.round(along * Math.cos(angle)), Math.round(along * Math.sin(angle))] as const
  })
  for (const [dx, dy] of shifts) {
    for (let y = 0; y < height; y++) {
      const from = Math.max(0, Math.min(height - 1, y + dy)) * width
      for (let x = 0, i = y * width; x < width; x++, i++) {
        const column = x + dx
        out[i]! += luma[from + (column < 0 ? 0 : column >= width ? width - 1 : column)]!
      }
    }
  }
  for (let i = 0; i < out.length; i++) out[i]! /= taps
  return out
}

/** Noise removed as phones do it: flat parts smoothed, faint edges with them. */
export function lowLightFilter(luma: Float32Array, width: number, height: number, strength: number): void {
  const mean = mean3(luma, width, height)
  const limit = 40 * strength
  for (let i = 0; i < luma.length; i++) {
    const off = luma[i]! - mean[i]!
    const kept = Math.min(1, Math.abs(off) / limit)
    luma[i] = mean[i]! + off * kept
  }
}

/** A camera's own sharpening: halos on both sides of an edge. */
export function overshoot(luma: Float32Array, width: number, height: number, strength: number): void {
  const mean = mean3(luma, width, height)
  for (let i = 0; i < luma.length; i++) luma[i] = Math.max(0, Math.min(255, luma[i]! + strength * (luma[i]! - mean[i]!)))
}

const QUANTA = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
]
const COSINES = Float32Array.from({ length: 64 }, (_, i) => {
  const [k, n] = [i >> 3, i & 7]
  return Math.cos(((2 * n + 1) * k * Math.PI) / 16) * (k === 0 ? Math.SQRT1_2 : 1) * 0.5
})

/** JPEG's loss without the file: 8×8 cosines, quantised by the standard's luminance table (ISO 10918-1, K.1). */
export function compress(luma: Float32Array, width: number, height: number, quality: number): void {
  const scale = quality < 50 ? 50 / quality : 2 - quality / 50
  const quanta = QUANTA.map((value) => Math.max(1, Math.floor(value * scale + 0.5)))
  const [block, half] = [new Float32Array(64), new Float32Array(64)]
  for (let top = 0; top + 8 <= height; top += 8) {
    for (let left = 0; left + 8 <= width; left += 8) {
      for (let i = 0; i < 64; i++) block[i] = luma[(top + (i >> 3)) * width + left + (i & 7)]! - 128
      turn(block, half, true)
      turn(half, block, true)
      for (let i = 0; i < 64; i++) block[i] = Math.round(block[i]! / quanta[i]!) * quanta[i]!
      turn(block, half, false)
      turn(half, block, false)
      for (let i = 0; i < 64; i++) luma[(top + (i >> 3)) * width + left + (i & 7)] = Math.max(0, Math.min(255, block[i]! + 128))
    }
  }
}

/** One pass over the rows into columns: twice is the transform. */
function turn(from: Float32Array, to: Float32Array, forth: boolean): void {
  for (let row = 0; row < 8; row++) {
    for (let k = 0; k < 8; k++) {
      let sum = 0
      for (let n = 0; n < 8; n++) sum += from[row * 8 + n]! * COSINES[forth ? k * 8 + n : n * 8 + k]!
      to[k * 8 + row] = sum
    }
  }
}

function mean3(luma: Float32Array, width: number, height: number): Float32Array {
  return transpose(box(transpose(box(luma, width, height, 1), width, height), height, width, 1), height, width)
}

/** The mean of `reach` pixels each way along x; a part of a pixel counts in part. */
function box(luma: Float32Array, width: number, height: number, reach: number): Float32Array {
  const whole = Math.floor(reach)
  const part = reach - whole
  const share = 1 / (2 * reach + 1)
  const out = new Float32Array(luma.length)
  const padded = new Float32Array(width + 2 * whole + 3)
  for (let y = 0; y < height; y++) {
    const row = y * width
    padded.fill(luma[row]!, 0, whole + 1)
    padded.set(luma.subarray(row, row + width), whole + 1)
    padded.fill(luma[row + width - 1]!, whole + 1 + width)
    let sum = 0
    for (let x = 1; x <= 2 * whole + 1; x++) sum += padded[x]!
    for (let x = 0; x < width; x++) {
      const last = x + 2 * whole + 2
      out[row + x] = (sum + part * (padded[x]! + padded[last]!)) * share
      sum += padded[last]! - padded[x + 1]!
    }
  }
  return out
}

function transpose(luma: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(luma.length)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[x * height + y] = luma[y * width + x]!
  return out
}
