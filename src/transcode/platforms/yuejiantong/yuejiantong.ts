/** 广东 粤健通: a 5-minute code for the user behind it. */
import { PlatformError } from '../platform-error.ts'
import { replyJson } from '../http.ts'
import type { PlatformDefinition } from '../platform.ts'
import { transportError } from '../transport-error.ts'
import { createUsedCodes } from './used-codes.ts'
import { validReply } from '../valid-reply.ts'
import { validate } from '../validate.ts'
import { codeOf } from './code-of.ts'
import { codeMissing, codeUsed, refusal, wayFault } from './codes.ts'
import { gatewayHeaders } from './gateway-headers.ts'
import { patientOf } from './patient.ts'
import { exchangeRequest, exchangeResponse, gatewayReply, membersOf, type ExchangeResponse } from './schemas.ts'
import { readable } from './sensitive.ts'
import { yuejiantongSettings, type YuejiantongSettings } from './settings.ts'

const MEMBERS: Readonly<Record<string, string>> = {
  certificateNo: '证件号码', certificateType: '证件类型', healthCardNo: '电子健康码', phone: '手机号码', name: '姓名', gender: '性别', nation: '民族', userId: '用户 ID', channel: '渠道',
}
/** 固定传 01 */
const COMMAND = '01'

export const yuejiantong: PlatformDefinition<YuejiantongSettings> = {
  id: 'yuejiantong',
  settingsKey: 'yuejiantong',
  settings: yuejiantongSettings,
  formats: ['yuejiantong'],
  create(settings, tools) {
    const used = createUsedCodes(tools.now)
    /** One exchange, never repeated: the code works once. */
    async function exchange(
      body: unknown,
      signal: AbortSignal | undefined,
    ): Promise<{ data: ExchangeResponse; unreadable: string[]; odd: string[] }> {
      const { code, businessType, appCode } = validate('yuejiantong', exchangeRequest, body)
      const url = new URL(settings.url)
      const query = {
        appCode: appCode ?? settings.appCode,
        command: COMMAND,
        code,
        businessType: String(businessType ?? settings.businessType),
      }
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      const giveBack = used.take(code)
      if (!giveBack) throw codeUsed()
      try {
        const reply = await tools.http.send({
          platform: 'yuejiantong',
          operation: 'exchangeCode',
          method: 'GET',
          url: url.href,
          headers: gatewayHeaders(settings, tools.now(), tools.newId()),
          timeoutMs: settings.requestTimeoutMs,
          signal,
        })
        const answer = replyJson('yuejiantong', reply)
        const { errcode, errmsg, data } = validReply('yuejiantong', gatewayReply, answer)
        if (errcode !== '0') throw refusal(errcode, errmsg)
        if (data === undefined) throw transportError('yuejiantong', 'REPLY_SHAPE', { answered: true, detail: 'data' })
        // Of the answer as it came: a number with an exponent is no text.
        const { data: members, odd } = membersOf(answer['data'] as Record<string, unknown>)
        return { ...readable(members, settings.appKey.reveal()), odd }
      } catch (error) {
        if (error instanceof PlatformError && !error.sent) giveBack()
        throw error instanceof PlatformError && error.ending === 'unavailable' ? wayFault(error) : error
      }
    }

    return {
      id: 'yuejiantong',
      operations: {
        exchangeCode: {
          source: '粤健通 3.2.4',
          title: 'code 换取用户认证信息',
          request: exchangeRequest,
          response: exchangeResponse,
          async call(body: unknown, { signal }) {
            const { data, unreadable, odd } = await exchange(body, signal)
            const omitted = [...unreadable, ...odd]
            return omitted.length === 0 ? data : { ...data, omitted }
          },
        },
      },
      async ask({ text }, { signal }) {
        const code = codeOf(text, settings.entryUrl)
        if (code === undefined) throw codeMissing()
        const { data, unreadable, odd } = await exchange({ code }, signal)
        const patient = patientOf(data)
        if (unreadable.length > 0) tools.log('sensitive-unreadable', { fields: unreadable.join() })
        if (odd.length > 0) tools.log('members-odd', { fields: odd.join() })
        const notices = [
          ...(unreadable.length > 0 ? ['粤健通返回的加密内容无法解密：请信息科核对 appKey，并请患者出示身份证件。'] : []),
          ...(odd.length > 0 ? [`粤健通返回的${odd.map((name) => MEMBERS[name] ?? name).join('、')}不是规范的写法，没有采用：请核对患者证件。`] : []),
        ]
        return notices.length === 0 ? { patient } : { patient, notices }
      },
    }
  },
}
