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
import { SCHEMAS, type FunctionId } from './schemas.ts'
import type { QuanzhouSettings } from './settings.ts'
import { createTokenSource } from './token.ts'
import { createUnanswered } from './unanswered.ts'

export type Call = (functionId: FunctionId, body: Members, options: { signal?: AbortSignal }) => Promise<Members>

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
    const opened = openedOf(reply)
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
    return readable('quanzhou', result.data)
  }

  function openedOf(reply: HttpReply): Opened {
    const answer = replyJson('quanzhou', reply)
    try {
      return envelope.openResponse(answer)
    } catch (error) {
      // Nesting without end exhausts the stack of whatever reads it.
      throw error instanceof PlatformError ? error : ownError('REPLY_SHAPE')
    }
  }

  return async (functionId, body, { signal }) => {
    const { request, transaction } = SCHEMAS[functionId]
    const business = validate<Members>('quanzhou', request, { ...defaultsFor(request, tools), ...withoutBlanks(body) })
    checkSiteCodes(settings, business)
    if (!transaction) {
      const settle = unanswered.asking(functionId, business)
      const answer = await exchange(functionId, business, signal)
      settle(answer)
      return answer
    }
    const { answered, unknown } = unanswered.begin(functionId, business)
    try {
      const answer = await exchange(functionId, business, signal)
      answered()
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
  if (at !== undefined && Math.abs(at - now) > MAX_SKEW_MS) throw ownError('CLOCK_SKEW', skewWords(at - now))
}
