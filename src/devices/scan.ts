/** What one reading of a code is, and how it may be written down: masked. */

/** Where a scan came from: the contract's `source.kind`. */
export const SCANNER_KINDS = ['serial', 'hid', 'keyboard', 'camera', 'api'] as const
export type ScannerKind = (typeof SCANNER_KINDS)[number]

/** The device behind a scan. `device` is its id, such as `serial:/dev/ttyUSB0`. */
export type ScanSource = { readonly device: string; readonly kind: ScannerKind }

/**
 * One code as a device read it. `text` is whole and therefore personal: it goes
 * to recognition and nowhere else; a log line gets `maskCode(text)`.
 */
export type Scan = {
  readonly text: string
  readonly source: ScanSource
  /** ISO 8601 with offset, when the last byte arrived. */
  readonly scannedAt: string
  /** AIM symbology identifier (such as `]Q1`) where the scanner sent one. */
  readonly aim?: string
}

/**
 * An object of somebody's that prints as `shown` wherever it is inspected, logged
 * or written into a text. It hangs on the object, not on a copy; what it holds is
 * read as before. `json` false leaves it whole as JSON, for what the API answers with.
 */
export function personal<T extends object>(value: T, shown: string, { json = true }: { json?: boolean } = {}): T {
  const mask = { value: () => shown, configurable: true }
  return Object.defineProperties(value, {
    toString: mask,
    [Symbol.for('nodejs.util.inspect.custom')]: mask,
    ...(json ? { toJSON: mask } : {}),
  })
}

const STARS = 11

/** 李小国 -> 李*国, 李国 -> 李*; an empty name stays empty. */
export function maskName(name: string): string {
  const letters = [...name]
  if (letters.length < 2) return name === '' ? '' : '*'
  if (letters.length === 2) return `${letters[0]}*`
  return `${letters[0]}${'*'.repeat(letters.length - 2)}${letters.at(-1)}`
}

/** 432901198810228888 -> 432***********8888: first three and last four, the rest stars. */
export function maskIdNumber(idNumber: string): string {
  return maskMiddle(idNumber, 3, 4)
}

/** 18812342012 -> 188****2012. */
export function maskPhone(phone: string): string {
  return maskMiddle(phone, 3, 4)
}

/**
 * A code text for a log line: its length and nothing that tells codes of one
 * kind apart (a prefix such as `https://` is the same for everybody).
 */
export function maskCode(text: string): string {
  const scheme = /^[a-z]+:\/\//i.exec(text)?.[0] ?? ''
  return `${scheme}…(${text.length})`
}

function maskMiddle(value: string, head: number, tail: number): string {
  if (value === '') return ''
  if (value.length <= head + tail) return '*'.repeat(Math.min(value.length, STARS))
  return value.slice(0, head) + '*'.repeat(value.length - head - tail) + value.slice(-tail)
}
