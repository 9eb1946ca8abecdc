/** The technician's part of the local API, played as docs/diagnostics-api.md describes it. */
import type { Page } from 'playwright-core'
import { shownSheets } from '../../src/agent/technician/shown-sheets.ts'
import type {
  Audit, Checks, DiagnosedPlatform, DoctorState, HandOperations, Latency, Overview, Ports, Preview, ReportDetail, ReportView, SettingsAnswer, Support,
} from '../../src/renderer/diagnostics/diagnostics-types.ts'
import { STILL_AT } from './fake-clock.ts'

const ago = (seconds: number) => new Date(STILL_AT - seconds * 1000).toISOString()
const ahead = (seconds: number) => ago(-seconds)
export const TECHNICIAN_TOKEN = 'session-of-the-fake'

const platform = (id: string, name: string, state: 'ok' | 'failing' | 'unknown' | 'off', more: Partial<DiagnosedPlatform> = {}): DiagnosedPlatform => ({
  id: id as DiagnosedPlatform['id'],
  name,
  state,
  stateName: { ok: '正常', failing: '异常', unknown: '尚未使用', off: '未接入' }[state],
  token: null,
  plainHttp: [],
  certificates: [],
  ...more,
})
const certificate = (host: string, daysLeft: number) => ({
  host,
  issuer: 'GDCA TrustAUTH R5 ROOT',
  validTo: ahead(daysLeft * 86_400),
  daysLeft,
  seenAt: ago(90),
  expiresSoon: daysLeft < 30,
})

const OVERVIEW: Overview = {
  at: ago(0),
  terminal: { id: 'W01', mode: 'window', hospital: '合肥市示例人民医院' },
  versions: { app: '0.1.0', node: '24.21.0', electron: null, chrome: null, sqlite: '3.51.0' },
  host: { kind: 'browser', name: 'w01.hospital', os: 'linux 6.1.0 x64' },
  startedAt: ago(193_000),
  uptimeSec: 193_000,
  memory: { rssBytes: 141_000_000, heapUsedBytes: 38_000_000, heapTotalBytes: 61_000_000, systemFreeBytes: 2_900_000_000, systemTotalBytes: 8_200_000_000 },
  dataDir: { path: '/var/lib/maqiao', freeBytes: 38_000_000_000, totalBytes: 120_000_000_000 },
  settingsFile: '/etc/maqiao/settings.json',
  restartNeeded: false,
  keys: {
    outbox: { where: 'file', place: '/var/lib/maqiao/outbox.key', sound: true, words: '数据目录中的密钥文件，仅本账户可读' },
    secrets: [
      { path: 'platforms.healthCard.appSecret', where: 'env', sound: true, words: '环境变量 CARD_SECRET' },
      { path: 'platforms.quanzhou.sm4Key', where: 'env', sound: true, words: '环境变量 QZ_SM4' },
    ],
    apiToken: { where: 'file', place: '/var/lib/maqiao/api-token', sound: true, words: '数据目录中的令牌文件，仅本账户可读' },
  },
  devices: [
    {
      id: 'serial:/dev/ttyUSB0', kind: 'serial', state: 'open', stateName: '就绪', since: ago(4200), model: 'Honeywell 1900', sheet: 'honeywell',
      history: [
        { at: ago(193_000), state: 'opening', stateName: '正在打开', fault: null },
        { at: ago(192_999), state: 'open', stateName: '就绪', fault: null },
        { at: ago(4230), state: 'missing', stateName: '未连接', fault: 'DEVICE_UNPLUGGED' },
        { at: ago(4201), state: 'opening', stateName: '正在打开', fault: null },
        { at: ago(4200), state: 'open', stateName: '就绪', fault: null },
      ],
    },
  ],
  platforms: [
    platform('ankang', '安康码平台', 'ok', { clockSkewMs: 800, lastMs: 142, lastAt: ago(40), certificates: [certificate('akm.ahzwfw.gov.cn', 211)] }),
    platform('health-card', '电子健康卡平台', 'ok', {
      clockSkewMs: -1200, lastMs: 96, lastAt: ago(12),
      token: { fetchedAt: ago(2500), goodUntil: ahead(4700), ageSec: 2500 },
      certificates: [certificate('p-healthopen.tengmed.com', 164)],
    }),
    platform('quanzhou', '泉州医保信用就医', 'off'),
    platform('beijing', '北京医保电子凭证', 'off'),
    platform('yuejiantong', '粤健通', 'unknown'),
    platform('e-voucher', '医保电子凭证', 'ok', { lastMs: 31, lastAt: ago(600) }),
  ],
  notices: [],
  update: {
    state: 'current', kind: 'deb', from: 'http://files.hospital/maqiao', lookedAt: ago(5 * 3600), lookAt: '03:30', newer: null, fault: null,
    installer: true, command: null, result: null,
  },
  outbox: {
    pending: 0, dead: 0, unproven: 0, oldestAt: null, fault: null, setAside: null, held: 0, lanes: [],
    deliveredToday: { 'health-card/reportHISData': 212, 'ankang/message': 97 },
    minutes: Array.from({ length: 720 }, (_, index) => ({
      at: ago((720 - index) * 120),
      pending: index > 300 && index < 420 ? Math.round(30 * Math.sin(((index - 300) / 120) * Math.PI)) : index % 37 === 0 ? 1 : 0,
      dead: 0,
      scans: index % 7,
    })),
  },
}

