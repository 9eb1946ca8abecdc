/** Texts of answers as they really come. */
import { z } from 'zod'
import { sourceOf } from '../crypto/exact-json.ts'

/** A text that may come as a number or boolean; null and "" count as absent. */
export const replyText = () =>
  z.preprocess((value) => {
    if (value === null || value === '') return undefined
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : (sourceOf(value) ?? value)
  }, z.string().optional())
