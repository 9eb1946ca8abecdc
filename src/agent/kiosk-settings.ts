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
  /** 2.8.3.5: 二维码应动态定时刷新; well below the minute that the page stays. */
  cardCode: z
    .strictObject({
      show: z.enum(['dynamic', 'static', 'off']).default('dynamic').describe('自助机出示患者自己的电子健康卡：动态码、静态码（当地没有动态码时），或不出示'),
      refreshSec: z.int().min(15).max(30).default(20).describe('动态码多少秒换一次（2.8.3.5 要求定时刷新），15 至 30'),
    })
    .prefault({}),
  registration: z.boolean().default(false).describe('自助机上给没有电子健康卡的患者建卡（2.3）；还要有 platforms.healthCard 与其 offlineWechatCode，否则不出现'),
  cardMarkFile: text().optional().describe('“居民健康卡”标识的图片文件（PNG、JPEG 或 SVG，不超过 200 KB），由卡管部门给出；2.8.3.7 要求与二维码一同展示，没有设置时是本项目画的代用图'),
  helpPlace: text().max(20, 'must have at most 20 characters').default('人工窗口').describe('没有通知到时请患者去的地方，如“一楼服务台”'),
})

export type KioskSettings = z.infer<typeof kioskSettings>
