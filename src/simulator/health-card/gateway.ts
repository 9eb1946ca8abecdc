/** The gate before every 电子健康卡 interface: 3.1.2 common parameters, 3.1.3 signature, 3.2.1 token. */
import { createHash, randomBytes } from 'node:crypto'
import { isMembers, parseMembers } from '../play.ts'
import { mergedMembers, signingText } from '../signing-text.ts'

export type Account = { readonly appId: string; readonly appSecret: string; readonly hospitalId: string }

/** `refuse` is a return code of 3.2.12; otherwise the request may pass. */
export type Admission = { requestId: string; refuse?: string; req: Record<string, unknown> }

const TOKEN_LIFE_MS = 7200_000
const CLOCK_LIMIT_MS = 600_000
const REMEMBERED = 200_000
const UNSIGNED = new Set(['sign'])

/** The document does not say which of the two is looked at first. */
export const ID_ORDERS = ['id-first', 'gate-first'] as const
export type IdOrder = (typeof ID_ORDERS)[number]

/** Codes that a gate gives before it looks at what is asked: access, token, signature, clock, limits. */
const GATE_CODES = /^(10034|20000|2100[1-7])$/

export type Gateway = ReturnType<typeof createGateway>

export function createGateway(account: Account) {
  let token: { text: string; diesAt: number } | undefined
  let killed = new Set<string>()
  let seen = new Set<string>()
  let idOrder: IdOrder = 'id-first'

  /** Looks at one request; `code` is what a control call wants it to get once its requestId is remembered. */
  function admit(operation: string, body: string, now: number, code: string | undefined): Admission {
    const members = parseMembers(body)
    if (members === undefined) return { requestId: '', refuse: '20001', req: {} }
    const { commonIn, req } = members
    if (!isMembers(commonIn)) return { requestId: '', refuse: '10003', req: {} }
    const requestId = typeof commonIn['requestId'] === 'string' ? commonIn['requestId'] : ''
    if (!isMembers(req)) return { requestId, refuse: '10002', req: {} }
    return { requestId, req, ...refusalOf(operation, commonIn, req, now, code) }
  }

  function refusalOf(
    operation: string,
    commonIn: Record<string, unknown>,
    req: Record<string, unknown>,
    now: number,
    code: string | undefined,
  ): { refuse?: string } {
    for (const value of Object.values(commonIn)) if (typeof value !== 'string') return { refuse: '20001' }
    const { requestId, timestamp, sign, hospitalId } = commonIn as Record<string, string | undefined>
    if (!requestId || !timestamp || !sign || !hospitalId) return { refuse: '20002' }
    if (Buffer.byteLength(requestId) > 512) return { refuse: '10037' }
    const checks = [() => spend(requestId), () => gate(operation, commonIn, req, now, code)]
    if (idOrder === 'gate-first') checks.reverse()
    const refuse = checks[0]!() ?? checks[1]!() ?? code
    return refuse === undefined ? {} : { refuse }
  }

  function spend(requestId: string): string | undefined {
    if (seen.has(requestId)) return '10054'
    seen.add(requestId)
    if (seen.size > REMEMBERED) seen.delete(seen.values().next().value as string)
    return undefined
  }

  function gate(
    operation: string,
    commonIn: Record<string, unknown>,
    req: Record<string, unknown>,
    now: number,
    code: string | undefined,
  ): string | undefined {
    if (code !== undefined && GATE_CODES.test(code)) return code
    const { timestamp = '', sign, hospitalId, appToken } = commonIn as Record<string, string | undefined>
    if (!/^\d{10}$/.test(timestamp)) return '20002'
    if (Math.abs(now - Number(timestamp) * 1000) > CLOCK_LIMIT_MS) return '20000'
    if (sign !== healthCardSign(commonIn, req, account.appSecret)) return '21006'
    // A refusal of the content that was ordered is given whatever the token, so that it is not used up on a dead one.
    if (code !== undefined) return undefined
    if (operation === 'getAppToken') return req['appId'] === account.appId ? undefined : '21002'
    if (!appToken) return '21001'
    if (appToken !== token?.text) return killed.has(appToken) ? '21003' : '21004'
    if (now >= token.diesAt) return '21003'
    if (hospitalId !== account.hospitalId) return '21005'
    return undefined
  }

  return {
    admit,
    /** A new token; the one before it is dead from now on. */
    newToken(now: number): { appToken: string; expiresIn: number } {
      if (token !== undefined) killed.add(token.text)
      token = { text: randomBytes(16).toString('hex').toUpperCase(), diesAt: now + TOKEN_LIFE_MS }
      return { appToken: token.text, expiresIn: TOKEN_LIFE_MS / 1000 }
    },
    /** Another terminal of the hospital fetched a token. */
    killToken(): void {
      if (token !== undefined) killed.add(token.text)
      token = undefined
    },
    setIdOrder(order: IdOrder): void {
      idOrder = order
    },
    reset(): void {
      idOrder = 'id-first'
      token = undefined
      killed = new Set()
      seen = new Set()
    },
  }
}

/** 3.1.3.3: Base64 of SHA-256 over the sorted text with the secret right behind it. */
export function healthCardSign(commonIn: Record<string, unknown>, req: Record<string, unknown>, appSecret: string): string {
  const text = signingText(mergedMembers(commonIn, req), UNSIGNED)
  return createHash('sha256').update(text + appSecret, 'utf8').digest('base64')
}
