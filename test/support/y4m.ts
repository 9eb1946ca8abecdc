/** Frames -> an uncompressed video that Chromium plays as its fake camera. */
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import type { Picture } from './qr-pictures.ts'

/** Writes `frames`, each `repeat` times, as grey YUV 4:2:0 at `fps`; all must be of one even size. */
export async function writeY4m(path: string, frames: readonly Picture[], { fps = 20, repeat = 1 } = {}): Promise<void> {
  const [first] = frames
  if (!first) throw new Error('a video needs a frame')
  const out = createWriteStream(path)
  out.write(`YUV4MPEG2 W${first.width} H${first.height} F${fps}:1 Ip A1:1 C420jpeg\n`)
  const pixels = first.width * first.height
  for (const { data } of frames) {
    const planes = new Uint8Array(pixels * 1.5).fill(128, pixels)
    for (let i = 0; i < pixels; i++) planes[i] = data[4 * i + 1] ?? 0
    for (let i = 0; i < repeat; i++) {
      out.write('FRAME\n')
      if (!out.write(planes)) await once(out, 'drain')
    }
  }
  out.end()
  await once(out, 'close')
}
