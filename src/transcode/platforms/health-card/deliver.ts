/** One attempt to deliver a report, and how it ended (3.1.2, 3.2.12, FAQ 2). */
import { nextChinaMidnight } from '../../china-time.ts'
import { PlatformError } from '../platform-error.ts'
import type { Attempt, Delivered, DeliveryFault, OpenId, PlatformTools, ReportDraft } from '../platform.ts'
import { transportError } from '../transport-error.ts'
import { isTokenRefusal } from './calls.ts'
import type { Evidence } from './evidence.ts'
import type { Exchange } from './exchange.ts'
import { BIND_KIND, REPORT_KIND } from './reports.ts'
import { isListed, type KnownCode } from './return-codes.ts'
import { responses } from './schemas.ts'
import type { HealthCardOperation } from './settings.ts'
import type { Tokens } from './token.ts'

/** 接口调用次数限制, for a day; 重复请求; 接口调用被限制. */
const DAILY_LIMIT = '10034'
const REPEATED = '10054'
const RESTRICTED = '21007'
/** 核身异常: the identity service behind the platform had no answer, and may have one later. */
const IDENTITY_SERVICE = '-10038'
/** Refusals of the frame around a report (3.1.2): they say nothing of the report itself. */
const FRAME: readonly string[] = ['10002', '10003', '10037', '20001', '20002', '20004'] satisfies KnownCode[]

const OPERATIONS: Readonly<Record<string, Exclude<HealthCardOperation, 'getAppToken'>>> = {
  [REPORT_KIND]: 'reportHISData',
  [BIND_KIND]: 'bindCardRelation',
}

export type Deliver = (report: ReportDraft, attempt: Attempt, options: { signal?: AbortSignal }) => Promise<Delivered>

/** Makes the sender; token, timestamp and sign are made at sending, requestId is the attempt's. */
export function createDeliver(parts: { exchange: Exchange; gated: Exchange; tokens: Tokens; tools: PlatformTools; evidence: Evidence }): Deliver {
  const { exchange, gated, tokens, tools, evidence } = parts
  /** Refusals of the token with nothing else between them. */
  let tokenRefusals = 0

  return async (report, attempt, { signal }) => {
    const operation = OPERATIONS[report.kind]
    if (operation === undefined) return { kind: 'refused', error: UNKNOWN_KIND }
    let appToken: string
    try {
      appToken = await tokenFor(report, attempt.open, signal)
    } catch (error) {
      return withoutToken(error)
    }
    const requestId = attempt.begin(evidence.note(attempt.open, appToken))
    try {
      const rsp = await exchange(operation, report.payload, { appToken, requestId, signal })
      tokenRefusals = 0
      if (operation === 'reportHISData') return { kind: 'delivered' }
      // 3.2.6: only `result` says whether the card is bound.
      const bound = responses.bindCardRelation.safeParse(rsp).data?.result
      if (bound === undefined) return { kind: 'retry', answered: true, error: faultOf(transportError('health-card', 'REPLY_SHAPE', { detail: 'result' })) }
      return bound ? { kind: 'delivered' } : { kind: 'refused', error: NOT_BOUND }
    } catch (error) {
      if (isTokenRefusal(error)) return tokenRefused(appToken, error)
      tokenRefusals = 0
      return ended(error, operation, attempt.open, appToken)
    }
  }

  /**
   * The token in use. Before an unanswered attempt is repeated with the very token that may have been refused, the
   * token is tried on the card's own query: an id that is spent on a dead token could tell nothing any more.
   */
  async function tokenFor({ payload: { qrCodeText } }: ReportDraft, open: OpenId | null, signal: AbortSignal | undefined): Promise<string> {
    const appToken = await tokens.current()
    if (open === null || typeof qrCodeText !== 'string' || !evidence.isInDoubt(open, appToken)) return appToken
    try {
      await gated('getHealthCardByQRCode', { qrCodeText }, { appToken, requestId: tools.newId(), signal })
      return appToken
    } catch (error) {
      if (!isTokenRefusal(error)) return appToken
      tokens.drop(appToken)
      return tokens.current()
    }
  }

  function tokenRefused(appToken: string, error: PlatformError): Delivered {
    tokens.drop(appToken)
    tokenRefusals += 1
    // At once with a new token; but a platform that refuses every token must not be asked without end.
    return { kind: 'retry', answered: true, atGate: true, error: faultOf(error), ...(tokenRefusals === 1 ? { retryAfterMs: 0 } : {}) }
  }

  /** Nothing of the report has left: its requestId stays what it was. */
  function withoutToken(error: unknown): Delivered {
    if (!(error instanceof PlatformError)) throw error
    const retryAfterMs = error.fault.code === DAILY_LIMIT ? nextChinaMidnight(tools.now()) - tools.now() : error.retryAfterMs
    return { kind: 'retry', answered: false, error: faultOf(error), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  }

  function ended(error: unknown, operation: HealthCardOperation, open: OpenId | null, appToken: string): Delivered {
    if (!(error instanceof PlatformError)) throw error
    const fault = faultOf(error)
    const wait = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
    if (!error.answered) return { kind: 'retry', answered: false, sent: error.sent, note: evidence.note(open, appToken), error: fault, ...wait }
    switch (error.fault.code) {
      case REPEATED:
        // Not seen from us before, or a binding, which may be made twice: asked once more under a new id.
        if (open === null || operation !== 'reportHISData') return { kind: 'retry', answered: true, error: fault }
        return evidence.isProven(operation, open) ? { kind: 'delivered' } : { kind: 'unproven', error: { ...fault, ...UNPROVEN } }
      case DAILY_LIMIT:
        return { kind: 'pause', until: nextChinaMidnight(tools.now()), error: fault }
      case RESTRICTED:
        return { kind: 'pause', until: 'grow', error: fault }
      case IDENTITY_SERVICE:
        return { kind: 'retry', answered: true, atGate: true, error: fault, ...wait }
      default:
        // A code that the document does not list says nothing final of a report: it is kept and sent again.
        return error.ending === 'rejected' && isListed(error.fault.code)
          ? { kind: 'refused', atGate: !isAboutReport(error.fault.code), error: fault }
          : { kind: 'retry', answered: true, atGate: true, error: fault, ...wait }
    }
  }
}

/** Whether a refusal, by the document's table, is one of the report's own content. */
function isAboutReport(code: string): boolean {
  return isListed(code) && !FRAME.includes(code)
}

function faultOf(error: PlatformError): DeliveryFault {
  const { code, message, advice, requestId } = error.fault
  return { code, message, advice, ...(requestId === undefined ? {} : { requestId }) }
}

const UNKNOWN_KIND: DeliveryFault = { code: 'REPORT_KIND_UNKNOWN', message: '不认识这种上报', advice: '请升级码桥后由技术人员重新发送。' }
const UNPROVEN: DeliveryFault = {
  code: REPEATED,
  message: '平台见过这个请求号，但无从得知那一次是已计数还是被拒绝',
  advice: '内容保留着；同一凭证下一次上报成功后会自动判明。否则请向平台核对这笔用卡：已有的点“确认已送达”，没有的点“重新上报”。',
}
const NOT_BOUND: DeliveryFault = { code: 'BIND_FAILED', message: '平台没有绑定院内 ID', advice: '请核对院内 ID 与健康卡后由技术人员重新发送。' }
