/** Transactions (.03–.06) without a known ending, which are not sent again before their state has been asked for; settlements and refunds that are proved done, which are never sent again. */
import { createHash } from 'node:crypto'
import { chinaCompactTime } from '../../china-time.ts'
import { RequestFault } from '../platform-error.ts'
import type { PlatformTools } from '../platform.ts'
import type { Members } from './envelope.ts'

/** How long one that nobody asks about is remembered, and one that is proved done, ms; of these the newest. */
const KEPT_MS = 30 * 86_400_000
const MOST_DONE = 2000

/** `name` says which transaction it is, `marks` what a query must be about to settle it. */
type Entry = { name: string; marks: readonly string[]; at: number }
/** A settlement or refund that is done: a hash of its number. */
type Done = { done: string; at: number }

export type Unanswered = {
  /**
   * Notes a transaction before it is sent, so that it outlives a crash; call
   * what it gives once the platform has answered for certain. Throws
   * RequestFault (409): TRANSACTION_DONE, TRANSACTION_UNDER_WAY,
   * TRANSACTION_UNSETTLED; and what the note's `write` throws: then it must not be sent.
   * `answered(true)`: it was done.
   */
  begin(functionId: string, business: Members): { answered(isDone?: boolean): void; unknown(): void }
  /** Call before a query (.02, .07) is sent; what it gives, with the query's verified answer, settles what was unknown by then. */
  asking(functionId: string, business: Members): Settling
  /** Forgets what is unknown of one transaction, on the word of a person. Throws RequestFault (409): TRANSACTION_KNOWN, TRANSACTION_UNDER_WAY. */
  release(functionId: string, business: Members): void
}
export type Settling = {
  answered(answer: Members): void
  /** .02 knows of nothing at this stay of this person: nothing was done. */
  refused(): void
}

/** Makes the memory of one site; `tools.note` keeps it, sealed, across restarts. */
export function createUnanswered({ note, now }: Pick<PlatformTools, 'note' | 'now'>): Unanswered {
  const underWay = new Set<string>()
  let held: { entries: Entry[]; done: Done[] } | undefined
  // Read when first needed: the store is opened after the platforms are made.
  function known() {
    if (held !== undefined) return held
    const all = read(note?.read()).filter(({ at }) => at > now() - KEPT_MS)
    held = { entries: all.filter((one) => 'name' in one), done: all.filter((one) => 'done' in one) }
    return held
  }
  const entries = () => known().entries
  const textOf = ({ entries: open, done }: { entries: Entry[]; done: Done[] }) => JSON.stringify([...open, ...done])

  function keep(next: Entry[]): void {
    const all = { ...known(), entries: next }
    note?.write(textOf(all))
    held = all
  }

  /** One that stays on disk alone is asked about once more after a restart: no harm is done. */
  function forget(left: Entry[], proved: readonly string[] = []): void {
    const before = known().done
    const seen = new Set(before.map(({ done }) => done))
    const fresh = [...new Set(proved)].filter((done) => !seen.has(done))
    if (left === known().entries && fresh.length === 0) return
    held = { entries: left, done: [...before, ...fresh.map((done) => ({ done, at: now() }))].slice(-MOST_DONE) }
    try {
      note?.write(textOf(held))
    } catch {
      // The disk takes nothing; what has been answered is answered all the same.
    }
  }

  return {
    begin(functionId, business) {
      const name = nameOf(functionId, business)
      const done = doneMark(functionId, business)
      if (done !== undefined && known().done.some((one) => one.done === done)) throw conflict('TRANSACTION_DONE')
      if (underWay.has(name)) throw conflict('TRANSACTION_UNDER_WAY')
      if (entries().some((entry) => entry.name === name)) throw conflict('TRANSACTION_UNSETTLED')
      const entry = { name, marks: marksOf(functionId, business, now()), at: now() }
      keep([...entries(), entry])
      underWay.add(name)
      return {
        answered(isDone = false) {
          underWay.delete(name)
          forget(entries().filter((one) => one.name !== name), isDone && done !== undefined ? [done] : [])
        },
        unknown: () => void underWay.delete(name),
      }
    },
    asking(functionId, business) {
      const unknown = new Set(entries().filter(({ name }) => !underWay.has(name)))
      const settle = (marks: readonly string[], proved: readonly string[] = []) => {
        const told = new Set(marks)
        const left = entries().filter((entry) => !unknown.has(entry) || !entry.marks.some((mark) => told.has(mark)))
        forget(left.length < entries().length ? left : entries(), proved)
      }
      return {
        answered: (answer) => settle(marksOfAnswer(functionId, business, answer), provedBy(functionId, business, answer)),
        // Of another person the platform knows nothing at a stay that it knows.
        refused: () => settle(functionId === 'BC00.03.00.02' ? [personMark(business)] : []),
      }
    },
    release(functionId, business) {
      const name = nameOf(functionId, business)
      if (underWay.has(name)) throw conflict('TRANSACTION_UNDER_WAY')
      const left = entries().filter((one) => one.name !== name)
      if (left.length === entries().length) throw conflict('TRANSACTION_KNOWN')
      keep(left)
    },
  }
}

