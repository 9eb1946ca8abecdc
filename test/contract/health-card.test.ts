/** 微信电子健康卡 through the public surface: signature, token, request ids, reports; every answer a platform may give. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgent, until, type Agent } from './support/agent.ts'
import { DOCUMENT_SIGNATURE, fakeHealthCard, HOLDER, sign, type FakeHealthCard, type Fault } from './support/fake-health-card.ts'
import { fakePlatform } from './support/fake-platform.ts'
import { codes } from './support/people.ts'
import { healthCard, settings } from './support/settings.ts'

let agent: Agent
let fake: FakeHealthCard
let trade = 0


/** An accepted static card and one report of it with a 用卡环节. */
async function reported(medicalStep = '010104'): Promise<{ outcome: any; ids: string[]; tradeNo: string }> {
  const outcome = await agent.scan(codes.staticCard())
  expect(outcome.status).toBe('accepted')
  const tradeNo = `HC${(trade += 1)}`
  const { status, body } = await agent.result(outcome.id, { tradeNo, tradeState: '1', msg: '好', medicalStep })
  expect(status).toBe(202)
  expect(body.reports).toHaveLength(1)
  return { outcome, ids: body.reports, tradeNo }
}

const delivered = () => until(async () => (await agent.outbox()).pending === 0)
const inOutbox = async (id: string) => (await agent.outbox()).reports.find((report: any) => report.id === id)

beforeAll(async () => {
  fake = await fakeHealthCard()
  agent = await startAgent(settings({ healthCard: healthCard(fake.url) }))
})

beforeEach(() => fake.rest())

afterAll(async () => {
  await agent?.close()
  await fake.close()
})

it('agrees with the document about the signature', () => {
  expect(sign(DOCUMENT_SIGNATURE.members, DOCUMENT_SIGNATURE.secret)).toBe(DOCUMENT_SIGNATURE.sign)
})

