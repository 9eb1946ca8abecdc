/** 安康码 through the public surface, against a server written from 安徽省安康码转码规范 1.3. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgent, until, type Agent } from './support/agent.ts'
import { fakeHealthCard, HOLDER, type FakeHealthCard } from './support/fake-health-card.ts'
import { fakePlatform, type FakePlatform, type Reply } from './support/fake-platform.ts'
import { AKM, codes, identityNumber } from './support/people.ts'
import { ankang, healthCard, settings } from './support/settings.ts'

const NUMBER = identityNumber('19900307', '323')
const good = (data: unknown): Reply => ({ json: { data, flag: '200', errMsg: '成功', errCode: '200' } })
const item = (id: string, text = `target-text-${id}`) => ({ targetQrCode: text, targetId: id, targetObject: '{"level":"2"}' })

let agent: Agent
let fake: FakePlatform
let cards: FakeHealthCard
/** What transcode answers for each target type. */
let targets: Record<string, Reply>
let message: Reply[]
let config: ((targetType: string) => Reply) | undefined

beforeAll(async () => {
  fake = await fakePlatform((call) => {
    if (call.method !== 'POST') fake.violations.push(call.method)
    if (call.path === '/transcode') return targets[call.json.targetType] ?? good([])
    if (call.path === '/config' && config) return config(call.json.targetType)
    if (call.path === '/message') return message.shift() ?? { json: { flag: '200', errMsg: '成功', errCode: '200' } }
    return { status: 404 }
  })
  cards = await fakeHealthCard()
  agent = await startAgent(settings({ ankang: ankang(fake.url, { headers: { 'x-site-key': 'site-key-1' } }), healthCard: healthCard(cards.url) }))
})

beforeEach(() => {
  fake.calls.length = 0
  cards.rest()
  targets = {}
  message = []
})

afterAll(async () => {
  await agent?.close()
  await fake.close()
  await cards.close()
})

