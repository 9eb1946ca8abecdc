/** `platforms.beijing` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'

const fields = z.strictObject({
  ...common,
  /** 医保电子凭证服务入口, to which the parameters are appended (4.1). */
  entryUrl: url().describe('医保电子凭证服务入口地址'),
  hospitalCode: text().describe('医院编码'),
  appSecret: secret().describe('签名密钥'),
  /** 32 characters as they stand: AES-256 (4.1.4.2). */
  aesKey: secret()
    .refine((key) => Buffer.byteLength(key) === 32, 'must be 32 characters')
    .describe('AES 密钥，32 个字符'),
  /** Where checkFace is asked (4.2.2.2.2); without it the operation is off. */
  faceUrl: url().optional().describe('人脸身份验证 checkFace 的地址'),
  faceAppId: text().optional().describe('实名认证平台 appId'),
  faceAppSecret: secret().optional().describe('实名认证平台密钥'),
  /** The code that means success; the document gives none. */
  faceSuccessCode: z.union([z.int(), text()]).transform(String).default('0').describe('checkFace 表示成功的响应码'),
})
export type BeijingSettings = z.infer<typeof fields>

export const beijingSettings = fields.superRefine((settings, context) => {
  for (const path of ['faceUrl', 'faceAppId', 'faceAppSecret'] as const) {
    const others = ['faceUrl', 'faceAppId', 'faceAppSecret'] as const
    if (settings[path] === undefined && others.some((other) => settings[other] !== undefined)) {
      context.addIssue({ code: 'custom', path: [path], message: 'required for checkFace' })
    }
  }
})
