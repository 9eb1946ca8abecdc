/** The books of 信用就医: BC00.03.00.01–07. A sum is frozen, settled and refunded once, and the day adds up. */
import { fieldFault } from '../fields.ts'
import { PEOPLE } from '../people.ts'
import { ASKS_OWN, RULES } from './rules.ts'
import { dayOf, inFen, inYuan, ownOf, timeText } from './values.ts'

type Members = Record<string, unknown>
export type Entry = { data: Members } | { refuse: [code: number, message: string] }

/** What one stay or visit owes and has; amounts in 分. */
type Stay = {
  institution: string
  certNo: string
  own: boolean
  frozen: bigint
  freezeNo: string
  frozenAt: string
  freezeType: string
  state: '0' | '1' | '2' | '3' | '4'
  settlements: Settlement[]
}
type Settlement = {
  hospitalId: string
  insuranceId: string
  medType: string
  at: string
  total: bigint
  amount: bigint
  refund: { id: string; amount: bigint } | undefined
}

/** Each person may owe this much, 分. */
const LIMIT = 2_000_000n
export type QuanzhouLedger = { enter(functionId: string, request: Members, now: number): Entry; books(): Members; reset(): void }

export function createLedger(): QuanzhouLedger {
  let stays = new Map<string, Stay>()
  let serial = 0

  const newNo = (kind: string) => `${kind}${String(++serial).padStart(10, '0')}`
  const say = (code: number, message: string): Entry => ({ refuse: [code, message] })

  function enter(functionId: string, request: Members, now: number): Entry {
    const fault = fieldFault(request, RULES[functionId] ?? {})
    if (fault !== undefined) return say(2001, `${fault.field} ${fault.kind === 'missing' ? '不能为空' : '不合法'}`)
    const own = ownOf(request['is_own'])
    if (ASKS_OWN.includes(functionId) && own === undefined) return say(2001, 'is_own 不合法')
    if (functionId === 'BC00.03.00.07') return reconcile(request)
    const known = PEOPLE.some((one) => one.name === request['psn_name'] && one.idNumber === request['cert_no'])
    if (!known) return say(3001, '未查询到该用户的预授权协议')
    const key = `${String(request['fixmedins_code'])} ${String(request['hosp_mdtrt_id'])}`
    const stay = stays.get(key)
    if (stay !== undefined && stay.certNo !== request['cert_no']) return say(3009, '登记号与证件号码不一致')
    switch (functionId) {
      case 'BC00.03.00.01':
        return agreements(request)
      case 'BC00.03.00.02':
        return stateOf(stay)
      case 'BC00.03.00.03':
        return freeze(request, key, stay, own as boolean, now)
      case 'BC00.03.00.04':
        return unfreeze(request, stay)
      case 'BC00.03.00.05':
        return settle(request, key, stay, own as boolean, now)
      default:
        return refund(request, stay, now)
    }
  }

  function freeze(request: Members, key: string, stay: Stay | undefined, own: boolean, now: number): Entry {
    if (!own && !request['mdtrt_id']) return say(2001, 'mdtrt_id 不能为空')
    if (stay !== undefined && stay.state !== '2') return say(3003, '该登记号已冻结或已结算')
    const free = LIMIT - usedBy(String(request['cert_no']))
    const wanted = request['frez_amt'] === undefined || request['frez_amt'] === '' ? free : inFen(request['frez_amt'])
    if (wanted <= 0n || wanted > free) return say(3002, '可用额度不足')
    const opened: Stay = {
      institution: String(request['fixmedins_code']),
      certNo: String(request['cert_no']),
      own,
      frozen: wanted,
      freezeNo: newNo('DJ'),
      frozenAt: timeText(now),
      freezeType: String(request['frez_type']),
      state: '1',
      settlements: [],
    }
    stays.set(key, opened)
    const fromAccount = own ? 0n : wanted / 4n
    return {
      data: {
        frez_no: opened.freezeNo,
        frez_amt: inYuan(wanted),
        acct_frez_amt: inYuan(fromAccount),
        bank_frez_amt: inYuan(wanted - fromAccount),
        frez_time: opened.frozenAt,
        frez_type: opened.freezeType,
      },
    }
  }

  function unfreeze(request: Members, stay: Stay | undefined): Entry {
    if (stay === undefined || stay.state !== '1') return say(3004, '没有可解冻的金额')
    if (!stay.own && !request['mdtrt_id']) return say(2001, 'mdtrt_id 不能为空')
    const wanted = inFen(request['re_frez_amt'])
    if (wanted <= 0n || wanted > stay.frozen) return say(3008, '解冻金额大于冻结金额')
    stay.frozen -= wanted
    if (stay.frozen === 0n) stay.state = '2'
    return {
      data: {
        re_frez_no: newNo('JD'),
        frez_no: stay.freezeNo,
        re_frez_type: request['re_frez_type'],
        re_frez_amt: inYuan(wanted),
        re_frez_rea: request['re_frez_rea'],
      },
    }
  }

  function settle(request: Members, key: string, stay: Stay | undefined, own: boolean, now: number): Entry {
    if (!own && (!request['mdtrt_id'] || !request['hosp_setl_id'])) return say(2001, 'mdtrt_id、hosp_setl_id 不能为空')
    if (stay?.settlements.some((one) => one.hospitalId === request['setl_id']) === true) return say(3005, '该结算流水号已结算')
    if (stay?.state === '3') return say(3005, '该登记号已结算')
    const due = inFen(request['cntr_bank_act_amt'])
    if (due > inFen(request['medfee_sumamt'])) return say(3008, '发生金额大于医疗总费用')
    const free = stay?.state === '1' ? stay.frozen : LIMIT - usedBy(String(request['cert_no']))
    if (due > free) return say(3002, '发生金额大于冻结金额或可用额度')
    const settled: Stay = stay ?? {
      institution: String(request['fixmedins_code']),
      certNo: String(request['cert_no']),
      own, frozen: 0n, freezeNo: '', frozenAt: '', freezeType: '', state: '0', settlements: [],
    }
    stays.set(key, settled)
    settled.settlements.push({
      hospitalId: String(request['setl_id']),
      insuranceId: String(request['hosp_setl_id'] ?? ''),
      medType: String(request['med_type']),
      at: String(request['setl_time']),
      total: inFen(request['medfee_sumamt']),
      amount: due,
      refund: undefined,
    })
    settled.frozen = 0n
    settled.state = '3'
    return { data: { cntr_setl_id: newNo('JS'), cntr_setl_time: timeText(now) } }
  }

  function refund(request: Members, stay: Stay | undefined, now: number): Entry {
    const settled = stay?.settlements.find((one) => one.hospitalId === request['hosp_setl_id'])
    if (stay === undefined || settled === undefined) return say(3006, '没有这笔结算')
    if (!stay.own && (!request['mdtrt_id'] || !request['setl_id'] || !request['re_setl_id'])) {
      return say(2001, 'mdtrt_id、setl_id、re_setl_id 不能为空')
    }
    if (settled.refund !== undefined) return say(3007, '这笔结算已退款')
    const wanted = inFen(request['cntr_act_amt'])
    if (wanted <= 0n || wanted > settled.amount) return say(3008, '退款金额大于结算金额')
    settled.refund = { id: String(request['hosp_re_setl_id']), amount: wanted }
    stay.state = '4'
    return { data: { cntr_re_setl_id: newNo('TK'), cntr_setl_time: timeText(now) } }
  }

  function reconcile(request: Members): Entry {
    const day = dayOf(request['fee_time'])
    const row = [...stays.values()]
      .filter((stay) => stay.institution === request['fixmedins_code'])
      .flatMap((stay) => stay.settlements)
      .filter((one) => one.medType === request['med_type'] && dayOf(one.at) === day)
      .map((one) => ({
        hosp_setl_id: one.insuranceId,
        setl_id: one.hospitalId,
        medfee_sumamt: inYuan(one.total),
        cntr_act_amt: inYuan(one.amount - (one.refund?.amount ?? 0n)),
      }))
    return { data: { total: row.length, row } }
  }

  function usedBy(certNo: string): bigint {
    let used = 0n
    for (const stay of stays.values()) {
      if (stay.certNo !== certNo) continue
      used += stay.frozen
      for (const one of stay.settlements) used += one.amount - (one.refund?.amount ?? 0n)
    }
    return used
  }

  return {
    enter,
    books: () => ({
      stays: Object.fromEntries(
        [...stays].map(([key, stay]) => [
          key,
          {
            state: stay.state,
            frozen: inYuan(stay.frozen),
            settlements: stay.settlements.map((one) => ({
              setl_id: one.hospitalId,
              amount: inYuan(one.amount),
              refunded: inYuan(one.refund?.amount ?? 0n),
            })),
          },
        ]),
      ),
    }),
    reset() {
      stays = new Map()
      serial = 0
    },
  }
}

function agreements(request: Members): Entry {
  const person = PEOPLE.findIndex((one) => one.idNumber === request['cert_no'])
  const row = [
    {
      cntr_no: `XY${String(person + 1).padStart(8, '0')}`,
      is_own: person % 2,
      sign_time: '2024-01-01 08:00:00',
      sign_state: '1',
      cntr_att_cont: '',
    },
  ]
  return { data: { total: row.length, row } }
}

function stateOf(stay: Stay | undefined): Entry {
  const last = stay?.settlements.at(-1)
  return {
    data: {
      cntr_state: stay?.state ?? '0',
      frez_amt: inYuan(stay?.frozen ?? 0n),
      frez_time: stay?.frozenAt ?? '',
      cntr_act_amt: inYuan(last === undefined ? 0n : last.amount - (last.refund?.amount ?? 0n)),
      cntr_setl_time: last?.at ?? '',
    },
  }
}
