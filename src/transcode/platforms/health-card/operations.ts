/** 电子健康卡 3.2 under its own names; what the settings hold is filled in. */
import type { z } from 'zod'
import { isRecord } from '../../is-record.ts'
import { RequestFault } from '../platform-error.ts'
import type { Operation, PlatformTools } from '../platform.ts'
import { validate } from '../validate.ts'
import { validReply } from '../valid-reply.ts'
import { registerInBatches } from './batches.ts'
import type { CallWithToken } from './calls.ts'
import { imageForOcr } from './image-for-ocr.ts'
import { mustBeOf, type CardFields } from './patient.ts'
import { asOfRegistration, type RegistrationStep } from './registration-words.ts'
import { wholeUse } from './reports.ts'
import { requests, responses } from './schemas.ts'
import type { HealthCardOperation, HealthCardSettings } from './settings.ts'
import { withoutEmpty } from './sign.ts'
import type { Tokens } from './token.ts'

type Parts = { settings: HealthCardSettings; tools: PlatformTools; call: CallWithToken; tokens: Tokens }

/** Makes the 11 operations. */
export function createOperations({ settings, tools, call, tokens }: Parts): Record<HealthCardOperation, Operation> {
  return {
    getAppToken: define('getAppToken', '3.2.1', '获取接口调用凭证', async ({ appId }) => {
      ownAppId(appId)
      return tokens.renew()
    }),
    registerHealthCard: define('registerHealthCard', '3.2.2', '注册健康卡', registering('registerHealthCard'), withWechatCode),
    getHealthCardByHealthCode: define('getHealthCardByHealthCode', '3.2.3', '通过健康卡授权码获取健康卡', passOn('getHealthCardByHealthCode')),
    getHealthCardByQRCode: define('getHealthCardByQRCode', '3.2.4', '通过健康卡二维码获取健康卡', passOn('getHealthCardByQRCode')),
    ocrInfo: define('ocrInfo', '3.2.5', '身份证图片识别', async ({ imageContent }, signal) =>
      registering('ocrInfo')({ imageContent: await imageForOcr(imageContent) }, signal),
    ),
    bindCardRelation: define('bindCardRelation', '3.2.6', '绑定健康卡和院内 ID 关系', registering('bindCardRelation')),
    reportHISData: define('reportHISData', '3.2.7', '用卡数据监测', async (body, signal) => call('reportHISData', wholeUse(settings, tools, body), signal)),
    getOrderIdByOutAppId: define('getOrderIdByOutAppId', '3.2.8', '获取卡包订单 ID', async ({ appId, qrCodeText }, signal) =>
      call('getOrderIdByOutAppId', { appId: ownAppId(appId), qrCodeText }, signal),
    ),
    registerBatchHealthCard: define(
      'registerBatchHealthCard', '3.2.9', '注册批量健康卡',
      ({ healthCardItems }, signal) =>
        registerInBatches(healthCardItems, settings.batchSize, (items) => call('registerBatchHealthCard', { healthCardItems: items }, signal)),
      (body) => (isRecord(body) && Array.isArray(body['healthCardItems']) ? { ...body, healthCardItems: body['healthCardItems'].map(withWechatCode) } : body),
    ),
    getDynamicQRCode: define('getDynamicQRCode', '3.2.10', '获取动态二维码', passOn('getDynamicQRCode')),
    verifyQRCode: define('verifyQRCode', '3.2.11', '动态二维码校验', async (body, signal) =>
      // An empty member would be left out, and with it what the document requires.
      call('verifyQRCode', { ...verifyFields(settings, tools), ...withoutEmpty(body) }, signal),
    ),
  }

  function ownAppId(given: string | undefined): string {
    if (given && given !== settings.appId) {
      const message = '与设置中的 appId 不同，无法签名'
      throw new RequestFault('health-card', 'REQUEST_INVALID', `请求没有发出：appId ${message}`, '请去掉 appId，或在设置中改用该 appId 与它的 appSecret。', [
        { path: 'appId', message },
      ])
    }
    return settings.appId
  }

  /** The offline code (3.2.9) stands in where the patient's own WeChat had no part. */
  function withWechatCode(person: unknown): unknown {
    const wechatCode = settings.offlineWechatCode?.reveal()
    return isRecord(person) && !person['wechatCode'] && wechatCode !== undefined ? { ...person, wechatCode } : person
  }

  function passOn(operation: Exclude<HealthCardOperation, 'getAppToken'>) {
    return (body: Record<string, unknown>, signal: AbortSignal | undefined) => call(operation, body, signal)
  }

  /** A refusal speaks of what was filled in, not of a code that was scanned. */
  function registering(step: RegistrationStep) {
    return (body: Record<string, unknown>, signal: AbortSignal | undefined) =>
      call(step, body, signal).catch((error: unknown) => {
        throw asOfRegistration(error, step, body['wechatCode'] !== undefined && body['wechatCode'] === settings.offlineWechatCode?.reveal())
      })
  }
}

/** What verifyQRCode (3.2.11) needs of the site, and may have of the settings. */
export function verifyFields(
  { orgId, useScene, useType }: Pick<HealthCardSettings, 'orgId' | 'useScene' | 'useType'>,
  { site: { terminal, hospital } }: Pick<PlatformTools, 'site'>,
): Record<string, string> {
  return {
    ...(orgId ? { orgId } : {}),
    ...(useScene ? { useScene } : {}),
    ...(useType ? { useType } : {}),
    terminalId: terminal.id,
    medicalStep: terminal.medicalStep,
    useCityCode: hospital?.cityCode ?? '',
    useCityName: hospital?.cityName ?? '',
    hospitalCode: hospital?.code ?? '',
    hospitalName: hospital?.name ?? '',
    useChannel: terminal.channel,
  }
}

function define<N extends HealthCardOperation>(
  name: N,
  section: string,
  title: string,
  call: (body: z.infer<(typeof requests)[N]>, signal: AbortSignal | undefined) => Promise<unknown>,
  /** Fills in what the settings hold of the request's required members. */
  fill: (body: unknown) => unknown = (body) => body,
): Operation {
  const request: z.ZodType = requests[name]
  const response: z.ZodType = responses[name]
  return {
    source: `电子健康卡 ${section}`,
    title,
    request,
    response,
    call: async (body: unknown, { signal }) => {
      const valid = validate('health-card', request, fill(body)) as z.infer<(typeof requests)[N]>
      const told = validReply('health-card', response, await call(valid, signal)) as CardFields & { card?: CardFields }
      const { qrCodeText, healthCardId } = valid as CardFields
      mustBeOf(qrCodeText ?? `${healthCardId}:`, told.card ?? told)
      return told
    },
  }
}
