/** 微信电子健康卡开放平台 (对接方案 V2.1): scanned codes, the 11 interfaces, usage reports. */
import { chinaDateTime } from '../../china-time.ts'
import { healthCardStatic } from '../../codes/health-card-static.ts'
import type { Answer, PlatformDefinition } from '../platform.ts'
import { validReply } from '../valid-reply.ts'
import { createCallWithToken } from './calls.ts'
import { createDeliver } from './deliver.ts'
import { createEvidence } from './evidence.ts'
import { createExchange } from './exchange.ts'
import { withGates } from './gate.ts'
import { createOperations, verifyFields } from './operations.ts'
import { mustBeOf, patientOf, unverifiedOf } from './patient.ts'
import { pageOperations } from './redirect-urls.ts'
import { ownReport, REPORT_KIND, reportsFor } from './reports.ts'
import { responses } from './schemas.ts'
import { asOfStaticCode } from './return-codes.ts'
import { healthCardSettings, type HealthCardSettings } from './settings.ts'
import { createTokens } from './token.ts'

const UNVERIFIED = '平台没有答复：健康卡 ID 取自二维码，未经核验；姓名和证件号请人工核对。'

export const healthCard: PlatformDefinition<HealthCardSettings> = {
  id: 'health-card',
  settingsKey: 'healthCard',
  settings: healthCardSettings,
  formats: ['health-card-static', 'health-card-dynamic'],
  needs: ['hospital.id', 'hospital.code', 'hospital.name', 'hospital.cityCode', 'hospital.cityName'],
  create(settings, tools) {
    const evidence = createEvidence({ now: tools.now, secret: () => `${settings.appSecret.reveal()}\n${tools.site.hospital?.id ?? ''}\n${settings.baseUrl}` })
    const exchange = evidence.watch(createExchange(settings, tools))
    // Reports are sent past the gates: they have their own pause, which a technician can end.
    const gated = withGates(exchange, tools.now)
    const tokens = createTokens({ exchange: gated, settings, tools })
    const call = createCallWithToken({ exchange: gated, tokens, tools })

    /** A static code is looked up (3.2.4); a dynamic one is verified, which counts the use (3.2.11). */
    async function verify(qrCodeText: string, { signal }: { signal?: AbortSignal }): Promise<Answer> {
      if (healthCardStatic.recognise(qrCodeText, { matches: {} })) {
        const rsp = await call('getHealthCardByQRCode', { qrCodeText }, signal).catch(asOfStaticCode)
        const { card } = validReply('health-card', responses.getHealthCardByQRCode, rsp)
        mustBeOf(qrCodeText, card)
        return { patient: patientOf(card, qrCodeText) }
      }
      const fields = verifyFields(settings, tools)
      const rsp = await call('verifyQRCode', { qrCodeText, ...fields, time: chinaDateTime(tools.now()) }, signal)
      const verified = validReply('health-card', responses.verifyQRCode, rsp)
      mustBeOf(qrCodeText, verified)
      const patient = patientOf(verified, qrCodeText)
      return { patient, ...(fields['medicalStep'] ? { countedStep: fields['medicalStep'] } : {}) }
    }

    return {
      id: 'health-card',
      operations: { ...createOperations({ settings, tools, call, tokens }), ...pageOperations(settings.pageUrl) },
      ask: (code, options) => verify(code.text, options),
      unanswered: ({ format, text }) => (format === 'health-card-static' ? { patient: unverifiedOf(text), notices: [UNVERIFIED] } : undefined),
      verify,
      reportsFor: (outcome, kept, result, at) => reportsFor(settings, tools, { outcome, kept, result, at }),
      reportOf: (kind, content) => ownReport(settings, tools, kind, content),
      deliver: createDeliver({ exchange, gated, tokens, tools, evidence }),
      isProven: (kind, open) => kind === REPORT_KIND && evidence.isProven('reportHISData', open),
      close: async () => tokens.close(),
    }
  },
}
