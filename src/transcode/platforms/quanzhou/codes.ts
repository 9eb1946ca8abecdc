/** 泉州: what each ending means. The document's tables of return codes are empty, so a refusal keeps the platform's own words. */
import type { HttpReply } from '../http.ts'
import { PlatformError } from '../platform-error.ts'
import { codeText } from '../reply-fields.ts'
import { faultOfCode, type ReturnCode, type ReturnCodeTable } from '../return-code.ts'

/** Largest difference between two clocks that is accepted, ms (附录1 1.1.1). */
export const MAX_SKEW_MS = 600_000

/** Endings of our own making; none of them believed anything of the answer. */
const OWN_CODES = {
  REPLY_UNSIGNED: {
    cause: '平台的答复没有签名，不予采信',
    staff: '请信息科核对平台地址与渠道配置；期间按应急流程办理。',
    patient: '系统正在核对，请稍候或改用其他方式缴费。',
    retryable: false,
  },
  REPLY_SIGNATURE: {
    cause: '平台的答复没有通过验签，不予采信',
    staff: '请信息科核对 signType、bizKey 与平台公钥，并排查网络是否被劫持；期间按应急流程办理。',
    patient: '系统正在核对，请稍候或改用其他方式缴费。',
    retryable: false,
  },
  REPLY_DECRYPT: {
    cause: '平台的答复无法解密，不予采信',
    staff: '请信息科核对 encType、salt 与 sm4Key；期间按应急流程办理。',
    patient: '系统正在核对，请稍候或改用其他方式缴费。',
    retryable: false,
  },
  REPLY_SHAPE: {
    cause: '平台的答复缺少约定的内容',
    staff: '请稍后再查；连续出现请把诊断页的记录交给信息科。',
    patient: '系统正在核对，请稍候。',
    retryable: true,
  },
  CLOCK_SKEW: {
    cause: '本机与平台的时间相差过大',
    staff: '请信息科校准本机时间（平台只接受相差 600 秒以内的请求）后重试。',
    patient: '系统正在校准，请稍候。',
    retryable: true,
  },
  TOKEN_REFUSED: {
    cause: '授权服务没有发给令牌',
    staff: '请信息科核对 tokenUrl、appId 与 appSecret；期间按应急流程办理。',
    patient: '信用就医暂时不能使用，请改用其他方式缴费。',
    retryable: true,
  },
  TRANSACTION_UNKNOWN: {
    cause: '交易结果未知：请求可能已到达平台，但没有可信的答复',
    staff:
      '不要重复提交！请先用 BC00.03.00.02 查询预授权状态，结算与退款再用 BC00.03.00.07 对账，确认未办理后才可重新提交。',
    patient: '正在向平台核实结果，请勿重复操作，也不要离开。',
    retryable: false,
  },
} as const satisfies ReturnCodeTable
export type OwnCode = keyof typeof OWN_CODES

const OTHER: Omit<ReturnCode, 'cause'> = {
  staff: '请按平台说明核对患者信息、协议状态与金额；仍不通过请改用其他方式缴费，并把返回码告知信息科。',
  patient: '信用就医没有通过，请改用其他方式缴费。',
  retryable: false,
}

/** An ending of our own; `detail` is added in brackets and must hold nothing personal. */
export function ownError(
  code: OwnCode,
  detail?: string,
  options: { answered?: boolean; sent?: boolean } = {},
): PlatformError {
  const fault = faultOfCode('quanzhou', code, OWN_CODES[code], OTHER)
  const message = detail === undefined ? fault.message : `${fault.message}（${detail}）`
  return new PlatformError('unavailable', { ...fault, message }, { answered: false, ...options })
}

/**
 * The error for a verified refusal: the platform's code and words, and the
 * difference of the clocks where it alone would be refused.
 */
export function refusal(
  code: string,
  words: unknown,
  skewMs: number | undefined,
  personal: readonly string[],
): PlatformError {
  const fault = faultOfCode('quanzhou', code, undefined, OTHER, words, personal)
  if (skewMs === undefined || Math.abs(skewMs) <= MAX_SKEW_MS) return new PlatformError('rejected', fault)
  return new PlatformError('rejected', {
    ...fault,
    message: `${fault.message}（${skewWords(skewMs)}）`,
    advice: `${OWN_CODES.CLOCK_SKEW.staff}${fault.advice}`,
  })
}

/** `skewMs` is the platform's clock minus ours. */
export function skewWords(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  return `本机时间比平台${skewMs > 0 ? '慢' : '快'} ${seconds} 秒`
}

/** What an unverified answer says of itself, for a technician: a short code or the HTTP status, never its text. */
export function hintOf(answer: Record<string, unknown>, reply?: HttpReply): string | undefined {
  const code = codeText(answer['code'] ?? answer['respCode'])
  if (/^[\w-]{1,20}$/.test(code)) return `返回码 ${code}`
  return reply === undefined ? undefined : `HTTP ${reply.status}`
}
