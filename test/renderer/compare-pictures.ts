/** Two pictures, tile by tile: how much a reader would see of the difference. */
import type { Browser } from 'playwright-core'

export type Difference = {
  /** What differs and where, in words. */
  words: string
  /** WebP, base64: the second picture in grey, what differs framed. */
  picture: string
}

/** px; about a character of the smallest text. */
const TILE = 16
/** px; within a cell only the mean counts, so that the grain of the compression, and a glyph set a quarter pixel aside, do not. */
const CELL = 4
/** Mean difference of a tile's cells, of 255. */
const TOLERANCE = 6

/** Null where nobody would see a difference; both are WebP or PNG, base64. */
export async function comparePictures(browser: Browser, expected: string, actual: string): Promise<Difference | null> {
  const page = await browser.newPage()
  try {
    return await page.evaluate(
      async ({ expected, actual, tile, cell, tolerance }) => {
        const pixels = async (base64: string) => {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
          const bitmap = await createImageBitmap(new Blob([bytes]))
          const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
          const brush = canvas.getContext('2d')!
          brush.drawImage(bitmap, 0, 0)
          const { width, height } = bitmap
          return { canvas, brush, width, height, data: brush.getImageData(0, 0, width, height).data }
        }
        const [before, now] = [await pixels(expected), await pixels(actual)]
        const { width, height, canvas, brush } = now
        const cellDifference = (left: number, top: number): number => {
          const sums = [0, 0, 0]
          let count = 0
          for (let y = top; y < Math.min(height, top + cell); y++) {
            for (let x = left; x < Math.min(width, left + cell); x++) {
              const at = (y * width + x) * 4
              for (let channel = 0; channel < 3; channel++) sums[channel]! += before.data[at + channel]! - now.data[at + channel]!
              count++
            }
          }
          return sums.reduce((all, sum) => all + Math.abs(sum / count), 0) / 3
        }
        const found: { x: number; y: number }[] = []
        const sameSize = before.width === width && before.height === height
        for (let top = 0; sameSize && top < height; top += tile) {
          for (let left = 0; left < width; left += tile) {
            let sum = 0
            let count = 0
            for (let y = top; y < Math.min(height, top + tile); y += cell) {
              for (let x = left; x < Math.min(width, left + tile); x += cell) {
                sum += cellDifference(x, y)
                count++
              }
            }
            if (sum / count > tolerance) found.push({ x: left, y: top })
          }
        }
        if (sameSize && found.length === 0) return null
        brush.fillStyle = 'rgb(255 255 255 / 60%)'
        brush.fillRect(0, 0, width, height)
        brush.strokeStyle = 'rgb(220 0 60)'
        for (const { x, y } of found) brush.strokeRect(x + 0.5, y + 0.5, tile - 1, tile - 1)
        const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.6 })
        const letters = Array.from(new Uint8Array(await blob.arrayBuffer()), (byte) => String.fromCharCode(byte))
        const [xs, ys] = [found.map(({ x }) => x), found.map(({ y }) => y)]
        const words = sameSize
          ? `${found.length} tiles differ, from ${Math.min(...xs)},${Math.min(...ys)} to ${Math.max(...xs) + tile},${Math.max(...ys) + tile}`
          : `${width}×${height} instead of ${before.width}×${before.height}`
        return { words, picture: btoa(letters.join('')) }
      },
      { expected, actual, tile: TILE, cell: CELL, tolerance: TOLERANCE },
    )
  } finally {
    await page.close()
  }
}
