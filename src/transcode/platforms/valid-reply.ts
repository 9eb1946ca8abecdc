/** Checks a reply against its schema before anything believes it. */
import type { z } from 'zod'
import type { PlatformId } from '../outcome.ts'
import { transportError } from './transport-error.ts'

/** What `schema` makes of a reply. Throws PlatformError REPLY_SHAPE (answered) naming the first field that is wrong. */
export function validReply<T>(platform: PlatformId, schema: z.ZodType<T>, reply: unknown): T {
  const parsed = schema.safeParse(reply)
  if (parsed.success) return parsed.data
  const path = parsed.error.issues[0]?.path.join('.') ?? ''
  throw transportError(platform, 'REPLY_SHAPE', { answered: true, ...(path === '' ? {} : { detail: path }) })
}
