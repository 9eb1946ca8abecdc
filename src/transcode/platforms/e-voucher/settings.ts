/** `platforms.eVoucher` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'
import { BUSINESS_TYPE_CODES, BUSINESS_TYPE_WORDS } from './dictionaries.ts'

const fields = z.strictObject({
  // With a DLL that reads the scanner itself this includes the patient's showing the code once more.
  ...common,
  /** The insurance gateway's decoding address (`…/hsecfc/localQrCodeQuery`). */
  gatewayUrl: url().optional().describe('医保网关的解码地址，由医保局或医保网关厂商提供，形如 https://网关/…/hsecfc/localQrCodeQuery；与 dll 至少填一个'),
  /** Names the member that carries the code's text: inside `data`, or a dotted path from the top. */
  codeField: z
    .string()
    .regex(/^\w+(\.\w+)*$/, 'must be a name or a dotted path')
    .or(z.literal(''))
    .default('')
    .describe('网关报文里放码值的字段名，见网关接口说明；用网关时必填，带点的从报文顶层算起，如 data.qrCode'),
  /** The insurance DLL or shared library, where there is no gateway. */
  dll: text().optional().describe('医保动态库（读卡控件）的完整路径，随医保控件安装，路径问控件厂商；与 gatewayUrl 至少填一个'),
  symbol: z.string().regex(/^\w+$/, 'must be a function name').default('EcQuery').describe('动态库函数名，见控件说明'),
  encoding: z
    .enum(['gbk', 'utf-8', 'utf8'])
    .default('gbk')
    .transform((name) => (name === 'gbk' ? 'gbk' : 'utf-8'))
    .describe('动态库的字符编码，多为 gbk；姓名是乱码时改为 utf-8'),
  /** Which of the two where both are given; default the gateway. */
  via: z.enum(['gateway', 'dll']).optional().describe('网关与动态库都填时用哪一个；不填用网关'),
  /** 机构编号; default hospital.insuranceCode. */
  orgId: text().optional().describe('定点机构编号，缺省取 hospital.insuranceCode'),
  businessType: z.enum(BUSINESS_TYPE_CODES).default('01101').describe(BUSINESS_TYPE_WORDS),
  /** Default terminal.id. */
  operatorId: text().optional().describe('收款员编号，缺省取 terminal.id'),
  operatorName: text().optional().describe('收款员姓名；网关要求时填写'),
  officeId: z.string().default('').describe('科室的医保编号；网关要求时填写'),
  /** Default terminal.department. */
  officeName: z.string().default('').describe('科室名称，缺省取 terminal.department'),
  /** Extra request headers of the gateway. */
  headers: z.record(z.string(), secret()).default({}).describe('网关另需的请求头，由网关厂商提供，JSON 形如 {"名称": "值"}'),
})
export type EVoucherSettings = z.infer<typeof fields>

export const eVoucherSettings = fields.superRefine((settings, context) => {
  const fault = (path: keyof EVoucherSettings, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message })
  const via = viaOf(settings)
  if (via === 'gateway' && settings.gatewayUrl === undefined)
    fault('gatewayUrl', settings.via === undefined ? 'required, or dll' : 'required when via is gateway')
  if (via === 'gateway' && settings.gatewayUrl !== undefined && settings.codeField === '')
    fault('codeField', 'required when gatewayUrl is used')
  if (via === 'dll' && settings.dll === undefined) fault('dll', 'required when via is dll')
})

/** The adapter that is used. */
export function viaOf(settings: Pick<EVoucherSettings, 'via' | 'gatewayUrl' | 'dll'>): 'gateway' | 'dll' {
  return settings.via ?? (settings.gatewayUrl === undefined && settings.dll !== undefined ? 'dll' : 'gateway')
}
