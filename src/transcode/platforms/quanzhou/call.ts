/** One call of BC00.03.00.01–07: checked, sealed, sent once, verified, and judged in the document's three steps. */
import { replyJson, type HttpReply } from '../http.ts'
import type { PlatformTools } from '../platform.ts'
import { PlatformError, RequestFault } from '../platform-error.ts'
import { transportError } from '../transport-error.ts'
import { validate, withoutBlanks } from '../validate.ts'
import { readable } from '../valid-reply.ts'
import { MAX_SKEW_MS, ownError, refusal, skewWords } from './codes.ts'
import { createEnvelope } from './create-envelope.ts'
import type { Members, Opened } from './envelope.ts'
import { releaseRequest, SCHEMAS, type FunctionId } from './schemas.ts'
import type { QuanzhouSettings } from './settings.ts'
import { createTokenSource } from './token.ts'
import { createUnanswered } from './unanswered.ts'

export type Call = {
  (functionId: FunctionId, body: Members, options: { signal?: AbortSignal }): Promise<Members>
  /** Lets a transaction be sent again whose result is unknown, on the word of a person. Throws RequestFault (400, 409). */
  release(body: Members): { released: true }
}

/**
 * Makes the calls of one site. They reject with RequestFault (nothing was sent)
 * or PlatformError; a transaction (.03–.06) whose answer was lost or cannot be
 * believed is TRANSACTION_UNKNOWN, and the same one is refused (409) until a
 * query (.02, .07) has told what became of it.
 */
export function createCall(settings: QuanzhouSettings, tools: PlatformTools): Call {
  const envelope = createEnvelope(settings)
  const tokens = settings.auth === 'oauth2' ? createTokenSource(settings, tools) : undefined
  const unanswered = createUnanswered(tools)

  async function exchange(
    functionId: FunctionId,
    business: Members,
    signal: AbortSignal | undefined,
  ): Promise<Members> {
    const token = await tokens?.token()
    if (signal?.aborted) throw transportError('quanzhou', 'REQUEST_ABORTED', { sent: false })
    const bodyOf = () => envelope.sealRequest(functionId, business, tools.now(), token)
    const reply = await tools.http.send({
      platform: 'quanzhou',
      operation: functionId,
      url: settings.baseUrl,
      headers: { 'content-type': 'application/json;charset=utf-8', accept: 'application/json' },
      body: bodyOf(),
      ...(!SCHEMAS[functionId].transaction && { again: bodyOf }),
      timeoutMs: settings.requestTimeoutMs,
      signal,
    })
    const opened = await openedOf(reply).catch((error: unknown) => {
      // What refuses a token need not know our key: 401 and 403, a refusal without a signature that holds.
      if ([401, 403].includes(reply.status) || (error instanceof PlatformError && UNBELIEVED.test(error.fault.code))) tokens?.forget()
      throw error
    })
    checkClock(opened, tools.now())
    if (!opened.accepted || opened.code !== '0') {
      // The token may be what was refused; codes for that are not given.
      tokens?.forget()
      throw refusal(opened.code, opened.words, reply.clockSkewMs, [
        String(business['psn_name']),
        String(business['cert_no']),
      ])
    }
    const result = SCHEMAS[functionId].response.safeParse(opened.data)
    if (!result.success)
      throw ownError('REPLY_SHAPE', result.error.issues.map((issue) => issue.path.join('.') || 'data').join('、'), {
        answered: true,
      })
    const answer = readable<Members>('quanzhou', result.data)
    // A list that is not whole must not be taken for one that leaves something out.
    if (Array.isArray(answer['row']) && answer['total'] !== answer['row'].length)
      throw ownError('REPLY_SHAPE', `total 为 ${String(answer['total'])}，实有 ${answer['row'].length} 条`, { answered: true })
    return withLabels(settings, answer)
  }

  async function openedOf(reply: HttpReply): Promise<Opened> {
    const answer = replyJson('quanzhou', reply)
    try {
      return envelope.openResponse(answer)
    } catch (error) {
      // Nesting without end exhausts the stack of whatever reads it.
      throw error instanceof PlatformError ? error : ownError('REPLY_SHAPE')
    }
  }

  const release = (body: Members): { released: true } => {
    const { functionId, reason: _why, ...business } = validate('quanzhou', releaseRequest, { ...defaultsFor(releaseRequest, tools), ...withoutBlanks(body) })
    unanswered.release(functionId, business)
    tools.log('transaction-released', { operation: functionId })
    return { released: true }
  }

  return Object.assign(call, { release })

  async function call(functionId: FunctionId, body: Members, { signal }: { signal?: AbortSignal }): Promise<Members> {
    const { request, transaction } = SCHEMAS[functionId]
    refuseBlankAmount(functionId, body)
    const business = validate<Members>('quanzhou', request, { ...defaultsFor(request, tools), ...withoutBlanks(body) })
    checkSiteCodes(settings, business)
    if (!transaction) {
      const settling = unanswered.asking(functionId, business)
      try {
        const answer = await exchange(functionId, business, signal)
        settling.answered(answer)
        return answer
      } catch (error) {
        if (error instanceof PlatformError && isNotFound(settings, error)) settling.refused()
        throw error
      }
    }
    const { answered, unknown } = unanswered.begin(functionId, business)
    try {
      const answer = await exchange(functionId, business, signal)
      answered(true)
      return answer
    } catch (error) {
      if (error instanceof PlatformError && (error.ending === 'rejected' || !error.sent)) {
        answered()
        throw error
      }
      unknown()
      if (!(error instanceof PlatformError)) throw error
      tools.log('transaction-unknown', { operation: functionId, cause: error.fault.code })
      throw ownError('TRANSACTION_UNKNOWN', `${error.fault.message}，${error.fault.code}`)
    }
  }
}

