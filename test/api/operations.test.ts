/** Every interface of the five documents, called by its own name through the local API against the strict counterpart. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Played } from '../../src/simulator/play.ts'
import { PLATFORMS } from '../../src/transcode/platforms/index.ts'
import { sampleText, startTestTerminal, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
let card: string
let patient: { name: string; idNumber: string; healthCardId?: string }
beforeAll(async () => {
  t = await startTestTerminal({ settings: { platforms: { beijing: { requestTimeoutMs: 500 } } } })
  card = sampleText(t.simulator, 'card-static')
  const outcome = await t.scan(card)
  patient = outcome.patient as typeof patient
})
afterAll(() => t.close())

const call = (platform: string, operation: string, body: unknown) => t.request('POST', `/api/v1/platforms/${platform}/${operation}`, body)

const PERSON = () => ({
  wechatCode: '13B8AC208CEDACE7DD1DF57963150664',
  name: patient.name,
  gender: '女',
  nation: '汉族',
  birthday: `${patient.idNumber.slice(6, 10)}-${patient.idNumber.slice(10, 12)}-${patient.idNumber.slice(12, 14)}`,
  idNumber: patient.idNumber,
  idType: '01',
  phone1: '19900000105',
  patid: 'P0000101',
})
const VISIT = () => ({ hosp_mdtrt_id: 'ZY20261122001', psn_name: patient.name, cert_no: patient.idNumber })
const FREEZE = () => ({ ...VISIT(), cert_type: '01', is_own: '1', opt_name: '经办员', opt_dept_name: '住院处' })
const SETTLE = () => ({ hosp_mdtrt_id: 'ZY20261122002', psn_name: patient.name, cert_no: patient.idNumber, cert_type: '01' })
const AMOUNTS = { medfee_sumamt: '300.00', fund_pay_sumamt: '0.00', acct_pay_sumamt: '0.00', cash_payamt: '0.00', cntr_bank_act_amt: '300.00' }

/** A body for each operation, and what its answer must hold; in the order that a visit takes. */
const CALLS: [string, string, () => Record<string, unknown>, Record<string, unknown>][] = [
  ['ankang', 'transcode', () => ({ qrCodeUrl: sampleText(t.simulator, 'ankang-green'), targetType: '3401002' }), {}],
  ['ankang', 'identify', () => ({ qrCodeUrl: sampleText(t.simulator, 'ankang-green'), targetType: '3401002' }), {}],
  ['ankang', 'config', () => ({ targetType: '3401002' }), {}],
  [
    'ankang',
    'message',
    () => ({ name: patient.name, idcardNo: patient.idNumber, targetType: '3401002', targetId: 'T1', tradeTime: '20261122093000', tradeNo: 'M1', msg: '挂号成功', tradeState: '1' }),
    {},
  ],
  ['health-card', 'getAppToken', () => ({}), { appToken: expect.any(String), expiresIn: expect.any(Number) }],
  ['health-card', 'registerHealthCard', PERSON, { qrCodeText: expect.any(String), phid: expect.any(String) }],
  ['health-card', 'getHealthCardByHealthCode', () => ({ healthCode: t.simulator.control.healthCode('lin') }), { card: expect.anything() }],
  ['health-card', 'getHealthCardByQRCode', () => ({ qrCodeText: card }), { card: { name: expect.any(String) } }],
  ['health-card', 'ocrInfo', () => ({ imageContent: JPEG }), { cardInfo: expect.anything() }],
  ['health-card', 'bindCardRelation', () => ({ patid: 'P0000101', qrCodeText: card }), { result: true }],
  ['health-card', 'reportHISData', () => ({ qrCodeText: card, time: '2026-11-22 09:30:00', scene: '010105', cardType: '11', cardChannel: '0100' }), {}],
  ['health-card', 'getOrderIdByOutAppId', () => ({ qrCodeText: card }), { orderId: expect.any(String) }],
  ['health-card', 'registerBatchHealthCard', () => ({ healthCardItems: [{ ...PERSON(), openId: 'o1', wechatUrl: 'https://hospital.example/cards' }] }), { rspItems: [expect.anything()] }],
  ['health-card', 'getDynamicQRCode', () => ({ healthCardId: patient.healthCardId, idType: '01', idNumber: patient.idNumber }), { qrCodeText: expect.any(String) }],
  ['health-card', 'verifyQRCode', () => ({ qrCodeText: sampleText(t.simulator, 'card-dynamic'), time: '2026-11-22 09:30:00' }), { name: expect.any(String) }],
  ['health-card', 'getUserCode', () => ({ redirect_uri: 'https://hospital.example/back' }), { url: expect.stringContaining('getUserCode?redirect_uri=') }],
  ['health-card', 'getHealthCardList', () => ({ redirect_uri: 'https://hospital.example/back' }), { url: expect.stringContaining('getHealthCardList?redirect_uri=') }],
  ['health-card', 'batchActiveCard', () => ({ open_id: 'o1', redirect_uri: 'https://hospital.example/back' }), { url: expect.stringContaining('batchActiveCard?open_id=') }],
  ['quanzhou', 'BC00.03.00.01', () => ({ psn_name: patient.name, cert_no: patient.idNumber }), {}],
  ['quanzhou', 'BC00.03.00.03', () => ({ ...FREEZE(), frez_amt: '500.00', frez_type: '1' }), { frez_no: expect.any(String) }],
  ['quanzhou', 'BC00.03.00.02', VISIT, { frez_amt: '500.00' }],
  [
    'quanzhou',
    'BC00.03.00.04',
    () => ({ ...SETTLE(), hosp_mdtrt_id: 'ZY20261122001', re_frez_type: '1', re_frez_amt: '500.00', re_frez_rea: '取消住院', opt_name: '经办员', opt_dept_name: '住院处' }),
    { re_frez_no: expect.any(String) },
  ],
  ['quanzhou', 'BC00.03.00.03', () => ({ ...FREEZE(), hosp_mdtrt_id: 'ZY20261122002', frez_amt: '500.00', frez_type: '1' }), { frez_no: expect.any(String) }],
  [
    'quanzhou',
    'BC00.03.00.05',
    () => ({ ...SETTLE(), is_own: '1', med_type: '21', setl_id: 'S1', setl_time: '2026-11-22 10:00:00', ...AMOUNTS }),
    { cntr_setl_id: expect.any(String) },
  ],
  ['quanzhou', 'BC00.03.00.06', () => ({ ...SETTLE(), hosp_setl_id: 'S1', hosp_re_setl_id: 'R1', cntr_act_amt: '300.00' }), { cntr_re_setl_id: expect.any(String) }],
  ['quanzhou', 'BC00.03.00.07', () => ({ med_type: '21', fee_time: '2026-11-22' }), {}],
  ['quanzhou', 'releaseTransaction', () => ({ functionId: 'BC00.03.00.03', hosp_mdtrt_id: 'ZY-LOST', reason: '已电话核实没有办理' }), { released: true }],
  ['beijing', 'entryUrl', () => ({ userName: patient.name, cardNo: patient.idNumber }), { url: expect.stringContaining('sign=') }],
  ['beijing', 'checkFace', () => ({ name: patient.name, certNo: patient.idNumber }), { matched: expect.any(Boolean) }],
  ['yuejiantong', 'exchangeCode', () => ({ code: new URL(sampleText(t.simulator, 'yuejiantong')).searchParams.get('code') }), {}],
  ['e-voucher', 'query', () => ({ code: sampleText(t.simulator, 'e-voucher') }), {}],
]
/** The smallest picture that is one: the platform's reading of it is played. */
const JPEG = '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=='

