/** `platforms.ankang` of the settings file. */
import { z } from 'zod'
import { common, secret, url } from '../setting-fields.ts'

export const ankangSettings = z
  .strictObject({
    /** 5.1 安康码转码方式, or 5.2 卡管系统转码方式. */
    flow: z.enum(['transcode', 'identify']).default('transcode'),
    /** 8.1; 识读 asks with the first that the scene allows, 转码 with each. */
    targetTypes: z
      .array(z.string().regex(/^\d{7}$/, 'must be 7 digits'))
      .min(1, 'required')
      .max(16)
      .refine((types) => new Set(types).size === types.length, 'must not repeat a type'),
    /** Whole addresses: paths are in an attachment that each city hands out itself. */
    endpoints: z
      .strictObject({ transcode: url().optional(), identify: url().optional(), message: url().optional(), config: url().optional() })
      .prefault({}),
    /** Sent with every request, such as a gateway's own authentication. */
    headers: z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be a header name'), secret()).default({}),
    /** The tables say senceCode, a sample says sceneCode. */
    sceneField: z.enum(['senceCode', 'sceneCode']).default('senceCode'),
    /** How long an answer of 转码配置查询 is believed, ms. */
    configMaxAgeMs: z.int().min(1000).default(3_600_000),
    ...common,
  })
  .superRefine(({ flow, endpoints }, context) => {
    if (endpoints[flow] === undefined) context.addIssue({ code: 'custom', path: ['endpoints', flow], message: 'required' })
  })

export type AnkangSettings = z.infer<typeof ankangSettings>
