/** The settings file as a schema: composed of what each room says it needs. */
import { z } from 'zod'
import { hidSettings } from '../devices/hid/hid-settings.ts'
import { serialSettings } from '../devices/serial/serial-settings.ts'
import { kioskSettings } from './kiosk-settings.ts'
import { PLATFORM_NAMES } from '../transcode/outcome.ts'
import { CHANNELS, MEDICAL_STEPS } from '../transcode/platforms/health-card/dictionaries.ts'
import { PLATFORMS } from '../transcode/platforms/index.ts'
import { plainHttpPaths, secret, text } from '../transcode/platforms/setting-fields.ts'
import type { PlatformDefinition } from '../transcode/platforms/platform.ts'
import { textOf } from '../transcode/secret.ts'
import { recognitionSettings } from '../transcode/recognise.ts'
import { networkFaults, networkSettings } from './network-settings.ts'
import { updateSettings } from './update/update-settings.ts'

/** The registry with its element type widened: the agent treats all platforms alike. */
export const DEFINITIONS = PLATFORMS as unknown as readonly PlatformDefinition<Record<string, unknown>>[]

/** 用卡渠道 (电子健康卡 3.3.3) that each mode stands for. */
const CHANNEL_OF_MODE = { window: '0100', kiosk: '0200' } as const

const terminal = z
  .strictObject({
    /** terminalId of verifyQRCode (电子健康卡 3.2.11). */
    id: text().describe('终端号，全院不重复，如 W01；即 verifyQRCode 的 terminalId'),
    mode: z.enum(['window', 'kiosk']).default('window').describe('window 窗口（工作人员），kiosk 自助机（患者）'),
    /** 6 digits are padded to 12 (安康码 1.3). */
    cityNo: z.string().regex(/^(\d{6}|\d{12})$/, 'must be 6 or 12 digits').transform((no) => no.padEnd(12, '0')).optional().describe('地市区划编码，6 位补足 12 位，如 340100；接入安康码时必填'),
    /** 安康码 8.2. */
    sceneCode: z.string().regex(/^\d{5}$/, 'must be 5 digits').optional().describe('安康码场景编码（附录 8.2），如 01002；接入安康码时必填，窗口人员可用 F 键切换'),
    /** 用卡环节, 电子健康卡 3.3.1. */
    medicalStep: z.string().refine((code) => Object.hasOwn(MEDICAL_STEPS, code), 'must be a code of 3.3.1 用卡环节').default('010101').describe('用卡环节（电子健康卡 3.3.1），如 010101 挂号；窗口人员可切换'),
    channel: z.string().refine((code) => Object.hasOwn(CHANNELS, code), 'must be a code of 3.3.3 用卡渠道').optional().describe('用卡渠道（3.3.3）；缺省随 mode：0100 人工窗口，0200 自助机'),
    department: z.string().max(50, 'must have at most 50 characters').optional().describe('科室；挂号类用卡环节上报时必填'),
  })
  .transform((t) => ({ ...t, channel: t.channel ?? CHANNEL_OF_MODE[t.mode] }))

const hospital = z.strictObject({
  id: text().optional().describe('电子健康卡 hospitalId：医院在开放平台扫码授权并激活后分配（文档 2.1.2），如 10086'),
  code: text().optional().describe('医院代码，用卡上报的 hospitalCode（3.2.7）；与 HIS 一致'),
  name: text().optional().describe('医院全称，界面上显示'),
  cityCode: z.string().regex(/^\d{6}$/, 'must be 6 digits').optional().describe('用卡城市代码（verifyQRCode 的 useCityCode），如 340100'),
  cityName: text().optional().describe('用卡城市名称（useCityName），如 合肥市'),
  insuranceCode: text().optional().describe('国家医保定点医药机构编码，H 开头 12 位；医保办有'),
})

const devices = z.strictObject({
  serial: z.array(serialSettings).default([]).describe('串口模式的扫码枪'),
  hid: z.array(hidSettings).default([]).describe('HID POS 模式的扫码枪'),
  keyboard: z.strictObject({ enabled: z.boolean().default(true).describe('接收键盘模式扫码枪') }).prefault({}),
  camera: z.strictObject({ enabled: z.boolean().default(false).describe('用摄像头扫码'), deviceId: z.string().optional().describe('指定摄像头的标识；不填用系统缺省的') }).prefault({}),
})

