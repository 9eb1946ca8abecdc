/** 微信电子健康卡开放平台 by its document (V 2.1): signature, token, request ids, required fields; answers on demand. */
import { createHash } from 'node:crypto'
import { fakePlatform, type Call, type FakePlatform, type Reply } from './fake-platform.ts'
import { identityNumber } from './people.ts'

export const CARD = { appId: 'contract-app', appSecret: '0626b6e57b68a2c65643a4ba4e084884', hospitalId: '10086' }
export const HOLDER = { name: '欧阳码桥', idNumber: identityNumber('19881022', '882', '432901'), phone: '18888882012' }

const AUTH = '/rest/auth/HealthCard/HealthOpenAuth/AuthObj/'
const OPEN = '/rest/auth/HealthCard/HealthOpenPlatform/ISVOpenObj/'

const REQUIRED: Record<string, readonly string[]> = {
  getAppToken: ['appId'],
  registerHealthCard: ['wechatCode', 'name', 'gender', 'nation', 'birthday', 'idNumber', 'idType', 'phone1'],
  getHealthCardByHealthCode: ['healthCode'],
  getHealthCardByQRCode: ['qrCodeText'],
  ocrInfo: ['imageContent'],
  bindCardRelation: ['patid', 'qrCodeText'],
  reportHISData: ['time', 'hospitalId', 'scene', 'cardType', 'cardChannel'],
  getOrderIdByOutAppId: ['appId', 'qrCodeText'],
  registerBatchHealthCard: ['healthCardItems'],
  getDynamicQRCode: ['healthCardId', 'idType', 'idNumber'],
  verifyQRCode: ['qrCodeText', 'terminalId', 'time', 'medicalStep', 'useCityCode', 'useCityName', 'hospitalCode', 'hospitalName'],
}

export type Use = { operation: string; requestId: string; req: any }
/** A code, or a whole reply; `recorded` is written into the books before the answer is lost. */
export type Fault = number | Reply | { recorded: Reply }

export type FakeHealthCard = FakePlatform & {
  /** What the platform has written into its books. */
  books: Use[]
  /** Answers of the next calls of an operation, one each. */
  next(operation: string, ...faults: Fault[]): void
  token: string
  tokensGiven: number
  operations(name: string): Call[]
  /** Forgets what was called and what was to be answered. */
  rest(): void
}

