/** The appToken (3.2.1): one for the whole appId, so it is fetched as seldom as can be. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlatformTools } from '../platform.ts'
import { validReply } from '../valid-reply.ts'
import type { Exchange } from './exchange.ts'
import { responses } from './schemas.ts'
import type { HealthCardSettings } from './settings.ts'
import { createTokenSource } from './token-source.ts'

/** A token is given up this long before it ends, or a tenth of its life where that is less, ms. */
const EARLY_MS = 300_000
/** The longest wait before a refused token is replaced, ms: doubled at each refusal within `CROWDED_MS`, at most `MAX_JITTER_MS`. */
const JITTER_MS = 250
const MAX_JITTER_MS = 4000
const CROWDED_MS = 60_000

export type Token = { appToken: string; expiresIn: number }

export type Tokens = {
  /** The token now in use, fetched first where there is none or it is about to end. Rejects with PlatformError. */
  current(): Promise<string>
  /** Forgets a token that the platform refused, unless it has been replaced since. */
  drop(appToken: string): void
  /** Fetches a new one, which ends the old one for every terminal of the appId. */
  renew(): Promise<Token>
  close(): void
}

/**
 * Makes the holder of the token; however many ask, one fetch is under way at a
 * time. It is kept, encrypted, over a restart: a terminal that fetched at each
 * start would end the token of every other terminal of the appId.
 */
export function createTokens(options: { exchange: Exchange; settings: HealthCardSettings; tools: PlatformTools }): Tokens {
  const { exchange, settings, tools } = options
  const { appId } = settings
  const closing = new AbortController()
  const source = settings.tokenSource && createTokenSource(settings.tokenSource, settings.requestTimeoutMs, tools)
  let held = readKept()
  let fetching: Promise<Token> | undefined
  let refused: { appToken: string; at: number; count: number } | undefined

  async function fetchToken(): Promise<Token> {
    const token = source ? await source(refused?.appToken, closing.signal) : await ask()
    const lifeMs = token.expiresIn * 1000
    keep({ appToken: token.appToken, goodUntil: tools.now() + lifeMs - Math.min(EARLY_MS, lifeMs / 10) })
    tools.log('health-card.token.renewed', { expiresInSec: token.expiresIn })
    return token
  }

  async function ask(): Promise<Token> {
    const rsp = await exchange('getAppToken', { appId }, { appToken: '', requestId: tools.newId(), signal: closing.signal })
    return validReply('health-card', responses.getAppToken, rsp)
  }

  function renew(): Promise<Token> {
    fetching ??= fetchToken().finally(() => (fetching = undefined))
    return fetching
  }

  /** Terminals that fetch at the same moment end each other's tokens in turn: they wait for different times. */
  async function afterJitter(): Promise<Token> {
    const most = Math.min(MAX_JITTER_MS, JITTER_MS * 2 ** ((refused?.count ?? 1) - 1))
    await sleep(Math.random() * most, undefined, { signal: closing.signal })
    return fetchToken()
  }

  function keep(token: { appToken: string; goodUntil: number } | undefined): void {
    held = token
    try {
      tools.note?.write(token === undefined ? '' : JSON.stringify({ appId, ...token }))
    } catch {
      // On a full disk it is fetched again after the next start.
    }
  }

  function readKept(): { appToken: string; goodUntil: number } | undefined {
    try {
      const kept = JSON.parse(tools.note?.read() || 'null') as { appId: string; appToken: string; goodUntil: number } | null
      return kept?.appId === appId ? kept : undefined
    } catch {
      return undefined
    }
  }

  return {
    async current() {
      if (held !== undefined && tools.now() < held.goodUntil) return held.appToken
      const wasRefused = refused !== undefined && tools.now() - refused.at < CROWDED_MS
      fetching ??= (wasRefused ? afterJitter() : fetchToken()).finally(() => (fetching = undefined))
      return (await fetching).appToken
    },
    drop(appToken) {
      if (held?.appToken !== appToken) return
      const at = tools.now()
      refused = { appToken, at, count: refused !== undefined && at - refused.at < CROWDED_MS ? refused.count + 1 : 1 }
      keep(undefined)
    },
    renew,
    close: () => closing.abort(),
  }
}
