/** One exchange with the 电子健康卡 platform: commonIn and req out and signed, rsp in. */
import { replyJson } from '../http.ts'
import { PlatformError } from '../platform-error.ts'
import type { PlatformTools } from '../platform.ts'
import { codeText } from '../reply-fields.ts'
import { transportError } from '../transport-error.ts'
import { refusal, SUCCESS } from './return-codes.ts'
import { operationUrl, type HealthCardOperation, type HealthCardSettings } from './settings.ts'
import { signOf, withoutEmpty } from './sign.ts'

export type Members = Record<string, unknown>
export type ExchangeOptions = {
  /** '' in getAppToken (3.2.1). */
  appToken: string
  /** New for every request (3.1.2, FAQ 2). */
  requestId: string
  signal?: AbortSignal | undefined
}
/** Gives `rsp`. Rejects with PlatformError; `answered` only where a resultCode arrived. */
export type Exchange = (operation: HealthCardOperation, req: Members, options: ExchangeOptions) => Promise<Members>

/** They count nothing and spend no code (3.2.4, 3.2.11). */
const PURE_QUERIES: ReadonlySet<HealthCardOperation> = new Set(['getHealthCardByQRCode'])

/** Makes the function that signs, sends and judges one request; timestamp and sign are made at sending. */
export function createExchange(settings: HealthCardSettings, tools: PlatformTools): Exchange {
  return async (operation, wanted, options) => {
    const sent = { ...options }
    try {
      return await exchange(operation, wanted, sent)
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      tools.log('health-card.failed', { operation, code: error.fault.code, requestId: sent.requestId })
      // What the platform's own people look a request up by (3.1.2).
      throw error.withRequestId(sent.requestId)
    }
  }

  async function exchange(operation: HealthCardOperation, wanted: Members, sent: ExchangeOptions): Promise<Members> {
    const { appToken, signal } = sent
    const req = withoutEmpty(wanted)
    const body = () => {
      const commonIn = {
        appToken,
        requestId: sent.requestId,
        hospitalId: tools.site.hospital?.id ?? '',
        timestamp: String(Math.floor(tools.now() / 1000)),
      }
      const sign = signOf(commonIn, req, settings.appSecret.reveal())
      return JSON.stringify({ commonIn: { ...commonIn, sign }, req })
    }
    const reply = await tools.http.send({
      platform: 'health-card',
      operation,
      url: operationUrl(settings, operation),
      headers: { 'content-type': 'application/json;charset=utf-8' },
      body: body(),
      // The first may have been seen: the second goes under an id of its own (FAQ 2).
      ...(PURE_QUERIES.has(operation) && { again: () => ((sent.requestId = tools.newId()), body()) }),
      timeoutMs: settings.requestTimeoutMs,
      signal,
    })
    const { commonOut, rsp } = replyJson('health-card', reply)
    const { resultCode: code, errMsg, requestId: answeredId } = membersOf(commonOut)
    const resultCode = codeOf(code)
    // JSON without a result code may be a gateway's: not the platform's answer.
    if (resultCode === undefined) throw transportError('health-card', 'REPLY_SHAPE', { detail: 'resultCode' })
    // The answer to another request (3.1.2) is no answer to this one; the document's own samples leave it empty.
    if (typeof answeredId === 'string' && answeredId.trim() !== '' && answeredId.trim().toUpperCase() !== sent.requestId.toUpperCase()) {
      throw transportError('health-card', 'REPLY_OTHER', { detail: 'requestId' })
    }
    if (resultCode !== SUCCESS) throw refusal(resultCode, errMsg, [appToken, ...textsOf(req)])
    return membersOf(rsp)
  }
}

/** The texts of a request that a platform might repeat in its words. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : []
}

/** The signed number as text; -10038 is not 10038. */
function codeOf(value: unknown): string | undefined {
  const text = codeText(value).replace(/\s/g, '')
  return /^-?\d{1,9}$/.test(text) ? text : undefined
}

function membersOf(value: unknown): Members {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {}
}
