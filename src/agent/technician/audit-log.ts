/** What technicians did, in a chain: each entry is bound to the one before by HMAC-SM3 under the installation's secret; the last is named in a file beside it, and by a witness elsewhere. */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { writeFileDurably } from '../durable-file.ts'
import { AgentError } from '../fault.ts'
import type { AuditHead, AuditWitness } from './audit-witness.ts'

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
type ChainedEntry = AuditEntry & { chain: string }

export type AuditCheck = { ok: true; entries: number } | { ok: false; entries: number; line: number; reason: string }

export type AuditLog = {
  /** On disk when it returns. Throws AgentError AUDIT_NOT_WRITABLE: the action must not happen then. */
  write(who: string, what: AuditedAction, detail?: AuditEntry['detail']): void
  /** Newest last, at most `limit`. */
  latest(limit: number): AuditEntry[]
  verify(): AuditCheck
  /** The same in short turns, so that scans go on beside it: an entry takes some 0.2 ms, a year has tens of thousands. */
  verifyInTurns(): Promise<AuditCheck>
  close(): void
}

const START = 'maqiao audit'
/** Some 5 ms of work. */
const ENTRIES_A_TURN = 20

/**
 * @param options.digest keyed with the installation's secret, so that a chain cannot be made anew without it
 * @param options.witness a second memory of where the log ended; where it remembers nothing of a log that has entries, the log says so
 */
export function openAuditLog(options: {
  file: string
  digest: (text: string) => string
  witness?: AuditWitness
  now?: () => number
}): AuditLog {
  const { file, digest, witness, now = Date.now } = options
  const handle = openSync(file, existsSync(file) ? 'r+' : 'w+', 0o600)
  const text = readFileSync(file, 'utf8')
  // A last line without its end was cut by a power failure before anybody was told that it stands.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  ftruncateSync(handle, Buffer.byteLength(whole))
  let end = Buffer.byteLength(whole)
  const lastLine = whole.trimEnd().split('\n').at(-1) ?? ''
  const last = parse(lastLine)
  // Where entries were taken off the end, the next one shows the gap for ever.
  const remembered: (AuditHead | undefined)[] = [last, readHead(file, digest), witness?.read()]
  let { seq, chain } = remembered.reduce<AuditHead>((most, each) => (each && each.seq > most.seq ? each : most), {
    seq: 0,
    chain: digest(START),
  })

  /** Asked again meanwhile, the answer under way is good. */
  let verifying: Promise<AuditCheck> | undefined

  /** What stands of half a line would spoil the next one. */
  function cutTo(length: number): void {
    try {
      ftruncateSync(handle, length)
    } catch {
      // The next start drops a last line without its end.
    }
  }

  const log: AuditLog = {
    write(who, what, detail = {}) {
      const entry: AuditEntry = { seq: seq + 1, at: new Date(now()).toISOString(), who, what, detail }
      const next = digest(`${chain}\n${JSON.stringify(entry)}`)
      const line = Buffer.from(`${JSON.stringify({ ...entry, chain: next })}\n`)
      try {
        if (writeSync(handle, line, 0, line.length, end) < line.length) throw new AgentError('AUDIT_NOT_WRITABLE')
        fsyncSync(handle)
        writeFileDurably(headFile(file), headText({ seq: entry.seq, chain: next }, digest), 0o600)
      } catch {
        cutTo(end)
        throw new AgentError('AUDIT_NOT_WRITABLE')
      }
      end += line.length
      seq = entry.seq
      chain = next
      // After the log is on disk: a witness that lags behind is no alarm, one that is ahead always is.
      witness?.write({ seq, chain })
    },
    latest(limit) {
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-limit)
      return lines.flatMap((line) => {
        const entry = parse(line)
        if (!entry) return []
        const { chain: _chain, ...shown } = entry
        return [shown]
      })
    },
    verify: () => verifyAudit(file, digest, witness?.read()),
    verifyInTurns: () => (verifying ??= inTurns(walk(file, digest, witness?.read())).finally(() => (verifying = undefined))),
    close: () => closeSync(handle),
  }
  if (witness && seq > 0 && !witness.read()) tell(log)
  return log
}

