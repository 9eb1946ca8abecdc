/** Takes frames from a playing video to the decoder, one in flight, and notices when they stop or go black. */
import type { CameraFault } from './camera-fault.ts'
import type { DecodeClient, Decoded } from './decode-client.ts'

/** `black`: there has been no light for some seconds; `unlit`: not in this frame. */
export type FrameLight = 'lit' | 'unlit' | 'black'

export type WatchOptions = {
  readonly video: HTMLVideoElement
  readonly track: MediaStreamTrack
  readonly client: DecodeClient
  readonly stallMs: number
  /** Whether the next frame is searched for codes beside the first. */
  readonly all: () => boolean
  /** The next frame waits for it. */
  readonly onSeen: (decoded: Decoded, light: FrameLight) => Promise<void>
  readonly onFault: (fault: CameraFault) => void
}

const BLACK_MEAN = 0.02
const BLACK_AFTER_MS = 3000
const CHECK_MS = 500
/** So many failures of the decoder in a row are not a bad frame. */
const FAILURES = 3

/** Watches until the returned function is called; nothing is reported after that. */
export function watch({ video, track, client, stallMs, all, onSeen, onFault }: WatchOptions): () => void {
  let [busy, over, failures] = [false, false, 0]
  let frameAt = performance.now()
  let lightAt = frameAt
  let mutedAt: number | undefined

  async function seen(decoded: Decoded): Promise<void> {
    if (over) return
    failures = 0
    const now = performance.now()
    const lit = decoded.sight.light.mean > BLACK_MEAN
    if (lit) lightAt = now
    await onSeen(decoded, lit ? 'lit' : now - lightAt > BLACK_AFTER_MS ? 'black' : 'unlit')
  }

  function failed(): void {
    if (!over && ++failures >= FAILURES) onFault('failed')
  }

  function onFrame(): void {
    if (over) return
    frameAt = performance.now()
    video.requestVideoFrameCallback(onFrame)
    if (busy || video.videoWidth === 0) return
    busy = true
    // A frame that waited for the decoder to load would be one of long ago.
    void client.ready()
      .then(() => grab(video))
      .then((picture) => client.decode(picture, { still: false, all: all() }))
      .then(seen, failed)
      .finally(() => (busy = false))
  }

  function check(): void {
    const now = performance.now()
    // A hidden page gets no frames, which says nothing about the camera.
    if (document.hidden) frameAt = lightAt = now
    else if (mutedAt !== undefined && now - mutedAt > stallMs) onFault('busy')
    else if (now - frameAt > stallMs) onFault('asleep')
  }

  const heard = {
    ended: () => onFault('unplugged'),
    mute: () => (mutedAt = performance.now()),
    unmute: () => (mutedAt = undefined),
  }
  for (const [type, listener] of Object.entries(heard)) track.addEventListener(type, listener)
  const timer = setInterval(check, CHECK_MS)
  video.requestVideoFrameCallback(onFrame)

  return () => {
    over = true
    clearInterval(timer)
    for (const [type, listener] of Object.entries(heard)) track.removeEventListener(type, listener)
  }
}

async function grab(video: HTMLVideoElement): Promise<VideoFrame | ImageBitmap> {
  return typeof VideoFrame === 'undefined' ? createImageBitmap(video) : new VideoFrame(video)
}
