/** 渠道认证 in OAuth2 mode (附录1 1.2.2.2): where its token comes from the document does not say. */
import { z } from 'zod'
import type { PlatformTools } from '../platform.ts'
import { PlatformError } from '../platform-error.ts'
import { replyJson } from '../http.ts'
import { numberOf, replyTextOrNone } from '../reply-fields.ts'
import { validReply } from '../valid-reply.ts'
import { ownError } from './codes.ts'
import { MOST_SECRET, type QuanzhouSettings } from './settings.ts'

/** Taken where the answer does not say how long a token lives, s. */
const DEFAULT_LIFE_S = 300
/** A token is fetched anew this long before its end, ms. */
const MARGIN_MS = 30_000

const tokenReply = z.object({ access_token: replyTextOrNone(), expires_in: z.preprocess((value) => numberOf(value) || 0, z.number()) })

export type TokenSource = {
  /** Rejects with PlatformError (`sent: false`: the request that needed it did not leave). */
  token(): Promise<string>
  forget(): void
}

/** Fetches by client credentials (RFC 6749 4.4) from `tokenUrl`; one fetch at a time, kept until shortly before its end. */
export function createTokenSource(
  settings: QuanzhouSettings,
  { http, now, log }: Pick<PlatformTools, 'http' | 'now' | 'log'>,
): TokenSource {
  let held: { token: string; until: number } | undefined
  let fetching: Promise<string> | undefined

  async function fetchToken(): Promise<string> {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: settings.appId,
      client_secret: settings.appSecret?.reveal() ?? '',
    })
    const reply = await http.send({
      platform: 'quanzhou',
      operation: 'token',
      url: settings.tokenUrl ?? '',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
      timeoutMs: settings.requestTimeoutMs,
    })
    if (reply.status === 400 || reply.status === 401) throw ownError('TOKEN_REFUSED', `HTTP ${reply.status}`)
    const { access_token: token, expires_in: life } = validReply('quanzhou', tokenReply, replyJson('quanzhou', reply))
    if (token === undefined) throw ownError('TOKEN_REFUSED')
    if (token.length > MOST_SECRET) throw ownError('TOKEN_REFUSED', `令牌长 ${token.length} 个字符，文档规定最多 ${MOST_SECRET} 个`)
    const lifeMs = (life > 0 ? life : DEFAULT_LIFE_S) * 1000
    held = { token, until: now() + Math.max(lifeMs - MARGIN_MS, lifeMs / 2) }
    log('quanzhou.token.renewed', { expiresInSec: lifeMs / 1000 })
    return token
  }

  return {
    async token() {
      if (held !== undefined && now() < held.until) return held.token
      fetching ??= fetchToken().finally(() => (fetching = undefined))
      try {
        return await fetching
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error
        throw new PlatformError(error.ending, error.fault, { answered: error.answered, sent: false })
      }
    },
    forget() {
      held = undefined
    },
  }
}