function tell(log: AuditLog): void {
  try {
    log.write('maqiao', 'audit.unwitnessed')
  } catch (error) {
    // A disk that takes nothing keeps nobody from scanning; the next start says it.
    if (!(error instanceof AgentError)) throw error
  }
}

/**
 * Walks the chain of a file; a change, a missing or a foreign line is told by its number (1 for the first).
 * @param witness where the log ended as it is remembered elsewhere
 */
export function verifyAudit(file: string, digest: (text: string) => string, witness?: AuditHead): AuditCheck {
  const walking = walk(file, digest, witness)
  for (;;) {
    const { done, value } = walking.next()
    if (done) return value
  }
}

async function inTurns(walking: Generator<void, AuditCheck>): Promise<AuditCheck> {
  for (let entries = 1; ; entries++) {
    const { done, value } = walking.next()
    if (done) return value
    if (entries % ENTRIES_A_TURN === 0) await new Promise((next) => setImmediate(next))
  }
}

/** Yields after each entry. */
function* walk(file: string, digest: (text: string) => string, witness?: AuditHead): Generator<void, AuditCheck> {
  // Before the log, which a running terminal may add to meanwhile: a head read after it would name an entry that is not in it.
  const head = readHead(file, digest)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  let chain = digest(START)
  for (const [index, line] of lines.entries()) {
    const broken = (reason: string): AuditCheck => ({ ok: false, entries: lines.length, line: index + 1, reason })
    const entry = parse(line)
    if (!entry) return broken('这一行不是审计记录')
    const { chain: given, ...content } = entry
    if (content.seq !== index + 1) return broken('序号不连续：有记录被删除或插入')
    chain = digest(`${chain}\n${JSON.stringify(content)}`)
    if (chain !== given) return broken('内容与校验值不符：记录被改动，或密钥不是本机的')
    if (witness?.seq === content.seq && witness.chain !== chain) return broken('与状态数据库记得的不同：这份记录是另一份')
    yield
  }
  const ended = (reason: string): AuditCheck => ({ ok: false, entries: lines.length, line: lines.length + 1, reason })
  if (witness && witness.seq > lines.length) return ended(`末尾少了 ${witness.seq - lines.length} 条记录（状态数据库记得第 ${witness.seq} 条）`)
  // A crash may come between the first entry and its head, and never between later ones without the head before.
  if (!head)
    return lines.length > 1 ? ended('缺少 audit.jsonl.head 或它被改过，不能确认末尾没有被删') : { ok: true, entries: lines.length }
  return head.seq > lines.length
    ? ended(`末尾少了 ${head.seq - lines.length} 条记录`)
    : { ok: true, entries: lines.length }
}

function headFile(file: string): string {
  return `${file}.head`
}

/** Every line of the log has a number and a chain: without a digest of its own, a head could be copied from any of them. */
function headText({ seq, chain }: AuditHead, digest: (text: string) => string): string {
  return `${seq} ${chain} ${digest(`maqiao audit head\n${seq} ${chain}`)}\n`
}

function readHead(file: string, digest: (text: string) => string): AuditHead | undefined {
  try {
    const text = readFileSync(headFile(file), 'utf8')
    const [, seq, chain] = /^(\d+) ([0-9a-f]{64}) [0-9a-f]{64}\n$/.exec(text) ?? []
    const head = seq === undefined || chain === undefined ? undefined : { seq: Number(seq), chain }
    return head && headText(head, digest) === text ? head : undefined
  } catch {
    return undefined
  }
}

function parse(line: string): ChainedEntry | undefined {
  try {
    const value = JSON.parse(line) as ChainedEntry
    return typeof value?.seq === 'number' && typeof value.chain === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
