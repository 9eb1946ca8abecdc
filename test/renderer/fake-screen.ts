/** What the fake API says at the start, and outcomes to send through it. Made-up people, valid check digits. */
import type { CodeFormat, Fault, Outcome, Patient, PlatformId } from '../../src/transcode/outcome.ts'
import { terminalNow } from './fake-clock.ts'

export const SCREEN = {
  terminal: { id: 'W01', mode: 'window', department: '呼吸内科', sceneCode: '01002', medicalStep: '010101', channel: '0100' },
  hospital: { name: '合肥市示例人民医院' } as { name: string } | null,
  version: '0.1.0',
  host: 'none',
  rehearsal: true,
  keyboard: false,
  camera: false,
  devices: [
    { id: 'serial:/dev/ttyUSB0', kind: 'serial', state: 'open', since: '2026-01-01T00:00:00Z', model: 'Honeywell 1900' },
  ] as { id: string; kind: string; state: string; since: string; model?: string; fault?: object }[],
  platforms: [
    { id: 'ankang', name: '安康码平台', state: 'ok' },
    { id: 'health-card', name: '电子健康卡平台', state: 'ok' },
    { id: 'quanzhou', name: '泉州医保信用就医', state: 'off' },
    { id: 'beijing', name: '北京医保电子凭证', state: 'off' },
    { id: 'yuejiantong', name: '粤健通', state: 'unknown' },
    { id: 'e-voucher', name: '医保电子凭证', state: 'ok' },
  ] as { id: string; name: string; state: string; message?: string; clockSkewMs?: number }[],
  formats: (
    [
      ['ankang', 'ankang'], ['health-card-static', 'health-card'], ['health-card-dynamic', 'health-card'], ['yuejiantong', 'yuejiantong'],
      ['identity-number', null], ['e-voucher', 'e-voucher'], ['social-security-card', null], ['hospital-card', null],
    ] as [string, string | null][]
  ).map(([format, platform]) => ({ format, label: format, platform, taken: format !== 'social-security-card' })),
  outbox: { pending: 0, dead: 0, unproven: 0, fault: null as object | null },
  dictionaries: {
    scenes: [
      { code: '01001', name: '药店购药' },
      { code: '01002', name: '医院挂号' },
      { code: '01003', name: '医院取药' },
      { code: '01004', name: '医院领报告' },
      { code: '01005', name: '医保缴费' },
      { code: '01006', name: '医院门诊就诊' },
    ],
    medicalSteps: [
      { code: '010101', name: '挂号' },
      { code: '0101011', name: '预约挂号' },
      { code: '010102', name: '诊断' },
      { code: '010103', name: '取药' },
      { code: '010104', name: '检查' },
      { code: '010105', name: '收费' },
    ],
  },
  forgetAfterMs: 900_000,
  notices: [] as { code: string; message: string; advice: string }[],
  samples: (
    [
      ['ankang-green', 'ankang', '安康码', '绿码，三个卡码', '会要求选择'],
      ['card-dynamic', 'health-card-dynamic', '电子健康卡（动态码）', '周小川', '每次扫入都会换新'],
      ['card-static', 'health-card-static', '电子健康卡', '林安', ''],
      ['payment', 'payment', '付款码', '微信付款码', '应被拒绝'],
    ] as const
  ).map(([id, format, formatName, title, note]) => ({ id, format, formatName, title, note })),
}
export type FakeScreen = typeof SCREEN

/** What a terminal takes that has these platforms alone; a 医保电子凭证 is handed on where nobody decodes it. */
export const formatsWith = (platforms: readonly string[]): FakeScreen['formats'] =>
  SCREEN.formats.map((each) => ({ ...each, taken: each.taken && (each.platform === null || each.format === 'e-voucher' || platforms.includes(each.platform)) }))

/** In full, as a reveal gives it. */
export const ZHOU: Patient = {
  name: '周小川',
  idNumber: '340111198810221235',
  idType: '01',
  idTypeName: '居民身份证',
  gender: '男',
  nation: '汉族',
  phone: '18812342012',
  birthday: '1988-10-22',
}
/** The same, as a screen gets it unasked. */
export const ZHOU_MASKED: Patient = {
  name: '周*川',
  idNumber: '340***********1235',
  idType: '01',
  idTypeName: '居民身份证',
  gender: '男',
  nation: '汉族',
  phone: '188****2012',
}

let count = 0

export function outcome(format: CodeFormat, status: Outcome['status'], more: Partial<Outcome> = {}): Outcome {
  count++
  return {
    id: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    seq: count,
    scannedAt: new Date(terminalNow()).toISOString(),
    elapsedMs: 412,
    source: { device: 'serial:/dev/ttyUSB0', kind: 'serial' },
    code: { format },
    status,
    targets: [],
    failures: [],
    reports: [],
    ...more,
  }
}

export function faultOf(platform: PlatformId, code: string, message: string, advice: string, retryable = true): Fault {
  return { platform, code, message, advice, retryable }
}

export const TARGETS = [
  { type: '3401003', typeName: '医保电子凭证', qrCode: '', id: '#1', object: {} },
  { type: '3401002', typeName: '电子健康码', qrCode: '', id: '#2', object: {} },
  { type: '3400001', typeName: '电子社保卡', qrCode: '', id: '#3', object: {} },
]
