/** `platforms.yuejiantong` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'
import { BUSINESS_TYPES, MAX_BUSINESS_TYPE } from './dictionaries.ts'

export const yuejiantongSettings = z.strictObject({
  ...common,
  /** The gateway's address (规范 3.2.4). */
  url: url().describe('省网关的接口地址（接口文档“code换取用户认证信息”），如政务外网 https://sjzt.wjw.gdgov.cn/data_center/gateway/common/api'),
  appCode: text().max(10, 'must have at most 10 characters').describe('系统编码 appCode：业务系统接入时由“粤健通”分配，最多 10 个字符'),
  /** SM4 key of 敏感信息. */
  appKey: secret(z.string().min(1, 'required').regex(/^[0-9a-f]{32}$/i, 'must be 32 hex characters'))
    .describe('敏感信息加密密钥 appKey（SM4）：与 appCode 一同分配，32 位十六进制'),
  paasId: text().describe('网关标识 x-tsp-paasid：由项目组按医疗机构提供'),
  token: secret().describe('网关 token：与 paasid 一同提供，用于签名'),
  appSecret: secret().describe('paasid 对应的 Secret，由项目组提供'),
  serviceId: text().describe('网关服务标识 service ID：接口文档同一节印出测试与生产各一个，形如 DGSP_ 加数字'),
  /** 业务类型. */
  businessType: z
    .int()
    .min(1)
    .max(MAX_BUSINESS_TYPE)
    .default(1)
    .describe(`业务类型：${Object.entries(BUSINESS_TYPES).map(([type, label]) => `${type} ${label}`).join('、')}`),
  /** The business system's own link, to which 粤健通 appends `code`; names the codes to be recognised. */
  entryUrl: url().optional().describe('本院业务系统链接，粤健通在其后拼接 code（规范 3.1）；填写接入时登记的同一个，扫到它开头的码才认得出'),
})
export type YuejiantongSettings = z.infer<typeof yuejiantongSettings>
