/** What the local API tells a technician; docs/diagnostics-api.md describes it. */
import type { DeviceFaultCode, DeviceState, DeviceStatus } from '../../devices/scanner.ts'
import type { Hint, PlatformState } from '../api/screen-types.ts'
import type { Schema } from './schema.ts'

export type SectionId = 'overview' | 'devices' | 'camera' | 'platforms' | 'outbox' | 'performance' | 'settings' | 'audit' | 'support'

export type ScannerMode = 'serial' | 'hid' | 'keyboard' | 'other'

/** `command` closes a file that other accounts can read. */
export type KeyPlace = { where: string; place?: string; sound: boolean; words: string; command?: string }

export type DeviceHistory = { at: string; state: DeviceState; stateName: string; fault: DeviceFaultCode | null }
export type DiagnosedDevice = DeviceStatus & { stateName: string; sheet: string | null; history: DeviceHistory[] }

export type ShownCode = { purpose: string; title: string; text?: string; bars?: number[] }
export type ShownSheet = { id: string; maker: string; models: string; note: string; codes: ShownCode[] }

export type Certificate = { host: string; issuer: string; validTo: string; daysLeft: number; seenAt: string; expiresSoon: boolean }
export type DiagnosedPlatform = PlatformState & {
  stateName: string
  lastMs?: number
  lastAt?: string
  lastFault?: string
  lastFaultWords?: { message: string; advice: string }
  token: { fetchedAt: string; goodUntil: string; ageSec: number } | null
  plainHttp: string[]
  certificates: Certificate[]
}

export type Lane = { kind: string; pending: number; pausedUntil: string | null; reason: Hint | null }
export type Minute = { at: string; pending: number; dead: number; scans: number }
export type DiagnosedOutbox = {
  pending: number
  dead: number
  unproven: number
  oldestAt: string | null
  fault: Hint | null
  setAside: string | null
  held: number
  lanes: Lane[]
  deliveredToday: Record<string, number>
  minutes: Minute[]
}

/** What is known of newer versions. */
export type Update = {
  state: 'off' | 'never' | 'looking' | 'current' | 'newer' | 'failed'
  kind: string
  from: string | null
  lookedAt: string | null
  lookAt: string | null
  newer: { version: string; date: string; notes: string[]; name: string; bytes: number; file: string | null } | null
  fault: Hint | null
  installer: boolean
  command: string | null
  result: string | null
}

export type Overview = {
  at: string
  terminal: { id: string; mode: 'window' | 'kiosk'; hospital: string | null }
  versions: Record<string, string | null>
  host: { kind: string; name: string; os: string }
  startedAt: string
  uptimeSec: number
  memory: { rssBytes: number; heapUsedBytes: number; heapTotalBytes: number; systemFreeBytes: number; systemTotalBytes: number }
  dataDir: { path: string; freeBytes: number | null; totalBytes: number | null }
  settingsFile: string | null
  restartNeeded: boolean
  keys: { outbox: KeyPlace; secrets: (KeyPlace & { path: string })[]; apiToken: KeyPlace }
  devices: DiagnosedDevice[]
  platforms: DiagnosedPlatform[]
  notices: Hint[]
  outbox: DiagnosedOutbox
  update: Update
}

export type Check = { id: string; ok: boolean; title: string; detail: string; advice?: string }
export type Checks = { checks: Check[]; ms: number }

export type Bucket = { fromMs: number; toMs: number | null; count: number }
export type Stage = {
  stage: string
  title: string
  count: number
  p50Ms: number | null
  p90Ms: number | null
  p99Ms: number | null
  maxMs: number | null
  buckets: Bucket[]
}
export type Latency = { scans: number; stages: Stage[] }

export type AuditEntry = { seq: number; at: string; who: string; what: string; detail: Record<string, string | number | boolean>; words: string }
export type Audit = { check: { ok: boolean; entries: number; file?: string; line?: number; reason?: string }; entries: AuditEntry[] }

export type SerialPort = {
  path: string
  vendorId?: string
  productId?: string
  serialNumber?: string
  product?: string
  manufacturer?: string
  usbPort?: string
  knownModel: string | null
  mode: ScannerMode | null
  usedBy: string | null
}
export type HidPort = {
  vendorId: string
  productId: string
  product?: string
  serialNumber?: string
  usbPort?: string
  knownModel: string | null
  mode: ScannerMode | null
  scanner: boolean
}
export type Ports = { serial: SerialPort[]; serialFault: Hint | null; hid: HidPort[]; hidFault: Hint | null }

/** What one scan of the test sheet says about a scanner. */
export type Examination = {
  mode: ScannerMode
  characters: number
  durationMs: number
  msPerCharacter: number
  longestGapMs: number
  terminator: string
  prefix: string
  suffix: string
  aim?: string
  encoding: 'utf8' | 'gbk'
  intact: boolean
  lost: string[]
  caseInverted: boolean
  settings: { prefix?: string; suffix?: string; terminator?: string; idleMs?: number }
  advice: string[]
  secondsSaved: number
}
export type DoctorState = { device: string; state: 'off' | 'waiting' | 'receiving' | 'done'; sheet: string; report: Examination | null }

export type HandOperation = { platform: string; platformName: string; operation: string; title: string; source: string; request: Schema }
export type HandOperations = { rehearsal: boolean; operations: HandOperation[] }

export type ReportState = 'pending' | 'paused' | 'waiting' | 'dead' | 'unproven'
export type ReportView = {
  id: string
  kind: string
  state: ReportState
  stateName: string
  attempts: number
  nextAttemptAt: string | null
  lastError: (Hint & { requestId?: string }) | null
  createdAt: string
}
export type ReportList = { reports: ReportView[]; more: boolean }
export type ReportField = { path: string; value: string | number | boolean | null; masked: boolean }
export type ReportDetail = ReportView & { payload: unknown; fields: ReportField[]; readable: boolean }

/** What stands in settings for a secret. */
export type KeptSecret = { set: true; from?: string }
export type SettingsAnswer = { file: string; revision: string; settings: Record<string, unknown>; schema: Schema; restartNeeded: boolean }
export type Change = { path: string; before: unknown; after: unknown; secret: boolean }
export type Preview = { faults: { path: string; reason: string }[]; diff: Change[] }
export type SavedSettings = { revision: string; diff: Change[]; restartNeeded: boolean; backup: string }

export type Support = { name: string; contents: { name: string; bytes: number; what: string }[] }

export type BytesEvent = { device: string; hex: string; text: string; bytes: number; at: string }
export type TechnicianEvent =
  | { type: 'bytes'; data: BytesEvent }
  | { type: 'baud'; data: { device: string; baudRate: number } }
  | { type: 'doctor'; data: DoctorState }
