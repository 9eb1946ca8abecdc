/** What goes wrong on the way to a platform: what staff do, and what the information department looks at. */
import type { PlatformId } from '../outcome.ts'
import { PlatformError } from './platform-error.ts'

const FALLBACK = '请按应急流程办理，并联系信息科。'
const ONCE_MORE = '请重新扫码，动态码须先请患者刷新；连续出现请按应急流程办理并联系信息科。'

/** Faults of the way to a platform: code -> what happened, what staff do, what the information department does. */
const TRANSPORT_FAULTS = {
  NETWORK_TIMEOUT: ['平台没有在限定时间内答复', ONCE_MORE, '检查本机到平台的网络与防火墙；网络正常则问平台对接人是否繁忙。'],
  NETWORK_UNREACHABLE: ['连接不上平台', `其他窗口正常时请检查本机网线；${FALLBACK}`, '检查本机网络、代理与防火墙，核对设置中的平台地址与端口。'],
  NETWORK_NAME: ['找不到平台的地址', FALLBACK, '域名解析失败：检查本机 DNS 与设置中的平台地址。'],
  NETWORK_RESET: ['与平台的连接中断', ONCE_MORE, '查看防火墙、网闸与代理的拦截记录；没有拦截则问平台对接人。'],
  NETWORK_TLS: ['平台的安全证书没有通过验证', FALLBACK, '检查本机时间与证书设置，不要绕过验证。'],
  NETWORK_PROTOCOL: ['平台的答复不符合 HTTP 规范', FALLBACK, '多为中间的网关、代理或平台自己写错了报文头：把诊断页的记录交给网络管理员与平台对接人。'],
  NETWORK_PROXY: ['代理没有放行到平台的连接', FALLBACK, '在代理上放行平台的地址与端口，核对 network.proxy 中的帐号；院内地址不经代理的，写入 network.noProxy。'],
  REPLY_TOO_LARGE: ['平台的答复过大，已中止接收', FALLBACK, '检查平台地址是否填错。'],
  REPLY_NOT_JSON: ['平台的答复不是约定的格式', FALLBACK, '检查平台地址是否填错，以及中间的网关与代理。'],
  REPLY_CHARSET: ['平台的答复中有读不出的文字，不予采信', `请改用其他身份凭证，或${FALLBACK.slice(1)}`, '平台或网关的文字编码有误（应为 UTF-8 或 GBK，并与声明一致）：把诊断页的记录交给平台对接人。'],
  REPLY_ENCODING: ['平台的答复解不开压缩', FALLBACK, '多为中间的网关或代理压缩有误：请网络管理员对平台地址停用压缩，或问平台对接人。'],
  REPLY_EMPTY: ['平台的答复是空的', ONCE_MORE, '问平台对接人；经代理或网关的，查看其记录。'],
  REPLY_SHAPE: ['平台的答复缺少约定的内容', `请重新扫码；连续出现${FALLBACK}`, '把诊断页的记录交给平台对接人。'],
  REPLY_OTHER: ['平台的答复对不上这次查询', '答复没有被采用：请重新扫码；连续出现请立即停用该平台，并联系信息科。', '有答复串给了别人：把诊断页的记录交给平台对接人，查清之前不要启用。'],
  HTTP_STATUS: ['平台暂时不能服务', '请稍候重新扫码；连续出现请按应急流程办理并联系信息科。', '问平台对接人是否在维护。'],
  REQUEST_ABORTED: ['查询已取消', '需要时请重新扫码。', ''],
} as const satisfies Record<string, readonly [message: string, staff: string, it: string]>
export type TransportFault = keyof typeof TRANSPORT_FAULTS

/** A page for people where an interface should answer: somebody stands between. */
const PAGE = ['答复的是网页，不是平台的接口', FALLBACK, '多为上网认证（准入门户）、网关或代理的页面，或平台地址填错：先在本机浏览器完成上网认证，再请网络管理员放行本机到平台的地址。'] as const

/** What a status says where it names its cause: the first whose numbers match; others are the platform's own trouble. */
const STATUS_WORDS: readonly (readonly [RegExp, string, string, string])[] = [
  [/^(3..|511)$/, '答复要求转到别的地址，不是平台的接口', FALLBACK, '多为上网认证（准入门户）或网关所转，或平台地址已改（http 改 https）：请网络管理员放行本机到平台的地址，并与平台对接人核对设置中的地址。终端不会跟随转向。'],
  [/^40[13]$/, '平台拒绝了本机的访问', FALLBACK, '多为本机出口地址不在平台的 IP 白名单，或接入凭证不对：把出口地址报给平台对接人，并核对凭证。'],
  [/^40[45]$/, '平台上没有这个接口地址', FALLBACK, '核对设置中的平台地址，再问平台对接人。'],
  [/^407$/, '代理拒绝了本机的访问', FALLBACK, '在代理上放行本机，核对 network.proxy 中的帐号。'],
  [/^429$/, '平台认为请求过于频繁', '请稍候重新扫码；连续出现请按应急流程办理并联系信息科。', '问平台对接人调用上限。'],
]

/** Why a connection did not come about, and what the information department does; nothing personal. */
export type Told = { detail: string; advice: string }

type Words = { message: string; advice: string; retryable: boolean }

/** Words for an HTTP status other than 2xx, and whether another try may end otherwise. */
export function statusWords(status: number, detail?: string): Words {
  const known = STATUS_WORDS.find(([numbers]) => numbers.test(String(status)))
  const [, message, staff, it] = known ?? [undefined, ...TRANSPORT_FAULTS.HTTP_STATUS]
  // A door that is closed to the terminal opens to no second knock.
  const retryable = known === undefined || status === 429
  return { message: `${message}（HTTP ${status}${detail === undefined ? '' : `，${detail}`}）`, advice: adviceOf(staff, it), retryable }
}

/** Staff's part first; the information department's is marked as its own. */
function adviceOf(staff: string, it: string): string {
  return it === '' ? staff : `${staff}信息科：${it}`
}

/**
 * The error for a fault of the way. `detail` is added to its message and holds
 * nothing personal, `it` replaces what the information department is told,
 * `status` brings words of its own, `page` says that a web page came.
 */
export function transportError(
  platform: PlatformId,
  code: TransportFault,
  options: { detail?: string; it?: string; status?: number; page?: boolean; answered?: boolean; sent?: boolean; retryAfterMs?: number } = {},
): PlatformError {
  const { detail, status } = options
  const [message, staff, it] = options.page ? PAGE : TRANSPORT_FAULTS[code]
  const words = status === undefined
    ? { message: detail ? `${message}（${detail}）` : message, advice: adviceOf(staff, options.it ?? it), retryable: true }
    : statusWords(status, detail)
  const fault = { platform, code, ...words }
  return new PlatformError('unavailable', fault, {
    answered: options.answered ?? false,
    sent: options.sent ?? true,
    ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
  })
}
