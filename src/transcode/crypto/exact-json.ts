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
