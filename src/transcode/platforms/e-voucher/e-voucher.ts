/** 医保电子凭证: decoded by the insurance gateway or the insurance DLL. */
import { isRecord } from '../../is-record.ts'
import type { PlatformDefinition, PlatformTools } from '../platform.ts'
import { transportError } from '../transport-error.ts'
import { validReply } from '../valid-reply.ts'
import { validate } from '../validate.ts'
import { ownError, refusal } from './codes.ts'
import { createDll } from './dll.ts'
import { createGateway } from './gateway.ts'
import { answerOf } from './patient.ts'
import { decoderReply, queryRequest, queryResponse, type QueryRequest, type QueryResponse } from './schemas.ts'
import { eVoucherSettings, viaOf, type EVoucherSettings } from './settings.ts'

const SUCCESS = '0'

export const eVoucher: PlatformDefinition<EVoucherSettings> = {
  id: 'e-voucher',
  settingsKey: 'eVoucher',
  settings: eVoucherSettings,
  formats: ['e-voucher'],
  create(settings, tools) {
    const decoder = viaOf(settings) === 'dll' ? createDll(settings, tools) : createGateway(settings, tools.http)

    async function query(body: unknown, signal: AbortSignal | undefined): Promise<QueryResponse> {
      const request = validate('e-voucher', queryRequest, body)
      const reply = await decoder.decode(messageOf(request, settings, tools), { signal })
      const { code, message, msg } = validReply('e-voucher', decoderReply, reply)
      if (code !== SUCCESS) throw refusal(code, message ?? msg)
      const decoded = validReply('e-voucher', queryResponse, isRecord(reply['data']) ? reply['data'] : reply)
      if (decoded.idNo === undefined && decoded.ecToken === undefined) {
        throw transportError('e-voucher', 'REPLY_SHAPE', { detail: 'idNo、ecToken', answered: true })
      }
      return decoded
    }

    return {
      id: 'e-voucher',
      operations: {
        query: {
          source: '医保电子凭证 ec.query',
          title: '医保电子凭证解码',
          request: queryRequest,
          response: queryResponse,
          call: (body: unknown, { signal }) => query(body, signal),
        },
      },
      ask: async (code, { signal }) => answerOf(await query({ code: code.text }, signal)),
    }
  },
}

/** `{data: {orgId, businessType, …}, orgId, transType: "ec.query"}`, the code's text where `codeField` says. */
function messageOf(
  request: QueryRequest,
  settings: EVoucherSettings,
  { site }: Pick<PlatformTools, 'site'>,
): Record<string, unknown> {
  const orgId = request.orgId ?? settings.orgId ?? site.hospital?.insuranceCode
  if (orgId === undefined) throw ownError('ORG_MISSING')
  const operatorId = request.operatorId ?? settings.operatorId ?? site.terminal.id
  const data: Record<string, unknown> = {
    orgId,
    businessType: request.businessType ?? settings.businessType,
    operatorId,
    operatorName: request.operatorName ?? settings.operatorName ?? operatorId,
    officeId: request.officeId ?? settings.officeId,
    officeName: request.officeName ?? (settings.officeName || (site.terminal.department ?? '')),
  }
  const message: Record<string, unknown> = { data, orgId, transType: 'ec.query' }
  if (request.code === undefined || settings.codeField === '') return message
  const path = settings.codeField.includes('.') ? settings.codeField.split('.') : ['data', settings.codeField]
  const holder = path
    .slice(0, -1)
    .reduce((at, name) => (isRecord(at[name]) ? at[name] : (at[name] = {})) as Record<string, unknown>, message)
  holder[path.at(-1)!] = request.code
  return message
}
