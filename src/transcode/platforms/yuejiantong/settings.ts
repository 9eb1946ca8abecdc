/** `platforms.yuejiantong` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'
import { BUSINESS_TYPES } from './dictionaries.ts'

export const yuejiantongSettings = z.strictObject({
  ...common,
  /** The gateway's address (规范 3.2.4). */
  url: url(),
  appCode: text().max(10, 'must have at most 10 characters'),
  /** SM4 key of 敏感信息. */
  appKey: secret().regex(/^[0-9a-f]{32}$/i, 'must be 32 hex characters'),
  paasId: text(),
  token: secret(),
  appSecret: secret(),
  serviceId: text(),
  /** 业务类型. */
  businessType: z.int().refine((type) => type in BUSINESS_TYPES, `must be one of ${Object.keys(BUSINESS_TYPES).join(', ')}`).default(1),
  /** The business system's own link, to which 粤健通 appends `code`; names the codes to be recognised. */
  entryUrl: url().optional(),
})
export type YuejiantongSettings = z.infer<typeof yuejiantongSettings>
