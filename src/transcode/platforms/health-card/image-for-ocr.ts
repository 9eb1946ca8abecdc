/** 身份证图片 for ocrInfo (3.2.5): bare Base64, at most some hundred KB. */
import { isUtf8 } from 'node:buffer'
import { RequestFault } from '../platform-error.ts'

/** Pictures up to this size go out as they are, and larger ones are brought down to it, bytes. */
const MAX_BYTES = 300 * 1024

/**
 * Base64 of a picture without its data-URL head; larger ones become a JPEG of at
 * most 300 KB. Throws RequestFault where it is no Base64, or too large and neither JPEG nor PNG.
 */
export async function imageForOcr(imageContent: string): Promise<string> {
  const base64 = imageContent.replace(/^\s*(?:data:)?[^,;]{0,64}(?:;[^,;]{0,64}){0,4};base64,?/i, '').replace(/\s/g, '')
  const bytes = /^[0-9A-Za-z+/]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0)
  if (bytes.length === 0 || isText(bytes)) throw imageFault('不是图片的 Base64')
  // Which formats the platform reads it does not say: a small one is its to judge.
  if (bytes.length <= MAX_BYTES) return base64
  const { shrinkImage } = await import('./shrink-image.ts')
  try {
    return Buffer.from(await shrinkImage(bytes, MAX_BYTES)).toString('base64')
  } catch {
    throw imageFault('超过 300 KB，且不是能压缩的 JPEG 或 PNG')
  }
}

/** Every format of a picture has bytes that no text has; of GIF the head alone has none. */
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)) && !/[\0-\x08\x0e-\x1f]/.test(bytes.toString())
}

function imageFault(message: string): RequestFault {
  return new RequestFault('health-card', 'REQUEST_INVALID', `请求没有发出：imageContent ${message}`, '请重新拍摄身份证正面，保存为 JPEG 后重试。', [
    { path: 'imageContent', message },
  ])
}