export async function fakeHealthCard(): Promise<FakeHealthCard> {
  const faults = new Map<string, Fault[]>()
  const seen = new Set<string>()
  const fake = (await fakePlatform(answer)) as FakeHealthCard

  function answer(call: Call): Reply {
    const operation = call.path.split('/').at(-1)!
    const expected = (operation === 'getAppToken' ? AUTH : OPEN) + operation
    if (call.path !== expected) fake.violations.push(`path ${call.path}`)
    if (call.method !== 'POST') fake.violations.push(`${operation}: ${call.method}`)
    if (!/application\/json/i.test(call.headers['content-type'] ?? '')) fake.violations.push(`${operation}: content type`)
    const { commonIn, req } = call.json
    for (const field of ['appToken', 'requestId', 'hospitalId', 'timestamp', 'sign']) {
      if (typeof commonIn[field] !== 'string') fake.violations.push(`${operation}: commonIn.${field} is ${typeof commonIn[field]}`)
    }
    if (!/^\d{10}$/.test(commonIn.timestamp)) fake.violations.push(`timestamp ${commonIn.timestamp}`)
    if (commonIn.requestId.length > 512) fake.violations.push('requestId too long')
    const done = (resultCode: number, rsp: unknown = { none: '' }): Reply => ({
      json: { commonOut: { requestId: commonIn.requestId, resultCode, errMsg: resultCode === 0 ? '成功' : `说不行 ${resultCode}` }, rsp },
    })
    if (sign({ ...commonIn, ...req }) !== commonIn.sign) {
      fake.violations.push(`${operation}: the signature does not hold`)
      return done(21006)
    }
    for (const field of REQUIRED[operation] ?? []) {
      if (req[field] === undefined || req[field] === null || req[field] === '') fake.violations.push(`${operation}: ${field} is missing`)
    }
    if (commonIn.hospitalId !== CARD.hospitalId) return done(21004)
    const fault = faults.get(operation)?.shift()
    const repeated = seen.has(commonIn.requestId)
    // The request id is remembered before the token is looked at; what never arrived leaves no trace.
    if (typeof fault === 'number' || fault === undefined || 'recorded' in Object(fault)) seen.add(commonIn.requestId)
    const record = () => void fake.books.push({ operation, requestId: commonIn.requestId, req })
    if (fault !== undefined) {
      if (typeof fault === 'number') return done(fault)
      if (typeof fault === 'object' && 'recorded' in fault) {
        record()
        return fault.recorded
      }
      return fault
    }
    if (repeated) return done(10054)
    if (operation === 'getAppToken') {
      if (req.appId !== CARD.appId) return done(21002)
      fake.tokensGiven += 1
      fake.token = `token-${fake.tokensGiven}-${Math.random().toString(36).slice(2)}`
      return done(0, { appToken: fake.token, expiresIn: 7200 })
    }
    if (commonIn.appToken !== fake.token) return done(21003)
    record()
    return done(0, result(operation, req))
  }

  function result(operation: string, req: any): unknown {
    const phid = '36078220180818113110003ABCD'
    const adminExt = '{"secret":"adminExt-must-not-be-kept"}'
    const person = { name: HOLDER.name, gender: '女', nation: '汉族', birthday: '1988-10-22', idNumber: HOLDER.idNumber, idType: '01', phid }
    const cardId = (text: string) => text.split(':')[0]!
    switch (operation) {
      case 'verifyQRCode':
        return { ...person, nation: '', address: '未知地址', phone: HOLDER.phone, healthCardId: cardId(req.qrCodeText) }
      case 'getHealthCardByQRCode':
        return { card: { ...person, qrCodeText: req.qrCodeText, address: '某路1号', phone1: HOLDER.phone, patid: 'P10086', adminExt } }
      case 'getHealthCardByHealthCode':
        return { card: { ...person, qrCodeText: `${'A'.repeat(64)}:1`, phone1: HOLDER.phone, adminExt } }
      case 'registerHealthCard':
        return { qrCodeText: `${'C'.repeat(64)}:1`, healthCardId: 'C'.repeat(64), phid, adminExt }
      case 'registerBatchHealthCard':
        return { rspItems: req.healthCardItems.map((item: any) => ({ qrCodeText: `${'D'.repeat(64)}:1`, idNumber: item.idNumber, healthCardId: '' })) }
      case 'getDynamicQRCode':
        return { qrCodeText: `${req.healthCardId}:0:${'B'.repeat(32)}::35020001001`, qrCodeImg: 'aW1n' }
      case 'getOrderIdByOutAppId':
        return { orderId: 'df1ddb7e8ef4475a656a70bf87804b3' }
      case 'bindCardRelation':
        return { result: true }
      case 'ocrInfo':
        return { cardInfo: { name: HOLDER.name, id: HOLDER.idNumber, gender: '女', nation: '汉', birth: '1988/10/22', address: 'xxx', authority: '', validDate: '' } }
      default:
        return { none: '' }
    }
  }

  return Object.assign(fake, {
    books: [] as Use[],
    token: '',
    tokensGiven: 0,
    next: (operation: string, ...more: Fault[]) => void faults.set(operation, [...(faults.get(operation) ?? []), ...more]),
    operations: (name: string) => fake.calls.filter((call) => call.path.endsWith(`/${name}`)),
    rest() {
      fake.calls.length = 0
      fake.books.length = 0
      faults.clear()
    },
  })
}

/** 3.1.3: sorted `k=v` joined by `&`, the secret straight after, SHA-256, Base64; empty members do not take part. */
export function sign(members: Record<string, unknown>, secret = CARD.appSecret): string {
  const text = Object.keys(members)
    .filter((key) => key !== 'sign' && members[key] !== null && members[key] !== undefined && members[key] !== '')
    .sort()
    .map((key) => `${key}=${typeof members[key] === 'object' ? JSON.stringify(sorted(members[key])) : String(members[key])}`)
    .join('&')
  return createHash('sha256').update(text + secret).digest('base64')
}

export function sorted(value: any): any {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.keys(value)
      .filter((key) => value[key] !== null)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

/** Checks this file's own formula against the value that the document prints. */
export const DOCUMENT_SIGNATURE = {
  members: { appId: 'a1a2e0bde41574ad8ea9a4bb58022oop', hospitalId: '90003', requestId: 'DB4D975748A84309977EA25224C0F5CF', timestamp: '1525392000' },
  secret: '8c8e763f443ef983ac33aef1c7085cfb',
  sign: 'TsccMUMTHfOiEovR2hMlRXcQqctRFmPbpPIZdxXCJ/o=',
}
