/** A 中控 server of the hospital's ISV that owns the appToken and hands it out; then getAppToken (3.2.1) is never called. */
import { z } from 'zod'
import { replyJson } from '../http.ts'
import type { PlatformTools } from '../platform.ts'
import { secret, text, url } from '../setting-fields.ts'
import { transportError } from '../transport-error.ts'
import type { Token } from './token.ts'

/** How long a token is used before the source is asked again where it does not say, s. */
const DEFAULT_LIFE_SEC = 60

export const tokenSourceSettings = z.strictObject({
  url: url().describe('服务号开发商中控服务器的取 token 地址（GET，答 JSON）；填写后本机不再调用 getAppToken'),
  headers: z.record(z.string(), secret()).default({}).describe('附加的请求头，如中控要求的凭据'),
  tokenField: text().default('appToken').describe('答复里 token 的字段，层级以点相连，如 data.token'),
  expiresField: text().optional().describe('答复里剩余秒数的字段；没有时每 60 秒再问一次'),
  refreshUrl: url().optional().describe('token 被平台拒绝而中控仍给出同一个时，先 GET 这个地址请中控更新'),
})

/** Gives the token of the source; `refused` is the one that the platform took no longer. Rejects with PlatformError. */
export type TokenSource = (refused: string | undefined, signal: AbortSignal) => Promise<Token>

export function createTokenSource(settings: z.infer<typeof tokenSourceSettings>, timeoutMs: number, { http, log }: Pick<PlatformTools, 'http' | 'log'>): TokenSource {
  const headers = Object.fromEntries(Object.entries(settings.headers).map(([name, value]) => [name, value.reveal()]))

  async function get(address: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    return replyJson('health-card', await http.send({ platform: 'health-card', operation: 'tokenSource', method: 'GET', url: address, headers, timeoutMs, signal, elsewhere: true }))
  }

  async function read(signal: AbortSignal): Promise<Token> {
    const reply = await get(settings.url, signal)
    const appToken = at(reply, settings.tokenField)
    if (typeof appToken !== 'string' || appToken.trim() === '') throw transportError('health-card', 'REPLY_SHAPE', { detail: settings.tokenField })
    const left = settings.expiresField === undefined ? DEFAULT_LIFE_SEC : Number(at(reply, settings.expiresField))
    return { appToken: appToken.trim(), expiresIn: left > 0 ? left : DEFAULT_LIFE_SEC }
  }

  return async (refused, signal) => {
    const token = await read(signal)
    if (token.appToken !== refused) return token
    log('health-card.token.stale')
    if (settings.refreshUrl === undefined) return token
    await get(settings.refreshUrl, signal)
    return read(signal)
  }
}

function at(reply: Record<string, unknown>, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined), reply)
}
