/** What every call of a technician has in common. */
import { z } from 'zod'

/** Spread into a route. */
export const technical = { rights: ['technician'], status: 200, answer: z.unknown(), internal: true } as const

/** Who acts, for the audit; one PIN is shared by several people. */
export const who = z
  .string()
  .trim()
  .max(50)
  .optional()
  .transform((name) => name || 'technician')

/** Spread into a body: why something is done, and by whom. */
export const reason = { why: z.string().trim().min(1, '请写明原因').max(200), who }
