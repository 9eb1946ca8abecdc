/** Fields of replies, read as leniently as card systems write them. */
import { z } from 'zod'

/** Text; a number or boolean is taken for its text, null and absence for undefined. */
export const replyText = () =>
  z.preprocess((value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : (value ?? undefined)), z.string().optional()).optional()

/** Text that must be there. */
export const replyFilled = () => z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string().min(1))
