/** `platforms.ankang` of the settings file. */
import { z } from 'zod'
import { common, secret, url } from '../setting-fields.ts'
import { TARGET_TYPE } from './schemas.ts'

export const ankangSettings = z
  .strictObject({
    /** 5.1 安康码转码方式, or 5.2 卡管系统转码方式. */
    flow: z.enum(['transcode', 'identify']).default('transcode').describe('转码方式（《融合对接规范》第 5 章，由地市对接会确定）：transcode 换取目标码（5.1），identify 识读后把安康码原样交给 HIS（5.2）'),
    /** 8.1; 识读 asks with the first that the scene allows, 转码 with each. */
    targetTypes: z
      .array(z.string().regex(TARGET_TYPE, 'must have 1 to 20 characters without spaces'))
      .min(1, 'required')
      .max(16)
      .refine((types) => new Set(types).size === types.length, 'must not repeat a type')
      .describe('要换取的目标码类型（规范 8.1），逐个请求：地市区划前 4 位 + 002 电子健康码、+ 003 医保电子凭证，如合肥 3401002、3401003；电子社保卡 3400001'),
    /** 8.3 目标码额外信息, by target type; sent as JSON text with 转码. */
    targetObjects: z
      .record(z.string().regex(TARGET_TYPE, 'must be a target type'), z.record(z.string(), z.unknown()))
      .default({})
      .describe('目标码额外信息（规范 8.3），按目标码类型填写，随转码以 JSON 文本发送，如 {"3400004": {"参数": "值"}}；规范的表是空的，须问地市对接人'),
    /** Whole addresses: paths are in an attachment that each city hands out itself. */
    endpoints: z
      .strictObject({
        transcode: url().optional().describe('转码（7.3）的完整地址，flow 为 transcode 时必填；取自地市安康码平台按《附件05 接入规范》批复的接入资料，如 https://地市平台/…'),
        identify: url().optional().describe('二维码识读（7.2）的完整地址，取自同一份接入资料；flow 为 identify 而不填时，安康码不经识读直接交给 HIS'),
        message: url().optional().describe('消息回传（7.4）的完整地址；不填则不上报办理结果'),
        config: url().optional().describe('转码配置查询的完整地址；不填则不问平台场景允许哪些目标码'),
      })
      .prefault({}),
    /** Sent with every request, such as a gateway's own authentication. */
    headers: z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be a header name'), secret()).default({}).describe('每次请求附带的请求头，如网关的鉴权头；名称与值取自《附件02 安全规范》或地市对接人，JSON 形如 {"名称": "值"}'),
    /** The tables say senceCode, a sample says sceneCode. */
    sceneField: z.enum(['senceCode', 'sceneCode']).default('senceCode').describe('场景字段的拼写：规范各表为 senceCode，样例为 sceneCode；平台报缺少场景时改为 sceneCode'),
    /** How long an answer of 转码配置查询 is believed, ms. */
    configMaxAgeMs: z.int().min(1000).default(3_600_000).describe('转码配置查询的答复保存多久，毫秒'),
    ...common,
  })
  .superRefine(({ flow, endpoints }, context) => {
    // 5.2: the card system itself asks who it is; 识读 only shows it to staff before.
    if (flow === 'transcode' && endpoints.transcode === undefined) context.addIssue({ code: 'custom', path: ['endpoints', 'transcode'], message: 'required' })
  })

export type AnkangSettings = z.infer<typeof ankangSettings>
