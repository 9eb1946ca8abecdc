/**
 * What technicians did, in a chain: each entry is bound to the one before by HMAC-SM3 under the installation's secret; the last is named in a file beside it, and by a witness elsewhere.
 * The present month of China is in `audit.jsonl`; the first entry of a later month closes it with an entry of its own and the file is kept as `audit-yyyy-MM.jsonl`. Nothing is deleted.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renameDurably, writeFileDurably } from '../durable-file.ts'
import { AgentError } from '../fault.ts'
import { auditStart, CLOSING, closedName, type Digest, headFile, headText, linesOf, monthOf, monthsFile, monthText, parseLine, readHead, readMonths, textOf } from './audit-files.ts'
import { type AuditCheck, verifyAudit, verifyAuditInTurns } from './audit-check.ts'
import type { AuditHead, AuditWitness } from './audit-witness.ts'

export { verifyAudit }

/** Everything that is written down; what is not here cannot be. */
export const AUDITED = {
  'pin.set': '设置口令',
  'pin.changed': '修改口令',
  'door.opened': '进入诊断',
  'door.refused': '口令错误',
  'door.locked': '连续错误，锁定',
  'door.closed': '退出诊断',
  'settings.changed': '修改设置',
  'settings.exported': '导出设置',
  'report.retried': '重试上报',
  'report.settled': '确认上报已送达',
  'report.edited': '修改上报内容',
  'report.revealed': '查看上报内容',
  'report.removed': '删除失败的上报',
  'reports.exported': '导出失败的上报',
  'lane.resumed': '恢复暂停的上报',
  'reports.released': '放行恢复或复制来的上报',
  'operation.called': '手工调用接口',
  'outcome.revealed': '查看完整信息',
  'device.lent': '借出设备',
  'device.takenBack': '收回设备',
  'device.detected': '检测波特率',
  'support.exported': '导出诊断包',
  'key.rotated': '更换密钥',
  'token.rotated': '更换接口令牌',
  'audit.unwitnessed': '审计旁证缺失，重新开始',
  'audit.closed': '封存一个月的审计',
  'update.asked': '安装新版本',
  'terminal.left': '从界面结束码桥',
} as const satisfies Record<string, string>
export type AuditedAction = keyof typeof AUDITED

/** `detail` names ids, paths and reasons; never a person, a secret or a value. */
export type AuditEntry = {
  seq: number
  at: string
  who: string
  what: AuditedAction
  detail: Record<string, string | number | boolean>
}

export type AuditLog = {
  /** On disk when it returns. Throws AgentError AUDIT_NOT_WRITABLE: the action must not happen then. */
  write(who: string, what: AuditedAction, detail?: AuditEntry['detail']): void
  /** Newest last, at most `limit`; closed months are read only where the present one has fewer. */
  latest(limit: number): AuditEntry[]
  verify(): AuditCheck
  /**
   * The same in short turns, so that scans go on beside it: an entry takes some 0.2 ms, a year has tens of thousands.
   * A closed month found whole is not read again while its file and its end stay the same.
   */
  verifyInTurns(): Promise<AuditCheck>
  close(): void
}

/** The open file of the present month. */
type Present = {
  handle: number
  /** Bytes of whole lines. */
  end: number
  /** The latest month of its entries; undefined where it has none. */
  month?: string
  /** An entry of a later month follows one of an earlier: written before there were closed months. */
  spans: boolean
  last?: AuditHead & { what: string }
}

/**
 * @param options.digest keyed with the installation's secret, so that a chain cannot be made anew without it
 * @param options.witness a second memory of where the log ended; where it remembers nothing of a log that has entries, the log says so
 */
