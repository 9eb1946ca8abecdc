/** Choices, results and reports in the cases where two platforms meet, requests race, or something is missing. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPty, type Pty } from '../support/pty.ts'
import { listen, startAgent, TOKEN, until, type Agent } from './support/agent.ts'
import { fakeHealthCard, HOLDER, type FakeHealthCard } from './support/fake-health-card.ts'
import { fakePlatform, type FakePlatform, type Reply } from './support/fake-platform.ts'
import { codes, identityNumber } from './support/people.ts'
import { ankang, healthCard, settings } from './support/settings.ts'

const NUMBER = identityNumber('19710909', '229')

let agent: Agent
let cards: FakeHealthCard
let city: FakePlatform
let ptys: Pty[]
let targets: Record<string, unknown[]>

const item = (id: string, targetQrCode: string) => ({ targetQrCode, targetId: id, targetObject: '{}' })
const reported = () => cards.books.filter(({ operation }) => operation === 'reportHISData')
const idle = () => until(async () => (await agent.outbox()).pending === 0)

beforeAll(async () => {
  cards = await fakeHealthCard()
  city = await fakePlatform((call): Reply => {
    if (call.path === '/transcode') return { json: { flag: '200', errCode: '200', errMsg: '', data: targets[call.json.targetType] ?? [] } }
    return { json: { flag: '200', errCode: '200', errMsg: '' } }
  })
  ptys = [await createPty(), await createPty()]
  agent = await startAgent(
    settings(
      { healthCard: healthCard(cards.url), ankang: ankang(city.url) },
      {
        terminal: { id: 'K01', mode: 'kiosk', cityNo: '340100' },
        recognition: { repeatWithinMs: 2000 },
        devices: { serial: ptys.map(({ path }) => ({ path })) },
      },
    ),
    // The hospital's clock is China's, wherever the machine believes to be.
    { env: { TZ: 'America/New_York', LANG: 'C' } },
  )
  await until(async () => (await agent.request('GET', '/api/v1/health')).body.devices.every(({ state }: any) => state === 'open'))
})
beforeEach(() => {
  cards.rest()
  city.calls.length = 0
  targets = {}
})
afterAll(async () => {
  await agent?.close()
  for (const pty of ptys ?? []) await pty.close()
  await cards?.close()
  await city?.close()
})

describe('a 电子健康码 behind an 安康码', () => {
  it('with a static code shows its holder too', async () => {
    targets = { '3401002': [item('S1', codes.staticCard())] }
    expect(await agent.scan(codes.ankang())).toMatchObject({ status: 'accepted', code: { format: 'ankang' }, patient: { name: HOLDER.name } })
  })

  it('that cannot be verified leaves the target accepted and lists the failure', async () => {
    targets = { '3401002': [item('S2', codes.dynamicCard())] }
    cards.next('verifyQRCode', -10038)
    const outcome = await agent.scan(codes.ankang())
    expect(outcome).toMatchObject({ status: 'accepted', targets: [{ id: 'S2' }], failures: [{ error: { platform: 'health-card', code: '-10038' } }] })
  })

  it('that is chosen gives its own holder, verified once', async () => {
    const [first, second] = [codes.dynamicCard(), codes.dynamicCard()]
    targets = { '3401002': [item('C1', first), item('C2', second)] }
    const outcome = await agent.scan(codes.ankang())
    expect(outcome.status).toBe('choose')
    const chosen = await agent.request('POST', `/api/v1/outcomes/${outcome.id}/choice`, { targetId: 'C2' })
    expect(chosen.body).toMatchObject({
      status: 'accepted',
      patient: { name: HOLDER.name, healthCardId: second.split(':')[0] },
      targets: [{ id: 'C2' }],
    })
    const again = await agent.request('POST', `/api/v1/outcomes/${outcome.id}/choice`, { targetId: 'C2' })
    expect([200, 409]).toContain(again.status)
    expect(cards.operations('verifyQRCode').filter(({ json }) => json.req.qrCodeText === second)).toHaveLength(1)
  })

  it('owes the message where verifyQRCode has counted the use, and both at another 用卡环节', async () => {
    targets = { '3401002': [item('B1', codes.dynamicCard())] }
    const outcome = await agent.scan(codes.ankang())
    const same = await agent.result(outcome.id, { tradeNo: 'B1', tradeState: '1', msg: '好' })
    expect(same.body.reports).toHaveLength(1)
    const other = await agent.result(outcome.id, { tradeNo: 'B2', tradeState: '1', msg: '好', medicalStep: '010104' })
    expect(other.body.reports).toHaveLength(2)
    await idle()
    expect(city.to('/message').map(({ json }) => json.tradeNo).sort()).toEqual(['B1', 'B2'])
    expect(reported()).toHaveLength(1)
    expect(reported()[0]!.req).toMatchObject({ scene: '010104', cardChannel: '0200' })
  })
})

describe('choices', () => {
  it('of an outcome with nothing to choose are 409', async () => {
    targets = { '3401003': [item('O1', 'x')] }
    const outcome = await agent.scan(codes.ankang())
    expect(outcome.status).toBe('accepted')
    expect((await agent.request('POST', `/api/v1/outcomes/${outcome.id}/choice`, { targetId: 'elsewhere' })).status).toBe(409)
  })

  it('that race make one', async () => {
    targets = { '3401003': [item('R1', 'x'), item('R2', 'y')] }
    const outcome = await agent.scan(codes.ankang())
    const answers = await Promise.all(['R1', 'R2', 'R1', 'R2'].map((targetId) => agent.request('POST', `/api/v1/outcomes/${outcome.id}/choice`, { targetId })))
    const chosen = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.targets[0].id))
    expect(chosen.size).toBe(1)
  })
})

describe('results', () => {
  it('that race under one tradeNo are one', async () => {
    const outcome = await agent.scan(codes.staticCard())
    const body = { tradeNo: 'RACE', tradeState: '1', msg: '好', medicalStep: '010104' }
    const answers = await Promise.all(Array.from({ length: 8 }, () => agent.result(outcome.id, body)))
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body.reports]))).size).toBe(1)
    await idle()
    expect(reported()).toHaveLength(1)
  })

  it('of two outcomes under one tradeNo are two', async () => {
    const [one, two] = [await agent.scan(codes.staticCard()), await agent.scan(codes.staticCard())]
    const body = { tradeNo: 'TWO', tradeState: '1', msg: '好', medicalStep: '010104' }
    const ids = [(await agent.result(one.id, body)).body.reports[0], (await agent.result(two.id, body)).body.reports[0]]
    expect(new Set(ids).size).toBe(2)
    await idle()
    expect(reported()).toHaveLength(2)
  })

  it('show their reports in the outcome', async () => {
    const outcome = await agent.scan(codes.staticCard())
    const { body } = await agent.result(outcome.id, { tradeNo: 'SHOW', tradeState: '1', msg: '好', medicalStep: '010104' })
    const outcomes = (await agent.request('GET', `/api/v1/outcomes?after=${outcome.seq - 1}`)).body.outcomes.filter(({ id }: any) => id === outcome.id)
    expect(outcomes.at(-1).reports).toEqual(body.reports)
    await idle()
  })

  it('of registering need a department', async () => {
    const outcome = await agent.scan(codes.staticCard())
    const without = await agent.result(outcome.id, { tradeNo: 'DEP1', tradeState: '1', msg: '好', medicalStep: '0101012' })
    expect([without.status, without.body.error.fields[0].path]).toEqual([422, 'department'])
    expect((await agent.outbox()).pending).toBe(0)
    expect((await agent.result(outcome.id, { tradeNo: 'DEP2', tradeState: '1', msg: '好', medicalStep: '0101012', department: '内科' })).status).toBe(202)
    await idle()
    expect(reported()[0]!.req).toMatchObject({ scene: '0101012', department: '内科' })
  })

  it.each([
    ['a 用卡环节 that no table has', { medicalStep: 'nonsense' }],
    ['a time of no calendar', { medicalStep: '010104', tradeTime: '20260230093000' }],
  ])('with %s are 400', async (_name, wrong) => {
    const outcome = await agent.scan(codes.staticCard())
    const { status, body } = await agent.result(outcome.id, { tradeNo: 'WRONG', tradeState: '1', msg: '好', ...wrong })
    expect([status, body.error.fields[0].path]).toEqual([400, Object.keys(wrong).at(-1)])
    expect((await agent.outbox()).pending).toBe(0)
  })

  it.each(['20261122093000', '2026-11-22 09:30:00', '2026-11-22T01:30:00Z'])('of %s are reported at that time, in China’s', async (tradeTime) => {
    const outcome = await agent.scan(codes.staticCard())
    expect((await agent.result(outcome.id, { tradeNo: 'TIME', tradeState: '1', msg: '好', medicalStep: '010104', tradeTime })).status).toBe(202)
    await idle()
    expect(reported()[0]!.req.time).toBe('2026-11-22 09:30:00')
  })

  it('of an identity number owe nothing of a health card', async () => {
    const outcome = await agent.scan(NUMBER)
    const { status, body } = await agent.result(outcome.id, { tradeNo: 'ID1', tradeState: '1', msg: '好', name: '王二', medicalStep: '010104' })
    expect([status, Array.isArray(body.reports)]).toEqual([202, true])
    await idle()
    expect(cards.violations).toEqual([])
  })

  it('tell of themselves in the events', async () => {
    const events = await listen(agent.api, '/api/v1/events', { headers: { authorization: `Bearer ${TOKEN}` } })
    const outcome = await agent.scan(codes.staticCard())
    cards.next('reportHISData', { afterMs: 400, status: 503, text: '' })
    await agent.result(outcome.id, { tradeNo: 'EV', tradeState: '1', msg: '好', medicalStep: '010104' })
    await until(() => events.events.some(({ type, data }) => type === 'outbox' && data.pending > 0))
    await until(() => events.events.findLast(({ type }) => type === 'outbox')?.data.pending === 0)
    events.close()
  })
})

describe('the same code', () => {
  it('twice at the API is answered twice with an outcome', async () => {
    const text = codes.dynamicCard()
    const answers = await Promise.all([agent.scan(text), agent.scan(text)])
    for (const answer of answers) expect(answer).toMatchObject({ status: 'accepted', patient: { name: HOLDER.name } })
  })

  it('on two scanners is one scan', async () => {
    const number = identityNumber('19720909', '229')
    const last = await agent.lastSeq()
    await Promise.all(ptys.map((pty) => pty.write(`${number}\r`)))
    const outcome = await agent.outcomeAfter(last, ({ patient }) => patient?.idNumber === number)
    await new Promise((done) => setTimeout(done, 300))
    const all = (await agent.request('GET', `/api/v1/outcomes?after=${outcome.seq - 1}`)).body.outcomes
    expect(all.filter(({ patient }: any) => patient?.idNumber === number)).toHaveLength(1)
  })

  it('and another one at the same moment on two scanners are two', async () => {
    const numbers = [identityNumber('19730909', '229'), identityNumber('19740909', '229')]
    const last = await agent.lastSeq()
    await Promise.all(ptys.map((pty, at) => pty.write(`${numbers[at]}\r`)))
    const found = await until(
      async () => (await agent.request('GET', `/api/v1/outcomes?after=${last}`)).body.outcomes,
      (all: any[]) => all.length >= 2,
    )
    expect(found.map(({ patient }: any) => patient.idNumber).sort()).toEqual([...numbers].sort())
  })
})

it('keeps to the documents throughout', () => {
  expect(cards.violations).toEqual([])
  expect(city.violations).toEqual([])
})
