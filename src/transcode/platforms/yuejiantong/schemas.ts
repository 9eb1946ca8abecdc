/** 粤健通 3.2.4: code 换取用户认证信息. */
import { z } from 'zod'
import { codeText, replyCode, replyTextOrNone as replyText } from '../reply-fields.ts'
import { MAX_BUSINESS_TYPE } from './dictionaries.ts'

/** 认证 code, String(32). */
export const CODE = /^[0-9A-Za-z_-]{1,32}$/

export const exchangeRequest = z.strictObject({
  appCode: z.string().trim().min(1).max(10).optional(),
  command: z.literal('01').optional().describe('固定传 01'),
  code: z.string().trim().regex(CODE, '应为 1 到 32 位字母、数字、下划线或连字符'),
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
})

export const gatewayReply = z.object({
  errcode: replyCode(),
  errmsg: replyText(),
  data: z.preprocess((value) => value ?? undefined, exchangeResponse.optional()),
})

export type ExchangeResponse = z.infer<typeof exchangeResponse>
