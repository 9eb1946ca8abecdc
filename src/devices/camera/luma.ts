/** Grey pictures and the few operations that make a second look worth its time. */

/** A picture as a canvas, a video frame or a file gives it: RGBA, row by row. */
export type Pixels = { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray | Uint8Array }

/** One byte a pixel. */
export type Luma = { readonly width: number; readonly height: number; readonly data: Uint8Array }

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

export function toLuma({ width, height, data }: Pixels): Luma {
  const luma = new Uint8Array(width * height)
  if (data.byteOffset % 4 !== 0) return toLuma({ width, height, data: data.slice() })
  // One pixel at a time: four times as fast as one byte.
  const rgba = new Uint32Array(data.buffer, data.byteOffset, width * height)
  for (let i = 0; i < luma.length; i++) {
    const value = rgba[i]!
    luma[i] = ((value & 255) + ((value >>> 7) & 510) + ((value >>> 16) & 255)) >>> 2
  }
  return { width, height, data: luma }
}

/** Whether any pixel lets the ground through. */
export function isTransparent({ data }: Pixels): boolean {
  for (let p = 3; p < data.length; p += 4) if (data[p] !== 255) return true
  return false
}

/** A picture laid on a grey ground, 0 black to 255 white. */
export function onGround({ width, height, data }: Pixels, ground: number): Pixels {
  const out = new Uint8ClampedArray(data)
  for (let p = 0; p < out.length; p += 4) {
    const alpha = out[p + 3]!
    if (alpha === 255) continue
    for (let channel = p; channel < p + 3; channel++) out[channel] = ground + ((out[channel]! - ground) * alpha) / 255
    out[p + 3] = 255
  }
  return { width, height, data: out }
}

/** The picture with one four-cornered part of it painted over. */
export function without({ width, height, data }: Luma, corners: readonly { readonly x: number; readonly y: number }[]): Luma {
  const out = data.slice()
  const [middleX, middleY] = [corners.reduce((sum, { x }) => sum + x, 0) / corners.length, corners.reduce((sum, { y }) => sum + y, 0) / corners.length]
  // A little more than the code, or its edge would be left.
  const wide = corners.map(({ x, y }) => ({ x: middleX + (x - middleX) * 1.06, y: middleY + (y - middleY) * 1.06 }))
  const top = Math.max(0, Math.floor(Math.min(...wide.map(({ y }) => y))))
  const bottom = Math.min(height - 1, Math.ceil(Math.max(...wide.map(({ y }) => y))))
  for (let y = top; y <= bottom; y++) {
    const crossings = wide.flatMap((from, k) => {
      const to = wide[(k + 1) % wide.length]!
      if (from.y <= y === to.y <= y) return []
      return [from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x)]
    })
    const left = Math.max(0, Math.floor(Math.min(...crossings)))
    const right = Math.min(width - 1, Math.ceil(Math.max(...crossings)))
    if (left <= right) out.fill(PAPER, y * width + left, y * width + right + 1)
  }
  return { width, height, data: out }
}
const PAPER = 200

export function toPixels({ width, height, data }: Luma): Pixels {
  const rgba = new Uint32Array(width * height)
  for (let i = 0; i < rgba.length; i++) rgba[i] = 0xff000000 | (data[i]! * 0x010101)
  return { width, height, data: new Uint8ClampedArray(rgba.buffer) }
}

export function crop(luma: Luma, box: Box): Luma {
  const data = new Uint8Array(box.width * box.height)
  for (let y = 0; y < box.height; y++) {
    const from = (box.y + y) * luma.width + box.x
    data.set(luma.data.subarray(from, from + box.width), y * box.width)
  }
  return { width: box.width, height: box.height, data }
}

export function invert({ width, height, data }: Luma): Luma {
  return { width, height, data: data.map((value) => 255 - value) }
}

/** Half the width and height, each pixel the mean of four. */
export function halve(luma: Luma): Luma {
  const width = luma.width >> 1
  const height = luma.height >> 1
  const data = new Uint8Array(width * height)
  const { width: stride, data: from } = luma
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, p = 2 * y * stride; x < width; x++, p += 2) {
      data[i++] = (from[p]! + from[p + 1]! + from[p + stride]! + from[p + stride + 1]! + 2) >> 2
    }
  }
  return { width, height, data }
}

