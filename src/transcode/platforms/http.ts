/** One request to a platform: a time limit over all of it, a size limit, no redirect, faults in plain Chinese. */
import { Agent, request, type Dispatcher } from 'undici'
import { isTooDeep } from '../crypto/json-depth.ts'
import type { PlatformId } from '../outcome.ts'
import { PlatformError } from './platform-error.ts'

/** Largest answer that is read, bytes; the largest real one (a QR picture) is some 50 KB. */
const MAX_REPLY_BYTES = 2 * 1024 * 1024

export type HttpRequest = {
  platform: PlatformId
  /** The operation's own name, for the log; the URL is not logged. */
  operation: string
  method?: 'GET' | 'POST'
  url: string
  headers?: Record<string, string>
  /** Sent as it stands: the bytes that were signed. */
  body?: string
  /** Over the whole exchange, connecting and reading included. */
  timeoutMs: number
  signal?: AbortSignal | undefined
}

export type HttpReply = {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  ms: number
  /** Platform's clock minus ours, ms, from its `date` header (1 s resolution); absent without one. */
  clockSkewMs?: number
}

export type HttpClient = {
  /** Rejects with PlatformError (`unavailable`, `answered: false`) when no answer arrived. */
  send(request: HttpRequest): Promise<HttpReply>
  close(): Promise<void>
}

/** What a monitor is told of every exchange: nothing personal. */
export type Exchange = {
  platform: PlatformId
  operation: string
  ms: number
  status?: number
  fault?: string
  clockSkewMs?: number
}

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

/** Words for an HTTP status other than 2xx. */
export function statusWords(status: number): { message: string; advice: string } {
  const [, message, advice] = STATUS_WORDS.find(([numbers]) => numbers.test(String(status))) ?? [undefined, ...TRANSPORT_FAULTS.HTTP_STATUS]
  return { message: `${message}（HTTP ${status}）`, advice }
}

/** The error for a fault of the way; `detail` is added to its message, `status` brings words of its own. */
export function transportError(
  platform: PlatformId,
  code: TransportFault,
  options: { detail?: string; status?: number; answered?: boolean; sent?: boolean; retryAfterMs?: number } = {},
): PlatformError {
  const [message, advice] = TRANSPORT_FAULTS[code]
  const words = options.status === undefined ? { message: options.detail ? `${message}（${options.detail}）` : message, advice } : statusWords(options.status)
  const fault = { platform, code, ...words, retryable: true }
  return new PlatformError('unavailable', fault, {
    answered: options.answered ?? false,
    sent: options.sent ?? true,
    ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
  })
}

/**
 * Parses a reply's JSON object. An HTTP status other than 2xx, a web page, an
 * empty body or JSON that is no object is `unavailable`; a proxy may have
 * written it, so it does not count as the platform's answer.
 */
export function replyJson(platform: PlatformId, reply: HttpReply): Record<string, unknown> {
  if (reply.status < 200 || reply.status > 299) {
    const retryAfterMs = retryAfter(reply)
    throw transportError(platform, 'HTTP_STATUS', {
      status: reply.status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  }
  if (reply.text.trim() === '') throw transportError(platform, 'REPLY_EMPTY')
  if (isTooDeep(reply.text)) throw transportError(platform, 'REPLY_NOT_JSON')
  let value: unknown
  try {
    value = JSON.parse(reply.text)
  } catch {
    throw transportError(platform, 'REPLY_NOT_JSON')
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw transportError(platform, 'REPLY_NOT_JSON')
  return value as Record<string, unknown>
}

/** `retry-after` in seconds or as a date -> ms, or undefined. */
export function retryAfter(reply: HttpReply, now = Date.now()): number | undefined {
  const value = reply.headers['retry-after']
  if (typeof value !== 'string') return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/**
 * The client used in earnest. Connections are kept alive for each origin.
 * @param options.dispatcher how connections are made (own CA, proxy); TLS 1.2 or later by default
 */
export function createHttpClient(
  options: {
    dispatcher?: Dispatcher
    onExchange?: (exchange: Exchange) => void
    now?: () => number
  } = {},
): HttpClient {
  const now = options.now ?? Date.now
  const dispatcher =
    options.dispatcher ??
    new Agent({ keepAliveTimeout: 30_000, connections: 16, connect: { minVersion: 'TLSv1.2' } })

  async function send(wanted: HttpRequest): Promise<HttpReply> {
    const startedAt = performance.now()
    const limit = AbortSignal.timeout(wanted.timeoutMs)
    const signal = wanted.signal ? AbortSignal.any([limit, wanted.signal]) : limit
    const report = (extra: Partial<Exchange>) =>
      options.onExchange?.({ platform: wanted.platform, operation: wanted.operation, ms: performance.now() - startedAt, ...extra })
    try {
      const response = await request(wanted.url, {
        method: wanted.method ?? 'POST',
        headers: wanted.headers ?? {},
        body: wanted.body ?? null,
        dispatcher,
        signal,
      })
      const text = await readText(response.body, wanted.platform)
      const ms = performance.now() - startedAt
      const date = Date.parse(String(response.headers['date'] ?? ''))
      const reply: HttpReply = { status: response.statusCode, headers: response.headers, text, ms }
      // The header counts whole seconds; the middle of the second is the best guess.
      if (!Number.isNaN(date)) reply.clockSkewMs = Math.round(date + 500 - (now() - ms / 2))
      report({ status: reply.status, ...(reply.clockSkewMs === undefined ? {} : { clockSkewMs: reply.clockSkewMs }) })
      return reply
    } catch (error) {
      const fault =
        error instanceof PlatformError
          ? error
          : transportError(wanted.platform, faultOf(error, limit, wanted.signal), { sent: !neverConnected(error) })
      report({ fault: fault.fault.code })
      throw fault
    }
  }

  return { send, close: () => dispatcher.close() }
}

async function readText(body: AsyncIterable<Uint8Array> & { destroy(): unknown }, platform: PlatformId): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_REPLY_BYTES) {
      body.destroy()
      throw transportError(platform, 'REPLY_TOO_LARGE')
    }
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

function faultOf(error: unknown, limit: AbortSignal, given: AbortSignal | undefined): TransportFault {
  if (given?.aborted) return 'REQUEST_ABORTED'
  if (limit.aborted) return 'NETWORK_TIMEOUT'
  const code = String((error as { code?: unknown }).code ?? '')
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return 'NETWORK_TIMEOUT'
  if (/ENOTFOUND|EAI_AGAIN/.test(code)) return 'NETWORK_NAME'
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/.test(code)) return 'NETWORK_UNREACHABLE'
  if (/CERT|TLS|SSL|UNABLE_TO_VERIFY|SELF_SIGNED/.test(code)) return 'NETWORK_TLS'
  return 'NETWORK_RESET'
}

/** Whether no connection came about, so that the platform cannot have seen the request. */
function neverConnected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(neverConnected)
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  return syscall === 'connect' || syscall === 'getaddrinfo' || /^(UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(String(code))
}