/** `null` is what a browser calls every page from disk and every sandboxed frame: whoever lists it lists them all. */
const origin = z.string().refine((value) => value === 'null' || (URL.canParse(value) && new URL(value).origin === value), 'must be an origin such as https://his.example')

/** A port of its own is what a browser's address has where a port is forwarded. */
const allowedHost = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/@?#[\]]+)(:\d{1,5})?$/, 'must be a host name such as t1.lan, or host:port 须是主机名，或 主机名:端口，不带 http:// 与路径')

/** What a token may be good for. Names and numbers of patients go to callers with `scan` only. */
export const CLIENT_RIGHTS = ['scan', 'operations', 'reveal', 'result', 'admin'] as const

/** A HIS of its own, with what it may do. */
const client = z.strictObject({
  name: text().max(50, 'must have at most 50 characters').describe('调用方的名字，各不相同'),
  token: secret(z.string().min(16, 'must have at least 16 characters')).describe('它的令牌'),
  rights: z
    .array(z.enum(CLIENT_RIGHTS))
    .min(1)
    .default([...CLIENT_RIGHTS])
    .describe('scan 扫码与读取患者身份，operations 平台的其他接口（冻结、结算、注册卡等），reveal 查看屏幕上遮盖的内容，result 提交办理结果，admin 重试上报；没有 scan 的令牌看不到任何患者身份；不填为全部'),
})

const api = z.strictObject({
  /** 0 takes a free one and tells it in the readiness line. */
  port: z.int().min(0).max(65_535).default(9700).describe('端口；0 任取一个空闲的'),
  host: z.string().default('127.0.0.1').describe('监听地址；缺省只有本机可访问'),
  token: secret(z.string().min(16, 'must have at least 16 characters')).optional().describe('HIS 令牌；缺省在首次启动时生成，存于数据目录 api-token'),
  /** Beside `token`, which may do everything. */
  clients: z.array(client).default([]).superRefine(eachOnce).describe('权限较窄的其他 HIS'),
  allowedOrigins: z.array(origin).default([]).describe('可以调用接口的网页来源，如 https://his.example；"null" 允许从磁盘打开的一切网页（不安全，仅供联调）'),
  /** Names beside 127.0.0.1 and localhost by which this terminal may be addressed. */
  allowedHosts: z.array(allowedHost).default([]).describe('除 127.0.0.1 与 localhost 外，本终端可以被称呼的主机名；不写端口即本终端的端口，经端口转发时写 主机名:端口'),
  /** Largest request body, bytes. */
  maxBodyBytes: z.int().min(1024).default(1024 * 1024).describe('请求体上限，字节'),
  /** Requests a minute for one caller. */
  maxRequestsPerMinute: z.int().min(1).default(6000).describe('每个调用方每分钟请求上限'),
})

function eachOnce(clients: readonly z.infer<typeof client>[], context: z.RefinementCtx): void {
  for (const key of ['name', 'token'] as const) {
    const known = clients.map((each) => (key === 'name' ? each.name : textOf(each.token)))
    clients.forEach((each, index) => {
      const first = known.indexOf(known[index] as string)
      if (first < index || (key === 'name' && each.name === 'his')) {
        context.addIssue({ code: 'custom', path: [index, key], message: 'must not be another caller’s 与其他调用方重复' })
      }
    })
  }
}

const outbox = z.strictObject({
  /** 0: for ever. */
  maxAttempts: z.int().min(0).default(0).describe('上报最多尝试次数；0 为一直重试'),
  retryFirstMs: z.int().min(10).default(1000).describe('首次重试间隔，毫秒；之后加倍'),
  retryMaxMs: z.int().min(10).default(600_000).describe('最大重试间隔，毫秒'),
  /** Of a report whose id the platform has seen, where nothing tells whether it was counted. */
  unproven: z.enum(['hold', 'resend', 'settle']).default('hold').describe('平台见过请求号、却无从得知是否已计数的上报：hold 留给人核实；resend 换号再报（可能重复计数）；settle 当作已送达（可能漏计）'),
})

