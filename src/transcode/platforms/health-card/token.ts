/** The appToken (3.2.1): one for the whole appId, so it is fetched as seldom as can be. */
import type { PlatformTools } from '../platform.ts'
import { validReply } from '../valid-reply.ts'
import type { Exchange } from './exchange.ts'
import { responses } from './schemas.ts'

/** A token is given up this long before it ends, or a tenth of its life where that is less, ms. */
const EARLY_MS = 300_000

type Token = { appToken: string; expiresIn: number }

export type Tokens = {
  /** The token now in use, fetched first where there is none or it is about to end. Rejects with PlatformError. */
  current(): Promise<string>
  /** Forgets a token that the platform refused, unless it has been replaced since. */
  drop(appToken: string): void
  /** Fetches a new one, which ends the old one for every terminal of the appId. */
  renew(): Promise<Token>
  close(): void
}

/** Makes the holder of the token; however many ask, one fetch is under way at a time. */
export function createTokens(options: { exchange: Exchange; appId: string; tools: PlatformTools }): Tokens {
  const { exchange, appId, tools } = options
  const closing = new AbortController()
  let held: { appToken: string; goodUntil: number } | undefined
  let fetching: Promise<Token> | undefined

  async function fetchToken(): Promise<Token> {
    const rsp = await exchange('getAppToken', { appId }, { appToken: '', requestId: tools.newId(), signal: closing.signal })
    const token = validReply('health-card', responses.getAppToken, rsp)
    const lifeMs = token.expiresIn * 1000
    held = { appToken: token.appToken, goodUntil: tools.now() + lifeMs - Math.min(EARLY_MS, lifeMs / 10) }
    tools.log('health-card.token.renewed', { expiresInSec: token.expiresIn })
    return token
  }

  function renew(): Promise<Token> {
    fetching ??= fetchToken().finally(() => (fetching = undefined))
    return fetching
  }

  return {
    async current() {
      if (held !== undefined && tools.now() < held.goodUntil) return held.appToken
      return (await renew()).appToken
    },
    drop(appToken) {
      if (held?.appToken === appToken) held = undefined
    },
    renew,
    close: () => closing.abort(),
  }
}
