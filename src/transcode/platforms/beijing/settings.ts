/** `platforms.beijing` of the settings file. */
import { z } from 'zod'
import { common, secret, text, url } from '../setting-fields.ts'

const fields = z.strictObject({
  ...common,
  /** 医保电子凭证服务入口, to which the parameters are appended (4.1). */
  entryUrl: url(),
  hospitalCode: text(),
  appSecret: secret(),
  /** 32 characters as they stand: AES-256 (4.1.4.2). */
  aesKey: secret().refine((key) => Buffer.byteLength(key) === 32, 'must be 32 characters'),
  /** Where checkFace is asked (4.2.2.2.2); without it the operation is off. */
  faceUrl: url().optional(),
  faceAppId: text().optional(),
  faceAppSecret: secret().optional(),
  /** The code that means success; the document gives none. */
  faceSuccessCode: z.union([z.int(), text()]).transform(String).default('0'),
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
