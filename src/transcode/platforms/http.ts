/** One request to a platform: a time limit over all of it, a size limit, no redirect, faults in plain Chinese. */
import { Agent, buildConnector, request, type Dispatcher } from 'undici'
import { parseExactJson } from '../crypto/exact-json.ts'
import { isRecord } from '../is-record.ts'
import type { PlatformId } from '../outcome.ts'
import { toleratingContinue, wasKept } from './connector.ts'
import { PlatformError } from './platform-error.ts'
import { textOfReply, unpacked } from './reply-bytes.ts'
import { transportError, type Told, type TransportFault } from './transport-error.ts'
import { isGarbled } from './valid-reply.ts'

/** Largest answer that is read, bytes, as it comes and unpacked; the largest real one (a QR picture) is some 50 KB. */
const MAX_REPLY_BYTES = 2 * 1024 * 1024

/** How long connections are kept, ms, and how many to one origin. */
export const KEPT = { keepAliveTimeout: 30_000, connections: 16 }

export type HttpRequest = {
  platform: PlatformId
  /** The operation's own name, for the log; the URL is not logged. */
  operation: string
  method?: 'GET' | 'POST'
  url: string
  headers?: Record<string, string>
  /** Sent as it stands: the bytes that were signed. */
  body?: string
  /**
   * Given for a pure query, one that counts nothing and spends no code: makes the
   * body that is sent once more, on a connection of its own, where a kept one was
   * cut before anything of an answer came.
   */
  again?: () => string | undefined
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
 * Parses a reply's JSON object, every digit of its numbers kept (`parseExactJson`).
 * An HTTP status other than 2xx, a web page, an empty body or JSON that is no
 * object is `unavailable`; a proxy may have written it, so it does not count as
 * the platform's answer.
 */
export function replyJson(platform: PlatformId, reply: HttpReply): Record<string, unknown> {
  if (reply.status < 200 || reply.status > 299) {
    const retryAfterMs = retryAfter(reply)
    const { location } = reply.headers
    // Of the address the host alone: the rest may hold what was asked.
    const host = reply.status < 400 && typeof location === 'string' ? URL.parse(location)?.host : undefined
    throw transportError(platform, 'HTTP_STATUS', {
      status: reply.status,
      ...(host ? { detail: `转向 ${host}` } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  }
  if (reply.text.trim() === '') throw transportError(platform, 'REPLY_EMPTY')
  let value: unknown
  try {
    value = parseExactJson(reply.text)
  } catch {
    if (/^\s*</.test(reply.text)) throw transportError(platform, 'REPLY_NOT_JSON', { page: true })
    throw transportError(platform, isGarbled(reply.text) ? 'REPLY_CHARSET' : 'REPLY_NOT_JSON')
  }
  if (!isRecord(value)) throw transportError(platform, 'REPLY_NOT_JSON')
  return value
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
 * @param options.fresh the same without kept connections, for what is sent once more
 */
export function createHttpClient(
  options: {
    dispatcher?: Dispatcher
    fresh?: Dispatcher
    onExchange?: (exchange: Exchange) => void
    now?: () => number
  } = {},
): HttpClient {
  const now = options.now ?? Date.now
  const dispatcher = options.dispatcher ?? new Agent({ ...KEPT, connect: toleratingContinue(buildConnector({ minVersion: 'TLSv1.2' })) })
  const fresh = options.fresh ?? dispatcher

  async function send(wanted: HttpRequest): Promise<HttpReply> {
    const startedAt = performance.now()
    const limit = AbortSignal.timeout(wanted.timeoutMs)
    const signal = wanted.signal ? AbortSignal.any([limit, wanted.signal]) : limit
    const report = (extra: Partial<Exchange>) => {
      if (wanted.elsewhere) return
      options.onExchange?.({ platform: wanted.platform, operation: wanted.operation, ms: performance.now() - startedAt, ...extra })
    }
    const asked = (body: string | undefined, by: Dispatcher) =>
      request(wanted.url, { method: wanted.method ?? 'POST', headers: wanted.headers ?? {}, body: body ?? null, dispatcher: by, signal })
    try {
      const response = await asked(wanted.body, dispatcher).catch((error: unknown) => {
        // A server may close a connection that it kept in the moment that the next request is written on it.
        if (wanted.again === undefined || !wasKept(error) || faultOf(error, limit, wanted.signal) !== 'NETWORK_RESET') throw error
        return asked(wanted.again(), fresh)
      })
      const text = await textOf(response, wanted.platform)
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
          : transportError(wanted.platform, faultOf(error, limit, wanted.signal), { sent: !neverConnected(error), ...told(error) })
      report({ fault: fault.fault.code })
      throw fault
    }
  }

  return {
    send,
    async close() {
      await Promise.all([...new Set([dispatcher, fresh])].map((one) => one.close()))
    },
  }
}

async function textOf({ body, headers }: Dispatcher.ResponseData, platform: PlatformId): Promise<string> {
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
  try {
    const plain = await unpacked(Buffer.concat(chunks), String(headers['content-encoding'] ?? ''), MAX_REPLY_BYTES)
    return textOfReply(plain, String(headers['content-type'] ?? ''))
  } catch (error) {
    throw transportError(platform, (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? 'REPLY_TOO_LARGE' : 'REPLY_ENCODING')
  }
}

/** What whoever made the connection knows of its failure (`Told`), in words that hold nothing personal. */
function told(error: unknown): { detail?: string; it?: string } {
  const { told: words } = error as { told?: Told }
  return words === undefined ? {} : { detail: words.detail, it: words.advice }
}

function faultOf(error: unknown, limit: AbortSignal, given: AbortSignal | undefined): TransportFault {
  if (given?.aborted) return 'REQUEST_ABORTED'
  if (limit.aborted) return 'NETWORK_TIMEOUT'
  const code = String((error as { code?: unknown }).code ?? '')
  if (code === 'NETWORK_PROXY') return code
  // Its codes are not always given; headers that are wrong after a length are told as a body of another one.
  if ((error as Error).name === 'HTTPParserError' || /HEADERS_OVERFLOW|LENGTH_MISMATCH/.test(code)) return 'NETWORK_PROTOCOL'
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return 'NETWORK_TIMEOUT'
  if (/ENOTFOUND|EAI_AGAIN/.test(code)) return 'NETWORK_NAME'
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/.test(code)) return 'NETWORK_UNREACHABLE'
  if (/CERT|TLS|SSL|UNABLE_TO_|SELF_SIGNED|EPROTO/.test(code)) return 'NETWORK_TLS'
  return 'NETWORK_RESET'
}

/** Whether no connection came about, so that the platform cannot have seen the request. */
function neverConnected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(neverConnected)
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  return syscall === 'connect' || syscall === 'getaddrinfo' || /^(NETWORK_PROXY|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(String(code))
}
