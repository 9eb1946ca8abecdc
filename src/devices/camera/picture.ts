/** A still picture (a screenshot, a photograph) from a file, a drop or the clipboard. */
import { firstOf, noticeOf, readStill, type Choose, type Notice } from './choice.ts'
import { createDecodeClient, type DecodeClient } from './decode-client.ts'
import { opaqueBmp } from './opaque-bmp.ts'
import type { Parts } from './parts.ts'

/** What a picture held; `broken` where it is no picture that the browser can open, `refused` where a code in it is not taken. */
export type PictureResult =
  | { readonly kind: 'read'; readonly text: string; readonly aim: string }
  | (Notice & { readonly kind: 'refused' })
  | { readonly kind: 'nothing'; readonly message: string; readonly advice: string }
  | { readonly kind: 'broken'; readonly message: string; readonly advice: string }

const NOTHING = { kind: 'nothing', message: '图片中没有可识别的二维码', advice: '请截取完整、清晰的二维码后重试。' } as const
const BROKEN = { kind: 'broken', message: '无法打开这张图片', advice: '请使用 PNG 或 JPEG 格式的截图或照片。' } as const

export type PictureOptions = {
  /** A camera's; else one is started for the picture. */
  readonly client?: DecodeClient
  readonly choose?: Choose
  /** Parts of a text that pictures before this one held. */
  readonly parts?: Parts
}

/** Reads one picture with every look. */
export async function decodePicture(picture: Blob, { client, choose = firstOf, parts }: PictureOptions = {}): Promise<PictureResult> {
  const shown = await opaqueBmp(picture)
  try {
    ;(await createImageBitmap(shown)).close()
  } catch {
    return BROKEN
  }
  const decoder = client ?? createDecodeClient()
  try {
    const look = async ({ all = false }) => (await decoder.decode(await createImageBitmap(shown), { still: true, all })).sight
    const taken = await readStill(look, choose, parts, performance.now())
    if (taken.kind === 'read') return { kind: 'read', text: taken.code.text, aim: taken.code.aim }
    return taken.kind === 'nothing' ? NOTHING : { kind: 'refused', ...noticeOf(taken) }
  } finally {
    if (!client) decoder.close()
  }
}

/** The picture in a paste (`event.clipboardData`) or a drop (`event.dataTransfer`), if there is one. */
export function pictureIn(transfer: DataTransfer | null): Blob | undefined {
  return [...(transfer?.files ?? [])].find(({ type }) => type.startsWith('image/'))
}