const CHECKS: Checks = {
  ms: 812,
  checks: [
    ['node', 'Node 版本', '24.21.0'],
    ['sqlite', '数据库引擎', 'SQLite 3.51.0'],
    ['crypto', '国密与签名自检', '文档样例全部一致'],
    ['data-dir', '数据目录', '/var/lib/maqiao'],
    ['disk', '磁盘空间', '剩余 36240 MB'],
    ['outbox', '上报数据库', '1228800 字节'],
    ['keys', '密钥文件', '仅本账户可读'],
    ['audit', '审计链', '完整，42 条'],
    ['api.port', '本地接口端口', '127.0.0.1:9700'],
    ['serial./dev/ttyUSB0', '串口扫码枪', '/dev/ttyUSB0'],
    ['platform.ankang.akm.ahzwfw.gov.cn.name', '安康码平台 域名解析', 'akm.ahzwfw.gov.cn → 36.7.1.20'],
    ['platform.ankang.akm.ahzwfw.gov.cn.certificate', '安康码平台 证书', 'GDCA，剩余 211 天'],
    ['platform.ankang.akm.ahzwfw.gov.cn.reach', '安康码平台 往返', '往返 38 ms'],
    ['platform.ankang.akm.ahzwfw.gov.cn.clock', '安康码平台 时间差', '1 秒'],
    ['platform.health-card.p-healthopen.tengmed.com.name', '电子健康卡平台 域名解析', 'p-healthopen.tengmed.com → 109.244.1.8'],
    ['platform.health-card.p-healthopen.tengmed.com.certificate', '电子健康卡平台 证书', 'DigiCert，剩余 164 天'],
    ['platform.health-card.p-healthopen.tengmed.com.reach', '电子健康卡平台 往返', '往返 24 ms'],
    ['platform.health-card.p-healthopen.tengmed.com.address', '电子健康卡平台 看到的本机地址', '61.191.3.44'],
  ].map(([id, title, detail]) => ({ id: id!, ok: true, title: title!, detail: detail! })),
}