const tradeStates = (values: string[]) => z.array(text().max(200)).min(1).default(values)

const reports = z
  .strictObject({
    success: tradeStates(['1', '成功']).describe('办理结果的 tradeState 中表示成功的值；成功才上报用卡'),
    failure: tradeStates(['0', '失败']).describe('表示失败的值；失败不上报用卡，安康码消息回传照发'),
  })
  .refine(({ success, failure }) => !failure.some((value) => success.includes(value)), { path: ['failure'], message: 'must not repeat a value of success 与 success 重复' })

const retention = z.strictObject({
  /** How long an outcome waits for its result, hours. */
  outcomeHours: z.number().positive().max(720).default(24).describe('扫码结果加密保存的小时数'),
  /** After which a screen forgets a person, minutes. */
  screenMinutes: z.number().positive().max(1440).default(15).describe('屏幕忘记患者的分钟数'),
  /** Longer than an outcome can be kept, so that a trade repeated within that time is known. */
  receiptDays: z.int().min(31).max(3650).default(400).describe('已送达上报的回执保存的天数；回执只有时间与类别，没有身份'),
})

const platforms = z.strictObject(
  Object.fromEntries(DEFINITIONS.map(({ id, settingsKey, settings }) => [settingsKey, settings.optional().describe(PLATFORM_NAMES[id])])),
)

/** The whole settings file. */
export const settingsSchema = z.strictObject({
  terminal,
  hospital: hospital.optional(),
  devices: devices.prefault({}),
  platforms: platforms.prefault({}),
  recognition: recognitionSettings
    .extend({
      /** The same text within this time is one scan, ms; 0 switches it off. */
      repeatWithinMs: z.int().min(0).max(60_000).default(2000).describe('同一个码在此毫秒数内只算一次；0 不去重'),
    })
    .prefault({}),
  /** Whether an 电子健康码 target goes on to verifyQRCode. */
  verifyHealthCardTargets: z.boolean().default(true).describe('安康码换得电子健康码后，接着调用 verifyQRCode 取患者信息'),
  network: networkSettings.prefault({}),
  api: api.prefault({}),
  outbox: outbox.prefault({}),
  reports: reports.prefault({}),
  retention: retention.prefault({}),
  update: updateSettings.optional().describe('从医院自己的文件服务器得到新版本；不填则不查看'),
  kiosk: kioskSettings.prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('日志级别'),
      /** Log files in the data directory instead of standard error. */
      file: z.boolean().default(false).describe('写入数据目录 logs 中的轮转文件，而不是标准错误'),
      maxFileBytes: z.int().min(10_000).default(10_000_000).describe('单个日志文件上限，字节'),
      files: z.int().min(1).max(100).default(5).describe('保留的日志文件数'),
    })
    .prefault({}),
})

/**
 * What one section needs of another, over the raw file: so that these faults are
 * told together with those of the sections themselves.
 */
export function crossFaults(raw: unknown): { path: string; reason: string }[] {
  const faults: { path: string; reason: string }[] = []
  for (const definition of DEFINITIONS) {
    const section = valueAt(raw, ['platforms', definition.settingsKey]) as Record<string, unknown> | undefined
    if (section === undefined || section === null) continue
    for (const need of definition.needs ?? []) {
      if (valueAt(raw, need.split('.')) === undefined) faults.push({ path: need, reason: 'required' })
    }
    if (section['allowPlainHttp'] === true) continue
    for (const path of plainHttpPaths(section)) {
      faults.push({ path: ['platforms', definition.settingsKey, ...path].join('.'), reason: 'must be https, or set allowPlainHttp to true' })
    }
  }
  return [...faults, ...networkFaults(valueAt(raw, ['network']), valueAt(raw, ['platforms']))]
}

export type Settings = z.infer<typeof settingsSchema>

let jsonSchema: Record<string, unknown> | undefined

/** JSON Schema of the settings file, for editors, the settings form and the search for secrets; made once, since it takes tens of ms. */
export function settingsJsonSchema(): Record<string, unknown> {
  return (jsonSchema ??= z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>)
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value)
}
