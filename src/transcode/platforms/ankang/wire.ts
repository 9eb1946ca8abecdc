/** One exchange with the 安康码 platform: body out, `data` in, whichever way it was written. */
import { parseExactJson } from '../../crypto/exact-json.ts'
import { isRecord } from '../../is-record.ts'
import { revealed } from '../../secret.ts'
import { replyJson } from '../http.ts'
import { PlatformError } from '../platform-error.ts'
import type { PlatformTools } from '../platform.ts'
import { codeText } from '../reply-fields.ts'
import { transportError } from '../transport-error.ts'
import { readable } from '../valid-reply.ts'
import { refusal, SUCCESS } from './return-codes.ts'
import type { AnkangSettings } from './settings.ts'

export type AnkangOperation = keyof AnkangSettings['endpoints']
export type AnkangReply = { flag?: string; errCode?: string; errMsg?: string; data: unknown }
export type Ask = (operation: AnkangOperation, body: Record<string, unknown>, signal?: AbortSignal) => Promise<AnkangReply>

/** Makes the function that asks one interface; it rejects with PlatformError. */
export function createAsk(settings: AnkangSettings, tools: Pick<PlatformTools, 'http'>): Ask {
  return async (operation, body, signal) => {
    const url = settings.endpoints[operation]
    if (url === undefined) throw notConfigured(operation)
    const reply = await tools.http.send({
      platform: 'ankang',
      operation,
      url,
      headers: { 'content-type': 'application/json;charset=utf-8', ...revealed(settings.headers) },
      body: JSON.stringify(body),
      ...(operation === 'config' && { again: () => JSON.stringify(body) }),
      timeoutMs: settings.requestTimeoutMs,
      signal,
    })
    const members = replyJson('ankang', reply)
    const failed = failureIn(codeText(members['flag']), codeText(members['errCode']))
    if (failed !== undefined) throw refusal(failed, members['errMsg'])
    return {
      flag: codeText(members['flag']),
      errCode: codeText(members['errCode']),
      errMsg: typeof members['errMsg'] === 'string' ? members['errMsg'] : '',
      data: dataOf(members['data']),
    }
  }
}

/** The code of a reply that is no success; `flag` (响应状态) decides where it says 200 and errCode (错误代码) is 0: no error. */
function failureIn(flag: string, errCode: string): string | undefined {
  if (flag === '' && errCode === '') throw transportError('ankang', 'REPLY_SHAPE', { detail: 'flag' })
  if (flag === SUCCESS && errCode === '0') return undefined
  return [errCode, flag].find((code) => code !== '' && code !== SUCCESS)
}

/** An array of objects, from an object, an array, or a JSON string of either; nothing at all is []. */
export function itemsOf(data: unknown): Record<string, unknown>[] {
  if (data === undefined || data === null || data === '') return []
  const items = Array.isArray(data) ? data : [data]
  if (!items.every(isRecord)) throw badData()
  return items
}

/** Members of a JSON string or an object; anything else is kept as `raw`. Throws PlatformError (REPLY_CHARSET). */
export function targetObjectOf(value: unknown): Record<string, unknown> {
  if (value === undefined || value === null || value === '') return {}
  const parsed = readable('ankang', typeof value === 'string' ? parsedOr(value, value) : value)
  return isRecord(parsed) ? parsed : { raw: value }
}

export function badData(): PlatformError {
  return transportError('ankang', 'REPLY_SHAPE', { detail: 'data', answered: true })
}

function dataOf(data: unknown): unknown {
  if (typeof data !== 'string' || data.trim() === '') return data
  const parsed = parsedOr(data, undefined)
  if (parsed === undefined) throw badData()
  return parsed
}

function parsedOr(text: string, otherwise: unknown): unknown {
  try {
    return parseExactJson(text)
  } catch {
    return otherwise
  }
}

function notConfigured(operation: AnkangOperation): PlatformError {
  return new PlatformError('unavailable', {
    platform: 'ankang',
    code: 'ENDPOINT_NOT_CONFIGURED',
    message: '没有配置这个安康码接口的地址',
    advice: `请信息科在设置 platforms.ankang.endpoints.${operation} 中填写地址。`,
    retryable: false,
  })
}
