/** The bytes of a reply to text: packed by gateways that were not asked to, in whichever charset. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'

const unpackers = {
  gzip: promisify(gunzip),
  inflate: promisify(inflate),
  inflateRaw: promisify(inflateRaw),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
}

/**
 * Undoes `content-encoding`, at most `maxBytes` coming of it. A reply that is
 * named as packed and is not is taken as it stands, one that is gzip unnamed is
 * unpacked. Rejects with the error of zlib: ERR_BUFFER_TOO_LARGE, or damage.
 */
export async function unpacked(bytes: Buffer, contentEncoding: string, maxBytes: number): Promise<Buffer> {
  if (bytes.length === 0) return bytes
  const layers = contentEncoding.toLowerCase().split(',').map((name) => name.trim().replace(/^x-/, '')).filter((name) => name !== '' && name !== 'identity')
  if (layers.length > MOST_LAYERS) throw new Error('packed too often')
  let plain = bytes
  for (const layer of layers.reverse()) plain = await withoutLayer(plain, layer, { maxOutputLength: maxBytes }).catch(asItStands(plain))
  return isGzip(plain) ? unpackers.gzip(plain, { maxOutputLength: maxBytes }) : plain
}

const MOST_LAYERS = 3

/** A gateway that unpacks may leave the header as it was. */
const asItStands = (bytes: Buffer) => (error: { code?: unknown }) => {
  if (bytes[0] !== 0x7b || error.code === 'ERR_BUFFER_TOO_LARGE') throw error
  return bytes
}

async function withoutLayer(bytes: Buffer, layer: string, limit: { maxOutputLength: number }): Promise<Buffer> {
  switch (layer) {
    case 'gzip':
      return isGzip(bytes) ? unpackers.gzip(bytes, limit) : bytes
    case 'deflate':
      // RFC 9110 8.4.1.2 means zlib's form; some servers send the bare one.
      return isZlib(bytes) ? unpackers.inflate(bytes, limit) : unpackers.inflateRaw(bytes, limit)
    case 'br':
    case 'zstd':
      return unpackers[layer](bytes, limit)
    default:
      // A name of nobody's, such as utf-8.
      return bytes
  }
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b
const isZlib = (bytes: Uint8Array) => ((bytes[0] ?? 0) & 0x0f) === 8 && (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) % 31 === 0

/** Charsets that hold no Chinese: what servers say that were never told. */
const SAYS_NOTHING = /^(iso-?8859-?1|latin-?1|us-ascii|ascii|windows-1252)$/i
const GB = /^(gb_?2312(-80)?|gbk|gb18030|cp936|ms936|windows-936|x-gbk|hz-gb-2312)$/i

/**
 * The text of a reply: by its mark, else by the charset of `contentType`, else
 * UTF-8 or GB 18030, whichever the bytes are. What is declared gives way where
 * the bytes plainly are the other of the two. Bytes that are none keep U+FFFD
 * where they could not be read.
 */
export function textOfReply(received: Buffer, contentType: string): string {
  const wide = utf16Of(received)
  if (wide !== undefined) return new TextDecoder(wide).decode(received)
  // Some programs put UTF-8's mark before GBK text.
  const isMarked = received[0] === 0xef && received[1] === 0xbb && received[2] === 0xbf
  const bytes = isMarked ? received.subarray(3) : received
  const declared = /charset\s*=\s*["']?\s*([\w:.-]+)/i.exec(contentType)?.[1] ?? ''
  const utf8 = attempt('utf-8', bytes)
  if (GB.test(declared)) {
    if (utf8 !== undefined && isChinese(utf8)) return utf8
    return attempt('gb18030', bytes) ?? utf8 ?? lossy(bytes)
  }
  const isUtf8 = /^utf-?8$/i.test(declared)
  if (declared !== '' && !isUtf8 && !SAYS_NOTHING.test(declared)) {
    const told = attempt(declared, bytes)
    if (told !== undefined) return told
  }
  if (utf8 === undefined) return asGb(bytes) ?? lossy(bytes)
  if (isUtf8 || HAN.test(utf8) || !LONE_LETTER.test(utf8)) return utf8
  const gb = asGb(bytes)
  return gb !== undefined && isChinese(gb) ? gb : utf8
}

const HAN = /\p{Script=Han}/u
/** A letter of two bytes that stands in no Latin word: 女 in GBK is Ů in UTF-8. */
const LONE_LETTER = /(?<![A-Za-z\u00c0-\u024f])[\u0080-\u00b6\u00b8-\u07ff](?![A-Za-z])/
const PRIVATE_USE = /\p{Co}/u

function attempt(charset: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const lossy = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** Undeclared GB 18030; not where it is rather UTF-8 with a character cut, or gives characters of no meaning. */
function asGb(bytes: Uint8Array): string | undefined {
  const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0
  const cut = lossy(bytes)
  if (cut.includes('\uFFFD') && count(cut, /\uFFFD/g) <= count(cut, /\p{Script=Han}/gu)) return undefined
  const text = attempt('gb18030', bytes)
  return text === undefined || PRIVATE_USE.test(text) ? undefined : text
}

/** Whether whatever is not ASCII is Chinese: three bytes a character, which no text in GBK is by chance. */
function isChinese(text: string): boolean {
  return HAN.test(text) && !/[^\u0000-\u007f\p{Script=Han}\u00b7\u2010-\u2044\u2103\u2116\u2160-\u217f\u3000-\u303f\uff00-\uffef]/u.test(text)
}

/** UTF-16 by its mark, or by the brace that a reply begins with. */
function utf16Of([a, b]: Uint8Array): string | undefined {
  if ((a === 0xff && b === 0xfe) || (a === 0x7b && b === 0)) return 'utf-16le'
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x7b)) return 'utf-16be'
  return undefined
}
