/** BMP pictures of 32 bits whose fourth byte means nothing. */

/** Where the header says how long it is, the bits of a pixel, their packing, and from 56 bytes on the mask of the alpha. */
const [PIXELS_AT, HEADER, BITS, PACKING, ALPHA_MASK] = [10, 14, 28, 30, 66]
const V3_HEADER = 56
const RGB = 0

/**
 * The same picture with no alpha: many programs leave it 0 in all pixels, and a
 * browser that believes the header (BITMAPV3 to V5) then shows nothing.
 * Any other file as it is.
 */
export async function opaqueBmp(picture: Blob): Promise<Blob> {
  const start = new DataView(await picture.slice(0, ALPHA_MASK + 4).arrayBuffer())
  if (start.byteLength < ALPHA_MASK + 4 || start.getUint16(0) !== 0x424d || start.getUint16(BITS, true) !== 32) return picture
  const bytes = await picture.arrayBuffer()
  const view = new DataView(bytes)
  if (view.getUint32(HEADER, true) >= V3_HEADER) view.setUint32(ALPHA_MASK, 0, true)
  if (view.getUint32(PACKING, true) === RGB) {
    const data = new Uint8Array(bytes)
    for (let alpha = view.getUint32(PIXELS_AT, true) + 3; alpha < data.length; alpha += 4) data[alpha] = 255
  }
  return new Blob([bytes], { type: picture.type })
}
