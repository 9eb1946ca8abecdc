/** What must survive: kill -9, a restart, other settings, an outage; and what must never be written down. */
import { statSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { filesUnder, listen, startAgent, TOKEN, until, type Agent } from './support/agent.ts'
import { CARD, fakeHealthCard, HOLDER, type FakeHealthCard } from './support/fake-health-card.ts'
import { fakePlatform, type FakePlatform } from './support/fake-platform.ts'
import { codes, identityNumber } from './support/people.ts'
import { ankang, healthCard, settings } from './support/settings.ts'

const NAME = '司徒码桥'
const NUMBER = identityNumber('19770707', '778')
const SITE_KEY = 'site-key-nobody-may-see'

let agent: Agent
let cards: FakeHealthCard
let city: FakePlatform
/** Texts that were scanned. */
const scanned: string[] = []

const all = () =>
  settings({
    healthCard: healthCard(cards.url),
    ankang: ankang(city.url, { targetTypes: ['3401003'], headers: { authorization: SITE_KEY } }),
  })

const reports = () => cards.books.filter(({ operation }) => operation === 'reportHISData')
async function card(): Promise<any> {
  const text = codes.staticCard()
  scanned.push(text)
  const outcome = await agent.scan(text)
  expect(outcome.status).toBe('accepted')
  return outcome
}

beforeAll(async () => {
  cards = await fakeHealthCard()
  city = await fakePlatform((call) =>
    call.path === '/transcode'
      ? { json: { flag: '200', errCode: '200', errMsg: '', data: [{ targetQrCode: 'target-of-one-patient', targetId: 'target-id-of-one-patient', targetObject: '{}' }] } }
      : { json: { flag: '200', errCode: '200', errMsg: '' } },
  )
  agent = await startAgent(all())
})
beforeEach(() => {
  cards.rest()
  city.calls.length = 0
})
afterAll(async () => {
  await agent?.close()
  await cards?.close()
  await city?.close()
})

describe('kill -9', () => {
  it('while a report is on its way: delivered once, under the same request id', async () => {
    const outcome = await card()
    cards.next('reportHISData', { recorded: 'hang' })
    const { status, body } = await agent.result(outcome.id, { tradeNo: 'K1', tradeState: '1', msg: '好', medicalStep: '010104' })
    expect(status).toBe(202)
    await until(() => cards.operations('reportHISData').length === 1)
    await agent.stop('SIGKILL')
    await agent.start()
    await until(async () => (await agent.outbox()).pending === 0)
    const ids = cards.operations('reportHISData').map(({ json }) => json.commonIn.requestId)
    expect(ids).toHaveLength(2)
    expect(ids[0]).toBe(ids[1])
    expect(reports()).toHaveLength(1)
    const again = await agent.result(outcome.id, { tradeNo: 'K1', tradeState: '1', msg: '好', medicalStep: '010104' })
    expect([again.status, again.body.reports]).toEqual([202, body.reports])
    expect(reports()).toHaveLength(1)
  })

  it('straight after a 202: nothing that was acknowledged is lost', async () => {
    const acknowledged: string[] = []
    const outcome = await card()
    cards.next('reportHISData', ...Array(30).fill({ status: 503, text: '' }))
    for (let number = 0; number < 8; number += 1) {
      const { status } = await agent.result(outcome.id, { tradeNo: `K2-${number}`, tradeState: '1', msg: '好', medicalStep: '010105', department: `科${number}` })
      if (status === 202) acknowledged.push(`科${number}`)
    }
    await agent.stop('SIGKILL')
    cards.rest()
    await agent.start()
    await until(async () => (await agent.outbox()).pending === 0)
    expect(acknowledged).toHaveLength(8)
    expect(reports().map(({ req }) => req.department).sort()).toEqual(acknowledged.sort())
  })

  it('keeps outcomes: a result after the restart is taken, and numbers go on', async () => {
    const outcome = await card()
    const number = outcome.seq
    await agent.stop('SIGKILL')
    await agent.start()
    const kept = (await agent.request('GET', `/api/v1/outcomes?after=${number - 1}&limit=1`)).body.outcomes[0]
    expect(kept).toEqual(outcome)
    expect((await agent.result(outcome.id, { tradeNo: 'K3', tradeState: '1', msg: '好', medicalStep: '010106' })).status).toBe(202)
    expect((await card()).seq).toBeGreaterThan(number)
    await until(() => reports().length === 1)
  })
})

describe('other settings', () => {
  it('keep a report whose platform is not configured any more, until it is again', async () => {
    const outcome = await card()
    cards.next('reportHISData', 'reset', 'reset', 'reset', 'reset')
    const { body } = await agent.result(outcome.id, { tradeNo: 'S1', tradeState: '1', msg: '好', medicalStep: '010104' })
    await agent.stop()
    await agent.start({ settings: settings({}) })
    const waiting = (await agent.outbox()).reports.find(({ id }: any) => id === body.reports[0])
    expect(waiting.state).not.toBe('dead')
    expect((await agent.outbox()).pending).toBe(1)
    await agent.stop()
    cards.rest()
    await agent.start({ settings: all() })
    await until(async () => (await agent.outbox()).pending === 0)
    expect(reports()).toHaveLength(1)
  })

  it('give an outcome up after its time with 410', async () => {
    await agent.stop()
    // 3.6 s.
    await agent.start({ settings: { ...all(), retention: { outcomeHours: 0.001 } } })
    const outcome = await card()
    expect((await agent.result(outcome.id, { tradeNo: 'G0', tradeState: '1', msg: '好', medicalStep: '010104' })).status).toBe(202)
    await new Promise((done) => setTimeout(done, 3800))
    const late = await agent.result(outcome.id, { tradeNo: 'G1', tradeState: '1', msg: '好', medicalStep: '010104' })
    expect(late.status).toBe(410)
    expect(late.body.error.advice).toMatch(/[一-龥]/)
    await agent.stop()
    await agent.start({ settings: all() })
  })

  it('stop after maxAttempts, and keep the report', async () => {
    await agent.stop()
    await agent.start({ settings: { ...all(), outbox: { retryFirstMs: 20, retryMaxMs: 50, maxAttempts: 3 } } })
    const outcome = await card()
    cards.next('reportHISData', ...Array(9).fill({ status: 500, text: '' }))
    const { body } = await agent.result(outcome.id, { tradeNo: 'A1', tradeState: '1', msg: '好', medicalStep: '010104' })
    const dead = await until(async () => (await agent.outbox()).reports.find(({ id, state }: any) => id === body.reports[0] && state === 'dead'))
    expect(dead.attempts).toBe(3)
    expect(cards.operations('reportHISData')).toHaveLength(3)
    cards.rest()
    expect((await agent.request('POST', `/api/v1/outbox/${dead.id}/retry`)).status).toBe(202)
    await until(() => reports().length === 1)
    await agent.stop()
    await agent.start({ settings: all() })
  })
})

describe('a clock that is wrong', () => {
  it('is told: 20 minutes off', async () => {
    const real = cards.handle
    cards.handle = async (call) => {
      const reply = await real(call)
      return typeof reply === 'string' ? reply : { ...reply, headers: { ...reply.headers, date: new Date(Date.now() - 20 * 60_000).toUTCString() } }
    }
    await card()
    cards.handle = real
    const line = await until(() => agent.log().split('\n').findLast((text) => text.includes('clockOffSec')))
    expect(Math.abs(JSON.parse(line!).clockOffSec)).toBeGreaterThan(1100)
  })
})

describe('what is written down', () => {
  it('names nobody: not in the log, not in the data directory', async () => {
    const text = codes.ankang()
    scanned.push(text)
    const outcome = await agent.scan(text)
    expect(outcome.status).toBe('accepted')
    const dynamic = codes.dynamicCard()
    scanned.push(dynamic)
    await agent.scan(dynamic)
    await agent.scan(NUMBER)
    await agent.scan('134567890123456789')
    const events = await listen(agent.api, '/api/v1/events', { protocols: ['maqiao.v1', `bearer.${TOKEN}`] })
    events.close()
    // Refusals that repeat the patient, an outage, and reports of every kind still waiting on disk.
    cards.next('verifyQRCode', { json: { commonOut: { requestId: '1', resultCode: -10038, errMsg: `核身异常 ${HOLDER.name} ${HOLDER.idNumber}` } } })
    const refused = codes.dynamicCard()
    scanned.push(refused)
    await agent.scan(refused)
    city.handle = () => ({ status: 500, text: `${NAME} ${NUMBER}` })
    cards.next('reportHISData', ...Array(50).fill('reset'))
    expect((await agent.result(outcome.id, { tradeNo: 'W1', tradeState: '1', msg: '好', name: NAME, idNumber: NUMBER })).body.reports).toHaveLength(1)
    expect((await agent.result((await card()).id, { tradeNo: 'W2', tradeState: '1', msg: '好', medicalStep: '010104', name: NAME, idNumber: NUMBER })).status).toBe(202)
    await agent.operation('health-card/registerHealthCard', { name: NAME, idNumber: NUMBER })
    await agent.operation('health-card/getDynamicQRCode', { healthCardId: 'A'.repeat(64), idType: '01', idNumber: NUMBER })
    await until(() => city.to('/message').length > 0)
    await agent.stop()

    const secrets = [
      ...scanned,
      ...scanned.map((code) => code.split(/[:=&]/).find((part) => part.length >= 32)!),
      HOLDER.name,
      HOLDER.idNumber,
      HOLDER.phone,
      NAME,
      NUMBER,
      '134567890123456789',
      'adminExt-must-not-be-kept',
      'target-of-one-patient',
      'target-id-of-one-patient',
      TOKEN,
      CARD.appSecret,
      SITE_KEY,
      cards.token,
    ]
    const log = agent.log()
    const files = filesUnder(agent.dataDir)
    expect(files.length).toBeGreaterThan(1)
    for (const secret of secrets) {
      expect(secret).toBeTruthy()
      expect(log.includes(secret), `the log has ${secret}`).toBe(false)
      for (const encoding of ['utf8', 'utf16le', 'base64'] as const) {
        const bytes = encoding === 'base64' ? Buffer.from(Buffer.from(secret).toString('base64').slice(0, -4)) : Buffer.from(secret, encoding)
        if (bytes.length < 6) continue
        for (const file of files) expect(file.bytes.includes(bytes), `${file.name} has ${secret} in ${encoding}`).toBe(false)
      }
    }
    for (const line of log.split('\n').filter((candidate) => candidate.startsWith('{'))) expect(() => JSON.parse(line)).not.toThrow()
  })

  it('is its owner’s alone', () => {
    expect(statSync(agent.dataDir).mode & 0o077).toBe(0)
    for (const { name, mode } of filesUnder(agent.dataDir).filter(({ name }) => /key|secret|token/.test(name))) {
      expect([name, mode & 0o077]).toEqual([name, 0])
    }
  })
})

it('keeps to the documents throughout', () => {
  expect(cards.violations).toEqual([])
  expect(city.violations).toEqual([])
})
