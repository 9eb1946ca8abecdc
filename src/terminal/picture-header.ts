/** What a picture file says of itself in its first bytes, before any memory is given to it. */

export type PictureSize =
  | { readonly kind: 'png' | 'jpeg' | 'gif'; readonly width: number; readonly height: number }
  /** Uncompressed: so many bytes it has to have. */
  | { readonly kind: 'bmp'; readonly width: number; readonly height: number; readonly leastBytes: number }

/** The name of a picture format that is not read here, undefined for any other bytes. */
export function foreignFormat(bytes: Buffer): string | undefined {
  const text = (from: number, to: number) => bytes.toString('latin1', from, to)
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'WebP'
  if (text(4, 8) === 'ftyp') return text(8, 12).startsWith('avi') ? 'AVIF' : 'HEIC'
  if (text(0, 4) === 'II*\0' || text(0, 4) === 'MM\0*') return 'TIFF'
  if (text(0, 5) === '%PDF-') return 'PDF'
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?<svg[\s>]/.test(text(0, 400))) return 'SVG'
  if (text(0, 2) === '\xff\x0a' || text(4, 8) === 'JXL ') return 'JPEG XL'
  return undefined
}

/** Undefined where the bytes are none of PNG, JPEG, GIF and BMP, or end before the size. */
export function sizeOf(bytes: Buffer): PictureSize | undefined {
  if (bytes.length < 26) return undefined
  if (bytes.readUInt32BE(0) === 0x89504e47) return { kind: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
  if (bytes.toString('latin1', 0, 3) === 'GIF') return { kind: 'gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
  if (bytes.toString('latin1', 0, 2) === 'BM') return bmpSize(bytes)
  if (bytes.readUInt16BE(0) !== 0xffd8) return undefined
  const header = jpegHeader(bytes)
  return header && { kind: 'jpeg', width: header.width, height: header.height }
}

function bmpSize(bytes: Buffer): PictureSize | undefined {
  if (bytes.length < 34) return undefined
  const [width, height] = [bytes.readInt32LE(18), Math.abs(bytes.readInt32LE(22))]
  const compressed = bytes.readUInt32LE(30) === 1 || bytes.readUInt32LE(30) === 2
  const row = Math.ceil((width * bytes.readUInt16LE(28)) / 32) * 4
  return { kind: 'bmp', width, height, leastBytes: compressed ? 0 : bytes.readUInt32LE(10) + row * height }
}

/** The frame of a JPEG file (ISO 10918-1, B.2.2); `common`: 8 bits, Huffman, baseline or progressive; its scan begins at `scanAt`. */
export function jpegHeader(bytes: Buffer): { width: number; height: number; common: boolean; scanAt: number } | undefined {
  let frame: { width: number; height: number; common: boolean } | undefined
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker === 0xda) return frame && { ...frame, scanAt: at }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) frame = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7), common: marker <= 0xc2 && bytes[at + 4] === 8 }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}