/** What makes two requests the same transaction: another amount or time for it does not make it another one. */
function nameOf(functionId: string, business: Members): string {
  const own = { 'BC00.03.00.05': business['setl_id'], 'BC00.03.00.06': business['hosp_re_setl_id'] }[functionId]
  return JSON.stringify([functionId, business['fixmedins_code'], business['hosp_mdtrt_id'], own ?? ''])
}

function marksOf(functionId: string, business: Members, at: number): string[] {
  const place = business['fixmedins_code']
  const stay = mark('stay', place, business['hosp_mdtrt_id'])
  const person = personMark(business)
  // 医院结算流水号 has another name in each of the two tables.
  if (functionId === 'BC00.03.00.05') {
    return [stay, person, mark('settlement', place, business['setl_id']), dayMark(place, business['med_type'], business['setl_time'])]
  }
  if (functionId !== 'BC00.03.00.06') return [stay, person]
  // A platform may list the settlement with its refund, or leave it out: then the day of the refund has to do.
  return [stay, person, mark('settlement', place, business['hosp_setl_id']), dayMark(place, ANY_TYPE, chinaCompactTime(at))]
}

function marksOfAnswer(functionId: string, business: Members, answer: Members): string[] {
  const place = business['fixmedins_code']
  if (functionId === 'BC00.03.00.02') return [mark('stay', place, business['hosp_mdtrt_id'])]
  if (functionId !== 'BC00.03.00.07') return []
  const rows = answer['row'] as readonly { setl_id: string }[]
  // A day's list tells of a settlement by naming it or by leaving it out.
  const days = [business['med_type'], ANY_TYPE].map((type) => dayMark(place, type, business['fee_time']))
  return [...days, ...rows.map(({ setl_id }) => mark('settlement', place, setl_id))]
}

/** The stay of this very person; name and number are hashed, for the note keeps neither. */
function personMark(business: Members): string {
  return hashOf('person', business['fixmedins_code'], business['hosp_mdtrt_id'], business['psn_name'], business['cert_no'])
}

/** What names a settlement or refund for good: 医院结算流水号 in .05, 医院退款流水号 in .06. */
function doneMark(functionId: string, business: Members): string | undefined {
  const place = business['fixmedins_code']
  if (functionId === 'BC00.03.00.05') return hashOf('settled', place, business['setl_id'])
  return functionId === 'BC00.03.00.06' ? hashOf('refunded', place, business['hosp_re_setl_id']) : undefined
}

/** A row of .07 is a settlement that was made. */
function provedBy(functionId: string, business: Members, answer: Members): string[] {
  if (functionId !== 'BC00.03.00.07') return []
  const rows = answer['row'] as readonly { setl_id: string }[]
  return rows.map(({ setl_id }) => hashOf('settled', business['fixmedins_code'], setl_id))
}

function hashOf(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
}

/** A refund does not name its 就诊类型. */
const ANY_TYPE = '*'

const mark = (...parts: unknown[]): string => JSON.stringify(parts)

function dayMark(place: unknown, medType: unknown, time: unknown): string {
  return mark('day', place, medType, String(time).replace(/\D/g, '').slice(0, 8))
}

function read(text: string | undefined): (Entry | Done)[] {
  try {
    return text === undefined ? [] : (JSON.parse(text) as (Entry | Done)[])
  } catch {
    return []
  }
}

const WORDS = {
  TRANSACTION_DONE: ['这笔交易已办理成功，本次没有发出', '同一结算（退款）流水号不能再次办理：请用 BC00.03.00.07 对账核对；确要另办一笔，请用新的流水号。'],
  TRANSACTION_KNOWN: ['这笔交易没有未知的结果，不需要解除', '请核对机构编号、登记号与流水号；没有提示 TRANSACTION_UNSETTLED 的交易可以直接提交。'],
  TRANSACTION_UNDER_WAY: ['同一笔交易正在办理，还没有答复，本次没有发出', '请等待第一次提交的结果，不要重复提交。'],
  TRANSACTION_UNSETTLED: [
    '同一笔交易此前的结果还未知，本次没有发出',
    '请先用 BC00.03.00.02 查询该登记号的预授权状态，门诊结算与退款用 BC00.03.00.07 对账；查询成功后，确认没有办理的才可重新提交。查不到时由负责人向平台核实后用 releaseTransaction 解除（入审计）。',
  ],
} as const

function conflict(code: keyof typeof WORDS): RequestFault {
  const [message, advice] = WORDS[code]
  return new RequestFault('quanzhou', code, message, advice, [], 409)
}
