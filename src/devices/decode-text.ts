/** Bytes of a code to text: Chinese scanners send UTF-8 or GBK, and do not say which. */

export const ENCODINGS = ['auto', 'utf8', 'gbk'] as const
export type Encoding = (typeof ENCODINGS)[number]

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const looseUtf8 = new TextDecoder('utf-8')
const strictGbk = new TextDecoder('gbk', { fatal: true })
const looseGbk = new TextDecoder('gbk')

// Two-byte UTF-8 (Latin, Greek, Cyrillic) hardly occurs in a Chinese code, while the same bytes are common GBK
// characters (鲁, 陆, 模); the dot of names such as 阿卜杜·热合曼 is the exception.
const ONLY_TWO_BYTE = /^[\u0000-\u007f\u0080-\u07ff]*$/
const TWO_BYTE_NOT_DOT = /[\u0080-\u00b6\u00b8-\u07ff]/
const NOT_CHINESE = /[^\u0000-\u007f\p{Script=Han}]/u

/**
 * The text of one code, and what it was taken for. `auto`: strict UTF-8, else
 * GBK; what neither can be keeps U+FFFD where it could not be read.
 */
export function decodeText(received: Uint8Array, encoding: Encoding = 'auto'): { text: string; encoding: 'utf8' | 'gbk' } {
  const bytes = withoutGlitches(received)
  if (encoding === 'utf8') return { text: looseUtf8.decode(bytes), encoding }
  if (encoding === 'gbk') return { text: looseGbk.decode(bytes), encoding }
  const utf8 = attempt(strictUtf8, bytes)
  if (utf8 === undefined) return { text: looseGbk.decode(withoutBom(bytes)), encoding: 'gbk' }
  if (TWO_BYTE_NOT_DOT.test(utf8) && ONLY_TWO_BYTE.test(utf8)) {
    const gbk = attempt(strictGbk, bytes)
    if (gbk !== undefined && !NOT_CHINESE.test(gbk)) return { text: gbk, encoding: 'gbk' }
  }
  return { text: utf8, encoding: 'utf8' }
}

function attempt(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** Some programs put UTF-8's mark before GBK text. */
function withoutBom(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

/** A line that is switched on or off leaves a 0xFF or 0x00, which begin no character of either encoding. */
function withoutGlitches(bytes: Uint8Array): Uint8Array {
  let from = 0
  let to = bytes.length
  while (from < to && isGlitch(bytes[from])) from++
  while (to > from && isGlitch(bytes[to - 1])) to--
  return bytes.subarray(from, to)
}

function isGlitch(byte: number | undefined): boolean {
  return byte === 0xff || byte === 0x00
}
