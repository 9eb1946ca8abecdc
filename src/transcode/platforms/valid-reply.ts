/** Checks a reply against its schema before anything believes it. */
import type { z } from 'zod'
import { plainJson } from '../crypto/exact-json.ts'
import type { PlatformId } from '../outcome.ts'
import { transportError } from './transport-error.ts'

/**
 * What `schema` makes of a reply. Throws PlatformError (answered): REPLY_SHAPE
 * naming the first field that is wrong, REPLY_CHARSET where a text lost characters.
 */
export function validReply<T>(platform: PlatformId, schema: z.ZodType<T>, reply: unknown): T {
  const parsed = schema.safeParse(reply)
  if (parsed.success) return readable(platform, parsed.data)
  const path = parsed.error.issues[0]?.path.join('.') ?? ''
  throw transportError(platform, 'REPLY_SHAPE', { answered: true, ...(path === '' ? {} : { detail: path }) })
}

/** The value with the digits of its numbers. Throws PlatformError REPLY_CHARSET (answered) where a text lost characters. */
export function readable<T>(platform: PlatformId, value: T): T {
  const plain = plainJson(value)
  if (isGarbled(JSON.stringify(plain) ?? '')) throw transportError(platform, 'REPLY_CHARSET', { answered: true })
  return plain as T
}

/** Whether characters of a JSON text were lost: U+FFFD, what two of them become where UTF-8 is read as GBK, or half of a character of two units. */
export function isGarbled(text: string): boolean {
  return text.includes('\uFFFD') || text.includes('锟斤拷') || LONE_HALF.test(text)
}

/** JSON.stringify writes such a half as an escape; a backslash of the text itself it writes twice. */
const LONE_HALF = /(?<!\\)(?:\\\\)*\\ud[89a-f]/
