/** The field types of 泉州's tables: Decimal 16,2, DateTime, Bit and texts with a length. */
import { z } from 'zod'
import { sourceOf } from '../../crypto/exact-json.ts'
import { codeText, replyTextOrNone } from '../reply-fields.ts'

/** Text of 1 to `max` characters. */
export const text = (max: number) => z.string().trim().min(1).max(max)

/** 16 digits, two of them behind the point. */
const AMOUNT = /^(0|[1-9]\d{0,13})(\.\d{1,2})?$/

/**
 * An amount of a request: a decimal string with at most two places, never a
 * float. A whole JavaScript number is taken too, since it has one spelling.
 */
export const amount = () =>
  z
    .union([z.string(), z.int()], '应为金额文本，如 "100.50"；带小数的金额不能用数字')
    .transform(String)
    .refine((value) => AMOUNT.test(value), '应为不超过 16 位、最多两位小数的金额文本，如 "100.50"')

/** An amount of an answer: the digits that were sent, as a decimal string. */
export const answeredAmount = () =>
  z.preprocess(
    (value) => sourceOf(value) ?? (typeof value === 'number' ? String(value) : value),
    z
      .string()
      .transform((value) => value.replace(/(\.\d\d)0+$/, '$1'))
      .refine((value) => /^-?(0|[1-9]\d{0,13})(\.\d{1,2})?$/.test(value), '不是两位小数以内的金额'),
  )

const DATE_TIME = /^(\d{4})(-?)(\d\d)\2(\d\d)(?:[T ]?(\d\d)(:?)(\d\d)\6(\d\d)(?:\.\d{1,3})?)?$/

/** A date or a date with time that exists: `yyyy-MM-dd[ HH:mm:ss]` or `yyyyMMdd[HHmmss]`; the document names no form. */
export const dateTime = () => z.string().refine(isDateTime, '应为真实存在的日期时间，如 2024-02-29 08:30:00')

function isDateTime(value: string): boolean {
  const parts = DATE_TIME.exec(value)
  if (!parts) return false
  const [, year, , month, day, hour = '00', , minute = '00', second = '00'] = parts
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const at = new Date(`${written}Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(written)
}

/** A Bit, sent as "0" or "1"; true, false, 0 and 1 are taken too. */
export const bit = () =>
  z.preprocess(
    // An answer may say 1.0.
    (value) => (sourceOf(value) === undefined ? value : codeText(value)),
    z
      .union([z.boolean(), z.literal([0, 1, '0', '1'])], '应为 0 或 1')
      .transform((value): '0' | '1' => (value === true || value === 1 || value === '1' ? '1' : '0')),
  )

/** Text of an answer; numbers become text, null and "" count as absent. */
export const answeredText = () => replyTextOrNone().pipe(z.string())

/** A field of an answer that may be absent, null or "". */
export const maybe = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === null || value === '' ? undefined : value), type.optional())
