/** `platforms.healthCard` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'
import { ID_TYPES, MEDICAL_STEPS } from './dictionaries.ts'
import { tokenSourceSettings } from './token-source.ts'

const codeOf = (table: Readonly<Record<string, string>>, name: string) => () =>
  text().refine((code) => Object.hasOwn(table, code), `must be a code of ${name}`)
const stepOf = codeOf(MEDICAL_STEPS, '3.3.1')
const idTypeOf = codeOf(ID_TYPES, '3.3.2')

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
  baseUrl: url().describe('开放平台地址，只到主机名，不含 /rest/auth/HealthCard；正式环境见 open.tengmed.com 开发者文档，如 https://p-healthopen.tengmed.com'),
  appId: text().describe('开放平台分配给服务号开发商的 appId：在 open.tengmed.com 签署协议后由短信和邮件告知（文档 2.1.1），32 位左右的字母数字'),
  appSecret: secret().describe('与 appId 一同分配的密钥；全院各终端共用同一对'),
  /** Where an ISV's server owns the token of the appId (3.2.1: one valid token). */
  tokenSource: tokenSourceSettings.optional().describe('全院共用一个 appToken、由服务号开发商的中控服务器保管时填写'),
  /** Single operations that stand elsewhere, as verifyQRCode does in the document. */
  urls: z.partialRecord(z.enum(OPERATION_NAMES as [HealthCardOperation, ...HealthCardOperation[]]), url()).default({}).describe('个别接口在别的主机时写明完整地址，JSON 形如 {"verifyQRCode": "https://…"}；文档中 verifyQRCode 印的是测试主机'),
  /** Where browsers are sent for codes and cards (2.3.5, 2.4.5, 2.5.5). */
  pageUrl: url().default('https://health.tengmed.com').describe('患者手机打开的授权页面的主机（文档 2.3.5、2.4.5、2.5.5）；只拼成地址，本机不访问'),
  /** Reports a 用卡环节 that verifyQRCode has counted already (3.2.11) once more. */
  reportCounted: z.boolean().default(false).describe('verifyQRCode 已统计的用卡环节（3.2.11）是否再报一次用卡数据；平台明确要求时才打开，否则会重复计数'),
  /** 3.2.7 counts uses of other cards too; only where the platform wants them. */
  reportOtherCards: z.boolean().default(false).describe('扫身份证号、社保卡、就诊卡办理的也上报用卡数据（3.2.7 的证件类型 01、09、10），要有姓名和证件号；平台要求统计时打开'),
  /** 3.3.3 has codes, the sample of 3.2.7 a word. */
  cardChannelAs: z.enum(['code', 'word']).default('code').describe('上报的 cardChannel 用代码（3.3.3 的表）还是词（3.2.7 的样例）；平台退回该字段时换另一种'),
  /** Tells the platform the HIS's patid where the card has none yet (3.2.6). */
  bindPatid: z.boolean().default(false).describe('卡上没有院内号（patid）而 HIS 提交了时，调用绑定接口（3.2.6）'),
  /** Optional members of verifyQRCode (3.2.11), the same at each scan of this terminal. */
  orgId: text().optional().describe('verifyQRCode 的发卡机构 orgId（3.2.11，选填）；平台要求时填写'),
  useScene: stepOf().optional().describe('verifyQRCode 的使用场景 useScene，用卡环节表（3.3.1）中的代码（选填）'),
  useType: idTypeOf().optional().describe('verifyQRCode 的证件类型 useType，证件类型表（3.3.2）中的代码（选填）'),
  /** 3.2.9: a fixed 离线微信身份码 for cards that are made without the patient's WeChat. */
  offlineWechatCode: secret().optional().describe('离线微信身份码（3.2.9）：固定值，由平台对接人员给出；自助机建卡和批量注册没有 wechatCode 时使用'),
  /** People in one request of registerBatchHealthCard (3.2.9 gives no limit). */
  batchSize: z.int().min(1).max(500).default(50).describe('批量注册（3.2.9）一次请求的人数；文档没有上限'),
  ...common,
})

export type HealthCardSettings = z.infer<typeof healthCardSettings>

/** Where an operation is called. */
export function operationUrl(settings: Pick<HealthCardSettings, 'baseUrl' | 'urls'>, operation: HealthCardOperation): string {
  const own = settings.urls[operation]
  // Copied from the document, an address has the path already.
  return own ?? `${settings.baseUrl.replace(/\/rest\/auth\/HealthCard.*$/i, '').replace(/(?<!\/)\/+$/, '')}/rest/auth/HealthCard/${OPERATION_PATHS[operation]}/${operation}`
}
