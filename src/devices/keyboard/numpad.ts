/** Numbers typed as Alt + numeric keypad -> text: bytes, GBK double bytes or Unicode code points. */

/** How to read a number above 255: `auto` decides for the whole code. */
export type NumpadEncoding = 'auto' | 'gbk' | 'unicode'

/** Where Unicode's Chinese characters end: a number above that is GBK, for no scanner types Korean here. */
const LAST_HANZI = 0x9fff
const FIRST_FULL_WIDTH = 0xff00

/** Characters and Alt+numpad numbers in the order typed -> text; a number that means nothing is left out. */
export function numpadText(units: readonly (string | number)[], encoding: NumpadEncoding): string {
  const wide = encoding === 'auto' ? guess(units) : encoding
  const parts: (string | number[])[] = []
  for (const unit of units) {
    const last = parts.at(-1)
    const bytes = Array.isArray(last) ? last : undefined
    if (typeof unit === 'string') parts.push(unit)
    // The second byte of a GBK character may be plain ASCII (0x40 to 0x7e).
    else if (bytes && (isHigh(unit) || (danglingLead(bytes) && unit >= 0x40 && unit <= 0x7e))) bytes.push(unit)
    else parts.push(isHigh(unit) ? [unit] : character(unit, wide))
  }
  const decode = byteDecoder(parts.filter(Array.isArray))
  return parts.map((part) => (Array.isArray(part) ? decode(part) : part)).join('')
}

function isHigh(value: number): boolean {
  return value >= 0x80 && value <= 0xff
}

function character(value: number, wide: 'gbk' | 'unicode'): string {
  if (value < 0x80) return String.fromCharCode(value)
  if (value > 0x10ffff) return gb18030([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])
  if (value > 0xffff) return String.fromCodePoint(value)
  if (isGbk(value) && (wide === 'gbk' || isOnlyGbk(value))) return gb18030([value >>> 8, value & 255])
  return value >= 0xd800 && value <= 0xdfff ? '' : String.fromCharCode(value)
}

/**
 * U+8140 to U+9FFF are common characters in Unicode and rare ones in GBK: their
 * neighbours decide, and where all are in that range Unicode is likelier.
 */
function guess(units: readonly (string | number)[]): 'gbk' | 'unicode' {
  const wide = units.filter((unit): unit is number => typeof unit === 'number' && unit > 0xff && unit <= 0xffff)
  const onlyGbk = wide.filter(isOnlyGbk).length
  const onlyUnicode = wide.filter((value) => !isGbk(value)).length
  return onlyGbk > onlyUnicode ? 'gbk' : 'unicode'
}

function isGbk(value: number): boolean {
  const lead = value >>> 8
  const trail = value & 255
  return lead >= 0x81 && lead <= 0xfe && trail >= 0x40 && trail <= 0xfe && trail !== 0x7f
}

function isOnlyGbk(value: number): boolean {
  return isGbk(value) && value > LAST_HANZI && value < FIRST_FULL_WIDTH
}

/** Whether the bytes so far end in the first half of a GBK character. */
function danglingLead(bytes: readonly number[]): boolean {
  let open = false
  for (const byte of bytes) open = !open && byte >= 0x81 && byte <= 0xfe
  return open
}

/** UTF-8 where every run of bytes is, and none is a short sequence: those are Chinese in GBK far more often. */
function byteDecoder(runs: readonly number[][]): (bytes: readonly number[]) => string {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  try {
    const isUtf8 = runs.every((run) => !/[\u0080-\u07ff]/.test(utf8.decode(Uint8Array.from(run))))
    if (isUtf8) return (bytes) => utf8.decode(Uint8Array.from(bytes))
  } catch {
    return gb18030
  }
  return gb18030
}

function gb18030(bytes: readonly number[]): string {
  return new TextDecoder('gb18030').decode(Uint8Array.from(bytes))
}
