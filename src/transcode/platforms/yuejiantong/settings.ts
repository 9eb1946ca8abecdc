/** `platforms.yuejiantong` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'
import { BUSINESS_TYPES, MAX_BUSINESS_TYPE } from './dictionaries.ts'

export const yuejiantongSettings = z.strictObject({
  ...common,
  /** The gateway's address (规范 3.2.4). */
  url: url().describe('省网关地址'),
  appCode: text().max(10, 'must have at most 10 characters').describe('系统编码'),
  /** SM4 key of 敏感信息. */
  appKey: secret()
    .regex(/^[0-9a-f]{32}$/i, 'must be 32 hex characters')
    .describe('敏感信息密钥，32 位十六进制'),
  paasId: text().describe('网关标识 paasid'),
  token: secret().describe('网关 token'),
  appSecret: secret().describe('paasid 对应的密钥'),
  serviceId: text().describe('网关服务标识 service ID'),
  /** 业务类型. */
  businessType: z
    .int()
    .min(1)
    .max(MAX_BUSINESS_TYPE)
    .default(1)
    .describe(`业务类型：${Object.entries(BUSINESS_TYPES).map(([type, label]) => `${type} ${label}`).join('、')}`),
  /** The business system's own link, to which 粤健通 appends `code`; names the codes to be recognised. */
  entryUrl: url().optional().describe('本院业务系统链接，粤健通在其后拼接 code'),
})
export type YuejiantongSettings = z.infer<typeof yuejiantongSettings>
