/** Whether the audit is whole: the closed months, then the present one. */
import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { auditStart, closedNames, type ClosedMonth, type Digest, linesOf, monthsFile, parseLine, readHead, readMonths, textOf } from './audit-files.ts'
import type { AuditHead } from './audit-witness.ts'

/** `file`: the name of the file that the line is in, where it is another than `audit.jsonl`. */
export type AuditCheck = { ok: true; entries: number } | { ok: false; entries: number; file?: string; line: number; reason: string }
type Broken = Extract<AuditCheck, { ok: false }>

/** Some 5 ms of work. */
const ENTRIES_A_TURN = 20

/**
 * Walks the chain of a file and of the closed months before it; a change, a missing or a foreign line is told by its file and number (1 for the first).
 * @param witness where the log ended as it is remembered elsewhere
 */
export function verifyAudit(file: string, digest: Digest, witness?: AuditHead): AuditCheck {
  const walking = walk(file, digest, witness, new Map())
  for (;;) {
    const { done, value } = walking.next()
    if (done) return value
  }
}

/** @param verified what is known of closed months that were found whole; added to */
export async function verifyAuditInTurns(file: string, digest: Digest, witness: AuditHead | undefined, verified: Map<string, string>): Promise<AuditCheck> {
  const walking = walk(file, digest, witness, verified)
  for (let entries = 1; ; entries++) {
    const { done, value } = walking.next()
    if (done) return value
    if (entries % ENTRIES_A_TURN === 0) await new Promise((next) => setImmediate(next))
  }
}

type Walk = { digest: Digest; witness?: AuditHead }

/** Yields after each entry. */
function* walk(file: string, digest: Digest, witness: AuditHead | undefined, verified: Map<string, string>): Generator<void, AuditCheck> {
  // Before the log, which a running terminal may add to and close meanwhile: a head or a file seen after it would not be in it.
  const head = readHead(file, digest)
  const lying = closedNames(file)
  let place = auditStart(digest)
  let ledger = readMonths(file, digest)
  let lines: string[]
  for (let index = 0; ; index++) {
    if (ledger.broken) return { ok: false, entries: place.seq, file: basename(monthsFile(file)), line: ledger.broken, reason: '这一行不是月份的封存记录，或被改过' }
    const month = ledger.months[index]
    if (month) {
      const broken = yield* walkMonth(file, month, place, { digest, witness }, verified)
      if (broken) return broken
      place = month
      continue
    }
    lines = linesOf(textOf(file) ?? '')
    const again = readMonths(file, digest)
    if (again.text === ledger.text) break
    // A month was closed meanwhile.
    ledger = again
    index--
  }
  const stranger = lying.find((name) => !ledger.months.some((month) => month.name === name))
  if (stranger) return { ok: false, entries: place.seq, file: stranger, line: 1, reason: '这个月份没有封存记录：audit.jsonl.months 不见了、是旧的，或这个文件是外来的' }
  // The last month has its end listed, and not yet its name.
  const last = ledger.months.at(-1)
  if (last && !lying.includes(last.name) && parseLine(lines.at(-1) ?? '')?.chain === place.chain) lines = []
  const broken = yield* walkLines(lines, place, { digest, witness })
  if (broken) return broken
  return atEnd(place.seq, lines.length, head, witness)
}

function atEnd(before: number, lines: number, head: AuditHead | undefined, witness: AuditHead | undefined): AuditCheck {
  const entries = before + lines
  const ended = (reason: string): AuditCheck => ({ ok: false, entries, line: lines + 1, reason })
  if (witness && witness.seq > entries) return ended(`末尾少了 ${witness.seq - entries} 条记录（状态数据库记得第 ${witness.seq} 条）`)
  // A crash may come between the first entry and its head, and never between later ones without the head before.
  if (!head) return entries > 1 ? ended('缺少 audit.jsonl.head 或它被改过，不能确认末尾没有被删') : { ok: true, entries }
  return head.seq > entries ? ended(`末尾少了 ${head.seq - entries} 条记录`) : { ok: true, entries }
}

function* walkMonth(file: string, month: ClosedMonth, before: AuditHead, walk: Walk, verified: Map<string, string>): Generator<void, Broken | undefined> {
  const path = join(dirname(file), month.name)
  // Before the text: what changes after it is seen the next time.
  const state = stateOf(path)
  const known = state && `${state} ${before.chain} ${month.chain}`
  const isAsked = walk.witness && walk.witness.seq > before.seq && walk.witness.seq <= month.seq
  if (known && !isAsked && verified.get(month.name) === known) return undefined
  const lines = monthLines(file, path, before)
  const broken = (line: number, reason: string): Broken => ({ ok: false, entries: before.seq + (lines?.length ?? 0), file: month.name, line, reason })
  if (!lines) return broken(1, '这个月份的文件不见了')
  const found = yield* walkLines(lines, before, walk)
  if (found) return { ...found, file: month.name }
  const missing = month.seq - before.seq - lines.length
  if (missing > 0) return broken(lines.length + 1, `末尾少了 ${missing} 条记录（封存时到第 ${month.seq} 条）`)
  if (missing < 0) return broken(lines.length + missing + 1, `末尾多了 ${-missing} 条记录（封存时到第 ${month.seq} 条）`)
  if (parseLine(lines.at(-1) ?? '')?.chain !== month.chain) return broken(lines.length, '与封存时的末条不同：这个月份是另一份')
  if (known) verified.set(month.name, known)
  return undefined
}

/** The change time cannot be set back as the other one can. */
function stateOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`
}

/** A running terminal may give the file its name between the looks. */
function monthLines(file: string, path: string, before: AuditHead): string[] | undefined {
  const named = textOf(path)
  if (named !== undefined) return linesOf(named)
  const present = linesOf(textOf(file) ?? '')
  if (parseLine(present[0] ?? '')?.seq === before.seq + 1) return present
  const text = textOf(path)
  return text === undefined ? undefined : linesOf(text)
}

function* walkLines(lines: readonly string[], before: AuditHead, { digest, witness }: Walk): Generator<void, Broken | undefined> {
  let { chain } = before
  for (const [index, line] of lines.entries()) {
    const broken = (reason: string): Broken => ({ ok: false, entries: before.seq + lines.length, line: index + 1, reason })
    const entry = parseLine(line)
    if (!entry) return broken('这一行不是审计记录')
    const { chain: given, ...content } = entry
    if (content.seq !== before.seq + index + 1) return broken('序号不连续：有记录被删除或插入')
    chain = digest(`${chain}\n${JSON.stringify(content)}`)
    if (chain !== given) return broken('内容与校验值不符：记录被改动，或密钥不是本机的')
    if (witness?.seq === content.seq && witness.chain !== chain) return broken('与状态数据库记得的不同：这份记录是另一份')
    yield
  }
  return undefined
}
