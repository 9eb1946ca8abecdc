/** Transactions (.03–.06) without a known ending: none of them is sent again before its state has been asked for. */
import { chinaCompactTime } from '../../china-time.ts'
import { RequestFault } from '../platform-error.ts'
import type { PlatformTools } from '../platform.ts'
import type { Members } from './envelope.ts'

/** How long one that nobody asks about is remembered, ms. */
const KEPT_MS = 30 * 86_400_000

/** `name` says which transaction it is, `marks` what a query must be about to settle it. */
type Entry = { name: string; marks: readonly string[]; at: number }

export type Unanswered = {
  /**
   * Notes a transaction before it is sent, so that it outlives a crash; call
   * what it gives once the platform has answered for certain. Throws
   * RequestFault (409): TRANSACTION_UNDER_WAY, TRANSACTION_UNSETTLED; and what
   * the note's `write` throws: then it must not be sent.
   */
  begin(functionId: string, business: Members): { answered(): void; unknown(): void }
  /** Call before a query (.02, .07) is sent; what it gives, with the query's verified answer, settles what was unknown by then. */
  asking(functionId: string, business: Members): (answer: Members) => void
}

/** Makes the memory of one site; `tools.note` keeps it, sealed, across restarts. */
export function createUnanswered({ note, now }: Pick<PlatformTools, 'note' | 'now'>): Unanswered {
  const underWay = new Set<string>()
  let held: Entry[] | undefined
  // Read when first needed: the store is opened after the platforms are made.
  const entries = () => (held ??= read(note?.read()).filter(({ at }) => at > now() - KEPT_MS))

  function keep(next: Entry[]): void {
    note?.write(JSON.stringify(next))
    held = next
  }

  /** One that stays on disk alone is asked about once more after a restart: no harm is done. */
  function forget(left: Entry[]): void {
    held = left
    try {
      note?.write(JSON.stringify(left))
    } catch {
      // The disk takes nothing; what has been answered is answered all the same.
    }
  }

  return {
    begin(functionId, business) {
      const name = nameOf(functionId, business)
      if (underWay.has(name)) throw conflict('TRANSACTION_UNDER_WAY')
      if (entries().some((entry) => entry.name === name)) throw conflict('TRANSACTION_UNSETTLED')
      const entry = { name, marks: marksOf(functionId, business, now()), at: now() }
      keep([...entries(), entry])
      underWay.add(name)
      return {
        answered() {
          underWay.delete(name)
          forget(entries().filter((one) => one.name !== name))
        },
        unknown: () => void underWay.delete(name),
      }
    },
    asking(functionId, business) {
      const unknown = new Set(entries().filter(({ name }) => !underWay.has(name)))
      return (answer) => {
        const told = new Set(marksOfAnswer(functionId, business, answer))
        const left = entries().filter((entry) => !unknown.has(entry) || !entry.marks.some((mark) => told.has(mark)))
        if (left.length < entries().length) forget(left)
      }
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
  // 医院结算流水号 has another name in each of the two tables.
  if (functionId === 'BC00.03.00.05') {
    return [stay, mark('settlement', place, business['setl_id']), dayMark(place, business['med_type'], business['setl_time'])]
  }
  if (functionId !== 'BC00.03.00.06') return [stay]
  // A platform may list the settlement with its refund, or leave it out: then the day of the refund has to do.
  return [stay, mark('settlement', place, business['hosp_setl_id']), dayMark(place, ANY_TYPE, chinaCompactTime(at))]
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

/** A refund does not name its 就诊类型. */
const ANY_TYPE = '*'

const mark = (...parts: unknown[]): string => JSON.stringify(parts)

function dayMark(place: unknown, medType: unknown, time: unknown): string {
  return mark('day', place, medType, String(time).replace(/\D/g, '').slice(0, 8))
}

function read(text: string | undefined): Entry[] {
  try {
    return text === undefined ? [] : (JSON.parse(text) as Entry[])
  } catch {
    return []
  }
}

const WORDS = {
  TRANSACTION_UNDER_WAY: ['同一笔交易正在办理，还没有答复，本次没有发出', '请等待第一次提交的结果，不要重复提交。'],
  TRANSACTION_UNSETTLED: [
    '同一笔交易此前的结果还未知，本次没有发出',
    '请先用 BC00.03.00.02 查询该登记号的预授权状态，门诊结算与退款用 BC00.03.00.07 对账；查询成功后，确认没有办理的才可重新提交。',
  ],
} as const

function conflict(code: keyof typeof WORDS): RequestFault {
  const [message, advice] = WORDS[code]
  return new RequestFault('quanzhou', code, message, advice, [], 409)
}
