/** 粤健通 3.2.4: code 换取用户认证信息. */
import { z } from 'zod'
import { YUEJIANTONG_CODE } from '../../codes/yuejiantong.ts'
import { codeText, replyCode, replyTextOrNone as replyText } from '../reply-fields.ts'
import { MAX_BUSINESS_TYPE } from './dictionaries.ts'

export const exchangeRequest = z.strictObject({
  appCode: z.string().trim().min(1).max(10).optional(),
  command: z.literal('01').optional().describe('固定传 01'),
  code: z.string().trim().regex(YUEJIANTONG_CODE, '应为 1 到 32 个可见字符'),
  businessType: z
    .int()
    .min(1)
    .max(MAX_BUSINESS_TYPE)
    .optional(),
})

/** An Integer of the document, whichever way it was written. */
const integer = z.preprocess((value) => {
  if (value === null || value === '') return undefined
  const code = codeText(value)
  return /^\d{1,9}$/.test(code) ? Number(code) : value
}, z.int().optional())

/** `data` once its encrypted members are readable. */
export const exchangeResponse = z.object({
  certificateNo: replyText(),
  certificateType: replyText(),
  healthCardNo: replyText(),
  phone: replyText(),
  name: replyText(),
  gender: integer,
  nation: replyText(),
  userId: replyText(),
  channel: replyText(),
  omitted: z.array(z.string()).optional().describe('平台给出而未采用的成员：解不开的密文，或不是规范所写的类型'),
})

export const gatewayReply = z.object({
  errcode: replyCode(),
  errmsg: replyText(),
  data: z.preprocess((value) => value ?? undefined, z.record(z.string(), z.unknown()).optional()),
})

export type ExchangeResponse = Omit<z.infer<typeof exchangeResponse>, 'omitted'>

/** The members of `data`, all of them optional (3.2.4): one that is not of its type is left out and named. */
export function membersOf(data: Record<string, unknown>): { data: ExchangeResponse; odd: string[] } {
  const fields = Object.entries(exchangeResponse.omit({ omitted: true }).shape)
  const read = fields.map(([name, schema]) => ({ name, parsed: schema.safeParse(data[name]) }))
  const odd = read.flatMap(({ name, parsed }) => (parsed.success ? [] : [name]))
  return { data: Object.fromEntries(read.flatMap(({ name, parsed }) => (parsed.success ? [[name, parsed.data]] : []))), odd }
}