describe('every interface', () => {
  test.each(CALLS)('%s/%s', async (platform, operation, body, expected) => {
    if (operation === 'releaseTransaction') {
      t.simulator.control.fault({ platform: 'quanzhou', operation: 'BC00.03.00.03', mode: 'reset', times: 1 })
      expect((await call('quanzhou', 'BC00.03.00.03', { ...FREEZE(), hosp_mdtrt_id: 'ZY-LOST', frez_type: '1' })).body.error.code).toBe('TRANSACTION_UNKNOWN')
    }
    const answer = await call(platform, operation, body())
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 200, body: expected })
  })

  test('of every platform is called above', () => {
    const called = new Set(CALLS.map(([platform, operation]) => `${platform}/${operation}`))
    const all = t.terminal.agent.operations().map(({ platform, operation }) => `${platform}/${operation}`)
    expect(all.filter((name) => !called.has(name))).toEqual([])
    expect(new Set(t.terminal.agent.operations().map(({ platform }) => platform))).toEqual(new Set(PLATFORMS.map(({ id }) => id)))
  })

  test.each(['README.md', 'README.zh-CN.md'])('stands in the table of %s', (file) => {
    const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
    expect(t.terminal.agent.operations().filter(({ operation }) => !text.includes(`\`${operation}\``))).toEqual([])
  })

  test.each(CALLS)('%s/%s refuses a field it does not know and sends nothing', async (platform, operation, body) => {
    const before = t.simulator.control.requests().length
    const answer = await call(platform, operation, { ...body(), nonsense: 'x' })
    expect(answer.status).toBe(400)
    expect(answer.body.error.fields).toContainEqual({ path: 'nonsense', message: expect.any(String) })
    expect(t.simulator.control.requests()).toHaveLength(before)
  })
})

