import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { personOf } from '../../src/simulator/people.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { healthCardCaller, newRequestId, post, usage, verification } from '../support/simulated-calls.ts'

type Members = Record<string, unknown>

let clock = Date.now()
const simulator = createSimulator({ now: () => clock })
const sample = (id: string) => simulator.samples().find((one) => one.id === id)?.text() ?? ''
const uses = () => simulator.books()['health-card']?.['uses'] as Members[]
let caller: ReturnType<typeof healthCardCaller>

beforeAll(async () => {
  await simulator.listen()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  clock = Date.now()
  simulator.control.reset()
  caller = healthCardCaller(simulator)
  await caller.signIn()
})

describe('the gate', () => {
  it.each([
    ['no JSON', 'commonIn=1', 20001],
    ['no commonIn', { req: {} }, 10003],
    ['no req', { commonIn: { requestId: 'A' } }, 10002],
  ])('refuses %s', async (_, body, code) => {
    const path = '/rest/auth/HealthCard/HealthOpenPlatform/ISVOpenObj/verifyQRCode'
    expect(await post(simulator.origin + path, body)).toMatchObject({ commonOut: { resultCode: code } })
  })

  it.each([
    ['a wrong signature', { sign: 'TsccMUMTHfOiEovR2hMlRXcQqctRFmPbpPIZdxXCJ/o=' }, 21006],
    ['no token', { appToken: '' }, 21001],
    ['a token nobody gave', { appToken: '0'.repeat(32) }, 21004],
    ['another hospital', { hospitalId: '99999' }, 21005],
    ['a clock 601 s slow', { timestamp: String(Math.floor(Date.now() / 1000) - 601) }, 20000],
    ['a timestamp in milliseconds', { timestamp: String(Date.now()) }, 20002],
    ['a number where text belongs', { timestamp: Math.floor(Date.now() / 1000) }, 20001],
    ['a requestId of 513 bytes', { requestId: 'R'.repeat(513) }, 10037],
    ['no requestId', { requestId: '' }, 20002],
  ])('refuses %s', async (_, commonIn, code) => {
    const reply = await caller.call('getHealthCardByQRCode', { qrCodeText: sample('card-static') }, commonIn)
    expect(reply.code).toBe(code)
  })

  it('takes a clock 599 s off', async () => {
    const timestamp = String(Math.floor(clock / 1000) - 599)
    expect(await caller.call('getHealthCardByQRCode', { qrCodeText: sample('card-static') }, { timestamp })).toMatchObject({ code: 0 })
  })

  it('has one living token: a new one kills the old', async () => {
    const old = await caller.signIn()
    await caller.signIn()
    const ask = (appToken?: string) =>
      caller.call('getHealthCardByQRCode', { qrCodeText: sample('card-static') }, appToken === undefined ? {} : { appToken })
    expect((await ask(old)).code).toBe(21003)
    expect((await ask()).code).toBe(0)
    simulator.control.killToken()
    expect((await ask()).code).toBe(21003)
  })

  it('lets a token die after 7200 s', async () => {
    clock += 7200_000
    const timestamp = String(Math.floor(clock / 1000))
    expect((await caller.call('getHealthCardByQRCode', { qrCodeText: sample('card-static') }, { timestamp })).code).toBe(21003)
  })

  it('remembers a requestId before it looks at the token', async () => {
    const requestId = newRequestId()
    const req = usage(sample('card-static'))
    expect((await caller.call('reportHISData', req, { requestId, appToken: '0'.repeat(32) })).code).toBe(21004)
    expect((await caller.call('reportHISData', req, { requestId })).code).toBe(10054)
    expect(uses()).toHaveLength(0)
  })

  it('knows its own account only', async () => {
    expect((await caller.call('getAppToken', { appId: 'somebody' })).code).toBe(21002)
  })
})

