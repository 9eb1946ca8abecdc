/** `platforms.healthCard` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'

/** The 11 interfaces of 3.2 and where the document has them under `/rest/auth/HealthCard`. */
export const OPERATION_PATHS = {
  getAppToken: 'HealthOpenAuth/AuthObj',
  registerHealthCard: 'HealthOpenPlatform/ISVOpenObj',
  getHealthCardByHealthCode: 'HealthOpenPlatform/ISVOpenObj',
  getHealthCardByQRCode: 'HealthOpenPlatform/ISVOpenObj',
  ocrInfo: 'HealthOpenPlatform/ISVOpenObj',
  bindCardRelation: 'HealthOpenPlatform/ISVOpenObj',
  reportHISData: 'HealthOpenPlatform/ISVOpenObj',
  getOrderIdByOutAppId: 'HealthOpenPlatform/ISVOpenObj',
  registerBatchHealthCard: 'HealthOpenPlatform/ISVOpenObj',
  getDynamicQRCode: 'HealthOpenPlatform/ISVOpenObj',
  verifyQRCode: 'HealthOpenPlatform/ISVOpenObj',
} as const satisfies Record<string, string>
export type HealthCardOperation = keyof typeof OPERATION_PATHS

const OPERATION_NAMES = Object.keys(OPERATION_PATHS) as HealthCardOperation[]

export const healthCardSettings = z.strictObject({
  /** The origin, without /rest/auth/HealthCard. */
  baseUrl: url(),
  appId: text(),
  appSecret: secret(),
  /** Single operations that stand elsewhere, as verifyQRCode does in the document. */
  urls: z.partialRecord(z.enum(OPERATION_NAMES as [HealthCardOperation, ...HealthCardOperation[]]), url()).default({}),
  /** Where browsers are sent for codes and cards (2.3.5, 2.4.5, 2.5.5). */
  pageUrl: url().default('https://health.tengmed.com'),
  /** Reports a 用卡环节 that verifyQRCode has counted already (3.2.11) once more. */
  reportCounted: z.boolean().default(false),
  /** 3.3.3 has codes, the sample of 3.2.7 a word. */
  cardChannelAs: z.enum(['code', 'word']).default('code'),
  /** Tells the platform the HIS's patid where the card has none yet (3.2.6). */
  bindPatid: z.boolean().default(false),
  /** People in one request of registerBatchHealthCard (3.2.9 gives no limit). */
  batchSize: z.int().min(1).max(500).default(50),
  ...common,
})

export type HealthCardSettings = z.infer<typeof healthCardSettings>

/** Where an operation is called. */
export function operationUrl(settings: Pick<HealthCardSettings, 'baseUrl' | 'urls'>, operation: HealthCardOperation): string {
  const own = settings.urls[operation]
  return own ?? `${settings.baseUrl.replace(/\/+$/, '')}/rest/auth/HealthCard/${OPERATION_PATHS[operation]}/${operation}`
}
