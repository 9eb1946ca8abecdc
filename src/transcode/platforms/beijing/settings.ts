/** `platforms.beijing` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'

const fields = z.strictObject({
  ...common,
  /** 医保电子凭证服务入口, to which the parameters are appended (4.1). */
  entryUrl: url().describe('医保电子凭证服务入口地址（文档 4.1），由市医保线下提供，区分测试与生产；患者手机打开，本机不访问'),
  hospitalCode: text().describe('医院编码 hospitalCode：线下与密钥一同提供（文档 4.1.3），如 1001'),
  appSecret: secret().describe('签名密钥 appSecret：线下提供，测试与生产不同'),
  /** 32 characters as they stand: AES-256 (4.1.4.2). */
  aesKey: secret()
    .refine((key) => Buffer.byteLength(key) === 32, 'must be 32 characters')
    .describe('AES 密钥：线下提供，正好 32 个字符（文档 4.1.4.2）'),
  /** Where checkFace is asked (4.2.2.2.2); without it the operation is off. */
  faceUrl: url().optional().describe('人脸身份验证 checkFace 的地址（文档 4.2.2）；不填则没有人脸验证，填则另两项也要填'),
  faceAppId: text().optional().describe('在用户项实名认证平台申请的账号 appId（文档 4.2）'),
  faceAppSecret: secret().optional().describe('实名认证平台账号对应的 appSecret'),
  /** The code that means success; the document gives none. */
  faceSuccessCode: z.union([z.int(), text()]).transform(String).default('0').describe('checkFace 表示成功的响应码；文档没有写，与平台确认'),
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
