/** qr-scanner where it can run: in a page, with its own worker. */
import { launchChromium } from '../support/chromium.ts'
import type { Picture } from '../support/qr-pictures.ts'
import { servePage } from '../support/serve-page.ts'

export type QrScanner = {
  /** The text, if any, and the ms that the page took without the picture's way into it. */
  read(picture: Picture): Promise<{ text: string | undefined; ms: number }>
  close(): Promise<void>
}

const PAGE = `<!doctype html><canvas></canvas><script type="module">
  import QrScanner from '/node_modules/qr-scanner/qr-scanner.min.js'
  const canvas = document.querySelector('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  let engine
  window.read = async (width, height, base64) => {
    engine ??= await QrScanner.createQrEngine()
    const bytes = Uint8ClampedArray.from(atob(base64), (sign) => sign.charCodeAt(0))
    Object.assign(canvas, { width, height })
    context.putImageData(new ImageData(bytes, width, height), 0, 0)
    const from = performance.now()
    const text = await QrScanner.scanImage(canvas, { qrEngine: engine, returnDetailedScanResult: true }).then(({ data }) => data, () => undefined)
    return { text, ms: performance.now() - from }
  }
  document.title = 'ready'
</script>`

export async function startQrScanner(): Promise<QrScanner> {
  const server = await servePage(PAGE)
  const browser = await launchChromium()
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.waitForFunction('document.title === "ready"')
  return {
    read: ({ width, height, data }) =>
      page.evaluate(`read(${width}, ${height}, '${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}')`),
    close: async () => {
      await browser.close()
      await server.close()
    },
  }
}
