/** ec.query: decoding a 医保电子凭证. */
import { z } from 'zod'
import { replyCode, replyTextOrNone as replyText } from '../reply-fields.ts'
import { BUSINESS_TYPE_CODES, BUSINESS_TYPE_WORDS } from './dictionaries.ts'

const filled = (max: number) => z.string().trim().min(1).max(max)

/** The fields of `data`; what the settings hold may be left out. `code` is the scanned text. */
export const queryRequest = z.strictObject({
  code: filled(512).optional(),
  orgId: filled(30).optional(),
  businessType: z.enum(BUSINESS_TYPE_CODES).optional().describe(BUSINESS_TYPE_WORDS),
  operatorId: filled(20).optional(),
  operatorName: filled(30).optional(),
  officeId: filled(20).optional(),
  officeName: filled(30).optional(),
})

export const queryResponse = z.object({
  idNo: replyText(),
  idType: replyText(),
  userName: replyText(),
  ecToken: replyText(),
  insuOrg: replyText(),
  ecIndexNo: replyText(),
  gender: replyText(),
  birthday: replyText(),
  nationality: replyText(),
  email: replyText(),
  extData: z.unknown().optional(),
})

/** The answer: its fields stand in `data`, at some sites beside `code`. */
export const decoderReply = z.object({
  code: replyCode(),
  message: replyText(),
  msg: replyText(),
})

export type QueryRequest = z.infer<typeof queryRequest>
export type QueryResponse = z.infer<typeof queryResponse>
