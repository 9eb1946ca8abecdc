/** A picture file -> pixels: PNG and JPEG. */
import { decode as decodeJpeg } from 'jpeg-js'
import { PNG } from 'pngjs'
import type { Pixels } from '../devices/camera/luma.ts'

const JPEG_MEMORY_MB = 1024
const JPEG_MEGAPIXELS = 120

/** Undefined where the bytes are neither PNG nor JPEG; throws where they begin as one and are damaged. */
export function unpackPicture(bytes: Buffer): Pixels | undefined {
  if (bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]))) return onWhite(PNG.sync.read(bytes))
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined
  return decodeJpeg(bytes, {
    useTArray: true,
    maxMemoryUsageInMB: JPEG_MEMORY_MB,
    maxResolutionInMP: JPEG_MEGAPIXELS,
  })
}

/** A code saved with a transparent background is black on black until it lies on paper. */
function onWhite({ width, height, data }: Pixels): Pixels {
  for (let p = 0; p < data.length; p += 4) {
    const alpha = data[p + 3] ?? 255
    if (alpha === 255) continue
    for (let channel = p; channel < p + 3; channel++) {
      data[channel] = 255 + (((data[channel] ?? 0) - 255) * alpha) / 255
    }
  }
  return { width, height, data }
}
