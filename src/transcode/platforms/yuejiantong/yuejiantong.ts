/** 广东 粤健通: a 5-minute code for the user behind it. */
import { PlatformError } from '../platform-error.ts'
import { replyJson } from '../http.ts'
import type { PlatformDefinition } from '../platform.ts'
import { validReply } from '../valid-reply.ts'
import { validate } from '../validate.ts'
import { codeOf } from './code-of.ts'
import { codeMissing, refusal, wayFault } from './codes.ts'
import { gatewayHeaders } from './gateway-headers.ts'
import { patientOf } from './patient.ts'
import { exchangeRequest, exchangeResponse, gatewayReply, type ExchangeResponse } from './schemas.ts'
import { readable } from './sensitive.ts'
import { yuejiantongSettings, type YuejiantongSettings } from './settings.ts'

/** 固定传 01 */
const COMMAND = '01'

export const yuejiantong: PlatformDefinition<YuejiantongSettings> = {
  id: 'yuejiantong',
  settingsKey: 'yuejiantong',
  settings: yuejiantongSettings,
  formats: ['yuejiantong'],
  create(settings, tools) {
    /** One exchange, never repeated: the code works once. */
    async function exchange(
      body: unknown,
      signal: AbortSignal | undefined,
    ): Promise<{ data: ExchangeResponse; unreadable: string[] }> {
      const { code, businessType, appCode } = validate('yuejiantong', exchangeRequest, body)
      const url = new URL(settings.url)
      const query = {
        appCode: appCode ?? settings.appCode,
        command: COMMAND,
        code,
        businessType: String(businessType ?? settings.businessType),
      }
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
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
        const { errcode, errmsg, data } = validReply('yuejiantong', gatewayReply, replyJson('yuejiantong', reply))
        if (errcode !== '0') throw refusal(errcode, errmsg)
        return readable(validReply('yuejiantong', exchangeResponse, data), settings.appKey.reveal())
      } catch (error) {
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
          call: async (body: unknown, { signal }) => (await exchange(body, signal)).data,
        },
      },
      async ask({ text }, { signal }) {
        const code = codeOf(text, settings.entryUrl)
        if (code === undefined) throw codeMissing()
        const { data, unreadable } = await exchange({ code }, signal)
        const patient = patientOf(data, unreadable)
        if (unreadable.length === 0) return { patient }
        tools.log('sensitive-unreadable', { fields: unreadable.join() })
        return { patient, notices: ['粤健通返回的加密内容无法解密：请信息科核对 appKey，并请患者出示身份证件。'] }
      },
    }
  },
}
