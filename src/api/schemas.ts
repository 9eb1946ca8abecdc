/** The local API's bodies and answers, once: validation, types and OpenAPI come from here. */
import { z } from 'zod'
import { SCANNER_KINDS } from '../devices/scan.ts'
import { DEVICE_STATES } from '../devices/scanner.ts'
import { REPORT_STATES } from '../outbox/outbox.ts'
import { parseTime } from '../transcode/china-time.ts'
import { MEDICAL_STEPS } from '../transcode/platforms/health-card/dictionaries.ts'
import { CODE_FORMATS, PLATFORM_NAMES, STATUSES, type Fault, type HisResult, type Outcome } from '../transcode/outcome.ts'

const keysOf = <T extends Record<string, unknown>>(table: T) => Object.keys(table) as [keyof T & string, ...(keyof T & string)[]]

export const fault = z.object({
  platform: z.enum(keysOf(PLATFORM_NAMES)),
  code: z.string().describe('稳定的代码：平台自己的返回码（保留正负号）或大写的终端代码'),
  message: z.string(),
  advice: z.string().describe('窗口人员现在该做什么'),
  retryable: z.boolean(),
  requestId: z.string().optional().describe('平台排查这次请求用的编号'),
  platformMessage: z.string().optional().describe('平台自己的说明，已去掉号码'),
}).meta({ id: 'Fault' })

export const errorBody = z.object({
  error: fault.extend({ fields: z.array(z.object({ path: z.string(), message: z.string() })).optional() }),
}).meta({ id: 'Error' })

const patient = z.object({
  name: z.string().optional(),
  idNumber: z.string().optional(),
  idType: z.string().optional().describe('平台自己的证件类型代码'),
  idTypeName: z.string().optional(),
  gender: z.string().optional().describe('男、女、未知；各平台一致，粤健通另有保密'),
  nation: z.string().optional().describe('汉族等；各平台一致'),
  phone: z.string().optional(),
  phone2: z.string().optional(),
  birthday: z.string().optional().describe('yyyy-MM-dd'),
  address: z.string().optional(),
  isSelf: z.boolean().optional(),
  healthLevel: z.string().optional().describe('1 绿码，2 黄码，3 红码'),
  healthCardId: z.string().optional(),
  qrCodeText: z.string().optional().describe('电子健康卡平台给出的二维码文本'),
  phid: z.string().optional(),
  patid: z.string().optional(),
  authType: z.string().optional(),
  authObject: z.string().optional(),
  dataSource: z.string().optional(),
  userId: z.string().optional(),
  channel: z.string().optional(),
}).meta({ id: 'Patient' })

export const outcome = z.object({
  id: z.uuid(),
  seq: z.int(),
  scannedAt: z.string().describe('ISO 8601'),
  elapsedMs: z.number(),
  source: z.object({ device: z.string(), kind: z.enum(SCANNER_KINDS) }),
  code: z.object({ format: z.enum(keysOf(CODE_FORMATS)) }),
  status: z.enum(keysOf(STATUSES)),
  patient: patient.optional(),
  eVoucher: z
    .object({
      ecToken: z.string().optional(),
      insuOrg: z.string().optional(),
      ecIndexNo: z.string().optional(),
      email: z.string().optional(),
      extData: z.unknown().optional(),
    })
    .optional(),
  targets: z.array(
    z.object({ type: z.string(), typeName: z.string(), qrCode: z.string(), id: z.string(), object: z.record(z.string(), z.unknown()) }),
  ),
  failures: z.array(z.object({ type: z.string(), error: fault })),
  reports: z.array(z.string()),
  error: fault.optional(),
  handledAt: z.string().optional().describe('HIS 最近一次提交办理结果的时间'),
  notices: z.array(z.string()).optional(),
}).meta({ id: 'Outcome' })

const eventOf = <T extends string, D extends z.ZodType>(type: T, data: D) =>
  z.object({ type: z.literal(type), seq: z.int(), at: z.string().describe('ISO 8601'), data })
const anything = z.record(z.string(), z.unknown())
/** What the WebSocket carries, told apart by `type`; an outcome has the number of its event. */
export const event = z.discriminatedUnion('type', [
  eventOf('hello', z.object({ seq: z.int().describe('最新的序号'), terminalId: z.string(), version: z.string() })),
  eventOf('outcome', outcome),
  eventOf('device', anything),
  eventOf('outbox', anything),
]).meta({ id: 'Event' })