export function openAuditLog(options: {
  file: string
  digest: Digest
  witness?: AuditWitness
  now?: () => number
}): AuditLog {
  const { file, digest, witness, now = Date.now } = options
  const isOpen = openPresent(file)
  /** Undefined from the closing of a month to the next entry. */
  let present: Present | undefined = isOpen
  /** The file ends with the entry that closes it, and has yet to get its name. */
  let closing = isOpen.last?.what === CLOSING
  let { month } = isOpen
  let stopped = false
  // Where entries were taken off the end, the next one shows the gap for ever.
  const remembered = [isOpen.last, readMonths(file, digest).months.at(-1), readHead(file, digest), witness?.read()]
  let { seq, chain } = remembered.reduce<AuditHead>((most, each) => (each && each.seq > most.seq ? each : most), auditStart(digest))

  /** Asked again meanwhile, the answer under way is good. */
  let verifying: Promise<AuditCheck> | undefined
  const verified = new Map<string, string>()

  function append(who: string, what: AuditedAction, detail: AuditEntry['detail'], at: number): void {
    const entry: AuditEntry = { seq: seq + 1, at: new Date(at).toISOString(), who, what, detail }
    const next = digest(`${chain}\n${JSON.stringify(entry)}`)
    const line = Buffer.from(`${JSON.stringify({ ...entry, chain: next })}\n`)
    const into = (present ??= openPresent(file))
    try {
      if (writeSync(into.handle, line, 0, line.length, into.end) < line.length) throw new AgentError('AUDIT_NOT_WRITABLE')
      fsyncSync(into.handle)
      writeFileDurably(headFile(file), headText({ seq: entry.seq, chain: next }, digest), 0o600)
    } catch (error) {
      cutTo(into)
      throw error
    }
    into.end += line.length
    month ??= monthOf(at)
    seq = entry.seq
    chain = next
  }

  /**
   * Closing entry, end of the month, name: a stop after any of them leaves a chain that verifies, and the next start or entry goes on from there.
   * Nothing is written into the file after its closing entry.
   */
  function closeMonth(at: number): void {
    const ended = month ?? monthOf(at)!
    if (!closing) append('maqiao', CLOSING, { month: ended }, at)
    closing = true
    const { text, months } = readMonths(file, digest)
    let name = months.find((each) => each.seq === seq && each.chain === chain)?.name
    if (!name) {
      name = closedName(file, ended, months)
      writeFileDurably(monthsFile(file), [...linesOf(text), monthText({ name, seq, chain }, digest)].join('\n'), 0o600)
    }
    if (present) closeSync(present.handle)
    present = undefined
    // Gone where the name was given and the directory could not be synced; the next head does that.
    if (existsSync(file)) renameDurably(file, join(dirname(file), name))
    closing = false
    month = undefined
  }

  function write(who: string, what: AuditedAction, detail: AuditEntry['detail']): void {
    if (stopped) throw new AgentError('AUDIT_NOT_WRITABLE')
    const at = now()
    orNotWritable(() => {
      // A clock that was put back goes on in the present file.
      if (closing || (month !== undefined && monthOf(at)! > month)) closeMonth(at)
      append(who, what, detail, at)
    })
    // After the log is on disk: a witness that lags behind is no alarm, one that is ahead always is.
    witness?.write({ seq, chain })
  }

  const log: AuditLog = {
    write: (who, what, detail = {}) => write(who, what, detail),
    latest(limit) {
      let lines = linesOf(textOf(file) ?? '').slice(-limit)
      const earlier = lines.length < limit ? readMonths(file, digest).months : []
      for (let each = earlier.pop(); each && lines.length < limit; each = earlier.pop())
        lines = [...linesOf(textOf(join(dirname(file), each.name)) ?? ''), ...lines].slice(-limit)
      return lines.flatMap((line) => {
        const entry = parseLine(line)
        if (!entry) return []
        const { chain: _chain, ...shown } = entry
        return [shown as AuditEntry]
      })
    },
    verify: () => verifyAudit(file, digest, witness?.read()),
    verifyInTurns: () => (verifying ??= verifyAuditInTurns(file, digest, witness?.read(), verified).finally(() => (verifying = undefined))),
    close() {
      stopped = true
      if (present) closeSync(present.handle)
      present = undefined
    },
  }
  if (closing || isOpen.spans) unlessFull(() => orNotWritable(() => closeMonth(now())))
  if (witness && seq > 0 && !witness.read()) unlessFull(() => log.write('maqiao', 'audit.unwitnessed'))
  return log
}

function orNotWritable(work: () => void): void {
  try {
    work()
  } catch {
    throw new AgentError('AUDIT_NOT_WRITABLE')
  }
}

function unlessFull(work: () => void): void {
  try {
    work()
  } catch (error) {
    // A disk that takes nothing keeps nobody from scanning; the next start or entry does it.
    if (!(error instanceof AgentError)) throw error
  }
}

function openPresent(file: string): Present {
  const handle = openSync(file, existsSync(file) ? 'r+' : 'w+', 0o600)
  const text = readFileSync(file, 'utf8')
  // A last line without its end was cut by a power failure before anybody was told that it stands.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const end = Buffer.byteLength(whole)
  ftruncateSync(handle, end)
  const entries = linesOf(whole).map(parseLine)
  const months = entries.flatMap((entry) => (entry && entry.what !== CLOSING ? (monthOf(Date.parse(entry.at)) ?? []) : []))
  const month = months.reduce<string | undefined>((latest, each) => (latest === undefined || each > latest ? each : latest), undefined)
  return { handle, end, month, spans: months[0] !== month, last: entries.at(-1) }
}

/** What stands of half a line would spoil the next one. */
function cutTo({ handle, end }: Present): void {
  try {
    ftruncateSync(handle, end)
  } catch {
    // The next start drops a last line without its end.
  }
}
