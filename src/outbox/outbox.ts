/**
 * Durable delivery: a report is acknowledged when it is on disk, sent oldest
 * first, and deleted when its receiver has it. This file is the port; it knows
 * nothing of platforms, HTTP or patients.
 */

/**
 * Where a report stands. `waiting`: its lane has nobody to send it (not configured).
 * `unproven`: the receiver has seen its id, and nothing says whether it took the report or refused it.
 */
export const REPORT_STATES = ['pending', 'paused', 'waiting', 'dead', 'unproven'] as const
export type ReportState = (typeof REPORT_STATES)[number]

export type ReportFault = {
  code: string
  message: string
  advice: string
  /** The id that the receiver looks the attempt up by; opaque. */
  requestId?: string
}

/** A report to be stored. */
export type NewReport = {
  /** Its lane, such as `health-card/reportHISData`; lanes never block each other. */
  kind: string
  payload: Record<string, unknown>
  /** Reports of one group in one lane are delivered in the order they were stored. */
  group?: string
  /** The same key again is the same report: its id comes back and nothing is stored. */
  key?: string
}

/** A report as a sender gets it. */
export type StoredReport = { id: string; kind: string; payload: Record<string, unknown>; createdAt: number }

/**
 * An id under which an attempt went unanswered (a crash included): the receiver may have taken
 * the report, refused it, or never seen it. It stays until an answer about the report itself arrives.
 */
export type OpenId = {
  /** What the sender noted of all such attempts; '' where nothing. */
  note: string
  /** True where an attempt under it has since been refused before the report itself was looked at: that refusal may have spent the id. */
  refused: boolean
}

/** One attempt. */
export type Attempt = {
  /** 1 for the first. */
  number: number
  /** What went unanswered under the id that `begin` returns; null where the id is new. */
  open: OpenId | null
  /**
   * The requestId, on disk when it returns: called last before the request leaves, once.
   * An attempt that never called it counts as not sent. Throws OutboxError.
   * @param note takes the place of `open.note`: what is to be known of the id where this attempt goes unanswered too
   */
  begin(note?: string): string
}

/** How an attempt ended. */
export type Delivery =
  | { kind: 'delivered' }
  /**
   * `answered` false: the id stays open; `note` replaces what `begin` noted, and `sent` false takes the attempt back.
   * `answered` true: the next attempt has a new id.
   * `atGate`: answered, but not about the report (its token, its signature, a limit): an id that was open stays open.
   */
  | { kind: 'retry'; answered: boolean; atGate?: boolean; sent?: boolean; note?: string; error: ReportFault; retryAfterMs?: number }
  /** The whole lane rests, until a moment (ms since 1970) or for a growing interval; answered at the gate. */
  | { kind: 'pause'; until: number | 'grow'; error: ReportFault }
  /** Refused for good: the report is `dead` until a technician acts. */
  | { kind: 'refused'; atGate?: boolean; error: ReportFault }
  /** The receiver has seen the id before, and nothing tells what became of the report under it. */
  | { kind: 'unproven'; error: ReportFault }

/** Sends one report. Must not throw; a throw counts as an unanswered retry. */
export type Sender = (report: StoredReport, attempt: Attempt, signal: AbortSignal) => Promise<Delivery>

/** A report as a list shows it: nothing of its payload. */
export type ReportView = {
  id: string
  kind: string
  state: ReportState
  attempts: number
  /** ISO 8601; null when nothing is planned (dead, unproven, waiting). */
  nextAttemptAt: string | null
  lastError: ReportFault | null
  createdAt: string
}

export type LaneView = { kind: string; pending: number; pausedUntil: string | null; reason: ReportFault | null }

export type OutboxStatus = {
  /** Without the dead and the unproven. */
  pending: number
  dead: number
  unproven: number
  /** ISO 8601 of the oldest undelivered report. */
  oldestAt: string | null
  lanes: LaneView[]
  /** Set when reports cannot be stored now (disk full, read-only, damaged). */
  fault: ReportFault | null
  /** Set when a damaged database was put aside, or one that lay in the place of ours: where it is. */
  setAside: string | null
  /** Reports that `hold` keeps back. */
  held: number
  /** Files were removed, renamed or replaced under this process and written anew. */
  filesWereGone: boolean
}

/** Faults of storing; the API answers 507 with these. */
export const OUTBOX_FAULTS = {
  OUTBOX_DISK_FULL: { message: '磁盘已满，无法保存上报记录', advice: '请信息科清理磁盘；扫码可继续，本次结果请稍后由 HIS 重新提交。' },
  OUTBOX_READ_ONLY: { message: '数据目录不可写，无法保存上报记录', advice: '请信息科检查数据目录的权限或磁盘状态；扫码可继续。' },
  OUTBOX_DAMAGED: { message: '上报数据库损坏', advice: '已把损坏的文件另存并新建；请信息科保留该文件并导出诊断包。' },
  OUTBOX_IN_USE: { message: '数据目录正被另一个码桥使用', advice: '关闭另一个码桥，或为本实例指定别的 --data-dir。' },
  OUTBOX_NEWER: { message: '上报数据库来自更新版本的码桥', advice: '请升级码桥；为保护数据，本版本不会改动它。' },
  OUTBOX_KEY: { message: '上报数据库的密钥不符', advice: '请恢复数据目录中的密钥文件；没有它，已存的记录无法解密发送。' },
  OUTBOX_FILES_GONE: {
    message: '数据目录中的文件在运行中被移走或替换，本次没有保存',
    advice: '已用内存中的内容重建文件，请由 HIS 重新提交；请信息科查明是什么程序动了数据目录，并把它列为杀毒、清理软件的例外。',
  },
  OUTBOX_CLOSED: { message: '码桥正在退出，无法保存上报记录', advice: '请稍后由 HIS 重新提交。' },
} as const satisfies Record<string, { message: string; advice: string }>
export type OutboxFaultCode = keyof typeof OUTBOX_FAULTS