describe('errors are explained', () => {
  beforeEach(() => t.simulator.control.reset())

  /** A code of each platform's own, as the platform sends it, and the words that come with it. */
  const REFUSED: [string, string, () => Record<string, unknown>, string, RegExp][] = [
    ['ankang', 'transcode', () => ({ qrCodeUrl: sampleText(t.simulator, 'ankang-green'), targetType: '3401002' }), '401', /安康码/],
    ['ankang', 'message', () => bodyOf('ankang', 'message'), '403', /安康码/],
    ['health-card', 'getHealthCardByQRCode', () => ({ qrCodeText: card }), '-10019', /先申领/],
    ['health-card', 'registerHealthCard', PERSON, '-10038', /核身/],
    ['health-card', 'reportHISData', () => bodyOf('health-card', 'reportHISData'), '10042', /信息科/],
    ['quanzhou', 'BC00.03.00.02', VISIT, '3001', /返回码告知信息科/],
    ['quanzhou', 'BC00.03.00.03', () => ({ ...FREEZE(), hosp_mdtrt_id: 'ZY-R', frez_type: '1' }), '3002', /其他方式缴费/],
    ['beijing', 'checkFace', () => ({ name: patient.name, certNo: patient.idNumber }), '9', /身份证件/],
    ['yuejiantong', 'exchangeCode', () => ({ code: t.simulator.control.exchangeCode('lin') }), '3', /token/],
    ['e-voucher', 'query', () => ({ code: sampleText(t.simulator, 'e-voucher') }), '500', /医保电子凭证/],
  ]
  test.each(REFUSED)('%s/%s: a refusal is 4xx with the platform’s own code', async (platform, operation, body, code, advice) => {
    t.simulator.control.fault({ platform: platform as Played, operation, mode: 'code', code, times: 1 })
    const { status, body: answer } = await call(platform, operation, body())
    expect({ status, ...answer.error }).toMatchObject({ status: 422, platform, code, message: expect.stringMatching(/\p{Script=Han}/u), advice: expect.stringMatching(advice) })
    expect(JSON.stringify(answer)).not.toContain(patient.idNumber)
  })

  test('covers every platform', () => {
    expect(new Set(REFUSED.map(([platform]) => platform))).toEqual(new Set(PLATFORMS.map(({ id }) => id)))
  })

  test.each(REFUSED.flatMap(([platform, operation, body]) => (['status', 'html', 'empty', 'reset'] as const).map((mode) => [platform, operation, mode, body] as const)))(
    '%s/%s: a fault of the way (%s) is 5xx',
    async (platform, operation, mode, body) => {
      // A pure query whose kept connection is cut is asked once more.
      t.simulator.control.fault({ platform: platform as Played, operation, mode, ...(mode !== 'reset' && { times: 1 }) })
      const { status, body: answer } = await call(platform, operation, unlike(body()))
      expect({ status, ...answer.error }).toMatchObject({ status: 502, platform, code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String), advice: expect.stringMatching(/\p{Script=Han}{4}/u) })
      expect(JSON.stringify(answer)).not.toContain(patient.idNumber)
    },
  )

  test('a fault of the platform itself is 502 too, and a time-out 504', async () => {
    t.simulator.control.fault({ platform: 'health-card', operation: 'getHealthCardByQRCode', mode: 'code', code: '-1', times: 1 })
    const broken = await call('health-card', 'getHealthCardByQRCode', { qrCodeText: card })
    expect({ status: broken.status, ...broken.body.error }).toMatchObject({ status: 502, code: '-1', retryable: true })
    t.simulator.control.fault({ platform: 'beijing', operation: 'checkFace', mode: 'hang', times: 1 })
    const late = await call('beijing', 'checkFace', { name: patient.name, certNo: patient.idNumber })
    expect({ status: late.status, ...late.body.error }).toMatchObject({ status: 504, code: 'NETWORK_TIMEOUT', retryable: true })
  })

  test('a freeze without an answer is unknown, not sent again, and settled by asking; a restart forgets nothing', async () => {
    const freeze = { ...FREEZE(), hosp_mdtrt_id: 'ZY-U', frez_amt: '500.00', frez_type: '1' }
    const received = () => t.simulator.control.requests().filter(({ operation }) => operation === 'BC00.03.00.03').length
    t.simulator.control.fault({ platform: 'quanzhou', operation: 'BC00.03.00.03', mode: 'reset', recorded: true, times: 1 })
    const lost = await call('quanzhou', 'BC00.03.00.03', freeze)
    expect({ status: lost.status, ...lost.body.error }).toMatchObject({ status: 502, code: 'TRANSACTION_UNKNOWN', retryable: false, advice: expect.stringContaining('不要重复提交') })
    await t.restart()
    const again = await call('quanzhou', 'BC00.03.00.03', freeze)
    expect({ status: again.status, ...again.body.error }).toMatchObject({ status: 409, code: 'TRANSACTION_UNSETTLED', advice: expect.stringContaining('BC00.03.00.02') })
    expect(received()).toBe(1)
    expect((await call('quanzhou', 'BC00.03.00.02', { ...VISIT(), hosp_mdtrt_id: 'ZY-U' })).body).toMatchObject({ cntr_state: '1', frez_amt: '500.00' })
    expect(await call('quanzhou', 'BC00.03.00.03', freeze)).toMatchObject({ status: 422, body: { error: { code: '3003' } } })
    expect(received()).toBe(2)
  })

  test('a freeze that cannot be noted first, for want of room, is not sent', async () => {
    const freeze = { ...FREEZE(), hosp_mdtrt_id: 'ZY-N', frez_amt: '500.00', frez_type: '1' }
    const received = () => t.simulator.control.requests().filter(({ operation }) => operation === 'BC00.03.00.03').length
    const before = received()
    const { state } = t.terminal.agent
    const { putNote } = state
    state.putNote = () => false
    const refused = await call('quanzhou', 'BC00.03.00.03', freeze)
    state.putNote = putNote
    expect({ status: refused.status, ...refused.body.error }).toMatchObject({ status: 507, code: 'NOTE_NOT_KEPT', advice: expect.stringContaining('磁盘') })
    expect(received()).toBe(before)
    expect(await call('quanzhou', 'BC00.03.00.03', freeze)).toMatchObject({ status: 200 })
  })

  const bodyOf = (platform: string, operation: string) => CALLS.find(([p, o]) => p === platform && o === operation)![2]()
  /** Another stay each time: what became of the one before is unknown. */
  let stays = 0
  const unlike = (body: Record<string, unknown>) => (body['frez_type'] === undefined ? body : { ...body, hosp_mdtrt_id: `ZY-F${(stays += 1)}` })
})