describe('codes', () => {
  it('verifies a dynamic code with everything the document asks for, on one token', async () => {
    const text = codes.dynamicCard()
    const outcome = await agent.scan(text)
    expect(outcome).toMatchObject({
      status: 'accepted',
      code: { format: 'health-card-dynamic' },
      patient: {
        name: HOLDER.name,
        idNumber: HOLDER.idNumber,
        idType: '01',
        idTypeName: '居民身份证',
        gender: '女',
        phone: HOLDER.phone,
        birthday: '1988-10-22',
        healthCardId: text.split(':')[0],
        phid: '36078220180818113110003ABCD',
      },
    })
    const { req } = fake.operations('verifyQRCode')[0]!.json
    expect(req).toMatchObject({
      qrCodeText: text,
      terminalId: 'W01',
      medicalStep: '010101',
      useCityCode: '340100',
      useCityName: '合肥市',
      hospitalCode: '01',
      hospitalName: '人民医院',
    })
    expect(req.time).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    for (const value of Object.values(req)) expect(value === null || value === '').toBe(false)
    await agent.scan(codes.dynamicCard())
    await agent.scan(codes.staticCard())
    expect(fake.operations('getAppToken')).toHaveLength(1)
  })

  it('asks getHealthCardByQRCode about a static code and keeps nothing of adminExt', async () => {
    const text = codes.staticCard()
    const outcome = await agent.scan(text)
    expect(fake.operations('getHealthCardByQRCode')[0]!.json.req).toEqual({ qrCodeText: text })
    expect(outcome).toMatchObject({
      status: 'accepted',
      code: { format: 'health-card-static' },
      patient: { name: HOLDER.name, idNumber: HOLDER.idNumber, gender: '女', nation: '汉族', patid: 'P10086', healthCardId: text.slice(0, 64), phone: HOLDER.phone },
    })
    expect(JSON.stringify(outcome)).not.toContain('adminExt')
  })

  it.each([21001, 21003, 21004])('fetches a token once more after %i and asks again under a new request id', async (code) => {
    fake.next('verifyQRCode', code)
    const before = fake.tokensGiven
    const outcome = await agent.scan(codes.dynamicCard())
    expect(outcome.status).toBe('accepted')
    expect(fake.tokensGiven - before).toBe(1)
    const [first, second] = fake.operations('verifyQRCode')
    expect(first!.json.commonIn.requestId).not.toBe(second!.json.commonIn.requestId)
    expect(fake.operations('verifyQRCode')).toHaveLength(2)
  })

  it('does not go on fetching tokens that do not help', async () => {
    fake.next('verifyQRCode', 21003, 21003, 21003, 21003)
    const before = fake.tokensGiven
    const outcome = await agent.scan(codes.dynamicCard())
    expect(['unavailable', 'rejected']).toContain(outcome.status)
    expect(outcome.error).toMatchObject({ platform: 'health-card', code: '21003' })
    expect(fake.tokensGiven - before).toBe(1)
  })

  it('refreshes once for several that need it at the same time', async () => {
    fake.token = 'killed by another terminal'
    const before = fake.tokensGiven
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => agent.scan(codes.staticCard())))
    expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill('accepted'))
    expect(fake.tokensGiven - before).toBe(1)
  })

  it.each([
    ['-10038', 'rejected'],
    ['-10019', 'rejected'],
    ['10020', 'rejected'],
    ['-10031', 'rejected'],
    ['-1', 'unavailable'],
    ['1', 'unavailable'],
    ['-2', 'unavailable'],
    ['-10044', 'unavailable'],
    ['10005', 'unavailable'],
  ])('%s is %s, with its sign, a message and an advice', async (code, status) => {
    fake.next('verifyQRCode', Number(code))
    const outcome = await agent.scan(codes.dynamicCard())
    expect(outcome).toMatchObject({ status, error: { platform: 'health-card', code } })
    expect(outcome.error.message).toMatch(/[一-龥]/)
    expect(outcome.error.advice).toMatch(/[一-龥]/)
    expect(typeof outcome.error.retryable).toBe('boolean')
  })

  it('keeps the platform’s own words for a code that its table does not have', async () => {
    fake.next('verifyQRCode', 98765)
    const outcome = await agent.scan(codes.dynamicCard())
    expect(outcome.error).toMatchObject({ code: '98765', message: expect.stringContaining('说不行 98765') })
  })

  it.each<[string, Fault]>([
    ['a time-out', 'hang'],
    ['a reset', 'reset'],
    ['500', { status: 500, text: 'x' }],
    ['502', { status: 502, text: '<html>Bad Gateway</html>' }],
    ['503', { status: 503, headers: { 'retry-after': '30' }, text: '' }],
    ['a web page', { headers: { 'content-type': 'text/html' }, text: '<!doctype html><title>登录</title>' }],
    ['nothing', { text: '' }],
    ['JSON of something else', { json: { hello: 1 } }],
    ['a resultCode of a wrong type', { json: { commonOut: { resultCode: { a: 1 } }, rsp: 5 } }],
    ['a success without a patient', { json: { commonOut: { requestId: '1', resultCode: 0, errMsg: '' } } }],
    ['a patient of wrong types', { json: { commonOut: { requestId: '1', resultCode: 0, errMsg: '' }, rsp: { name: [], idNumber: 7 } } }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' }, text: '' }],
  ])('is unavailable after %s, and says to ask for a fresh code', async (_name, fault) => {
    fake.next('verifyQRCode', fault)
    const outcome = await agent.scan(codes.dynamicCard())
    expect(outcome.status).toBe('unavailable')
    expect(outcome.error.advice).toMatch(/[一-龥]/)
    expect(fake.operations('verifyQRCode')).toHaveLength(1)
  })

  it('takes a resultCode that is text', async () => {
    fake.next('verifyQRCode', { json: { commonOut: { resultCode: '0', errMsg: '成功' }, rsp: { name: '王二', idNumber: HOLDER.idNumber, idType: '01', gender: '女' } } })
    expect((await agent.scan(codes.dynamicCard())).status).toBe('accepted')
  })
})

describe('settings', () => {
  const restart = async (more: Record<string, unknown>, terminal: Record<string, unknown> = {}) => {
    await agent.stop()
    await agent.start({ settings: settings({ healthCard: healthCard(fake.url, more) }, { terminal: { id: 'W01', mode: 'window', department: '内科', ...terminal } }) })
  }

  it('take one operation to another address', async () => {
    const other = await fakePlatform((call) => fake.handle({ ...call, path: call.path.replace('/odd/', '/rest/auth/HealthCard/HealthOpenPlatform/ISVOpenObj/') }))
    await restart({ urls: { verifyQRCode: `${other.url}/odd/verifyQRCode` } })
    expect((await agent.scan(codes.dynamicCard())).status).toBe('accepted')
    expect(other.calls).toHaveLength(1)
    expect(fake.operations('verifyQRCode')).toHaveLength(0)
    await other.close()
  })

  it('report what verifyQRCode has counted where a site asks for it, with the channel in words', async () => {
    await restart({ reportCounted: true, cardChannelAs: 'word' }, { mode: 'kiosk', medicalStep: '010108' })
    const outcome = await agent.scan(codes.dynamicCard())
    expect(fake.operations('verifyQRCode')[0]!.json.req.medicalStep).toBe('010108')
    expect((await agent.result(outcome.id, { tradeNo: 'SET1', tradeState: '1', msg: '好' })).body.reports).toHaveLength(1)
    await delivered()
    expect(fake.books.find(({ operation }) => operation === 'reportHISData')!.req).toMatchObject({ scene: '010108', cardChannel: '自助机' })
  })

  it('requestTimeoutMs holds', async () => {
    await restart({ requestTimeoutMs: 1500 })
    await agent.scan(codes.staticCard())
    fake.next('verifyQRCode', 'hang')
    const began = Date.now()
    expect((await agent.scan(codes.dynamicCard())).status).toBe('unavailable')
    expect(Date.now() - began).toBeGreaterThanOrEqual(1400)
    expect(Date.now() - began).toBeLessThan(4000)
  })

  afterAll(async () => {
    await agent.stop()
    await agent.start({ settings: settings({ healthCard: healthCard(fake.url) }) })
  })
})

