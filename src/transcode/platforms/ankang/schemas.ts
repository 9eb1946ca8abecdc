/** 安康码 7.2–7.5: what each interface takes and gives; what the settings hold may be left out of a request. */
import { z } from 'zod'
import { parseTime } from '../../china-time.ts'
import { replyText } from '../reply-fields.ts'

const filled = () => z.string().trim().min(1)
const cityNo = z.string().regex(/^(\d{6}|\d{12})$/, '应为 6 位或 12 位数字').optional()
// 8.1 and 8.2 list the usual codes only, and the samples' have 1 to 18 digits.
const digits = () => z.string().regex(/^\d{1,20}$/, '应为 1 到 20 位数字')
const scene = digits().optional()
/** 8.1 lists the usual ones of 7 digits; the platform's developers add others. */
export const TARGET_TYPE = /^[^\s\p{C}]{1,20}$/u
const targetType = z.string().regex(TARGET_TYPE, '应为 1 到 20 个字符，不含空白')

const asked = {
  cityNo,
  qrCodeUrl: filled().max(1024),
  targetType: targetType.optional(),
  senceCode: scene,
  sceneCode: scene,
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const object = z.record(z.string(), z.unknown())

/** 7.4: `targetId` is shorter than 100 and `tradeNo` shorter than 50 characters. */
const messageFields = z.strictObject({
  cityNo,
  name: filled(),
  idcardNo: filled(),
  targetType,
  targetId: filled().max(99),
  tradeTime: z
    .string()
    .regex(/^\d{14}$/, '应为 yyyyMMddHHmmss')
    .refine((time) => parseTime(time) !== undefined, '没有这个时间'),
  tradeNo: filled().max(49),
  msg: filled(),
  tradeState: filled(),
})

export const requests = {
  transcode: z.strictObject({ ...asked, targetObject: z.union([filled().refine(isJson, '应为 JSON 文本'), object]).optional() }),
  identify: z.strictObject(asked),
  message: messageFields,
  config: z.strictObject({ cityNo, targetType: targetType.optional() }),
}

const word = replyText()

export const transcodeItem = z.looseObject({ targetQrCode: word, targetId: word, targetObject: z.unknown().optional() })
export const identity = z.looseObject({
  name: word,
  idcardNo: word,
  userPhone: word,
  isSelf: word,
  authType: word,
  authObject: word,
  healthLevel: word,
  dataSource: word,
  targetType: word,
  targetId: word,
  targetObject: z.unknown().optional(),
})
export const targetConfig = z.looseObject({
  belongarea: word,
  targetName: word,
  targetType: word,
  targetUrl: word,
  senceCode: word,
  sceneCode: word,
})

const head = { flag: word, errCode: word, errMsg: word }
export const responses = {
  transcode: z.looseObject({ ...head, data: z.array(transcodeItem) }),
  identify: z.looseObject({ ...head, data: identity }),
  message: z.looseObject(head),
  config: z.looseObject({ ...head, data: targetConfig }),
}
