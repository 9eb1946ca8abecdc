/** A picture file -> pixels: PNG and JPEG; BMP and GIF are left to the decoder's engine. */
import { decode as decodeJpeg } from 'jpeg-js'
import { PNG } from 'pngjs'
import type { Pixels } from '../devices/camera/luma.ts'
import { foreignFormat, jpegHeader, sizeOf } from './picture-header.ts'

/** Why a picture cannot be read, in words for staff. */
export const PICTURE_FAULTS = {
  PICTURE_MISSING: { message: '找不到图片文件', advice: '检查路径和文件名。' },
  PICTURE_DENIED: { message: '没有读取图片文件的权限', advice: '检查文件权限。' },
  PICTURE_BROKEN: { message: '无法打开图片', advice: '请使用完整的 PNG、JPEG 或 BMP 图片。' },
  PICTURE_CUT: { message: '图片不完整，能看到的部分没有可识别的二维码', advice: '重新保存或传送这张图片。' },
  PICTURE_FORMAT: { message: '不支持这种图片格式', advice: '请另存为 PNG 或 JPEG（基线或渐进，8 位）后重试；屏幕上的“读取图片”能打开浏览器支持的格式。' },
  PICTURE_TOO_LARGE: { message: '图片的像素或文件太大', advice: '请截取二维码部分，或缩小到 1.2 亿像素以下。' },
} as const
export type PictureFault = keyof typeof PICTURE_FAULTS

export class PictureError extends Error {
  readonly code: PictureFault
  /** What the file is, where that can be told. */
  readonly format: string | undefined
  constructor(code: PictureFault, format?: string) {
    super(PICTURE_FAULTS[code].message)
    this.code = code
    this.format = format
  }
}

/** A picture whose end is missing is shown as far as it goes. */
export type Unpacked = { readonly kind: 'pixels'; readonly pixels: Pixels; readonly cut: boolean } | { readonly kind: 'packed' }

/** Bytes of a file that are looked at at all. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024
const MAX_MEGAPIXELS = 120
/** The engine unpacks into 32 bits a pixel within a module's memory. */
const MAX_ENGINE_MEGAPIXELS = 40
const JPEG_MEMORY_MB = 2048

/** Throws PictureError; `packed` where the bytes are the engine's to unpack. */
export function unpackPicture(bytes: Buffer): Unpacked {
  const format = foreignFormat(bytes)
  if (format) throw new PictureError('PICTURE_FORMAT', format)
  const size = sizeOf(bytes)
  if (!size || size.width < 1 || size.height < 1) throw new PictureError('PICTURE_BROKEN')
  const megapixels = (size.width * size.height) / 1e6
  if (megapixels > (size.kind === 'png' || size.kind === 'jpeg' ? MAX_MEGAPIXELS : MAX_ENGINE_MEGAPIXELS)) throw new PictureError('PICTURE_TOO_LARGE')
  if (size.kind === 'bmp' && size.leastBytes > bytes.length) throw new PictureError('PICTURE_BROKEN')
  if (size.kind === 'png') return { kind: 'pixels', pixels: unpack(() => PNG.sync.read(plainPng(bytes))), cut: false }
  if (size.kind === 'jpeg') return unpackJpeg(bytes)
  return { kind: 'packed' }
}

function unpackJpeg(bytes: Buffer): Unpacked {
  const header = jpegHeader(bytes)
  if (!header) throw new PictureError('PICTURE_BROKEN')
  if (!header.common) throw new PictureError('PICTURE_FORMAT', 'JPEG')
  const cut = bytes.lastIndexOf(END_OF_IMAGE) < header.scanAt
  // What is missing becomes one grey: the rest may hold the code.
  const whole = cut ? Buffer.concat([bytes, Buffer.alloc((header.width * header.height) >> 2), END_OF_IMAGE]) : bytes
  const pixels = unpack(() =>
    decodeJpeg(whole, { useTArray: true, maxMemoryUsageInMB: JPEG_MEMORY_MB, maxResolutionInMP: MAX_MEGAPIXELS }))
  return { kind: 'pixels', pixels, cut }
}

const END_OF_IMAGE = Buffer.from([0xff, 0xd9])

function unpack(read: () => Pixels): Pixels {
  try {
    return read()
  } catch {
    throw new PictureError('PICTURE_BROKEN')
  }
}

/**
 * The chunks that make up the pixels (PNG, 11.2 and 11.3.2), without the rest
 * and without bytes after the end: programs append to a picture, and spoil what
 * only describes it.
 */
function plainPng(bytes: Buffer): Buffer {
  const kept = [bytes.subarray(0, 8)]
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (PIXEL_CHUNKS.has(type)) kept.push(bytes.subarray(at, end))
    if (type === 'IEND') break
    at = end
  }
  return Buffer.concat(kept)
}
const PIXEL_CHUNKS = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'])