const EDGES = [0, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
function stage(name: string, title: string, count: number, peak: number): Latency['stages'][number] {
  const weights = EDGES.map((_, index) => Math.exp(-((index - peak) ** 2) / 1.6))
  const sum = weights.reduce((a, b) => a + b, 0)
  const at = (index: number) => (count === 0 ? null : (EDGES[Math.min(EDGES.length - 1, Math.max(1, index))] ?? 1) * 0.82)
  return {
    stage: name, title, count,
    p50Ms: at(peak + 1), p90Ms: at(peak + 2), p99Ms: at(peak + 3), maxMs: at(peak + 4),
    buckets: EDGES.map((fromMs, index) => ({ fromMs, toMs: EDGES[index + 1] ?? null, count: Math.round((weights[index]! / sum) * count) })),
  }
}
const LATENCY: Latency = {
  scans: 500,
  stages: [
    stage('read', '读码', 500, 6), stage('frame', '成帧', 500, 0), stage('recognise', '识别', 500, 0), stage('platform', '平台', 431, 7),
    stage('store', '存储', 500, 2), stage('publish', '发布', 500, 1), stage('total', '合计', 500, 8),
  ],
}

const REFUSED = { code: '10012', message: '身份证号不合法', advice: '请核对证件号码，改正后重试。' }
const report = (index: number, state: ReportView['state'], kind: string, more: Partial<ReportView> = {}): ReportView => ({
  id: `0199a5c0-7f1e-7b3a-9d20-0000000000${String(index).padStart(2, '0')}`,
  kind, state,
  stateName: { pending: '待发', paused: '暂停', waiting: '无接收方', dead: '退回', unproven: '是否已计数待核实' }[state],
  attempts: 3,
  nextAttemptAt: state === 'pending' ? ahead(40) : null,
  lastError: null,
  createdAt: ago(3600 * index + 300),
  ...more,
})
export const DEAD = report(1, 'dead', 'health-card/reportHISData', { lastError: REFUSED, attempts: 1 })
const REPORTS: ReportView[] = [
  DEAD,
  report(2, 'dead', 'health-card/reportHISData', { lastError: REFUSED, attempts: 1 }),
  report(17, 'unproven', 'health-card/reportHISData', { lastError: { code: '10054', message: '平台见过这个请求号，但无从得知那一次是已计数还是被拒绝', advice: '请向平台核对这笔用卡。' }, attempts: 2 }),
  ...Array.from({ length: 14 }, (_, index) => report(index + 3, index % 3 === 0 ? 'paused' : 'pending', index % 2 ? 'ankang/message' : 'health-card/reportHISData', {
    lastError: index % 3 === 0 ? { code: '10034', message: '接口调用次数超过当日上限', advice: '次日自动恢复，也可由技术人员恢复。' } : null,
  })),
]
const DETAIL: ReportDetail = {
  ...DEAD,
  readable: true,
  payload: {},
  fields: [
    ['qrCodeText', '…(130)', true], ['idCardTypeCode', '01', false], ['idCardNumber', '340***********1230', true], ['name', '周*川', true],
    ['time', '2026-11-22 09:12:44', false], ['hospitalCode', '01', false], ['scene', '010105', false], ['department', '呼吸内科', false],
    ['cardType', '11', false], ['cardChannel', '0100', false], ['cardCostTypes', '0100', false],
  ].map(([path, value, masked]) => ({ path: String(path), value: String(value), masked: masked === true })),
}

const PORTS: Ports = {
  serial: [
    { path: '/dev/ttyUSB0', vendorId: '0c2e', productId: '0caa', manufacturer: 'Honeywell', knownModel: 'Honeywell', mode: 'serial', usedBy: 'serial:/dev/ttyUSB0' },
    { path: '/dev/ttyUSB1', vendorId: '1a86', productId: '7523', knownModel: 'USB 转串口 (CH340)', mode: 'serial', usedBy: null },
  ],
  serialFault: null,
  hid: [
    { vendorId: '05e0', productId: '1200', product: 'Symbol Bar Code Scanner', knownModel: 'Zebra/Symbol', mode: 'keyboard', scanner: false },
    { vendorId: '1eab', productId: '1a10', product: 'NLS-HR22', knownModel: 'Newland HR3290 / HR22', mode: 'hid', scanner: true },
  ],
  hidFault: null,
}

export const SHEET = 'MaQiao://AaBbYyZz.09?x=1&y=%2F#-_+;:测试码桥'
export const EXAMINED: NonNullable<DoctorState['report']> = {
  mode: 'serial', characters: 44, durationMs: 52, msPerCharacter: 1.04, longestGapMs: 2.1, terminator: 'CR', prefix: '\u0002', suffix: '', aim: ']Q1',
  encoding: 'utf8', intact: true, lost: [], caseInverted: false, settings: {},
  advice: [
    '串口较慢，一个 130 位的码约需 0.14 秒；把扫码枪和设置中的波特率都改为 115200，每次约省 0.11 秒。',
    '扫码枪附加了 AIM 标识 ]Q1：会自动去除，无需修改。',
  ],
  secondsSaved: 0.11,
}

const OPERATIONS: HandOperations = {
  rehearsal: true,
  operations: [
    {
      platform: 'health-card', platformName: '电子健康卡平台', operation: 'verifyQRCode', title: '动态二维码校验', source: '电子健康卡 3.2.11',
      request: {
        type: 'object', required: ['qrCodeText', 'terminalId', 'time', 'medicalStep', 'channelCode', 'useCityName', 'useCityCode'],
        properties: {
          qrCodeText: { type: 'string', description: '二维码内容' }, terminalId: { type: 'string', description: '终端号' }, time: { type: 'string', description: '使用时间' },
          medicalStep: { type: 'string', enum: ['010101', '010102', '010103'], description: '用卡环节' }, channelCode: { type: 'string', enum: ['0100', '0200'], description: '用卡渠道' },
          useCityName: { type: 'string', description: '用卡城市名称' }, useCityCode: { type: 'string', description: '用卡城市代码' },
        },
      },
    },
    ...['registerHealthCard|注册居民健康卡', 'getHealthCardByQRCode|二维码获取健康卡', 'getOrderIdByOutAppId|获取卡包订单', 'reportHISData|用卡数据监测', 'getAppToken|获取接口令牌'].map((line) => {
      const [operation = '', title = ''] = line.split('|')
      return { platform: 'health-card', platformName: '电子健康卡平台', operation, title, source: '电子健康卡 3.2', request: { type: 'object', properties: {} } }
    }),
    { platform: 'ankang', platformName: '安康码平台', operation: 'transcode', title: '转码', source: '安康码 7.1', request: { type: 'object', properties: {} } },
  ],
}

const SETTINGS: SettingsAnswer = {
  file: '/etc/maqiao/settings.json',
  revision: 'r1',
  restartNeeded: false,
  settings: {
    terminal: { id: 'W01', mode: 'window', cityNo: '340100000000', department: '呼吸内科' },
    devices: { serial: [{ path: '/dev/ttyUSB0', baudRate: 9600 }] },
    platforms: { healthCard: { baseUrl: 'https://p-healthopen.tengmed.com', appId: 'a1', appSecret: { set: true } } },
  },
  schema: {
    type: 'object',
    required: ['terminal'],
    properties: {
      terminal: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string', description: '终端号，即 verifyQRCode 的 terminalId' },
          mode: { type: 'string', enum: ['window', 'kiosk'], default: 'window', description: 'window 窗口（工作人员），kiosk 自助机（患者）' },
          cityNo: { type: 'string', description: '地市编码，6 位补足 12 位；安康码必填' },
          sceneCode: { type: 'string', description: '安康码场景编码（附录 8.2）' },
          medicalStep: { type: 'string', default: '010101', description: '用卡环节（电子健康卡 3.3.1）' },
          channel: { type: 'string', description: '用卡渠道（3.3.3）；缺省随 mode' },
          department: { type: 'string', description: '科室；挂号类用卡环节上报时必填' },
        },
      },
      devices: {
        type: 'object',
        properties: {
          serial: { type: 'array', items: { type: 'object', properties: { path: { type: 'string' }, baudRate: { type: 'integer', default: 9600 } } } },
          camera: { type: 'object', properties: { enabled: { type: 'boolean', default: false, description: '用摄像头扫码' } } },
        },
      },
      platforms: {
        type: 'object',
        properties: {
          healthCard: {
            type: 'object', required: ['baseUrl', 'appId', 'appSecret'],
            properties: {
              baseUrl: { type: 'string', description: '平台地址，不含 /rest/auth/HealthCard' }, appId: { type: 'string' }, appSecret: { type: 'string', secret: true },
              requestTimeoutMs: { type: 'integer', default: 8000, description: '一次往来的时限，毫秒' }, allowPlainHttp: { type: 'boolean', default: false, description: '允许未加密的 http' },
            },
          },
          ankang: { type: 'object', properties: { flow: { type: 'string', enum: ['transcode', 'identify'] } } },
        },
      },
      verifyHealthCardTargets: { type: 'boolean', default: true, description: '安康码换得电子健康码后，接着调用 verifyQRCode 取患者信息' },
    },
  },
}

