/** The control desk at `/_control`: faults, clock, codes, books; for this machine only. */
import type { IncomingMessage } from 'node:http'
import type { DataForm } from './ankang.ts'
import { parseFault, type Fault } from './faults.ts'
import { PEOPLE, type PersonKey } from './people.ts'
import { parseMembers } from './play.ts'
import type { QuanzhouWays } from './quanzhou/play.ts'
import { ID_ORDERS, type IdOrder } from './health-card/gateway.ts'
import type { SeenRequest } from './request-list.ts'
import type { Sample } from './samples.ts'
import { TROUBLES } from './trouble.ts'

export type Control = {
  /** Orders a fault; the oldest that fits is used first. */
  fault(fault: Fault): void
  faults(): readonly Fault[]
  /** Forgets faults, books, tokens, codes and the clock's skew. */
  reset(): void
  /** Forgets the faults that wait, and nothing else. */
  clearFaults(): void
  /** What every platform has written down. */
  books(): Record<string, Record<string, unknown>>
  /** The last 1000 requests, masked. */
  requests(): SeenRequest[]
  /** Puts the platforms' clock ahead of this machine's, ms. */
  clock(skewMs: number): void
  /** The form of 安康码 `data`; undefined: each person's own. */
  dataForm(form: DataForm | undefined): void
  /** How 泉州 reads the document from now on, until `reset`. */
  quanzhou(ways: QuanzhouWays): void
  /** Kills the appToken that is out, as another terminal would. */
  killToken(): void
  /** When 电子健康卡 spends a requestId: `id-first` (default) even on a request that the gate refuses, `gate-first` on one that has passed it. */
  requestIdOrder(order: IdOrder): void
  /** Whether 安康码 or 粤健通 answers as few do: errCode 0, null, equal ids; odd members, another key, odd codes. */
  contrary(platform: 'ankang' | 'yuejiantong', on: boolean): void
  /** A fresh one-use 健康卡授权码 of a person. */
  healthCode(key: PersonKey): string
  /** A fresh one-use 粤健通 code of a person. */
  exchangeCode(key: PersonKey): string
}

const READS = ['books', 'requests', 'faults', 'samples']
const ORDERS = {
  fault: '{platform, operation?, mode, code?, message?, times?, delayMs?, status?, retryAfterSec?, body?, recorded?}',
  reset: '{}',
  'clear-faults': '{}：只撤去还没用掉的故障',
  clock: '{skewMs}',
  'data-form': '{form?}：安康码 data 为 array、object 或 string',
  contrary: '{platform, on}：ankang 或 yuejiantong 按少见而合法的写法应答',
  quanzhou: '{shortList?, unknownStay?, blanks?, refuseTokens?}：泉州清单缺行、.02 查无、空串成员（signed 或 left-out）、拒绝令牌（status 或 unsigned）',
  'kill-token': '{}：另一终端换取了 appToken',
  'request-id': '{order}：电子健康卡先查请求号（id-first）还是先查凭证、签名与时钟（gate-first）',
  'health-code': '{person}：一次有效的健康卡授权码',
  'exchange-code': '{person}：一次有效的粤健通 code',
}

type Handled = { status: number; body: unknown }

/** Answers one control call. */
export function answerControl(control: Control, samples: () => Sample[], request: IncomingMessage, body: string): Handled {
  if (!/^(::1|(::ffff:)?127\.)/.test(request.socket.remoteAddress ?? '')) return { status: 403, body: { error: 'loopback only' } }
  // A page in a browser of this machine could otherwise order faults.
  if (request.headers.origin !== undefined) return { status: 403, body: { error: 'not for web pages' } }
  const path = (request.url ?? '').replace(/\?.*$/, '')
  if (request.method === 'GET') {
    if (path === '/_control') return { status: 200, body: { get: READS, post: ORDERS, troubles: TROUBLES } }
    if (path === '/_control/books') return { status: 200, body: control.books() }
    if (path === '/_control/requests') return { status: 200, body: { requests: control.requests() } }
    if (path === '/_control/faults') return { status: 200, body: { faults: control.faults() } }
    if (path === '/_control/samples') {
      return { status: 200, body: { samples: samples().map(({ text, ...rest }) => ({ ...rest, text: text() })) } }
    }
  }
  if (request.method === 'POST') return post(control, path, body)
  return { status: 404, body: { error: 'unknown control call' } }
}

function post(control: Control, path: string, body: string): Handled {
  const given = body.trim() === '' ? {} : parseMembers(body)
  if (given === undefined) return { status: 400, body: { error: 'a JSON object' } }
  const bad = (error: string): Handled => ({ status: 400, body: { error } })
  const done: Handled = { status: 200, body: { ok: true } }
  switch (path) {
    case '/_control/fault': {
      const fault = parseFault(given)
      if (typeof fault === 'string') return bad(fault)
      control.fault(fault)
      return done
    }
    case '/_control/reset':
      control.reset()
      return done
    case '/_control/clear-faults':
      control.clearFaults()
      return done
    case '/_control/clock':
      if (!Number.isInteger(given['skewMs'])) return bad('skewMs: a whole number')
      control.clock(given['skewMs'] as number)
      return done
    case '/_control/data-form': {
      const form = given['form']
      if (form !== undefined && form !== 'array' && form !== 'object' && form !== 'string') return bad('form: array, object or string')
      control.dataForm(form)
      return done
    }
    case '/_control/contrary': {
      const { platform, on } = given
      if ((platform !== 'ankang' && platform !== 'yuejiantong') || typeof on !== 'boolean') return bad('platform: ankang or yuejiantong; on: true or false')
      control.contrary(platform, on)
      return done
    }
    case '/_control/quanzhou': {
      const { shortList, unknownStay, blanks, refuseTokens } = given
      if (![undefined, 'signed', 'left-out'].includes(blanks as string)) return bad('blanks: signed or left-out')
      if (![undefined, 'status', 'unsigned'].includes(refuseTokens as string)) return bad('refuseTokens: status or unsigned')
      control.quanzhou({
        shortList: shortList === true,
        unknownStay: unknownStay === true,
        ...(blanks === undefined ? {} : { blanks: blanks as 'signed' | 'left-out' }),
        ...(refuseTokens === undefined ? {} : { refuseTokens: refuseTokens as 'status' | 'unsigned' }),
      })
      return done
    }
    case '/_control/kill-token':
      control.killToken()
      return done
    case '/_control/request-id': {
      const order = ID_ORDERS.find((one) => one === given['order'])
      if (order === undefined) return bad(`order: one of ${ID_ORDERS.join(', ')}`)
      control.requestIdOrder(order)
      return done
    }
    case '/_control/health-code':
    case '/_control/exchange-code': {
      const person = PEOPLE.find((one) => one.key === given['person'])
      if (person === undefined) return bad(`person: one of ${PEOPLE.map((one) => one.key).join(', ')}`)
      const key = person.key as PersonKey
      const code = path.endsWith('health-code') ? { healthCode: control.healthCode(key) } : { code: control.exchangeCode(key) }
      return { status: 200, body: code }
    }
    default:
      return { status: 404, body: { error: 'unknown control call' } }
  }
}