/** Another size, between pixels by straight lines; below half size halve first. */
export function resize(luma: Luma, factor: number): Luma {
  const width = Math.max(1, Math.round(luma.width * factor))
  const height = Math.max(1, Math.round(luma.height * factor))
  const data = new Uint8Array(width * height)
  const columns = steps(width, luma.width)
  const rows = steps(height, luma.height)
  for (let y = 0, i = 0; y < height; y++) {
    const top = rows.at[y]! * luma.width
    const bottom = top + (rows.at[y]! + 1 < luma.height ? luma.width : 0)
    const down = rows.share[y]!
    for (let x = 0; x < width; x++) {
      const left = columns.at[x]!
      const right = left + 1 < luma.width ? left + 1 : left
      const along = columns.share[x]!
      const upper = luma.data[top + left]! * (256 - along) + luma.data[top + right]! * along
      const lower = luma.data[bottom + left]! * (256 - along) + luma.data[bottom + right]! * along
      data[i++] = (upper * (256 - down) + lower * down) >> 16
    }
  }
  return { width, height, data }
}

/** Black where a pixel is darker than the mean of its surroundings, `radius` pixels each way, by `margin` or more. */
export function thresholdByMean(luma: Luma, radius: number, margin: number): Luma {
  const { width, height } = luma
  const sums = integral(luma)
  const stride = width + 1
  const data = new Uint8Array(width * height)
  for (let y = 0, i = 0; y < height; y++) {
    const top = y > radius ? y - radius : 0
    const bottom = Math.min(height, y + radius + 1)
    for (let x = 0; x < width; x++, i++) {
      const left = x > radius ? x - radius : 0
      const right = x + radius + 1 < width ? x + radius + 1 : width
      const sum =
        sums[bottom * stride + right]! - sums[top * stride + right]! - sums[bottom * stride + left]! + sums[top * stride + left]!
      data[i] = (luma.data[i]! + margin) * (bottom - top) * (right - left) < sum ? 0 : 255
    }
  }
  return { width, height, data }
}

/** Edges made steeper against the mean of `radius` pixels each way: undoes some of a lens out of focus. */
export function sharpen(luma: Luma, radius: number, strength: number): Luma {
  const { width, height } = luma
  const sums = integral(luma)
  const stride = width + 1
  const data = new Uint8ClampedArray(width * height)
  for (let y = 0, i = 0; y < height; y++) {
    const top = y > radius ? y - radius : 0
    const bottom = Math.min(height, y + radius + 1)
    for (let x = 0; x < width; x++, i++) {
      const left = x > radius ? x - radius : 0
      const right = x + radius + 1 < width ? x + radius + 1 : width
      const sum =
        sums[bottom * stride + right]! - sums[top * stride + right]! - sums[bottom * stride + left]! + sums[top * stride + left]!
      data[i] = luma.data[i]! * (1 + strength) - (strength * sum) / ((bottom - top) * (right - left))
    }
  }
  return { width, height, data: new Uint8Array(data.buffer) }
}

/** Mean brightness and how much of the picture is burnt out or black, each 0 to 1, from every eighth pixel both ways. */
export function lightOf({ width, height, data }: Luma): { mean: number; burnt: number; black: number } {
  let [sum, burnt, black, count] = [0, 0, 0, 0]
  for (let y = 4; y < height; y += 8) {
    for (let x = 4; x < width; x += 8) {
      const value = data[y * width + x]!
      sum += value
      if (value > 250) burnt++
      if (value < 16) black++
      count++
    }
  }
  if (count === 0) return { mean: 0, burnt: 0, black: 1 }
  return { mean: sum / count / 255, burnt: burnt / count, black: black / count }
}

function steps(to: number, from: number): { at: Int32Array; share: Int32Array } {
  const at = new Int32Array(to)
  const share = new Int32Array(to)
  for (let i = 0; i < to; i++) {
    const place = Math.max(0, Math.min(from - 1, ((i + 0.5) * from) / to - 0.5))
    at[i] = Math.floor(place)
    share[i] = Math.round((place - Math.floor(place)) * 256)
  }
  return { at, share }
}

function integral({ width, height, data }: Luma): Uint32Array {
  const stride = width + 1
  const sums = new Uint32Array(stride * (height + 1))
  for (let y = 0, i = 0; y < height; y++) {
    let row = 0
    for (let x = 0, at = (y + 1) * stride + 1; x < width; x++, at++) {
      row += data[i++]!
      sums[at] = sums[at - stride]! + row
    }
  }
  return sums
}