const AUDIT: Audit = {
  check: { ok: true, entries: 42 },
  entries: [
    ['door.opened', '进入诊断', {}], ['report.edited', '修改上报内容', { id: DEAD.id, fields: 'idCardNumber', why: '证件号录错' }], ['report.retried', '重试上报', { id: DEAD.id }],
    ['settings.changed', '修改设置', { paths: 'terminal.department', why: '换科室' }], ['door.closed', '退出诊断', {}], ['door.refused', '口令错误', { failures: 1 }], ['door.opened', '进入诊断', {}],
  ].map(([what, words, detail], index) => ({
    seq: 36 + index, at: ago(9000 - index * 600), who: index % 3 ? '李工' : 'technician', what: String(what), words: String(words), detail: detail as Record<string, string>,
  })),
}

const SUPPORT: Support = {
  name: 'maqiao-support-W01-20261122T0400.zip',
  contents: [
    { name: 'logs/maqiao.log', bytes: 184_320, what: '运行日志（已脱敏）' }, { name: 'versions.json', bytes: 612, what: '版本与系统' },
    { name: 'settings.json', bytes: 3120, what: '设置，不含密钥' }, { name: 'devices.json', bytes: 1480, what: '设备清单与状态记录' },
    { name: 'checks.json', bytes: 5210, what: '全部检查与国密自检' }, { name: 'latency.json', bytes: 8122, what: '各阶段用时' }, { name: 'audit.jsonl', bytes: 9400, what: '审计记录' },
  ],
}
const LOG = Array.from({ length: 60 }, (_, index) =>
  JSON.stringify({
    level: index % 17 === 0 ? 'warn' : 'info', time: ago(600 - index * 10),
    event: ['device.state', 'scan.done', 'platform.exchange', 'outbox.delivered'][index % 4], platform: 'health-card', ms: 40 + index, status: 200,
  }),
)

