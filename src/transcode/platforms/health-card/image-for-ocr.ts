/** 身份证图片 for ocrInfo (3.2.5): bare Base64, at most some hundred KB. */
import { RequestFault } from '../platform-error.ts'

/** Pictures up to this size go out as they are, bytes. */
const MAX_BYTES = 300 * 1024

/** Base64 of a picture, its data-URL head removed. Throws RequestFault where it is no JPEG or PNG, or too large. */
export async function imageForOcr(imageContent: string): Promise<string> {
  const base64 = imageContent.replace(/^\s*(?:data:)?[a-z]+\/[a-z+/]+;base64,?/i, '').replace(/\s/g, '')
  const bytes = /^[0-9A-Za-z+/]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0)
  const isPicture = (bytes[0] === 0xff && bytes[1] === 0xd8) || bytes.subarray(1, 4).toString('latin1') === 'PNG'
  if (!isPicture) throw imageFault('不是 JPEG 或 PNG 图片的 Base64')
  if (bytes.length <= MAX_BYTES) return base64
  throw imageFault('too large')
}

function imageFault(message: string): RequestFault {
  return new RequestFault('health-card', 'REQUEST_INVALID', `请求没有发出：imageContent ${message}`, '请重新拍摄身份证正面，保存为 JPEG 后重试。', [
    { path: 'imageContent', message },
  ])
}
