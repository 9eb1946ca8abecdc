/** Decodes off the screen's thread: one picture after the other. */
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'
import { createDecoder, type Decoder } from './decode.ts'
import type { Pixels } from './luma.ts'
import type { DecodeReply, DecodeRequest } from './worker-messages.ts'

const scope = self as unknown as DedicatedWorkerGlobalScope
const reply = (message: DecodeReply) => scope.postMessage(message)

const decoder = load()
decoder.then(
  () => reply({ kind: 'ready' }),
  (error: unknown) => reply({ kind: 'failed', detail: String(error) }),
)

let queue: Promise<unknown> = decoder
scope.onmessage = ({ data }: MessageEvent<DecodeRequest>) => {
  queue = queue.then(() => answer(data)).catch((error: unknown) => reply({ kind: 'failed', detail: String(error) }))
}

async function load(): Promise<Decoder> {
  const response = await fetch(wasmUrl)
  if (!response.ok) throw new Error(`the decoder's module answered ${response.status}`)
  return createDecoder({ wasm: await response.arrayBuffer() })
}

async function answer({ id, picture, still, all }: DecodeRequest): Promise<void> {
  const pixels = pixelsOf(picture)
  const from = performance.now()
  const ready = await decoder
  const sight = await (still ? ready.picture(pixels, { all }) : ready.frame(pixels, { all }))
  reply({ kind: 'sight', id, sight, width: pixels.width, height: pixels.height, ms: performance.now() - from })
}

let canvas: OffscreenCanvas | undefined

function pixelsOf(picture: VideoFrame | ImageBitmap): Pixels {
  const [width, height] =
    'displayWidth' in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height]
  try {
    if (width === 0 || height === 0) return { width: 0, height: 0, data: new Uint8ClampedArray(0) }
    if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) throw new Error('no canvas in this worker')
    // A screenshot may be transparent, and must not show the one before.
    context.clearRect(0, 0, width, height)
    context.drawImage(picture, 0, 0)
    return context.getImageData(0, 0, width, height)
  } finally {
    picture.close()
  }
}
