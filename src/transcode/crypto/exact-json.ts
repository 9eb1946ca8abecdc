/** JSON whose numbers keep the digits they were written with, so that a signature over them can be checked. */
import { isTooDeep } from './json-depth.ts'

type RawJson = { readonly rawJSON: string }
type ExactJson = {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): RawJson
  isRawJSON(value: unknown): value is RawJson
}
const json = JSON as unknown as ExactJson

/**
 * Parses JSON. A number that JavaScript would write differently (`100.00`,
 * `1e3`, more than 15 digits) becomes an object that JSON.stringify writes as it
 * stood; `sourceOf` reads it. Throws SyntaxError.
 */
export function parseExactJson(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError('JSON nested too deep')
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? json.rawJSON(source) : value,
  )
}

/** The digits of a number that `parseExactJson` kept, or undefined for anything else. */
export function sourceOf(value: unknown): string | undefined {
  return json.isRawJSON(value) ? value.rawJSON : undefined
}

/**
 * A number as it was written, where it was written out: `12.50`. Undefined for
 * an exponent, behind which digits may be missing, and for anything else.
 */
export function writtenNumber(value: unknown): string | undefined {
  const source = typeof value === 'number' ? String(value) : sourceOf(value)
  return source !== undefined && /^-?\d+(\.\d+)?$/.test(source) ? source : undefined
}

/** A copy in which every number that `parseExactJson` kept is a text of its digits: for values of no known form. */
export function plainJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const source = sourceOf(value)
  if (source !== undefined) return source
  if (Array.isArray(value)) return value.map(plainJson)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plainJson(item)]))
}

/** What may be a number of more than 15 digits or with an exponent, where no text stands. */
const LONG_NUMBER = /[:,[\s]-?(?:[\d.]{16,}|[\d.]+[eE])/

/** Paths of the numbers of a JSON text whose value JavaScript would change (`1.00` it would not). Throws SyntaxError. */
export function inexactNumbers(text: string): string[] {
  return LONG_NUMBER.test(text) ? inexactIn(parseExactJson(text), []) : []
}

function inexactIn(value: unknown, path: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null) return []
  const source = sourceOf(value)
  if (source !== undefined) return valueOf(source) === valueOf(String(Number(source))) ? [] : [path.join('.')]
  return Object.entries(value).flatMap(([name, item]) => inexactIn(item, [...path, name]))
}

/** One spelling for each decimal: its digits without zeros around them, and where the point stands. */
function valueOf(decimal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(decimal) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/(?<!0)0+$/, '')
  return significant === '' ? '0' : `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}
