/** Which way up a photo is: encoding it anew loses the mark that says so. */

/** RGBA, four bytes a pixel. */
export type Pixels = { width: number; height: number; data: Uint8Array }

/** EXIF orientation of a JPEG, 1 to 8; 1 (upright) where it says nothing. */
export function orientationOf(bytes: Buffer): number {
  try {
    for (let at = 2; bytes.readUInt8(at) === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
      const marker = bytes.readUInt8(at + 1)
      if (marker === 0xda) return 1
      if (marker === 0xe1 && bytes.toString('latin1', at + 4, at + 10) === 'Exif\0\0') return inTiff(bytes.subarray(at + 10))
    }
  } catch (error) {
    // A damaged mark is no reason to refuse the picture.
    if (!(error instanceof RangeError)) throw error
  }
  return 1
}

/** Pixels as they are to be seen, for an EXIF orientation of 1 to 8. */
export function turned(picture: Pixels, orientation: number): Pixels {
  if (orientation < 2 || orientation > 8) return picture
  const { width, height, data } = picture
  const swapped = orientation >= 5
  const result = { width: swapped ? height : width, height: swapped ? width : height, data: new Uint8Array(data.length) }
  for (let y = 0; y < result.height; y++) {
    for (let x = 0; x < result.width; x++) {
      const [fromX, fromY] = source(orientation, x, y, width, height)
      const from = (fromY * width + fromX) * 4
      result.data.set(data.subarray(from, from + 4), (y * result.width + x) * 4)
    }
  }
  return result
}

function source(orientation: number, x: number, y: number, width: number, height: number): readonly [number, number] {
  const right = width - 1
  const bottom = height - 1
  switch (orientation) {
    case 2:
      return [right - x, y]
    case 3:
      return [right - x, bottom - y]
    case 4:
      return [x, bottom - y]
    case 5:
      return [y, x]
    case 6:
      return [y, bottom - x]
    case 7:
      return [right - y, bottom - x]
    default:
      return [right - y, x]
  }
}

function inTiff(tiff: Buffer): number {
  const little = tiff.toString('latin1', 0, 2) === 'II'
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  for (let entry = 0; entry < short(directory); entry++) {
    const at = directory + 2 + entry * 12
    if (short(at) === 0x0112) return short(at + 8)
  }
  return 1
}
