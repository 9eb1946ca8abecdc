/** 广东 粤健通 played: code 换取用户认证信息 (2.4.1) behind its API gateway (2.2). */
import { createHash, randomBytes } from 'node:crypto'
import { sm4Encrypt } from '../transcode/crypto/sm4.ts'
import { personOf, type Person, type PersonKey } from './people.ts'
import { jsonReply, type Call, type Play, type Reply } from './play.ts'

export type YuejiantongAccount = {
  appCode: string
  /** 32 hex characters. */
  appKey: string
  paasId: string
  token: string
  appSecret: string
  serviceId: string
}

const PATH = '/yuejiantong/gateway'
const CODE_LIFE_MS = 300_000
const CLOCK_LIMIT_S = 600
const MESSAGES: Readonly<Record<string, string>> = { '0': 'SUCCESS', '1': '失败', '2': '参数不合法', '3': '验签失败' }
const NATIONS: Readonly<Record<string, string>> = { 汉族: '01', 蒙古族: '02', 回族: '03', 苗族: '06', 壮族: '08' }
/** Its own table 3.1, which has no 09 to 11. */
const ID_TYPES = ['01', '02', '03', '04', '05', '06', '07', '08', '99']

type Issued = { person: Person; diesAt: number; used: boolean; errcode: number }
export type Yuejiantong = Play & {
  /** A fresh one-use code of a person; `errcode` is what it always gets. */
  mint(key: PersonKey, errcode?: number): string
  /** Answers as no other does: members of another type, ciphertexts of another key, 保密, codes of odd characters. */
  setContrary(on: boolean): void
}

export function createYuejiantong(options: { account: YuejiantongAccount; now(): number }): Yuejiantong {
  const { account, now } = options
  let issued = new Map<string, Issued>()
  let nonces = new Set<string>()
  let exchanges: Record<string, unknown>[] = []
  let contrary = false

  function answer(call: Call): Reply {
    const signFault = headerFault(call)
    if (signFault !== undefined) return ended(3, signFault)
    const query = call.url.searchParams
    const code = query.get('code') ?? ''
    const businessType = query.get('businessType') ?? ''
    if (query.get('appCode') !== account.appCode) return ended(2, 'appCode')
    if (query.get('command') !== '01') return ended(2, 'command')
    if (!/^[1-9]\d?$/.test(businessType)) return ended(2, 'businessType')
    if (!/^[\x21-\x7e]{1,32}$/.test(code)) return ended(2, 'code')
    const found = issued.get(code)
    if (found === undefined || found.used || call.now >= found.diesAt) return ended(1, 'code 不存在、已使用或已过期')
    found.used = true
    const forced = call.forcedCode ?? String(found.errcode)
    if (forced !== '0') return ended(Number(forced))
    exchanges.push({ person: found.person.key, businessType })
    return jsonReply({ errcode: 0, errmsg: MESSAGES['0'], data: dataOf(found.person) }, 0)
  }

  function headerFault(call: Call): string | undefined {
    const header = (name: string) => String(call.headers[`x-tsp-${name}`] ?? '')
    const timestamp = header('timestamp')
    const nonce = header('nonce')
    if (!/^application\/json;\s*charset=utf-8$/i.test(String(call.headers['content-type'] ?? ''))) return 'Content-type'
    if (header('paasid') !== account.paasId) return 'x-tsp-paasid'
    if (header('appsecret') !== account.appSecret) return 'x-tsp-appSecret'
    if (header('serviceid') !== account.serviceId) return 'x-tsp-serviceid'
    if (!/^\d{10}$/.test(timestamp) || Math.abs(call.now / 1000 - Number(timestamp)) > CLOCK_LIMIT_S) return 'x-tsp-timestamp'
    if (nonce === '' || nonces.has(nonce)) return 'x-tsp-nonce'
    nonces.add(nonce)
    const text = timestamp + account.token + nonce + timestamp
    const wanted = createHash('sha256').update(text).digest('hex').toUpperCase()
    return header('signature') === wanted ? undefined : 'x-tsp-signature'
  }

  /** 4.1 lists name and 电子健康码 as well: some answers encrypt them, some do not; so does this one. */
  function dataOf(person: Person): Record<string, unknown> {
    const key = Buffer.from(account.appKey, 'hex')
    const inBase64 = person.dataAs === 'string'
    const locked = (text: string) => {
      const bytes = sm4Encrypt(key, text)
      return inBase64 ? bytes.toString('base64') : bytes.toString('hex').toUpperCase()
    }
    if (contrary) {
      const otherKey = Buffer.from(account.appKey, 'hex').reverse()
      return {
        certificateNo: locked(person.idNumber), certificateType: '01', healthCardNo: null, phone: sm4Encrypt(otherKey, person.phone).toString('hex'),
        gender: 3, name: person.name, nation: { code: '01' }, userId: ['U1'], channel: '',
      }
    }
    const card = createHash('sha256').update(person.key).digest('hex').toUpperCase()
    return {
      certificateNo: locked(person.idNumber),
      certificateType: ID_TYPES.includes(person.idType) ? person.idType : '99',
      healthCardNo: inBase64 ? locked(card) : card,
      phone: locked(person.phone),
      gender: person.gender === '男' ? 1 : 2,
      name: inBase64 ? locked(person.name) : person.name,
      nation: NATIONS[person.nation] ?? '99',
      userId: `U${parseInt(card.slice(0, 8), 16)}`,
      channel: person.idType === '06' ? '2' : person.idType === '03' ? '4' : '1',
    }
  }

  return {
    id: 'yuejiantong',
    operationOf: (method, pathname) => (method === 'GET' && pathname === PATH ? 'exchangeCode' : undefined),
    answer,
    books: () => ({ exchanges }),
    reset() {
      issued = new Map()
      nonces = new Set()
      exchanges = []
      contrary = false
    },
    setContrary: (on) => void (contrary = on),
    mint(key, errcode = 0) {
      const code = contrary ? `${randomBytes(12).toString('base64')}+/=.~!` : randomBytes(16).toString('hex')
      issued.set(code, { person: personOf(key), diesAt: now() + CODE_LIFE_MS, used: false, errcode })
      return code
    },
  }
}

function ended(errcode: number, what?: string): Reply {
  const message = MESSAGES[String(errcode)] ?? '失败'
  return jsonReply({ errcode, errmsg: what === undefined ? message : `${message}：${what}`, data: null }, errcode)
}