/** A fault of storing: nothing was acknowledged. */
export class OutboxError extends Error {
  override readonly name = 'OutboxError'
  readonly code: OutboxFaultCode
  readonly advice: string
  constructor(code: OutboxFaultCode, detail?: string) {
    super(OUTBOX_FAULTS[code].message + (detail ? `（${detail}）` : ''))
    this.code = code
    this.advice = OUTBOX_FAULTS[code].advice
  }
}

/** Seals payloads: SM4 with authentication in earnest. `aad` binds a payload to its row. */
export type Sealer = {
  seal(plain: Uint8Array, aad: string): Uint8Array
  /** Throws where the key or the bytes are wrong. */
  open(sealed: Uint8Array, aad: string): Uint8Array
  /** Whether bytes were sealed under the newest key; what was not is sealed again. */
  isCurrent(sealed: Uint8Array): boolean
  /** Keyed digest (hex) of a key that must be comparable but not readable on disk. */
  digest(text: string): string
}

export type Outbox = {
  /** Stores all or none, in one durable commit; returns their ids in order. Throws OutboxError. */
  enqueue(reports: readonly NewReport[]): string[]
  /**
   * Gives reports that never left other contents: one of each kind keeps its id, kinds that are owed no more go, new
   * ones are stored, all or none. Undefined, and nothing done, where one of them has been sent, is being sent or is gone.
   * Throws OutboxError.
   */
  amend(ids: readonly string[], reports: readonly NewReport[]): string[] | undefined
  /** Starts sending; reports stored earlier go first. */
  start(): void
  status(): OutboxStatus
  /** Undelivered reports, or dead or unproven ones alone, oldest first, at most `limit` (default 500). */
  reports(limit?: number, only?: 'dead' | 'unproven'): ReportView[]
  report(id: string): ReportView | undefined
  /** A technician's word: a dead, unproven (under a new id) or waiting report is tried again at once; false when there is none such. */
  retry(id: string): boolean
  /** A technician's word: an unproven report counts as delivered; false when no unproven report has the id. Throws OutboxError. */
  settle(id: string): boolean
  /** A technician's word: a paused lane goes on at once. */
  resume(kind: string): void
  /** Keeps back every report that is stored now, a restart included; newer ones are sent, and one on its own by `retry`. Throws OutboxError. */
  hold(): void
  /** A technician's word: what was kept back is sent. Throws OutboxError. */
  release(): void
  /** Whether this outbox does not know an attempt that was made: then it is an older copy. */
  isBehind(attempt: { id: string; number: number }): boolean
  /** A report with its payload, for a technician's eyes; undefined when there is none such. */
  readReport(id: string): StoredReport | undefined
  /** Gives a dead report another payload; false when no dead report has the id. Throws OutboxError. */
  editReport(id: string, payload: Record<string, unknown>): boolean
  /** A technician's word: erases a dead report for good; false when no dead report has the id. Throws OutboxError. */
  removeDead(id: string): boolean
  /** Every dead or unproven report with its payload, sealed under a passphrase of at least 8 characters; `openDeadExport` reads it. */
  exportDead(passphrase: string): Promise<Uint8Array>
  /** Reports delivered out of those stored since a moment (ms since 1970), by kind: from receipts, which name nobody. */
  delivered(since: number): Record<string, number>
  /** Seals what waits under another sealer's newest key, a little at a time; the sealer must open what the old one sealed. */
  rekey(sealer: Sealer): Promise<void>
  /** Called whenever a count, a lane or a report's state changed. Returns its removal. */
  onChange(listener: (status: OutboxStatus) => void): () => void
  /** Stops sending, waits at most `graceMs` for attempts in flight (default 5000), closes the file. */
  close(graceMs?: number): Promise<void>
}

/** A small file that memory holds too. */
export type KeptFile = {
  /** A few microseconds. */
  inPlace(): boolean
  /** Writes it again from memory. Throws where it cannot be written. */
  restore(): void
}

export type OutboxOptions = {
  /** The database file; its directory exists. */
  file: string
  /** Small files that must lie beside it, such as its key: looked at with each commit. */
  beside?: readonly KeptFile[]
  sealer: Sealer
  send: Sender
  /** Lanes that have a sender now; reports of other kinds wait and say so. */
  canSend(kind: string): boolean
  newRequestId(): string
  /** Whether what is known now shows that a report was taken under an open id; asked again of unproven reports after each delivery of their kind. */
  isProven?: (kind: string, open: OpenId) => boolean
  /** What becomes of an unproven report: kept for a person's word, sent again under a new id, or taken as delivered. Default hold. */
  unproven?: 'hold' | 'resend' | 'settle'
  now?: () => number
  /** What is erased for its age goes by this clock, which must not run ahead with a wrong one; default `now`. */
  confirmedNow?: () => number
  /** Between 0 and 1, for jitter. */
  random?: () => number
  /** 0: for ever. */
  maxAttempts?: number
  retryFirstMs?: number
  retryMaxMs?: number
  /** How long a receipt (when, which kind; nobody's name) and the key of a report that is gone are kept, ms; default 400 days. */
  receiptMs?: number
  log?: (event: string, fields?: Record<string, string | number | boolean | undefined>) => void
}