describe('dynamic codes', () => {
  it('count one use and die of it', async () => {
    const text = sample('card-dynamic')
    const first = await caller.call('verifyQRCode', verification(text))
    expect(first).toMatchObject({ code: 0, rsp: { name: personOf('miao').name, idNumber: personOf('miao').idNumber } })
    expect((await caller.call('verifyQRCode', verification(text))).code).toBe(10020)
    expect(uses()).toMatchObject([{ by: 'verifyQRCode', scene: '010101' }])
  })

  it('die of age', async () => {
    const text = sample('card-dynamic')
    clock += 300_000
    const timestamp = String(Math.floor(clock / 1000))
    expect((await caller.call('verifyQRCode', verification(text), { timestamp })).code).toBe(10020)
  })

  it('are made for the card and its holder only', async () => {
    const { rsp } = await caller.call('getHealthCardByQRCode', { qrCodeText: sample('card-dynamic') })
    const card = rsp['card'] as Members
    const req = { healthCardId: card['healthCardId'], idType: card['idType'], idNumber: card['idNumber'] }
    const made = await caller.call('getDynamicQRCode', req)
    expect(made.code).toBe(0)
    expect(Buffer.from(String(made.rsp['qrCodeImg']), 'base64').subarray(1, 4).toString()).toBe('PNG')
    expect((await caller.call('verifyQRCode', verification(String(made.rsp['qrCodeText'])))).code).toBe(0)
    expect((await caller.call('getDynamicQRCode', { ...req, idNumber: personOf('lin').idNumber })).code).toBe(10015)
  })

  it.each([
    ['card-dynamic-identity', -10038],
    ['card-dynamic-expired', 10020],
    ['card-dynamic-fault', -1],
  ])('%s', async (id, code) => {
    expect((await caller.call('verifyQRCode', verification(sample(id)))).code).toBe(code)
  })

  it.each(Object.keys(verification('x')))('need %s', async (field) => {
    const req: Members = { ...verification(sample('card-dynamic')), [field]: '' }
    expect((await caller.call('verifyQRCode', req)).code).not.toBe(0)
    expect(uses()).toHaveLength(0)
  })
})

describe('reportHISData', () => {
  it('is recorded once where the answer is lost and the same id comes again', async () => {
    const requestId = newRequestId()
    const req = usage(sample('card-static'))
    simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'reset', recorded: true, times: 1 })
    await expect(caller.call('reportHISData', req, { requestId })).rejects.toThrow()
    expect((await caller.call('reportHISData', req, { requestId })).code).toBe(10054)
    expect(uses()).toMatchObject([{ by: 'reportHISData', requestId }])
  })

  it('is not recorded where the request never arrived', async () => {
    const requestId = newRequestId()
    const req = usage(sample('card-static'))
    simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'reset', times: 1 })
    await expect(caller.call('reportHISData', req, { requestId })).rejects.toThrow()
    expect((await caller.call('reportHISData', req, { requestId })).code).toBe(0)
    expect(uses()).toHaveLength(1)
  })

  it('spends the id of a refusal', async () => {
    const requestId = newRequestId()
    const req = usage(sample('card-static'))
    simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'code', code: '-1', times: 1 })
    expect((await caller.call('reportHISData', req, { requestId })).code).toBe(-1)
    expect((await caller.call('reportHISData', req, { requestId })).code).toBe(10054)
    expect((await caller.call('reportHISData', req)).code).toBe(0)
    expect(uses()).toHaveLength(1)
  })

  it.each([
    ['a card without its code', { qrCodeText: '' }, 10018],
    ['a registration without department', { department: '' }, 10042],
    ['a person without name', { cardType: '01', idCardNumber: personOf('lin').idNumber }, 10013],
    ['a person without number', { cardType: '01', name: '林安和' }, 10014],
    ['the sample’s idCard for idCardNumber', { cardType: '01', name: '林安和', idCard: personOf('lin').idNumber }, 10014],
    ['a wrong check digit', { cardType: '01', name: '林安和', idCardNumber: '349901198810221024' }, -10027],
    ['a time with a T', { time: '2024-05-06T07:08:09' }, 10051],
    ['an unknown step', { scene: '010110' }, 10042],
    ['an unknown channel', { cardChannel: '0500' }, 10042],
    ['another hospital', { hospitalId: '1' }, 21005],
    ['a number where text belongs', { scene: 10101 }, 20001],
  ])('refuses %s', async (_, changed, code) => {
    expect((await caller.call('reportHISData', { ...usage(sample('card-static')), ...changed })).code).toBe(code)
    expect(uses()).toHaveLength(0)
  })

  it('needs no department away from registration', async () => {
    const { department: _, ...req } = usage(sample('card-static'))
    expect((await caller.call('reportHISData', { ...req, scene: '010105' })).code).toBe(0)
  })
})

