/** The codes that were sent: each works once (3.1, 5 分钟有效), on whatever path it came. */
import { createHash, randomBytes } from 'node:crypto'

/** As long as a code lives. */
const REMEMBERED_MS = 300_000

/** Remembers salted digests only, in memory. @param now ms since 1970 */
export function createUsedCodes(now: () => number) {
  const salt = randomBytes(16)
  const usedAt = new Map<string, number>()
  return {
    /** Marks a code as used; undefined where it is already. What it returns takes that back: nothing was sent. */
    take(code: string): (() => void) | undefined {
      for (const [key, at] of usedAt) {
        if (now() - at < REMEMBERED_MS) break
        usedAt.delete(key)
      }
      const key = createHash('sha256').update(salt).update(code).digest('base64')
      if (usedAt.has(key)) return undefined
      usedAt.set(key, now())
      return () => void usedAt.delete(key)
    },
  }
}