/** Everything that the terminal would answer; a test changes what it needs. */
export type World = {
  pinSet: boolean
  lockedMs: number
  overview: Overview
  checks: Checks
  latency: Latency
  audit: Audit
  ports: Ports
  reports: ReportView[]
  detail: ReportDetail
  operations: HandOperations
  settings: SettingsAnswer | { status: number; error: object }
  preview: Preview
  support: Support
  doctor: DoctorState
  answer: { status: number; json: unknown }
  calls: { method: string; path: string; body: Record<string, unknown> }[]
}

export function newWorld(): World {
  return structuredClone({
    pinSet: true,
    lockedMs: 0,
    overview: OVERVIEW,
    checks: CHECKS,
    latency: LATENCY,
    audit: AUDIT,
    ports: PORTS,
    reports: [],
    detail: DETAIL,
    operations: OPERATIONS,
    settings: SETTINGS,
    preview: { faults: [], diff: [] },
    support: SUPPORT,
    doctor: { device: 'serial:/dev/ttyUSB0', state: 'waiting', sheet: SHEET, report: null },
    answer: { status: 200, json: { card: { name: '周*川', idCard: '340***********1235', phid: '88', gender: '男' } } },
    calls: [],
  } satisfies World)
}

export { REPORTS }

/** Answers the page's calls of a technician from the world, until the page closes. */
export async function playDiagnostics(page: Page, world: World): Promise<void> {
  await page.route(/\/api\/v1\/(technician|diagnostics|platforms)/, async (route) => {
    const request = route.request()
    const path = new URL(request.url()).pathname.slice('/api/v1/'.length)
    const body = (request.postDataJSON() ?? {}) as Record<string, unknown>
    world.calls.push({ method: request.method(), path, body })
    const { status = 200, json } = answerTo(world, request.method(), path)
    await route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(json) })
  })
}

function answerTo(world: World, method: string, path: string): { status?: number; json: unknown } {
  if (path === 'technician') return { json: { pinSet: world.pinSet, lockedMs: world.lockedMs } }
  if (path === 'technician/session') return { json: { token: TECHNICIAN_TOKEN, expiresInMs: 600_000 } }
  if (path.startsWith('platforms/')) return world.answer
  if (path === 'diagnostics/reports') return { json: { reports: world.reports, more: false } }
  if (/^diagnostics\/reports\/[^/]+(\/reveal)?$/.test(path)) return { json: world.detail }
  if (path.endsWith('/doctor')) return { json: world.doctor }
  if (path === 'diagnostics/settings' && method === 'GET' && 'error' in world.settings) return { status: world.settings.status, json: { error: world.settings.error } }
  const found: Record<string, unknown> = {
    diagnostics: world.overview,
    'diagnostics/checks': world.checks,
    'diagnostics/latency': world.latency,
    'diagnostics/log': { lines: LOG },
    'diagnostics/audit': world.audit,
    'diagnostics/ports': world.ports,
    'diagnostics/setup-sheets': { sheets: shownSheets() },
    'diagnostics/operations': world.operations,
    'diagnostics/settings': world.settings,
    'diagnostics/update/look': world.overview.update,
    'diagnostics/settings/preview': world.preview,
    'diagnostics/support': world.support,
  }
  return { json: found[path] ?? {} }
}
