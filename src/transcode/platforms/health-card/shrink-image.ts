/** Pictures made smaller, in a thread of their own: decoding a phone's photo takes a second, and scans must not wait for it. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { orientationOf, turned, type Pixels } from './exif-orientation.ts'

/** Longest side that is tried first, pixels: some 450 dpi on an identity card. */
const LONGEST_SIDE = 1600
/** JPEG quality, of 100. */
const QUALITY = 80
const MAX_TRIES = 5
/** Pictures with more pixels than this are not decoded. */
const MAX_MEGAPIXELS = 50
const TIME_LIMIT_MS = 20_000
const TASK = 'shrink-image'

type Order = { task: typeof TASK; bytes: Uint8Array; maxBytes: number }

/**
 * A JPEG of at most `maxBytes` of a JPEG or PNG, upright. Rejects where the
 * picture is damaged, has more than 50 megapixels or takes more than 20 s.
 */
export async function shrinkImage(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  // This very file is the thread's program, so that a bundle needs no second entry.
  const order: Order = { task: TASK, bytes, maxBytes }
  const worker = new Worker(new URL(import.meta.url), { workerData: order, execArgv: [] })
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('picture took too long')), TIME_LIMIT_MS)
      worker.once('message', (shrunk: Uint8Array | null) => {
        clearTimeout(timer)
        if (shrunk === null) reject(new Error('picture cannot be decoded'))
        else resolve(shrunk)
      })
      worker.once('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
    })
  } finally {
    void worker.terminate()
  }
}

if (!isMainThread && (workerData as Partial<Order> | null)?.task === TASK) {
  const { bytes, maxBytes } = workerData as Order
  parentPort?.postMessage(shrunkOrNull(Buffer.from(bytes), maxBytes))
}

function shrunkOrNull(bytes: Buffer, maxBytes: number): Uint8Array | null {
  try {
    const whole = decode(bytes)
    const orientation = orientationOf(bytes)
    let longestSide = Math.min(LONGEST_SIDE, Math.max(whole.width, whole.height))
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const encoded = jpeg.encode(turned(scaled(whole, longestSide), orientation), QUALITY).data
      if (encoded.length <= maxBytes) return new Uint8Array(encoded)
      // Bytes go with the area; a little less than that, so that the next one fits.
      longestSide = Math.round(longestSide * 0.95 * Math.sqrt(maxBytes / encoded.length))
    }
    return null
  } catch {
    return null
  }
}

function decode(bytes: Buffer): Pixels {
  if (bytes[0] === 0xff) return jpeg.decode(bytes, { useTArray: true, maxResolutionInMP: MAX_MEGAPIXELS, maxMemoryUsageInMB: 768 })
  const megapixels = (bytes.readUInt32BE(16) * bytes.readUInt32BE(20)) / 1e6
  if (megapixels > MAX_MEGAPIXELS) throw new Error('too many pixels')
  return PNG.sync.read(bytes)
}

/** Averages the pixels that fall into one, so that letters stay readable; never enlarges. Transparency becomes white. */
function scaled({ width, height, data }: Pixels, longestSide: number): Pixels {
  const ratio = Math.min(1, longestSide / Math.max(width, height))
  const toWidth = Math.max(1, Math.round(width * ratio))
  const toHeight = Math.max(1, Math.round(height * ratio))
  const result = new Uint8Array(toWidth * toHeight * 4)
  for (let y = 0; y < toHeight; y++) {
    const top = Math.floor((y * height) / toHeight)
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * height) / toHeight))
    for (let x = 0; x < toWidth; x++) {
      const left = Math.floor((x * width) / toWidth)
      const right = Math.max(left + 1, Math.floor(((x + 1) * width) / toWidth))
      let red = 0
      let green = 0
      let blue = 0
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          const at = (row * width + column) * 4
          const opacity = data[at + 3]! / 255
          const white = 255 * (1 - opacity)
          red += data[at]! * opacity + white
          green += data[at + 1]! * opacity + white
          blue += data[at + 2]! * opacity + white
        }
      }
      const count = (bottom - top) * (right - left)
      const to = (y * toWidth + x) * 4
      result[to] = red / count
      result[to + 1] = green / count
      result[to + 2] = blue / count
      result[to + 3] = 255
    }
  }
  return { width: toWidth, height: toHeight, data: result }
}
