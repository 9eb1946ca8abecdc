/** A still picture (a screenshot, a photograph) from a file, a drop or the clipboard. */
import { createDecodeClient, type DecodeClient } from './decode-client.ts'

/** What a picture held; `broken` where it is no picture that the browser can open. */
export type PictureResult =
  | { readonly kind: 'read'; readonly text: string; readonly aim: string }
  | { readonly kind: 'nothing'; readonly message: string; readonly advice: string }
  | { readonly kind: 'broken'; readonly message: string; readonly advice: string }

const NOTHING = { kind: 'nothing', message: '图片中没有可识别的二维码', advice: '请截取完整、清晰的二维码后重试。' } as const
const BROKEN = { kind: 'broken', message: '无法打开这张图片', advice: '请使用 PNG 或 JPEG 格式的截图或照片。' } as const

/** Reads one picture with every look; `client` may be a camera's, else one is started for it. */
export async function decodePicture(picture: Blob, client?: DecodeClient): Promise<PictureResult> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(picture)
  } catch {
    return BROKEN
  }
  const decoder = client ?? createDecodeClient()
  try {
    const { sight } = await decoder.decode(bitmap, true)
    return sight.kind === 'read' ? { kind: 'read', text: sight.text, aim: sight.aim } : NOTHING
  } finally {
    if (!client) decoder.close()
  }
}

/** The picture in a paste (`event.clipboardData`) or a drop (`event.dataTransfer`), if there is one. */
export function pictureIn(transfer: DataTransfer | null): Blob | undefined {
  return [...(transfer?.files ?? [])].find(({ type }) => type.startsWith('image/'))
}
