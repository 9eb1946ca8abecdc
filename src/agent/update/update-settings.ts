/** What a settings file may say about updates. */
import { z } from 'zod'
import { url } from '../../transcode/platforms/setting-fields.ts'
import { keyOf } from './update-list.ts'

/** `update` of the settings file: newer versions on a file server of the hospital's own. */
export const updateSettings = z.strictObject({
  from: z
    .string()
    .refine((from) => (/^https?:/i.test(from) ? url().safeParse(from).success : /^(\/|\\\\|[A-Za-z]:\\)/.test(from)), 'must be an http(s) address without user name, or a folder')
    .describe('放更新的地方：医院文件服务器的地址（http、https）或目录（Windows 共享 \\\\服务器\\maqiao，或已挂载的 /mnt/maqiao）'),
  publicKey: z
    .string()
    .refine(isPublicKey, 'must be a P-256 public key in base64')
    .describe('更新清单制作者的公钥，一行 base64；npm run sign-update 首次运行时印出。没有它的签名，什么都不安装'),
  lookAt: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 03:30')
    .default('03:30')
    .describe('每天几点查看；那时关机的，开机后空闲 10 分钟时查看'),
})

function isPublicKey(text: string): boolean {
  try {
    return keyOf(text) !== undefined
  } catch {
    return false
  }
}
