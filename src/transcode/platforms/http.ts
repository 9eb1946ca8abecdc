/** One request to a platform: a time limit over all of it, a size limit, no redirect, faults in plain Chinese. */
import { Agent, request, type Dispatcher } from 'undici'
import { isTooDeep } from '../crypto/json-depth.ts'
import type { PlatformId } from '../outcome.ts'
import { PlatformError } from './platform-error.ts'
import { transportError, type TransportFault } from './transport-error.ts'

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
  /** Goes to somebody else for the platform's sake, such as the HIS: its answer says nothing of how the platform does. */
  elsewhere?: boolean
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

/** What a monitor is told of every exchange with a platform: nothing personal. */
export type Exchange = {
  platform: PlatformId
  operation: string
  ms: number
  status?: number
  fault?: string
  clockSkewMs?: number
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
    const report = (extra: Partial<Exchange>) => {
      if (wanted.elsewhere) return
      options.onExchange?.({ platform: wanted.platform, operation: wanted.operation, ms: performance.now() - startedAt, ...extra })
    }
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
