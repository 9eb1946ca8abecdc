/** What goes wrong on the way to a platform, in words for staff. */
import type { PlatformId } from '../outcome.ts'
import { PlatformError } from './platform-error.ts'

/** Faults of the way to a platform: code -> what staff read. */
const TRANSPORT_FAULTS = {
  NETWORK_TIMEOUT: ['平台没有在限定时间内答复', '请患者刷新二维码后重新扫码（原动态码可能已失效）；连续出现请按应急流程办理并联系信息科。'],
  NETWORK_UNREACHABLE: ['连接不上平台', '请检查本机网络；其他窗口也不行时按应急流程办理，并联系信息科。'],
  NETWORK_NAME: ['找不到平台的地址', '域名解析失败：请信息科检查本机 DNS 或平台地址设置；期间按应急流程办理。'],
  NETWORK_RESET: ['与平台的连接中断', '请患者刷新二维码后重新扫码（原动态码可能已失效）；连续出现请联系信息科。'],
  NETWORK_TLS: ['平台的安全证书没有通过验证', '请信息科检查本机时间与证书设置；不要绕过验证。期间按应急流程办理。'],
  REPLY_TOO_LARGE: ['平台的答复过大，已中止接收', '请联系信息科检查平台地址；期间按应急流程办理。'],
  REPLY_NOT_JSON: ['平台的答复不是约定的格式', '多为网关或代理页面：请联系信息科检查平台地址与网络准入；期间按应急流程办理。'],
  REPLY_EMPTY: ['平台的答复是空的', '请患者刷新二维码后重新扫码；连续出现请联系信息科。'],
  REPLY_SHAPE: ['平台的答复缺少约定的内容', '请重新扫码；连续出现请把诊断页的记录交给信息科。'],
  REPLY_OTHER: ['平台的答复对不上这次查询', '答复没有被采用：请重新扫码；连续出现请立即停用该平台，并把诊断页的记录交给信息科。'],
  HTTP_STATUS: ['平台暂时不能服务', '请稍候重新扫码；连续出现请按应急流程办理并联系信息科。'],
  REQUEST_ABORTED: ['查询已取消', '需要时请重新扫码。'],
} as const satisfies Record<string, readonly [string, string]>
export type TransportFault = keyof typeof TRANSPORT_FAULTS

/** What a status says where it names its cause: the first whose numbers match; others are the platform's own trouble. */
const STATUS_WORDS: readonly (readonly [RegExp, string, string])[] = [
  [/^40[13]$/, '平台拒绝了本机的访问', '多为本机出口地址不在平台的 IP 白名单，或接入凭证不对：请信息科把出口地址报给平台对接人，并核对凭证；期间按应急流程办理。'],
  [/^40[45]$/, '平台上没有这个接口地址', '请信息科核对设置中的平台地址，再问平台对接人；期间按应急流程办理。'],
  [/^407$/, '代理拒绝了本机的访问', '请信息科在代理上放行本机；期间按应急流程办理。'],
  [/^429$/, '平台认为请求过于频繁', '请稍候重新扫码；连续出现请信息科问平台对接人调用上限。'],
]

/** Words for an HTTP status other than 2xx, and whether another try may end otherwise. */
export function statusWords(status: number): { message: string; advice: string; retryable: boolean } {
  const known = STATUS_WORDS.find(([numbers]) => numbers.test(String(status)))
  const [, message, advice] = known ?? [undefined, ...TRANSPORT_FAULTS.HTTP_STATUS]
  // A door that is closed to the terminal opens to no second knock.
  return { message: `${message}（HTTP ${status}）`, advice, retryable: known === undefined || status === 429 }
}

/** The error for a fault of the way; `detail` is added to its message, `status` brings words of its own. */
export function transportError(
  platform: PlatformId,
  code: TransportFault,
  options: { detail?: string; status?: number; answered?: boolean; sent?: boolean; retryAfterMs?: number } = {},
): PlatformError {
  const [message, advice] = TRANSPORT_FAULTS[code]
  const words = options.status === undefined
    ? { message: options.detail ? `${message}（${options.detail}）` : message, advice, retryable: true }
    : statusWords(options.status)
  const fault = { platform, code, ...words }
  return new PlatformError('unavailable', fault, {
    answered: options.answered ?? false,
    sent: options.sent ?? true,
    ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
  })
}