describe('usage reports', () => {
  it('sends a report with the fields of its table', async () => {
    const { outcome } = await reported()
    await delivered()
    const [use] = fake.books.filter(({ operation }) => operation === 'reportHISData')
    expect(use!.req).toMatchObject({ hospitalId: '10086', scene: '010104', cardChannel: '0100' })
    expect(use!.req.time).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    expect(use!.req.idCard).toBeUndefined()
    if (use!.req.cardType === '11') expect(use!.req.qrCodeText).toMatch(/:1$/)
    else expect(use!.req).toMatchObject({ name: HOLDER.name, idCardNumber: HOLDER.idNumber })
    expect(outcome.status).toBe('accepted')
  })

  it('gives the same ids for the same tradeNo, and reports once', async () => {
    const { outcome, ids, tradeNo } = await reported()
    const again = await agent.result(outcome.id, { tradeNo, tradeState: '1', msg: '好', medicalStep: '010104' })
    expect(again.body.reports).toEqual(ids)
    await delivered()
    const later = await agent.result(outcome.id, { tradeNo, tradeState: '1', msg: '好', medicalStep: '010104' })
    expect(later.body.reports).toEqual(ids)
    expect(fake.books.filter(({ operation }) => operation === 'reportHISData')).toHaveLength(1)
  })

  it('reports nothing that verifyQRCode has counted, and another 用卡环节 all the same', async () => {
    const outcome = await agent.scan(codes.dynamicCard())
    const counted = await agent.result(outcome.id, { tradeNo: 'D1', tradeState: '1', msg: '好' })
    expect([counted.status, counted.body]).toEqual([202, { reports: [] }])
    const same = await agent.result(outcome.id, { tradeNo: 'D2', tradeState: '1', msg: '好', medicalStep: '010101' })
    expect([same.status, same.body]).toEqual([202, { reports: [] }])
    const other = await agent.result(outcome.id, { tradeNo: 'D3', tradeState: '1', msg: '好', medicalStep: '010105' })
    expect(other.body.reports).toHaveLength(1)
    await delivered()
    expect(fake.books.filter(({ operation }) => operation === 'reportHISData').map(({ req }) => req.scene)).toEqual(['010105'])
  })

  it('21003, then success: recorded once, under another id', async () => {
    fake.next('reportHISData', 21003)
    await reported()
    await delivered()
    const ids = fake.operations('reportHISData').map(({ json }) => json.commonIn.requestId)
    expect(ids).toHaveLength(2)
    expect(ids[0]).not.toBe(ids[1])
    expect(fake.books.filter(({ operation }) => operation === 'reportHISData')).toHaveLength(1)
  })

  it('a time-out after it was recorded, then 10054: delivered, recorded once, under one id', async () => {
    fake.next('reportHISData', { recorded: 'hang' })
    const { ids } = await reported()
    await delivered()
    const sent = fake.operations('reportHISData').map(({ json }) => json)
    expect(sent).toHaveLength(2)
    expect(sent[0].commonIn.requestId).toBe(sent[1].commonIn.requestId)
    expect(sent[0].req).toEqual(sent[1].req)
    expect(fake.books.filter(({ operation }) => operation === 'reportHISData')).toHaveLength(1)
    expect((await inOutbox(ids[0]!))?.state).not.toBe('dead')
  })

  it.each<[string, Fault]>([
    ['a reset', { recorded: 'reset' }],
    ['502', { recorded: { status: 502, text: '<html>' } }],
    ['a web page', { recorded: { headers: { 'content-type': 'text/html' }, text: '<html>' } }],
  ])('%s after it was recorded: recorded once', async (_name, fault) => {
    fake.next('reportHISData', fault)
    await reported()
    await delivered()
    expect(fake.books.filter(({ operation }) => operation === 'reportHISData')).toHaveLength(1)
    const sent = fake.operations('reportHISData').map(({ json }) => json.commonIn.requestId)
    expect(new Set(sent).size).toBe(1)
  })

  it('−1, then success: recorded once, under another id', async () => {
    fake.next('reportHISData', -1)
    await reported()
    await delivered()
    const ids = fake.operations('reportHISData').map(({ json }) => json.commonIn.requestId)
    expect(new Set(ids).size).toBe(2)
    expect(fake.books.filter(({ operation }) => operation === 'reportHISData')).toHaveLength(1)
  })

  it('10054 after a refusal is not a delivery', async () => {
    fake.next('reportHISData', -1, 10054)
    await reported()
    await delivered()
    expect(fake.books.filter(({ operation }) => operation === 'reportHISData')).toHaveLength(1)
    expect(new Set(fake.operations('reportHISData').map(({ json }) => json.commonIn.requestId)).size).toBe(3)
  })

  it('signs at sending, with the time of the use', async () => {
    fake.next('reportHISData', { status: 503, headers: { 'retry-after': '2' }, text: '' })
    await reported()
    await delivered()
    const [first, second] = fake.operations('reportHISData')
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(1900)
    expect(first!.json.req.time).toBe(second!.json.req.time)
    expect(Number(second!.json.commonIn.timestamp)).toBeGreaterThan(Number(first!.json.commonIn.timestamp))
  })

  it('keeps what is refused for good, visible, and sends it again when told to', async () => {
    fake.next('reportHISData', 10042)
    const { ids } = await reported()
    const dead = await until(() => inOutbox(ids[0]!), (report) => report?.state === 'dead')
    expect(dead).toMatchObject({ attempts: 1 })
    expect(JSON.stringify(dead.lastError)).toContain('10042')
    expect((await agent.outbox()).dead).toBeGreaterThanOrEqual(1)
    const health = (await agent.request('GET', '/api/v1/health')).body
    expect(health.outbox.dead).toBeGreaterThanOrEqual(1)
    const retried = await agent.request('POST', `/api/v1/outbox/${ids[0]}/retry`)
    expect(retried.status).toBe(202)
    await until(() => fake.books.some(({ operation }) => operation === 'reportHISData'))
    await until(async () => (await inOutbox(ids[0]!))?.state !== 'dead')
    expect((await agent.request('POST', '/api/v1/outbox/00000000-0000-4000-8000-000000000000/retry')).status).toBe(404)
  })

  it('sends the oldest first', async () => {
    const slow = { json: { commonOut: { requestId: '1', resultCode: 0, errMsg: '' }, rsp: { none: '' } }, afterMs: 300 }
    fake.next('reportHISData', { recorded: slow })
    for (const step of ['010104', '010105', '010106', '010108']) await reported(step)
    await delivered()
    const scenes = fake.books.filter(({ operation }) => operation === 'reportHISData').map(({ req }) => req.scene)
    expect(scenes).toEqual(['010104', '010105', '010106', '010108'])
  })

  it('21007 pauses the interface, and a technician’s retry resumes it', async () => {
    fake.next('reportHISData', 21007)
    const { ids } = await reported()
    const waiting = await until(() => inOutbox(ids[0]!), (report) => report?.attempts === 1 && report.lastError !== null)
    expect(waiting.state).not.toBe('dead')
    expect(Date.parse(waiting.nextAttemptAt) - Date.now()).toBeGreaterThan(1000)
    expect((await agent.request('POST', `/api/v1/outbox/${ids[0]}/retry`)).status).toBe(202)
    await delivered()
    expect(fake.books.filter(({ operation }) => operation === 'reportHISData')).toHaveLength(1)
  })

  it('10034 pauses the interface until the next day in China, and others go on', async () => {
    fake.next('reportHISData', 10034)
    const { ids } = await reported()
    const waiting = await until(() => inOutbox(ids[0]!), (report) => report?.attempts === 1 && report.lastError !== null)
    const next = new Date(Date.parse(waiting.nextAttemptAt) + 8 * 3_600_000)
    const today = new Date(Date.now() + 8 * 3_600_000)
    expect(next.getUTCDate()).not.toBe(today.getUTCDate())
    expect(next.getTime() - today.getTime()).toBeLessThan(25 * 3_600_000)
    expect((await agent.scan(codes.staticCard())).status).toBe('accepted')
    const { ids: behind } = await reported()
    await new Promise((done) => setTimeout(done, 300))
    expect(fake.operations('reportHISData')).toHaveLength(1)
    expect(behind).toHaveLength(1)
    // One that is taken on request proves the limit over: the other follows by itself.
    for (const id of ids) expect((await agent.request('POST', `/api/v1/outbox/${id}/retry`)).status).toBe(202)
    await delivered()
    expect(fake.books.filter(({ operation }) => operation === 'reportHISData')).toHaveLength(2)
  })
})

it('keeps to the document throughout', () => {
  expect(fake.violations).toEqual([])
})
