/** The page's end of the decoding worker. */
import type { Sight } from './decode.ts'
import type { DecodeReply, DecodeRequest } from './worker-messages.ts'

export type Decoded = { readonly sight: Sight; readonly width: number; readonly height: number; readonly ms: number }

export type DecodeClient = {
  /** Resolves once the decoder is loaded and warmed; rejects where it cannot be, or not within 60 s. */
  ready(): Promise<void>
  /**
   * Hands a picture over, which is closed there; rejects where the decoder does not get ready, dies or takes longer than
   * 10 s, a still picture 60 s.
   */
  decode(picture: VideoFrame | ImageBitmap, options: { readonly still: boolean; readonly all?: boolean }): Promise<Decoded>
  close(): void
}

const PATIENCE_MS = 10_000
/** A photograph of a hundred megapixels, every look, on a slow machine. */
const STILL_PATIENCE_MS = 60_000
/** A busy machine may take long to load and warm the decoder, and has not lost it. */
const LOADING_MS = 60_000

type Waiting<Result> = { resolve: (result: Result) => void; reject: (error: Error) => void }

/** Starts the worker, which loads and warms the decoder before the first picture; a dead one is replaced at the next. */
export function createDecodeClient(): DecodeClient {
  let lastId = 0
  /** What the worker owes: the word that it is ready under 0, and a sight under each picture's id. */
  const waiting = new Map<number, Waiting<Decoded | undefined>>()
  let running: { worker: Worker; loaded: Promise<unknown> } | undefined = start()

  function start(): NonNullable<typeof running> {
    const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module', name: 'maqiao-decode' })
    worker.onmessage = ({ data }: MessageEvent<DecodeReply>) => {
      if (data.kind === 'failed') return abandon(data.detail)
      if (data.kind === 'ready') return answered(0, undefined)
      const { id, sight, width, height, ms } = data
      answered(id, { sight, width, height, ms })
    }
    worker.onerror = (event) => abandon(event.message)
    const loaded = owed(0, LOADING_MS)
    // Whoever asks for a picture hears of it; until then nobody waits.
    loaded.catch(() => {})
    return { worker, loaded }
  }

  function owed(id: number, patienceMs: number): Promise<Decoded | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => abandon('no answer'), patienceMs)
      waiting.set(id, {
        resolve: (result) => (clearTimeout(timer), resolve(result)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      })
    })
  }

  function answered(id: number, result: Decoded | undefined): void {
    waiting.get(id)?.resolve(result)
    waiting.delete(id)
  }

  function abandon(detail: string): void {
    running?.worker.terminate()
    running = undefined
    for (const { reject } of waiting.values()) reject(new Error(`the decoder stopped: ${detail}`))
    waiting.clear()
  }

  async function ready(): Promise<Worker> {
    const { worker, loaded } = (running ??= start())
    await loaded
    if (running?.worker !== worker) throw new Error('the decoder stopped: closed')
    return worker
  }

  async function decode(picture: VideoFrame | ImageBitmap, { still, all = false }: Parameters<DecodeClient['decode']>[1]): Promise<Decoded> {
    const worker = await ready().catch((error: unknown) => {
      picture.close()
      throw error
    })
    const request: DecodeRequest = { id: ++lastId, picture, still, all }
    const sight = owed(request.id, still ? STILL_PATIENCE_MS : PATIENCE_MS)
    worker.postMessage(request, [picture])
    return (await sight)!
  }

  return { ready: async () => void (await ready()), decode, close: () => abandon('closed') }
}
