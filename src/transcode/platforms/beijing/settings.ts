/** `platforms.beijing` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'

const fields = z.strictObject({
  ...common,
  /** 医保电子凭证服务入口, to which the parameters are appended (4.1). */
  entryUrl: url().optional().describe('医保电子凭证服务入口地址（文档 4.1），由市医保线下提供，区分测试与生产；患者手机打开，本机不访问'),
  hospitalCode: text().optional().describe('医院编码 hospitalCode：线下与密钥一同提供（文档 4.1.3），如 1001'),
  appSecret: secret().optional().describe('签名密钥 appSecret：线下提供，测试与生产不同'),
  /** 32 characters as they stand: AES-256 (4.1.4.2). */
  aesKey: secret(z.string().min(1, 'required').refine((key) => Buffer.byteLength(key) === 32, 'must be 32 characters'))
    .optional()
    .describe('AES 密钥：线下提供，正好 32 个字符（文档 4.1.4.2）'),
  /** Where checkFace is asked (4.2.2.2.2); without it the operation is off. */
  faceUrl: url().optional().describe('人脸身份验证 checkFace 的地址（文档 4.2.2）；不填则没有人脸验证，填则另两项也要填'),
  faceAppId: text().optional().describe('在用户项实名认证平台申请的账号 appId（文档 4.2）'),
  faceAppSecret: secret().optional().describe('实名认证平台账号对应的 appSecret'),
  /** The code that means success; the document gives none. */
  faceSuccessCode: z.union([z.int(), text()]).transform(String).default('0').describe('checkFace 表示成功的响应码；文档没有写，与平台确认'),
})
export type BeijingSettings = z.infer<typeof fields>

const ENTRY = ['entryUrl', 'hospitalCode', 'appSecret', 'aesKey'] as const
const FACE = ['faceUrl', 'faceAppId', 'faceAppSecret'] as const

/** What entryUrl works with. */
export type EntrySettings = Required<Pick<BeijingSettings, (typeof ENTRY)[number]>>

/** The settings of the entry, or undefined where checkFace alone is wanted. */
export function entryOf({ entryUrl, hospitalCode, appSecret, aesKey }: BeijingSettings): EntrySettings | undefined {
  const isWhole = entryUrl !== undefined && hospitalCode !== undefined && appSecret !== undefined && aesKey !== undefined
  return isWhole ? { entryUrl, hospitalCode, appSecret, aesKey } : undefined
}

/** Each of the two services needs all that is its own; one of them must be there. */
export const beijingSettings = fields.superRefine((settings, context) => {
  const given = (paths: readonly (keyof BeijingSettings)[]) => paths.some((path) => settings[path] !== undefined)
  const need = (paths: readonly (keyof BeijingSettings)[], message: string) => {
    for (const path of paths) if (settings[path] === undefined) context.addIssue({ code: 'custom', path: [path], message })
  }
  if (given(ENTRY) || !given(FACE)) need(ENTRY, 'required')
  if (given(FACE)) need(FACE, 'required for checkFace')
})