/** A verified refusal of a query that is about what was asked, and not about who asked or how. */
function isNotFound({ notFoundCodes }: QuanzhouSettings, { ending, fault }: PlatformError): boolean {
  if (ending !== 'rejected') return false
  return notFoundCodes === undefined ? !ABOUT_THE_CALL.test(fault.message) : notFoundCodes.includes(fault.code)
}
const ABOUT_THE_CALL = /令牌|token|签名|验签|时间|渠道|密钥|解密|加密|服务编号|接口|权限|授权失败|白名单|频繁|限流|超时|繁忙|维护|系统|网络|异常|稍后|不能为空|不合法|格式|没有说明原因/i

/** Endings of an answer that was not believed. */
const UNBELIEVED = /^REPLY_(UNSIGNED|SIGNATURE|DECRYPT)$/

/** Left out, frez_amt freezes the whole credit: a field of a form that nobody has filled in must not. */
function refuseBlankAmount(functionId: FunctionId, body: Members): void {
  const given = body['frez_amt']
  if (functionId !== 'BC00.03.00.03' || !Object.hasOwn(body, 'frez_amt') || (given !== null && String(given).trim() !== '')) return
  const message = '不能为空；要冻结全部可用额度请不带这一项'
  throw new RequestFault('quanzhou', 'REQUEST_INVALID', `请求没有发出：frez_amt ${message}`, '请填写冻结金额，或去掉这一项。', [{ path: 'frez_amt', message }])
}

/** The words that the settings have for codes of an answer, beside them as `<code>_name`. */
function withLabels({ codes }: QuanzhouSettings, answer: Members): Members {
  const labelled = (members: Members): Members => {
    const names = Object.entries(codes).flatMap(([path, list]) => {
      const code = String(members[path])
      return list !== undefined && Object.hasOwn(list, code) ? [[`${path}_name`, list[code]]] : []
    })
    return names.length === 0 ? members : { ...members, ...Object.fromEntries(names) }
  }
  const { row } = answer
  return labelled(Array.isArray(row) ? { ...answer, row: row.map(labelled) } : answer)
}

/** What the settings hold and a request may leave out. */
function defaultsFor(request: { shape: object }, { site }: Pick<PlatformTools, 'site'>): Members {
  const known: Members = { fixmedins_code: site.hospital?.insuranceCode, opt_dept_name: site.terminal.department }
  return Object.fromEntries(
    Object.entries(known).filter(([name, value]) => value !== undefined && Object.hasOwn(request.shape, name)),
  )
}

function checkSiteCodes(settings: QuanzhouSettings, business: Members): void {
  const fields = Object.entries(settings.codes).flatMap(([path, list]) => {
    const code = business[path]
    return list === undefined || code === undefined || Object.hasOwn(list, String(code))
      ? []
      : [
          {
            path,
            message: `只能是 ${Object.entries(list)
              .map(([key, label]) => `${key} ${label}`)
              .join('、')}`,
          },
        ]
  })
  if (fields.length === 0) return
  const message = `请求没有发出：${fields.map((field) => `${field.path} ${field.message}`).join('；')}`
  throw new RequestFault('quanzhou', 'REQUEST_INVALID', message, '请按本院与平台约定的代码填写。', fields)
}

// An answer from another time may be an old one played again.
function checkClock({ at }: Opened, now: number): void {
  if (Number.isNaN(at)) throw ownError('REPLY_SHAPE', 'timestamp')
  if (at !== undefined && Math.abs(at - now) > MAX_SKEW_MS) throw ownError('CLOCK_SKEW', skewWords(at - now))
}
