/** What a HIS may post of a trade, and what becomes of it: values, corrections, uses without a scan, and the unproven. */
import { afterEach, describe, expect, test } from 'vitest'
import { identityNumber } from '../contract/support/people.ts'
import { sampleText, startTestTerminal, until, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
afterEach(() => t.close())

const DONE = { tradeNo: 'T1', tradeState: '1', msg: '收费成功', medicalStep: '010105', department: '内科' }
const uses = () => (t.simulator.books()['health-card']?.['uses'] as { by: string; scene: string; req: Record<string, string> }[]).filter(({ by }) => by === 'reportHISData')
const messages = () => t.simulator.books()['ankang']?.['messages'] as Record<string, string>[]
const outbox = async () => (await t.request('GET', '/api/v1/outbox')).body
const sent = () => until(async () => (await outbox()).pending === 0)

async function scanned(sample = 'card-static'): Promise<(result: object) => Promise<{ status: number; body: any }>> {
  const { id } = await t.scan(sampleText(t.simulator, sample))
  return (result) => t.request('POST', `/api/v1/outcomes/${id}/result`, { ...DONE, ...result })
}

/** The body of a 202; asked again while an attempt is under way, since what is being sent cannot be corrected. */
async function taken(post: () => Promise<{ status: number; body: any }>): Promise<any> {
  let answer = await post()
  for (const end = Date.now() + 10_000; answer.status === 409 && Date.now() < end; ) answer = await post()
  expect(answer.status).toBe(202)
  return answer.body
}

describe('the values of a result', () => {
  test.each(['2', 'SUCCESS', '成功 了'])('tradeState %s is refused, and says which are known', async (tradeState) => {
    t = await startTestTerminal()
    const post = await scanned()
    const { status, body } = await post({ tradeState })
    expect([status, body.error.code]).toEqual([400, 'TRADE_STATE_UNKNOWN'])
    expect(body.error.fields).toEqual([{ path: 'tradeState', message: expect.stringContaining('1、成功') }])
    expect(await outbox()).toEqual({ pending: 0, dead: 0, unproven: 0, reports: [] })
    expect((await post({})).status).toBe(202)
  })

  test('a failure owes no use; the message to 安康码 carries either', async () => {
    t = await startTestTerminal()
    const card = await scanned()
    expect(await card({ tradeState: '失败' })).toMatchObject({ status: 202, body: { reports: [] } })
    const post = await scanned('ankang-green')
    const named = { name: '林安和', idNumber: identityNumber('19710909', '229') }
    expect((await post({ ...named, tradeNo: 'F', tradeState: '0' })).body.reports).toHaveLength(1)
    expect((await post({ ...named, tradeNo: 'S', tradeState: '成功' })).body.reports).toHaveLength(2)
    await sent()
    expect(messages().map(({ tradeNo, tradeState }) => [tradeNo, tradeState])).toEqual([['F', '0'], ['S', '成功']])
    expect(uses()).toHaveLength(1)
  })

  test('a hospital has its own words', async () => {
    t = await startTestTerminal({ settings: { reports: { success: ['OK'], failure: ['NO', 'VOID'] } } })
    const post = await scanned()
    expect((await post({ tradeState: '1' })).body.error.code).toBe('TRADE_STATE_UNKNOWN')
    expect((await post({ tradeState: 'VOID' })).body).toEqual({ reports: [] })
    expect((await post({ tradeState: 'OK', tradeNo: 'T2' })).body.reports).toHaveLength(1)
  })

  test.each([
    [{ medicalStep: '999999' }, 'REPORT_STEP_UNKNOWN', 'medicalStep'],
    [{ medicalStep: '挂号' }, 'REPORT_STEP_UNKNOWN', 'medicalStep'],
    [{ medicalStep: '999999', tradeState: '0' }, 'REPORT_STEP_UNKNOWN', 'medicalStep'],
    [{ tradeTime: '昨天' }, 'BAD_REQUEST', 'tradeTime'],
    [{ tradeTime: '2026-02-30 10:00:00' }, 'BAD_REQUEST', 'tradeTime'],
    [{ tradeNo: '  ' }, 'BAD_REQUEST', 'tradeNo'],
  ])('%j is refused with 400', async (result, code, path) => {
    t = await startTestTerminal()
    const { status, body } = await (await scanned())(result)
    expect([status, body.error.code]).toEqual([400, code])
    expect(body.error.fields.map((field: { path: string }) => field.path)).toEqual([path])
  })

  test('blank is absent, as if it had been left out', async () => {
    t = await startTestTerminal()
    const post = await scanned()
    const { body } = await post({ medicalStep: ' ', tradeTime: '', department: '内科 ' })
    expect((await post({ medicalStep: undefined, tradeTime: undefined })).body).toEqual(body)
    await sent()
    expect(uses()).toMatchObject([{ scene: '010101', req: { department: '内科' } }])
  })
})

test('of a static card whose platform was away is taken, and reported once it is back; a dynamic code has none', async () => {
  t = await startTestTerminal()
  t.simulator.control.fault({ platform: 'health-card', operation: 'getHealthCardByQRCode', mode: 'reset', times: 2 })
  const text = sampleText(t.simulator, 'card-static')
  const outcome = await t.scan(text)
  expect(outcome).toMatchObject({ status: 'unavailable', patient: { healthCardId: text.slice(0, 64) }, notices: [expect.stringContaining('未经核验')] })
  expect(Object.keys(outcome.patient!)).toEqual(['healthCardId'])
  const { status, body } = await t.request('POST', `/api/v1/outcomes/${outcome.id}/result`, { tradeNo: 'U1', tradeState: '1', msg: 'ok' })
  expect([status, body.reports.length]).toEqual([202, 1])
  await until(() => t.terminal.agent.outbox.status().pending === 0)
  expect(t.simulator.books()['health-card']?.['uses']).toMatchObject([{ by: 'reportHISData', req: { qrCodeText: text } }])
  t.simulator.control.fault({ platform: 'health-card', operation: 'verifyQRCode', mode: 'reset', times: 1 })
  const lost = await t.scan(sampleText(t.simulator, 'card-dynamic'))
  expect(lost).not.toHaveProperty('patient')
  expect((await t.request('POST', `/api/v1/outcomes/${lost.id}/result`, { tradeNo: 'U2', tradeState: '1', msg: 'ok' })).status).toBe(409)
})

describe('the same tradeNo with other content', () => {
  test('is a correction while nothing was sent, an outage and a restart included', async () => {
    t = await startTestTerminal()
    const post = await scanned()
    const back = await t.simulator.outage()
    const { body: first } = await post({})
    await until(async () => (await outbox()).reports[0]?.attempts > 0)
    await t.restart()
    expect(await taken(() => post({ department: '外科', medicalStep: '010102' }))).toEqual({ reports: first.reports, corrected: true })
    expect((await post({ department: '外科', medicalStep: '010102' })).body).toEqual({ reports: first.reports })
    await back()
    await sent()
    expect(uses()).toMatchObject([{ scene: '010102', req: { department: '外科' } }])
  })

  test('takes back what is owed no more, and stores it again', async () => {
    t = await startTestTerminal()
    const post = await scanned()
    const back = await t.simulator.outage()
    await post({})
    expect(await taken(() => post({ tradeState: '0' }))).toEqual({ reports: [], corrected: true })
    expect(await outbox()).toMatchObject({ pending: 0, reports: [] })
    const { body } = await post({ department: '儿科' })
    expect(body).toMatchObject({ corrected: true, reports: [expect.any(String)] })
    await back()
    await sent()
    expect(uses()).toMatchObject([{ req: { department: '儿科' } }])
  })

  test('is refused once it was sent, and says what stands, naming nobody', async () => {
    t = await startTestTerminal()
    const post = await scanned()
    const { body: first } = await post({ name: '林安和' })
    await sent()
    const { status, body } = await post({ department: '外科', name: '周临川', tradeState: '0' })
    expect([status, body.error.code]).toEqual([409, 'RESULT_DIFFERS'])
    expect(body.error.fields).toEqual(expect.arrayContaining([
      { path: 'department', message: '已上报的是 内科' },
      { path: 'tradeState', message: '已上报的是 1' },
      { path: 'name', message: '与已上报的不同' },
    ]))
    expect(JSON.stringify(body)).not.toMatch(/林安和|周临川/)
    expect((await post({ name: '林安和' })).body).toEqual(first)
    expect(uses()).toHaveLength(1)
  })
})

describe('a use without a scan here (2.7.2)', () => {
  const CONTENT = { cardType: '11', qrCodeText: '', time: '2026-01-02 09:30:00', scene: '010105' }
  const own = (key: string, content: object = {}, kind = 'health-card/reportHISData') =>
    t.request('POST', '/api/v1/reports', { key, kind, content: { ...CONTENT, qrCodeText: sampleText(t.simulator, 'card-static'), ...content } })

  test('is stored and sent under the HIS’s own key, once', async () => {
    t = await startTestTerminal()
    const first = await own('HIS-1')
    expect(first).toMatchObject({ status: 202, body: { reports: [expect.any(String)] } })
    expect((await own('HIS-1')).body).toEqual(first.body)
    expect((await own('HIS-2', { time: '2026-01-02 09:31:00' })).body).not.toEqual(first.body)
    await sent()
    expect((await own('HIS-1')).body).toEqual(first.body)
    expect(uses().map(({ req }) => [req['hospitalId'], req['time'], req['cardChannel']])).toEqual([
      ['10086', '2026-01-02 09:30:00', '0100'], ['10086', '2026-01-02 09:31:00', '0100'],
    ])
    const other = await own('HIS-1', { scene: '010103' })
    expect([other.status, other.body.error.code]).toEqual([409, 'RESULT_DIFFERS'])
  })

  test('is corrected before it was sent', async () => {
    t = await startTestTerminal()
    const back = await t.simulator.outage()
    const { body } = await own('HIS-1')
    expect(await taken(() => own('HIS-1', { scene: '010103' }))).toEqual({ ...body, corrected: true })
    await back()
    await sent()
    expect(uses()).toMatchObject([{ scene: '010103' }])
  })

  test.each([
    [{ scene: '999' }, 'health-card/reportHISData', 400, 'REQUEST_INVALID'],
    [{ cardType: '01', qrCodeText: undefined }, 'health-card/reportHISData', 400, 'REQUEST_INVALID'],
    [{}, 'health-card/verifyQRCode', 404, 'REPORT_KIND_UNKNOWN'],
  ])('%j as %s is refused with %i', async (content, kind, status, code) => {
    t = await startTestTerminal()
    const answer = await own('HIS-1', content, kind)
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
    expect((await outbox()).reports).toEqual([])
  })
})

describe('a report that the platform has seen, and perhaps counted', () => {
  async function unproven(): Promise<string> {
    t = await startTestTerminal()
    const post = await scanned()
    await post({ tradeNo: 'A' })
    await sent()
    t.simulator.control.killToken()
    t.simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'reset', recorded: true, times: 1 })
    const { body } = await post({ tradeNo: 'B' })
    await until(async () => (await outbox()).unproven === 1)
    return body.reports[0]
  }

  test('is counted apart, and sent again under a new id on a word', async () => {
    const id = await unproven()
    expect(await outbox()).toMatchObject({ pending: 0, dead: 0, unproven: 1, reports: [{ id, state: 'unproven', nextAttemptAt: null, lastError: { code: '10054', requestId: expect.stringMatching(/^[0-9A-F]{32}$/) } }] })
    expect((await t.request('GET', '/api/v1/health')).body.outbox).toEqual({ pending: 0, dead: 0, unproven: 1 })
    expect((await t.request('POST', `/api/v1/outbox/${id}/retry`)).status).toBe(202)
    await until(async () => (await outbox()).reports.length === 0)
    expect(uses()).toHaveLength(2)
    expect(t.terminal.agent.audit.latest(2).map(({ who, what }) => [who, what])).toEqual([['his', 'report.retried']])
  })

  test('one that waits for the platform is not settled', async () => {
    t = await startTestTerminal()
    const post = await scanned()
    const back = await t.simulator.outage()
    const { body } = await post({})
    const { status, body: answer } = await t.request('POST', `/api/v1/outbox/${body.reports[0]}/settle`)
    expect([status, answer.error.code]).toEqual([409, 'REPORT_NOT_UNPROVEN'])
    await back()
    await sent()
  })

  test('is closed as delivered on a word, and no other report is', async () => {
    const id = await unproven()
    expect((await t.request('POST', `/api/v1/outbox/${id}/settle`)).status).toBe(202)
    expect(await outbox()).toEqual({ pending: 0, dead: 0, unproven: 0, reports: [] })
    expect((await t.request('POST', `/api/v1/outbox/${id}/settle`)).status).toBe(404)
    expect(uses()).toHaveLength(1)
    const audited = t.terminal.agent.audit.latest(2).map(({ who, what, detail }) => [who, what, detail])
    expect(audited).toEqual([['his', 'report.settled', { report: id }]])
  })
})