describe('the other interfaces', () => {
  const newcomer = {
    wechatCode: '73EFA6796D3869FF82FAE7E81E900000', name: '新来者', gender: '女', nation: '汉族', birthday: '1988-10-22',
    idNumber: personOf('lin').idNumber, idType: '01', phone1: '19900000199',
  }

  it('registers once, and only who is who they say', async () => {
    expect((await caller.call('registerHealthCard', newcomer)).code).toBe(10056)
    const known = { ...newcomer, name: personOf('lin').name }
    const first = await caller.call('registerHealthCard', known)
    const again = await caller.call('registerHealthCard', { ...known, phone1: '19900000198' })
    expect(first.code).toBe(0)
    expect(again.rsp['qrCodeText']).toBe(first.rsp['qrCodeText'])
    expect((await caller.call('registerHealthCard', { ...known, gender: '男' })).code).toBe(10015)
    expect((await caller.call('registerHealthCard', { ...known, wechatCode: '' })).code).toBe(10012)
    expect((await caller.call('registerHealthCard', { ...known, phone1: '' })).code).toBe(10043)
  })

  it('registers a batch person by person, signed over nested members', async () => {
    const more = { patid: 'P1', openId: 'O1', wechatUrl: 'https://hospital.example' }
    const good = { ...newcomer, name: personOf('lin').name, ...more }
    const bad = { ...good, gender: '男' }
    const { code, rsp } = await caller.call('registerBatchHealthCard', { healthCardItems: [good, bad] })
    const items = rsp['rspItems'] as Members[]
    expect(code).toBe(0)
    expect(items.map((item) => item['qrCodeText'] !== '')).toEqual([true, false])
    expect((await caller.call('registerBatchHealthCard', { healthCardItems: [{ ...good, patid: '' }] })).code).toBe(10033)
  })

  it('binds 院内 ID and gives it back', async () => {
    const qrCodeText = sample('card-static-hk')
    expect(await caller.call('bindCardRelation', { patid: 'P777', qrCodeText })).toMatchObject({ code: 0, rsp: { result: true } })
    expect(await caller.call('getHealthCardByQRCode', { qrCodeText })).toMatchObject({ rsp: { card: { patid: 'P777', idType: '06' } } })
  })

  it.each([
    ['card-static-frozen', -10031],
    ['card-static-unknown', -10019],
    ['unknown-text', 10020],
  ])('getHealthCardByQRCode of %s', async (id, code) => {
    expect((await caller.call('getHealthCardByQRCode', { qrCodeText: sample(id) })).code).toBe(code)
  })

  it('exchanges a 健康卡授权码 once', async () => {
    const healthCode = simulator.control.healthCode('lin')
    expect(await caller.call('getHealthCardByHealthCode', { healthCode })).toMatchObject({ code: 0, rsp: { card: { name: '林安和' } } })
    expect((await caller.call('getHealthCardByHealthCode', { healthCode })).code).toBe(10008)
  })

  it('reads pictures and nothing else', async () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
    expect(await caller.call('ocrInfo', { imageContent: png })).toMatchObject({ code: 0, rsp: { cardInfo: { birth: '1988/10/22', nation: '汉' } } })
    expect((await caller.call('ocrInfo', { imageContent: `data:image/png;base64,${png}` })).code).toBe(-10039)
    expect((await caller.call('ocrInfo', { imageContent: 'A'.repeat(1_000_001) })).code).toBe(20004)
    expect((await caller.call('ocrInfo', {})).code).toBe(10041)
  })

  it('gives an order for its own account', async () => {
    const { appId } = simulator.settings().platforms.healthCard
    const qrCodeText = sample('card-static')
    expect((await caller.call('getOrderIdByOutAppId', { appId, qrCodeText })).rsp['orderId']).toMatch(/^[0-9a-f]{32}$/)
    expect((await caller.call('getOrderIdByOutAppId', { appId: 'x', qrCodeText })).code).toBe(21002)
  })
})
