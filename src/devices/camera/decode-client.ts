/** The page's end of the decoding worker. */
import type { Sight } from './decode.ts'
import type { DecodeReply, DecodeRequest } from './worker-messages.ts'

export type Decoded = { readonly sight: Sight; readonly width: number; readonly height: number; readonly ms: number }

export type DecodeClient = {
  /** Hands a picture over, which is closed there; rejects where the worker dies or takes longer than 10 s, or 60 s to load. */
  decode(picture: VideoFrame | ImageBitmap, still: boolean): Promise<Decoded>
  close(): void
}

const PATIENCE_MS = 10_000
/** A busy machine may take long to load and warm the decoder, and has not lost it. */
const LOADING_MS = 60_000

/** Starts the worker, which loads and warms the decoder before the first picture; a dead one is replaced at the next. */
export function createDecodeClient(): DecodeClient {
  let worker: Worker | undefined = start()
  let lastId = 0
  let ready = false
  const waiting = new Map<number, { resolve: (decoded: Decoded) => void; reject: (error: Error) => void }>()

  function start(): Worker {
    const started = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module', name: 'maqiao-decode' })
    started.onmessage = ({ data }: MessageEvent<DecodeReply>) => {
      if (data.kind === 'failed') return abandon(data.detail)
      if (data.kind === 'ready') return void (ready = true)
      const { id, sight, width, height, ms } = data
      waiting.get(id)?.resolve({ sight, width, height, ms })
      waiting.delete(id)
    }
    started.onerror = (event) => abandon(event.message)
    return started
  }

  function abandon(detail: string): void {
    worker?.terminate()
    worker = undefined
    ready = false
    for (const { reject } of waiting.values()) reject(new Error(`the decoder stopped: ${detail}`))
    waiting.clear()
  }

  function decode(picture: VideoFrame | ImageBitmap, still: boolean): Promise<Decoded> {
    const current = (worker ??= start())
    const id = ++lastId
    return new Promise<Decoded>((resolve, reject) => {
      const timer = setTimeout(() => abandon('no answer'), ready ? PATIENCE_MS : LOADING_MS)
      waiting.set(id, {
        resolve: (decoded) => (clearTimeout(timer), resolve(decoded)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      })
      const request: DecodeRequest = { id, picture, still }
      current.postMessage(request, [picture])
    })
  }

  return { decode, close: () => abandon('closed') }
}
