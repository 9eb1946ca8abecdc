/** One attempt to deliver a report, and how it ended (3.1.2, 3.2.12, FAQ 2). */
import { nextChinaMidnight } from '../../china-time.ts'
import { PlatformError } from '../platform-error.ts'
import type { Attempt, Delivered, DeliveryFault, PlatformTools, ReportDraft } from '../platform.ts'
import { isTokenRefusal } from './calls.ts'
import type { Exchange } from './exchange.ts'
import { BIND_KIND, REPORT_KIND } from './reports.ts'
import { responses } from './schemas.ts'
import type { HealthCardOperation } from './settings.ts'
import type { Tokens } from './token.ts'

/** 接口调用次数限制, for a day; 重复请求; 接口调用被限制. */
const DAILY_LIMIT = '10034'
const REPEATED = '10054'
const RESTRICTED = '21007'
/** 核身异常: the identity service behind the platform had no answer, and may have one later. */
const IDENTITY_SERVICE = '-10038'

const OPERATIONS: Readonly<Record<string, Exclude<HealthCardOperation, 'getAppToken'>>> = {
  [REPORT_KIND]: 'reportHISData',
  [BIND_KIND]: 'bindCardRelation',
}

export type Deliver = (report: ReportDraft, attempt: Attempt, options: { signal?: AbortSignal }) => Promise<Delivered>

/** Makes the sender; token, timestamp and sign are made at sending, requestId is the attempt's. */
export function createDeliver({ exchange, tokens, tools }: { exchange: Exchange; tokens: Tokens; tools: PlatformTools }): Deliver {
  /** Refusals of the token with nothing else between them. */
  let tokenRefusals = 0

  return async (report, attempt, { signal }) => {
    const operation = OPERATIONS[report.kind]
    if (operation === undefined) return { kind: 'refused', error: UNKNOWN_KIND }
    let appToken: string
    try {
      appToken = await tokens.current()
    } catch (error) {
      return withoutToken(error)
    }
    try {
      const rsp = await exchange(operation, report.payload, { appToken, requestId: attempt.requestId, signal })
      tokenRefusals = 0
      if (operation === 'bindCardRelation' && responses.bindCardRelation.safeParse(rsp).data?.result === false) {
        return { kind: 'refused', error: NOT_BOUND }
      }
      return { kind: 'delivered' }
    } catch (error) {
      if (isTokenRefusal(error)) return tokenRefused(appToken, error)
      tokenRefusals = 0
      return ended(error, attempt)
    }
  }

  function tokenRefused(appToken: string, error: PlatformError): Delivered {
    tokens.drop(appToken)
    tokenRefusals += 1
    // At once with a new token; but a platform that refuses every token must not be asked without end.
    return { kind: 'retry', answered: true, error: faultOf(error), ...(tokenRefusals === 1 ? { retryAfterMs: 0 } : {}) }
  }

  /** Nothing of the report has left: its requestId stays what it was. */
  function withoutToken(error: unknown): Delivered {
    if (!(error instanceof PlatformError)) throw error
    const retryAfterMs = error.fault.code === DAILY_LIMIT ? nextChinaMidnight(tools.now()) - tools.now() : error.retryAfterMs
    return { kind: 'retry', answered: false, error: faultOf(error), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  }

  function ended(error: unknown, attempt: Attempt): Delivered {
    if (!(error instanceof PlatformError)) throw error
    const fault = faultOf(error)
    const wait = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
    if (!error.answered) return { kind: 'retry', answered: false, error: fault, ...wait }
    switch (error.fault.code) {
      case REPEATED:
        // Ours, and recorded, only if the attempt before went unanswered under this very id.
        return attempt.repeated ? { kind: 'delivered' } : { kind: 'retry', answered: true, error: fault }
      case DAILY_LIMIT:
        return { kind: 'pause', until: nextChinaMidnight(tools.now()), error: fault }
      case RESTRICTED:
        return { kind: 'pause', until: 'grow', error: fault }
      case IDENTITY_SERVICE:
        return { kind: 'retry', answered: true, error: fault, ...wait }
      default:
        return error.ending === 'rejected' ? { kind: 'refused', error: fault } : { kind: 'retry', answered: true, error: fault, ...wait }
    }
  }
}

function faultOf(error: PlatformError): DeliveryFault {
  const { code, message, advice } = error.fault
  return { code, message, advice }
}

const UNKNOWN_KIND: DeliveryFault = { code: 'REPORT_KIND_UNKNOWN', message: '不认识这种上报', advice: '请升级码桥后由技术人员重新发送。' }
const NOT_BOUND: DeliveryFault = { code: 'BIND_FAILED', message: '平台没有绑定院内 ID', advice: '请核对院内 ID 与健康卡后由技术人员重新发送。' }
