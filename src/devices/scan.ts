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

/** 李小国 -> 李*国, 李国 -> 李*; an empty name stays empty. */
export function maskName(name: string): string {
  const letters = [...name]
  if (letters.length < 2) return name === '' ? '' : '*'
  if (letters.length === 2) return `${letters[0]}*`
  return `${letters[0]}${'*'.repeat(letters.length - 2)}${letters.at(-1)}`
}

/** 432901198810228888 -> 432***********8888, 12345678 -> 12****78: at most first three and last four; at least half and never fewer than four are stars. */
export function maskIdNumber(idNumber: string): string {
  const letters = [...idNumber]
  const shown = Math.min(7, letters.length - Math.max(LEAST_HIDDEN, Math.ceil(letters.length / 2)))
  // What is as short as that is told by its ends.
  return letters.length < 8 ? '*'.repeat(letters.length) : withStars(letters, Math.floor(shown / 2), Math.ceil(shown / 2))
}

/** 18812342012 -> 188****2012; any other number as `maskIdNumber` has it. */
export function maskPhone(phone: string): string {
  return /^1\d{10}$/.test(phone) ? withStars([...phone], 3, 4) : maskIdNumber(phone)
}

/** 安徽省合肥市示例路1号 -> 安徽省********: a text that says most at its end, such as an address. */
export function maskEnd(text: string): string {
  const letters = [...text]
  return withStars(letters, Math.max(0, Math.min(3, letters.length - LEAST_HIDDEN)), 0)
}

/**
 * A code text for a log line: its length and nothing that tells codes of one
 * kind apart (a prefix such as `https://` is the same for everybody).
 */
export function maskCode(text: string): string {
  const scheme = /^[a-z]+:\/\//i.exec(text)?.[0] ?? ''
  return `${scheme}…(${text.length})`
}

const LEAST_HIDDEN = 4

function withStars(letters: readonly string[], head: number, tail: number): string {
  return letters.map((letter, at) => (at < head || at >= letters.length - tail ? letter : '*')).join('')
}
