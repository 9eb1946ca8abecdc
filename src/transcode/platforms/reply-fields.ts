/** Fields of replies, read as leniently as card systems write them, and with every digit. */
import { z } from 'zod'
import { sourceOf, writtenNumber } from '../crypto/exact-json.ts'

/** A number or boolean as its text; a number with an exponent stays what it is, for no text can be made of it. */
const written = (value: unknown) => (typeof value === 'boolean' ? String(value) : (writtenNumber(value) ?? value))

/** Text; a number or boolean is taken for its text, null and absence for undefined. */
export const replyText = () => z.preprocess((value) => written(value ?? undefined), z.string().optional()).optional()

/** Text of which null and "" count as absent. */
export const replyTextOrNone = () => z.preprocess((value) => (value === null || value === '' ? undefined : written(value)), z.string().optional())

/** Text that must be there. */
export const replyFilled = () => z.preprocess(written, z.string().min(1))

/** A return code that must be there. */
export const replyCode = () => z.preprocess((value) => codeText(value) || undefined, z.string())

/** A return code or a word of a dictionary as text, '' for none; some libraries write 0 as 0.0. */
export function codeText(value: unknown): string {
  return typeof value === 'string' ? value.trim() : (writtenNumber(value)?.replace(/\.0+$/, '') ?? '')
}

/** A number, also one that `parseExactJson` kept or that is written as text; NaN for anything else. */
export function numberOf(value: unknown): number {
  return Number(typeof value === 'object' ? sourceOf(value) : value)
}
