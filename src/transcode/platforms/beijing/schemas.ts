/** 北京 4.1.2 and 4.2.2.2.2: one schema for each request and answer. */
import { z } from 'zod'
import { sourceOf } from '../../crypto/exact-json.ts'
import { replyTextOrNone as replyText } from '../reply-fields.ts'
import { CARD_TYPES } from './dictionaries.ts'

const filled = (max: number) => z.string().trim().min(1).max(max)

export const entryUrlRequest = z.strictObject({
  hospitalCode: filled(32).optional(),
  userName: filled(64),
  cardType: z.enum(Object.keys(CARD_TYPES) as (keyof typeof CARD_TYPES)[]).default('01'),
  cardNo: filled(32),
  /** ms since 1970; default now. */
  timestamp: z.int().min(0).optional(),
})
export const entryUrlResponse = z.object({ url: z.string() })

export const checkFaceRequest = z.strictObject({
  appId: filled(128).optional(),
  appSecret: filled(256).optional(),
  name: filled(64),
  certNo: filled(32),
})
/** The similarity as it came, whatever it is: what compares it refuses what is none. */
const similarity = z.preprocess((value) => (value === null || value === '' ? undefined : typeof value === 'number' ? String(value) : (sourceOf(value) ?? value)), z.string().optional())
/** As the platform sends it. */
export const checkFaceReply = z.object({
  code: z.union([z.int(), z.string()]),
  message: replyText(),
  data: similarity,
})
export const checkFaceResponse = z.object({
  code: z.union([z.int(), z.string()]),
  message: z.string(),
  /** Similarity, digits as they came. */
  data: z.string(),
  /** Whether it is greater than 0.7. */
  matched: z.boolean(),
})

export type EntryUrlRequest = z.infer<typeof entryUrlRequest>
export type CheckFaceRequest = z.infer<typeof checkFaceRequest>
export type CheckFaceResponse = z.infer<typeof checkFaceResponse>
