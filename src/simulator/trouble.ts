/** What can go wrong between a platform and a terminal, done to one answer. */
import type { ServerResponse } from 'node:http'

/** Every trouble on demand, with what it does. */
export const TROUBLES = {
  code: '按指定的返回码答复，可带 message（仅电子健康卡、安康码）',
  slow: '正常处理，延迟 delayMs 毫秒后答复',
  hang: '不答复，连接保持',
  reset: '直接断开连接',
  html: '答复一个网页（status 默认 200）',
  empty: '答复空内容',
  status: '答复 HTTP status（默认 503），可带 retryAfterSec',
  body: '原样答复 body',
  drip: '正常处理，每 delayMs 毫秒只给一个字节',
  endless: '答复永不结束',
  truncated: '正常处理，只答复一半便断开',
  'bad-signature': '正常处理，答复的签名是错的（仅泉州）',
  'other-request': '正常处理，答复写的是另一次请求的 requestId（仅电子健康卡）',
  'other-person': '正常处理，答复的是别人的健康卡（仅电子健康卡，批量的每一项也是）',
  incomplete: '正常处理，批量注册的答复只列出前一半的人（仅电子健康卡）',
} as const satisfies Record<string, string>
export type TroubleMode = keyof typeof TROUBLES

export type Trouble = {
  readonly mode: TroubleMode
  readonly delayMs?: number
  /** HTTP status of `html` and `status`. */
  readonly status?: number
  readonly retryAfterSec?: number
  /** The text of `body`. */
  readonly body?: string
  /** The platform does its work first and only the answer is lost. */
  readonly recorded?: boolean
}

/** The answer that the trouble is done to. */
type Answered = { readonly status?: number; readonly type?: string; readonly body: string }

const PAGE = '<!doctype html><html><head><title>网络准入</title></head><body>请先登录网络准入系统</body></html>'
const CHUNK = Buffer.alloc(64 * 1024, ' ')

/** Troubles that leave nothing of the platform's own answer. */
const SWALLOWING = new Set<TroubleMode>(['hang', 'reset', 'html', 'empty', 'status', 'body', 'endless'])

/** True where the platform never gets to see the request. */
export function isLostOnTheWay(trouble: Trouble): boolean {
  return SWALLOWING.has(trouble.mode) && trouble.recorded !== true
}

/** Sends an answer with a trouble done to it; `date` is the platform's own clock as an HTTP date. */
export function deliverWith(response: ServerResponse, trouble: Trouble, reply: Answered | undefined, date: string): void {
  const write = (status: number, type: string, body: string, headers: Record<string, string> = {}) =>
    void response.writeHead(status, { 'content-type': type, date, ...headers }).end(body)
  const body = Buffer.from(reply?.body ?? '')
  const type = reply?.type ?? 'application/json;charset=utf-8'
  switch (trouble.mode) {
    case 'hang':
      return
    case 'reset':
      return void response.socket?.resetAndDestroy()
    case 'html':
      return write(trouble.status ?? 200, 'text/html;charset=utf-8', PAGE)
    case 'empty':
      return write(200, 'application/json', '')
    case 'status': {
      const wait: Record<string, string> = trouble.retryAfterSec === undefined ? {} : { 'retry-after': String(trouble.retryAfterSec) }
      return write(trouble.status ?? 503, 'text/plain', '', wait)
    }
    case 'body':
      return write(200, type, trouble.body ?? '')
    case 'slow':
      return later(response, trouble.delayMs ?? 1000, () => write(reply?.status ?? 200, type, body.toString()))
    case 'drip':
      return drip(response, body, trouble.delayMs ?? 200, { 'content-type': type, date })
    case 'endless':
      response.writeHead(200, { 'content-type': type, date })
      return pour(response)
    case 'truncated':
      response.writeHead(200, { 'content-type': type, date, 'content-length': String(body.length) })
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy())
      return
    case 'code':
    case 'bad-signature':
    case 'other-request':
    case 'other-person':
    case 'incomplete':
      return write(reply?.status ?? 200, type, body.toString())
  }
}

function later(response: ServerResponse, delayMs: number, act: () => void): void {
  const timer = setTimeout(act, delayMs)
  response.once('close', () => clearTimeout(timer))
}

function drip(response: ServerResponse, body: Buffer, delayMs: number, headers: Record<string, string>): void {
  response.writeHead(200, headers)
  let sent = 0
  const timer = setInterval(() => {
    if (sent >= body.length) return void response.end()
    response.write(body.subarray(sent, ++sent))
  }, delayMs)
  response.once('close', () => clearInterval(timer))
}

function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write(CHUNK));
  if (!response.destroyed) response.once('drain', () => pour(response))
}
