/** `platforms.eVoucher` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'
import { BUSINESS_TYPE_CODES, BUSINESS_TYPE_WORDS } from './dictionaries.ts'

const fields = z.strictObject({
  // With a DLL that reads the scanner itself this includes the patient's showing the code once more.
  ...common,
  /** The insurance gateway's decoding address (`…/hsecfc/localQrCodeQuery`). */
  gatewayUrl: url().optional().describe('医保网关解码地址'),
  /** Names the member that carries the code's text: inside `data`, or a dotted path from the top. */
  codeField: z
    .string()
    .regex(/^\w+(\.\w+)*$/, 'must be a name or a dotted path')
    .or(z.literal(''))
    .default('')
    .describe('网关报文里放码值的字段'),
  /** The insurance DLL or shared library, where there is no gateway. */
  dll: text().optional().describe('医保动态库路径'),
  symbol: z.string().regex(/^\w+$/, 'must be a function name').default('EcQuery').describe('动态库函数名'),
  encoding: z
    .enum(['gbk', 'utf-8', 'utf8'])
    .default('gbk')
    .transform((name) => (name === 'gbk' ? 'gbk' : 'utf-8'))
    .describe('动态库的字符编码'),
  /** Which of the two where both are given; default the gateway. */
  via: z.enum(['gateway', 'dll']).optional().describe('两者都填时用哪一个'),
  /** 机构编号; default hospital.insuranceCode. */
  orgId: text().optional().describe('机构编号，缺省取 hospital.insuranceCode'),
  businessType: z.enum(BUSINESS_TYPE_CODES).default('01101').describe(BUSINESS_TYPE_WORDS),
  /** Default terminal.id. */
  operatorId: text().optional().describe('收款员编号，缺省取终端编号'),
  operatorName: text().optional().describe('收款员姓名'),
  officeId: z.string().default('').describe('医保科室编号'),
  /** Default terminal.department. */
  officeName: z.string().default('').describe('科室名称，缺省取 terminal.department'),
  /** Extra request headers of the gateway. */
  headers: z.record(z.string(), secret()).default({}).describe('网关另需的请求头'),
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
