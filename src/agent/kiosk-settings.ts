/** What a hospital sets for its self-service machines. */
import { z } from 'zod'
import { secret, text, url } from '../transcode/platforms/setting-fields.ts'

export const kioskSettings = z.strictObject({
  /** Of tones, voices and recordings alike. */
  volume: z.number().min(0).max(1).default(1).describe('自助机提示音与语音的音量，0 至 1'),
  recordingsDir: text().optional().describe('医院自己录的语音提示所在目录，其下 zh、en 两个子目录；文件名见 resources/voice/manifest.json'),
  staffCall: z
    .strictObject({
      url: url().describe('患者按“叫工作人员”时，终端向此地址 POST {terminalId, department, at, reason}；不含患者信息；直接连接，不经 network.proxy'),
      headers: z.record(z.string(), secret()).default({}).describe('附加的请求头，如对方要求的凭据'),
      timeoutMs: z.int().min(100).max(30_000).default(5000).describe('每次通知的时限，毫秒；没有送达时在一分钟内重试'),
    })
    .optional()
    .describe('把求助通知到护士站或导诊系统'),
  helpPlace: text().max(20, 'must have at most 20 characters').default('人工窗口').describe('没有通知到时请患者去的地方，如“一楼服务台”'),
})

export type KioskSettings = z.infer<typeof kioskSettings>
