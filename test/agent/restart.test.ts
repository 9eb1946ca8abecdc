import { afterEach, describe, expect, test } from 'vitest'
import { sampleText, startTestTerminal, until, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
afterEach(() => t.close())

const RESULT = { tradeNo: 'T1', tradeState: '1', msg: '收费成功', medicalStep: '010105' }

describe('across restarts', () => {
  test('an outcome takes its result, numbers go on, events are replayed', async () => {
    t = await startTestTerminal()
    const before = await t.scan(sampleText(t.simulator, 'card-static'))
    await t.restart()
    const { status, body } = await t.request('POST', `/api/v1/outcomes/${before.id}/result`, RESULT)
    expect(status).toBe(202)
    await t.restart()
    expect((await t.request('POST', `/api/v1/outcomes/${before.id}/result`, RESULT)).body).toEqual(body)
    const after = await t.scan(sampleText(t.simulator, 'card-static'))
    expect(after.seq).toBeGreaterThan(before.seq)
  })

  test('a report waits out an outage and a restart, and is recorded once', async () => {
    t = await startTestTerminal()
    const card = await t.scan(sampleText(t.simulator, 'card-static'))
    const back = await t.simulator.outage()
    const { body } = await t.request('POST', `/api/v1/outcomes/${card.id}/result`, RESULT)
    await until(async () => (await t.request('GET', '/api/v1/outbox')).body.reports[0]?.attempts > 1)
    const listed = (await t.request('GET', '/api/v1/outbox')).body.reports[0]
    expect(listed).toMatchObject({ id: body.reports[0], kind: 'health-card/reportHISData', state: 'pending', lastError: { code: 'NETWORK_UNREACHABLE' } })
    await t.restart()
    await back()
    await until(async () => (await t.request('GET', '/api/v1/outbox')).body.pending === 0)
    expect(t.simulator.books()['health-card']?.['uses']).toMatchObject([{ by: 'reportHISData', scene: '010105' }])
  })

  test('after the time that outcomes are kept a result gets 410', async () => {
    t = await startTestTerminal({ settings: { retention: { outcomeHours: 0.0001 } } })
    const card = await t.scan(sampleText(t.simulator, 'card-static'))
    await new Promise((done) => setTimeout(done, 500))
    const { status, body } = await t.request('POST', `/api/v1/outcomes/${card.id}/result`, RESULT)
    expect([status, body.error.code]).toEqual([410, 'OUTCOME_EXPIRED'])
    await t.restart()
    const later = await t.request('POST', `/api/v1/outcomes/${card.id}/result`, RESULT)
    expect([later.status, later.body.error.code, later.body.error.advice]).toEqual([410, 'OUTCOME_EXPIRED', expect.stringContaining('重新出示二维码')])
    expect((await t.request('POST', '/api/v1/outcomes/11111111-2222-3333-4444-555555555555/result', RESULT)).status).toBe(404)
  })

  test('the results of one visit reach their platform in order, whatever fails in between', async () => {
    t = await startTestTerminal()
    const back = await t.simulator.outage()
    await back()
    const card = await t.scan(sampleText(t.simulator, 'card-static'))
    for (const mode of ['reset', 'status', 'html'] as const) t.simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode, times: 1 })
    const steps = ['010105', '010102', '010104', '010103', '010105']
    for (const [index, medicalStep] of steps.entries()) {
      const { status } = await t.request('POST', `/api/v1/outcomes/${card.id}/result`, { ...RESULT, tradeNo: `ORDER-${index}`, medicalStep, department: '内科' })
      expect(status).toBe(202)
    }
    await until(async () => (await t.request('GET', '/api/v1/outbox')).body.pending === 0)
    const uses = (t.simulator.books()['health-card']?.['uses'] as { by: string; scene: string }[]).filter(({ by }) => by === 'reportHISData')
    expect(uses.map(({ scene }) => scene)).toEqual(steps)
  })
})
