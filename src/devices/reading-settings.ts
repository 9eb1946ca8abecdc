/** Settings that every scanner of bytes has: where a code ends, how it is written, what is taken off it. */
import { z } from 'zod'

/** Short English reasons in place of zod's own: `required` where nothing stands, else `must be …`. */
export function reason(wanted: string) {
  return {
    error: (issue: { code?: string; input?: unknown; keys?: string[] }) => {
      if (issue.code === 'unrecognized_keys') return `must not have ${issue.keys?.join(', ')}`
      return issue.input === undefined ? 'required' : `must be ${wanted}`
    },
  }
}

export const readingFields = {
  /** `auto`: CR, LF, CRLF or ETX; `none`: only the idle gap; else the characters themselves. */
  terminator: z.string(reason('auto, none or 1 to 8 characters')).min(1, 'must not be empty').max(8, 'must have at most 8 characters').default('auto'),
  /** Silence that ends a code without a terminator, ms. */
  idleMs: z.int(reason('a whole number')).min(5, 'must be at least 5').max(5000, 'must be at most 5000').default(50),
  encoding: z.enum(['auto', 'utf8', 'gbk'], reason('auto, utf8 or gbk')).default('auto'),
  /** Characters that the scanner was told to put before or after every code. */
  prefix: z.string(reason('text')).max(32, 'must have at most 32 characters').default(''),
  suffix: z.string(reason('text')).max(32, 'must have at most 32 characters').default(''),
}
