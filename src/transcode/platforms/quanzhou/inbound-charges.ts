/** 获取医院收费信息 (泉州 4): what the hospital answers when the platform asks for a patient's charges. */
import type { z } from 'zod'
import { parseExactJson, writtenNumber } from '../../crypto/exact-json.ts'
import { withoutBlanks } from '../validate.ts'
import { isGarbled, readable } from '../valid-reply.ts'
import { charges, type ChargesRequest } from './charges-schema.ts'
import { MAX_SKEW_MS } from './codes.ts'
import { createEnvelope } from './create-envelope.ts'
import { membersOf, type Members } from './envelope.ts'
import type { QuanzhouSettings } from './settings.ts'

/** What is answered; the document gives no codes, so these are ours. Nothing else is told. */
const ANSWERS = {
  done: { code: 0, words: '成功', status: 200 },
  unauthentic: { code: 1, words: '验签失败', status: 403 },
  clock: { code: 2, words: '时间戳超出允许范围', status: 200 },
  invalid: { code: 3, words: '参数不合法', status: 200 },
  notFound: { code: 4, words: '没有收费信息', status: 200 },
  unavailable: { code: 5, words: '医院系统暂时不能答复', status: 200 },
} as const

export type InboundReply = { status: number; body: string; outcome: keyof typeof ANSWERS; /** Names of the fields that were wrong. */ fields?: string }

/**
 * Makes the handler: raw body in, signed and encrypted answer out; it never rejects.
 * A request whose signature does not hold gets a bare 403, for a signature is proof of nothing then.
 * @param options.askHis the HIS's own answer, or undefined where it knows no such stay; may reject
 * @param options.fixmedinsCode our 机构编号: a request for another one is refused
 */
export function createInboundCharges(options: {
  settings: QuanzhouSettings
  now(): number
  askHis(request: ChargesRequest): Promise<unknown>
  fixmedinsCode?: string | undefined
}): (rawBody: string) => Promise<InboundReply> {
  const { settings, now, askHis } = options
  const envelope = createEnvelope(settings)

  function answer(outcome: keyof typeof ANSWERS, data?: Members): InboundReply {
    const { status, code, words } = ANSWERS[outcome]
    return { status, outcome, body: envelope.sealResponse({ code, words, ...(data && { data }) }, now()) }
  }

  function opened(rawBody: string) {
    try {
      const request = envelope.openRequest(membersOf(parseExactJson(rawBody)))
      // 密钥模式 (附录1 1.2.2.1): the signature proves who asks, a secret that is carried must be ours all the same.
      const isOurs = request.appSecret === undefined || settings.auth !== 'user' || request.appSecret === settings.appSecret?.reveal()
      return request.appId === settings.appId && isOurs ? request : undefined
    } catch {
      return undefined
    }
  }

  return async (rawBody) => {
    const request = opened(rawBody)
    if (request === undefined) {
      const { status, code, words } = ANSWERS.unauthentic
      const body =
        settings.envelope === 'ec'
          ? { respCode: String(code), respMsg: words }
          : { code, type: 'error', message: words }
      return { status, outcome: 'unauthentic', body: JSON.stringify(body) }
    }
    if (request.at === undefined || !(Math.abs(request.at - now()) <= MAX_SKEW_MS)) return answer('clock')
    const asked = charges.request.safeParse(asTexts(request.business))
    if (!asked.success) return { ...answer('invalid'), fields: fieldsOf(asked.error) }
    if (isGarbled(JSON.stringify(asked.data))) return { ...answer('invalid'), fields: 'charset' }
    if (options.fixmedinsCode !== undefined && asked.data.fixmedins_code !== options.fixmedinsCode)
      return answer('notFound')
    try {
      const found = await askHis(asked.data)
      if (found === undefined) return answer('notFound')
      const charged = charges.response.safeParse(asTexts(membersOf(found)))
      if (!charged.success) return { ...answer('unavailable'), fields: fieldsOf(charged.error) }
      return answer('done', readable('quanzhou', charged.data))
    } catch {
      return answer('unavailable')
    }
  }
}

/** Members as the tables type them: null and "" are absent, numbers the text of their digits. */
function asTexts(members: Members): Members {
  return withoutBlanks(Object.fromEntries(Object.entries(members).map(([name, value]) => [name, writtenNumber(value) ?? value])))
}

/** The paths of the fields that are wrong, for the log. */
function fieldsOf({ issues }: z.core.$ZodError): string {
  return [...new Set(issues.map(({ path }) => path.join('.') || '(body)'))].join()
}