describe('转码', () => {
  it('asks once for each target type, with the document’s fields and the site’s headers', async () => {
    targets = { '3401003': good([item('T1')]) }
    const text = codes.ankang()
    const outcome = await agent.scan(text)
    expect(fake.to('/transcode').map(({ json }) => json).sort((a, b) => a.targetType.localeCompare(b.targetType))).toEqual([
      { cityNo: '340100000000', qrCodeUrl: text, targetType: '3401002', senceCode: '01002' },
      { cityNo: '340100000000', qrCodeUrl: text, targetType: '3401003', senceCode: '01002' },
    ])
    expect(fake.calls.every(({ headers }) => headers['x-site-key'] === 'site-key-1')).toBe(true)
    expect(outcome).toMatchObject({
      status: 'accepted',
      code: { format: 'ankang' },
      source: { kind: 'api' },
      targets: [{ type: '3401003', typeName: '医保电子凭证', qrCode: 'target-text-T1', id: 'T1', object: { level: '2' } }],
    })
    expect(outcome.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(outcome.seq).toBeGreaterThan(0)
    expect(new Date(outcome.scannedAt).toISOString()).toBe(outcome.scannedAt)
    expect(outcome.elapsedMs).toBeGreaterThanOrEqual(0)
  })

  it.each([
    ['an array', [item('T2')]],
    ['an object', item('T2')],
    ['a string of an array', JSON.stringify([item('T2')])],
    ['a string of an object', JSON.stringify(item('T2'))],
  ])('takes data as %s', async (_shape, data) => {
    targets = { '3401003': good(data) }
    const outcome = await agent.scan(codes.ankang())
    expect(outcome).toMatchObject({ status: 'accepted', targets: [{ type: '3401003', id: 'T2', object: { level: '2' } }] })
  })

  it('hands several targets over to be chosen from, then the chosen one alone', async () => {
    targets = { '3401003': good([item('A'), item('B')]) }
    const outcome = await agent.scan(codes.ankang())
    expect(outcome.status).toBe('choose')
    expect(outcome.targets.map(({ id }: { id: string }) => id)).toEqual(['A', 'B'])
    const early = await agent.result(outcome.id, { tradeNo: 'N0', tradeState: '1', msg: '好' })
    expect(early.status).toBe(409)

    const unknown = await agent.request('POST', `/api/v1/outcomes/${outcome.id}/choice`, { targetId: 'C' })
    expect(unknown.status).toBeGreaterThanOrEqual(400)
    expect(unknown.status).toBeLessThan(500)
    const chosen = await agent.request('POST', `/api/v1/outcomes/${outcome.id}/choice`, { targetId: 'B' })
    expect(chosen.status).toBe(200)
    expect(chosen.body).toMatchObject({ id: outcome.id, status: 'accepted', targets: [{ id: 'B' }] })
    expect(chosen.body.targets).toHaveLength(1)
    expect(chosen.body.seq).toBeGreaterThan(outcome.seq)
    expect((await agent.request('POST', '/api/v1/outcomes/00000000-0000-4000-8000-000000000000/choice', { targetId: 'B' })).status).toBe(404)
    expect((await agent.request('POST', `/api/v1/outcomes/${outcome.id}/choice`, {})).status).toBe(400)
  })

  it('lists the one that failed beside the one that did not', async () => {
    targets = { '3401002': { json: { flag: '500', errCode: '500', errMsg: '卡管系统没有这个人' } }, '3401003': good([item('T3')]) }
    const outcome = await agent.scan(codes.ankang())
    expect(outcome).toMatchObject({ status: 'accepted', targets: [{ id: 'T3' }], failures: [{ type: '3401002', error: { platform: 'ankang', code: '500' } }] })
    expect(outcome.failures[0].error.message).toContain('卡管系统没有这个人')
    expect(outcome.failures[0].error.advice).not.toBe('')
  })

  it('is rejected where every one says no', async () => {
    const no: Reply = { json: { flag: '500', errCode: '4001', errMsg: '二维码已失效' } }
    targets = { '3401002': no, '3401003': no }
    const outcome = await agent.scan(codes.ankang())
    expect(outcome).toMatchObject({ status: 'rejected', error: { platform: 'ankang', code: '4001', message: expect.stringContaining('二维码已失效') } })
    expect(typeof outcome.error.retryable).toBe('boolean')
    expect(outcome.error.advice).toMatch(/[一-龥]/)
  })

  it.each<[string, Reply]>([
    ['a time-out', 'hang'],
    ['a reset', 'reset'],
    ['500', { status: 500, text: 'oops' }],
    ['503 with retry-after', { status: 503, headers: { 'retry-after': '1' }, text: '' }],
    ['a web page', { headers: { 'content-type': 'text/html' }, text: '<html>登录</html>' }],
    ['an empty body', { text: '' }],
    ['half a JSON', { text: '{"flag":"200","data":[' }],
    ['a number', { text: '7' }],
    ['null', { text: 'null' }],
    ['an array', { text: '[]' }],
  ])('is unavailable after %s', async (_name, reply) => {
    targets = { '3401002': reply, '3401003': reply }
    const outcome = await agent.scan(codes.ankang())
    expect(outcome.status).toBe('unavailable')
    expect(outcome.error).toMatchObject({ platform: 'ankang', retryable: expect.any(Boolean) })
    expect(outcome.error.message).toMatch(/[一-龥]/)
    expect(outcome.error.advice).toMatch(/[一-龥]/)
    expect(outcome.targets ?? []).toEqual([])
  })

  it.each<[string, unknown]>([
    ['data of a wrong type', 12],
    ['items of a wrong type', [1, null, 'x']],
    ['fields of a wrong type', [{ targetQrCode: 5, targetId: { a: 1 }, targetObject: [] }]],
    ['a string that is no JSON', 'not json'],
  ])('survives %s', async (_name, data) => {
    targets = { '3401003': good(data) }
    const outcome = await agent.scan(codes.ankang())
    expect(['rejected', 'unavailable', 'accepted']).toContain(outcome.status)
    expect((await agent.request('GET', '/api/v1/health')).status).toBe(200)
  })

  it('takes a numeric 200 for success as well', async () => {
    targets = { '3401003': { json: { flag: 200, errCode: 200, errMsg: '', data: [item('T4')] } } }
    expect(await agent.scan(codes.ankang())).toMatchObject({ status: 'accepted', targets: [{ id: 'T4' }] })
  })

  it('takes a 电子健康码 on to verifyQRCode and shows its holder', async () => {
    targets = { '3401002': good([item('H1', codes.dynamicCard())]) }
    const outcome = await agent.scan(codes.ankang())
    expect(cards.operations('verifyQRCode')).toHaveLength(1)
    expect(outcome).toMatchObject({ status: 'accepted', patient: { name: HOLDER.name, idNumber: HOLDER.idNumber, gender: '女', idTypeName: '居民身份证' } })
    expect(cards.violations).toEqual([])
  })
})

describe('转码配置', () => {
  it('asks for no target that its scene does not allow, and never follows targetUrl', async () => {
    await agent.stop()
    await agent.start()
    config = (type) => good({ belongarea: '340100', targetName: 'x', targetType: type, targetUrl: `${fake.url}/never`, senceCode: type === '3401002' ? '01003,01004' : '01001,01002' })
    targets = { '3401002': good([item('N')]), '3401003': good([item('Y')]) }
    const outcome = await agent.scan(codes.ankang())
    expect(outcome).toMatchObject({ status: 'accepted', targets: [{ id: 'Y' }] })
    expect(fake.to('/transcode').map(({ json }) => json.targetType)).toEqual(['3401003'])
    expect(fake.to('/config').map(({ json }) => json.cityNo)).toContain('340100000000')
    await agent.scan(codes.ankang())
    expect(fake.to('/config')).toHaveLength(2)
    expect(fake.to('/never')).toHaveLength(0)
    config = undefined
    await agent.stop()
    await agent.start()
  })
})

describe('消息回传', () => {
  it('refuses without a name and number, and queues nothing', async () => {
    targets = { '3401003': good([item('M1')]) }
    const outcome = await agent.scan(codes.ankang())
    const refused = await agent.result(outcome.id, { tradeNo: 'N1', tradeState: '1', msg: '挂号成功' })
    expect(refused.status).toBe(422)
    expect(refused.body.error.code).toBe('MESSAGE_IDENTITY_MISSING')
    expect((await agent.outbox()).pending).toBe(0)
    expect(fake.to('/message')).toHaveLength(0)
  })

  it('sends what the document’s table says, once', async () => {
    targets = { '3401003': good([item('M2')]) }
    const outcome = await agent.scan(codes.ankang())
    const body = { tradeNo: 'N2', tradeState: '1', msg: '挂号成功', tradeTime: '20261122093000', name: '王二', idNumber: NUMBER }
    const first = await agent.result(outcome.id, body)
    expect(first.status).toBe(202)
    expect(first.body.reports).toHaveLength(1)
    const again = await agent.result(outcome.id, body)
    expect(again.status).toBe(202)
    expect(again.body.reports).toEqual(first.body.reports)
    await until(() => fake.to('/message').length > 0)
    await until(async () => (await agent.outbox()).pending === 0)
    expect(fake.to('/message').map(({ json }) => json)).toEqual([
      {
        cityNo: '340100000000',
        name: '王二',
        idcardNo: NUMBER,
        targetType: '3401003',
        targetId: 'M2',
        tradeTime: '20261122093000',
        tradeNo: 'N2',
        msg: '挂号成功',
        tradeState: '1',
      },
    ])
    expect(fake.to('/message')[0]!.headers['x-site-key']).toBe('site-key-1')
    const later = await agent.result(outcome.id, body)
    expect(later.body.reports).toEqual(first.body.reports)
    expect(fake.to('/message')).toHaveLength(1)
  })

  it('takes the name and number of the holder that verifyQRCode named', async () => {
    targets = { '3401002': good([item('M3', codes.dynamicCard())]) }
    const outcome = await agent.scan(codes.ankang())
    const done = await agent.result(outcome.id, { tradeNo: 'N3', tradeState: '1', msg: '好' })
    expect(done.status).toBe(202)
    await until(() => fake.to('/message').length === 1)
    expect(fake.to('/message')[0]!.json).toMatchObject({ name: HOLDER.name, idcardNo: HOLDER.idNumber, targetType: '3401002', targetId: 'M3' })
    expect(fake.to('/message')[0]!.json.tradeTime).toMatch(/^20\d{12}$/)
  })

  it.each([
    ['no tradeNo', { tradeState: '1', msg: '好' }],
    ['an empty tradeNo', { tradeNo: '', tradeState: '1', msg: '好' }],
    ['a tradeNo of 50 characters', { tradeNo: 'x'.repeat(50), tradeState: '1', msg: '好', name: '王二', idNumber: NUMBER }],
    ['no tradeState', { tradeNo: 'N4', msg: '好' }],
    ['no msg', { tradeNo: 'N4', tradeState: '1' }],
    ['a tradeTime that is none', { tradeNo: 'N4', tradeState: '1', msg: '好', tradeTime: 'yesterday', name: '王二', idNumber: NUMBER }],
    ['a number for text', { tradeNo: 5, tradeState: '1', msg: '好' }],
  ])('answers 400 to %s', async (_name, body) => {
    targets = { '3401003': good([item('M5')]) }
    const outcome = await agent.scan(codes.ankang())
    const refused = await agent.result(outcome.id, body)
    expect(refused.status).toBe(400)
    expect(refused.body.error.code).toMatch(/^[A-Z_0-9-]+$/)
    expect((await agent.outbox()).pending).toBe(0)
  })

  it('takes tradeNo of 49 characters', async () => {
    targets = { '3401003': good([item('M6')]) }
    const outcome = await agent.scan(codes.ankang())
    expect((await agent.result(outcome.id, { tradeNo: 'y'.repeat(49), tradeState: '1', msg: '好', name: '王二', idNumber: NUMBER })).status).toBe(202)
    await until(async () => (await agent.outbox()).pending === 0)
  })

  it('delivers again after an outage until it is taken', async () => {
    targets = { '3401003': good([item('M7')]) }
    message = ['reset', { status: 500, text: '' }, { status: 503, headers: { 'retry-after': '1' }, text: '' }]
    const outcome = await agent.scan(codes.ankang())
    const { body } = await agent.result(outcome.id, { tradeNo: 'N7', tradeState: '1', msg: '好', name: '王二', idNumber: NUMBER })
    const waiting = (await agent.outbox()).reports.find(({ id }: { id: string }) => id === body.reports[0])
    expect(waiting).toMatchObject({ id: body.reports[0], kind: expect.any(String), state: expect.any(String), attempts: expect.any(Number) })
    await until(() => fake.to('/message').length >= 4, Boolean, 6000)
    await until(async () => (await agent.outbox()).pending === 0)
    const sent = fake.to('/message')
    expect(sent).toHaveLength(4)
    expect(sent[3]!.at - sent[2]!.at).toBeGreaterThanOrEqual(950)
  })

  it('answers 404 to an outcome that nobody knows and 409 to one that was not accepted', async () => {
    const body = { tradeNo: 'N8', tradeState: '1', msg: '好', name: '王二', idNumber: NUMBER }
    expect((await agent.result('00000000-0000-4000-8000-000000000000', body)).status).toBe(404)
    expect((await agent.result('nonsense', body)).status).toBeGreaterThanOrEqual(400)
    const unknown = await agent.scan('no code of ours')
    expect((await agent.result(unknown.id, body)).status).toBe(409)
  })
})

describe('recognition of the address', () => {
  it.each([
    `https://akm.ahzwfw.gov.cn.evil.example/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:1&cityNo=340000000000`,
    `https://user@akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:1&cityNo=340000000000`,
    `https://akm.ahzwfw.gov.cn:8443/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:1&cityNo=340000000000`,
    `http://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:1&cityNo=340000000000`,
    `https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html`,
    `https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/other?id=akm:qrcode:1`,
    `https://evil.example/?u=${AKM}?isScan=1&id=akm:qrcode:1`,
    `${AKM}Evil?isScan=1&id=akm:qrcode:1&cityNo=340000000000`,
  ])('asks nobody about %s', async (text) => {
    const outcome = await agent.scan(text)
    expect(outcome).toMatchObject({ status: 'unrecognised', code: { format: 'unknown' } })
    expect(outcome.error.advice).toMatch(/[一-龥]/)
    expect(JSON.stringify(outcome)).not.toContain('akm')
    expect(fake.calls).toHaveLength(0)
  })
})

it('keeps to the document throughout', () => {
  expect(fake.violations).toEqual([])
  expect(cards.violations).toEqual([])
})