export const scanBody = z.object({
  text: z.string(),
  /** How a screen got it; a HIS leaves it out. */
  kind: z.enum(['keyboard', 'camera']).optional(),
  /** With an identity number typed by staff. */
  name: z.string().max(50).optional(),
})
export const choiceBody = z.object({ targetId: z.string().min(1) })
const filledText = (max: number) => z.string().max(max).refine((value) => value.trim() !== '', '不能为空')
const optionalText = (max: number) => z.string().max(max).optional()
export const resultBody = z.object({
  tradeNo: filledText(200).describe('HIS 的交易流水号；同一次扫码中同号即同一笔'),
  tradeState: filledText(200).describe('设置 reports.success 或 reports.failure 中的值，缺省 1、成功 与 0、失败；失败不上报用卡'),
  msg: z.string().max(1000).describe('办理情况，安康码消息回传的 msg'),
  tradeTime: z
    .string()
    .refine((value) => value.trim() === '' || parseTime(value) !== undefined, '应为 ISO 8601 或 yyyyMMddHHmmss')
    .optional()
    .describe('办理时间：ISO 8601（没有时区按中国时间）或 yyyyMMddHHmmss；不填为收到的时刻'),
  medicalStep: optionalText(20).describe(`用卡环节（电子健康卡 3.3.1）：${Object.entries(MEDICAL_STEPS).map((pair) => pair.join(' ')).join('，')}；不填用终端的`),
  department: optionalText(100),
  name: optionalText(100),
  idNumber: optionalText(100),
  patid: optionalText(100),
}).meta({ id: 'HisResult' })
export const resultAnswer = z.object({
  reports: z.array(z.string()).describe('上报的编号；没有应上报的为空'),
  corrected: z.literal(true).optional().describe('同一编号的内容在发出之前被这次的改正'),
})
export const ownReportBody = z.object({
  key: filledText(200).describe('HIS 自己的编号：同号同内容即同一条'),
  kind: z.string().max(100).describe('health-card/reportHISData'),
  content: z.record(z.string(), z.unknown()).describe('文档 3.2.7 的请求字段；hospitalId、scene、department、cardChannel 可由设置补足'),
}).meta({ id: 'OwnReport' })
export const outcomesQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  /** The newest so many instead, oldest first; `after` and `limit` do not count then. */
  newest: z.coerce.number().int().min(1).transform((newest) => Math.min(newest, 1000)).optional(),
  /** At most 1000 come at once, whatever is asked. */
  limit: z.coerce.number().int().min(1).default(100).transform((limit) => Math.min(limit, 1000)),
})
export const outcomesAnswer = z.object({ outcomes: z.array(outcome) })
export const eventsQuery = z.object({
  after: z.coerce.number().int().min(0).optional(),
  ticket: z.string().optional(),
  bytes: z.literal('1').optional().transform((asked) => asked !== undefined),
})
export const ticketAnswer = z.object({ ticket: z.string(), expiresInMs: z.int() })
export const health = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  terminalId: z.string(),
  uptimeSec: z.int(),
  devices: z.array(z.object({ id: z.string(), kind: z.enum(SCANNER_KINDS), state: z.enum(keysOf(DEVICE_STATES)) })),
  platforms: z.array(z.object({ id: z.enum(keysOf(PLATFORM_NAMES)), state: z.enum(['ok', 'failing', 'unknown', 'off']) })),
  outbox: z.object({ pending: z.int(), dead: z.int(), unproven: z.int() }),
}).meta({ id: 'Health' })
const reportFault = z.object({ code: z.string(), message: z.string(), advice: z.string(), requestId: z.string().optional().describe('平台排查这次请求用的编号') })
export const outboxAnswer = z.object({
  pending: z.int().describe('还会自动上报的条数，不含 dead 与 unproven'),
  dead: z.int().describe('平台拒绝、等人处理的条数'),
  unproven: z.int().describe('平台见过请求号、是否已计数待核实的条数'),
  reports: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      state: z.enum(REPORT_STATES),
      attempts: z.int(),
      nextAttemptAt: z.string().nullable(),
      lastError: reportFault.nullable(),
      createdAt: z.string(),
    }),
  ),
})

// The schemas and the types of the rooms behind them must say the same.
type Same<A, B> = [A] extends [B] ? true : never
const checks: [Same<Outcome, z.infer<typeof outcome>>, Same<Fault, z.infer<typeof fault>>, Same<z.infer<typeof resultBody>, HisResult>] = [true, true, true]
void checks
