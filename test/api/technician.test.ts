/** The technician's calls against a whole terminal with played platforms and a tty. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TEST_SHEET_TEXT } from '../../src/devices/scanner-doctor.ts'
import { openDeadExport } from '../../src/outbox/dead-export.ts'
import { ACCOUNTS } from '../../src/simulator/demo-settings.ts'
import { PEOPLE, personOf } from '../../src/simulator/people.ts'
import { enterAsTechnician, listenAs, type Technician } from '../support/technician.ts'
import { sampleText, startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

const LIN = personOf('lin')
const HIS_TOKEN = 'narrow-token-for-scanning-only'
let t: TestTerminal
let technician: Technician
const device = () => `serial:${t.pty.path}`
const onDevice = (what: string) => `/devices/${encodeURIComponent(device())}/${what}`

beforeAll(async () => {
  t = await startTestTerminal({
    flow: 'identify',
    settings: {
      api: {
        clients: [
          { name: 'queue', token: HIS_TOKEN, rights: ['scan'] },
          { name: 'desk', token: 'narrow-token-for-results-only', rights: ['result'] },
        ],
      },
    },
  })
  technician = await enterAsTechnician(t)
})
afterAll(() => t.close())

/** A message with a person in it that the platform refuses for good. */
async function makeDead(tradeNo: string): Promise<string> {
  t.simulator.control.fault({ platform: 'ankang', operation: 'message', mode: 'code', code: '400', times: 1 })
  const { id } = await t.scan(sampleText(t.simulator, 'ankang-green'))
  const { status, body } = await t.request('POST', `/api/v1/outcomes/${id}/result`, {
    tradeNo,
    tradeState: '1',
    msg: '挂号成功',
    name: LIN.name,
    idNumber: LIN.idNumber,
  })
  expect(status).toBe(202)
  const report = body.reports.at(-1) as string
  await until(() => t.terminal.agent.outbox.report(report)?.state === 'dead')
  return report
}

/** Everything personal that this test's terminal has met. */
const PERSONAL = PEOPLE.flatMap(({ name, idNumber, phone }) => [name, idNumber, phone])
const SECRETS = [
  TOKEN,
  HIS_TOKEN,
  ACCOUNTS.healthCard.appSecret,
  ACCOUNTS.quanzhou.appSecret,
  ACCOUNTS.beijing.aesKey,
  ACCOUNTS.yuejiantong.appKey,
]
function expectNothingOf(words: readonly string[], text: string): void {
  expect(words.filter((word) => text.includes(word))).toEqual([])
}

describe('who may', () => {
  const CALLS = [
    ['GET', ''],
    ['POST', '/checks'],
    ['GET', '/latency'],
    ['GET', '/log'],
    ['GET', '/audit'],
    ['GET', '/ports'],
    ['GET', '/setup-sheets'],
    ['GET', '/operations'],
    ['POST', '/devices/x/lend'],
    ['POST', '/devices/x/take-back'],
    ['POST', '/devices/x/detect-baud'],
    ['GET', '/devices/x/doctor'],
    ['POST', '/devices/x/doctor'],
    ['POST', '/doctor'],
    ['GET', '/reports'],
    ['POST', '/reports/search'],
    ['GET', '/reports/x'],
    ['POST', '/reports/x/reveal'],
    ['PATCH', '/reports/x'],
    ['POST', '/reports/x/retry'],
    ['POST', '/reports/remove'],
    ['POST', '/reports/export'],
    ['POST', '/lanes/x/resume'],
    ['GET', '/settings'],
    ['POST', '/settings/preview'],
    ['PUT', '/settings'],
    ['POST', '/settings/export'],
    ['POST', '/keys/rotate'],
    ['GET', '/support'],
    ['POST', '/support'],
  ] as const

  test.each(CALLS)('%s /diagnostics%s: neither a HIS nor a screen nor nobody', async (method, path) => {
    const url = `/api/v1/diagnostics${path}`
    const body = method === 'GET' ? undefined : {}
    expect((await t.request(method, url, body)).status).toBe(403)
    expect((await t.request(method, url, body, { authorization: `Bearer ${technician.screenToken}` })).status).toBe(403)
    expect((await t.request(method, url, body, { authorization: '' })).status).toBe(401)
  })

  test('a HIS of its own has its rights and no others', async () => {
    const as = (token: string) => ({ authorization: `Bearer ${token}` })
    const scanned = await t.request('POST', '/api/v1/scans', { text: LIN.idNumber }, as(HIS_TOKEN))
    expect(scanned.status).toBe(200)
    const result = `/api/v1/outcomes/${scanned.body.id}/result`
    const done = { tradeNo: 'N1', tradeState: '1', msg: '完成' }
    expect((await t.request('POST', result, done, as(HIS_TOKEN))).status).toBe(403)
    expect((await t.request('POST', result, done, as('narrow-token-for-results-only'))).status).toBe(202)
    expect((await t.request('POST', '/api/v1/scans', { text: '1' }, as('narrow-token-for-results-only'))).status).toBe(
      403,
    )
    expect((await t.request('POST', '/api/v1/outbox/x/retry', {}, as(HIS_TOKEN))).status).toBe(403)
  })
})

describe('the overview', () => {
  test('says how the terminal stands and names nobody', async () => {
    await t.scanAtTty(sampleText(t.simulator, 'card-dynamic'))
    const { status, body } = await technician.get('')
    expect(status).toBe(200)
    expect(body.terminal).toEqual({ id: 'W01', mode: 'window', hospital: '人民医院' })
    expect(body.versions).toMatchObject({
      app: '0.0.0-test',
      node: process.versions.node,
      electron: null,
      chrome: null,
    })
    expect(body.memory.rssBytes).toBeGreaterThan(10_000_000)
    expect(body.dataDir).toMatchObject({ path: t.dataDir, freeBytes: expect.any(Number) })
    expect(body.keys.outbox).toMatchObject({ where: 'file', sound: true, words: expect.stringContaining('0600') })
    expect(body.keys.apiToken).toMatchObject({ where: 'settings' })
    const secret = body.keys.secrets.find(({ path }: { path: string }) => path === 'platforms.healthCard.appSecret')
    expect(secret).toMatchObject({ where: 'settings', sound: false, words: expect.stringContaining('其他账户也能读'), command: expect.stringContaining('chmod 600') })
    expect(body.devices).toMatchObject([{ id: device(), state: 'open', stateName: '就绪' }])
    expect(body.devices[0].history.at(-1)).toMatchObject({ state: 'open', fault: null })
    const healthCard = body.platforms.find(({ id }: { id: string }) => id === 'health-card')
    expect(healthCard).toMatchObject({
      state: 'ok',
      stateName: '正常',
      plainHttp: [],
      token: { ageSec: expect.any(Number) },
    })
    expect(Date.parse(healthCard.token.goodUntil)).toBeGreaterThan(Date.now() + 3_600_000)
    expect(body.outbox.minutes.at(-1)).toMatchObject({ pending: 0, scans: expect.any(Number) })
    expectNothingOf([...PERSONAL, ...SECRETS], JSON.stringify(body))
  })

  test('keeps the last 50 changes of a device', async () => {
    for (let times = 0; times < 3; times++) {
      await t.pty.unplug()
      await until(() => t.terminal.agent.hub.status()[0]?.state === 'missing')
      await t.pty.plug()
      await until(() => t.terminal.agent.hub.status()[0]?.state === 'open')
    }
    const { history } = (await technician.get('')).body.devices[0]
    expect(history.filter(({ state }: { state: string }) => state === 'missing').length).toBeGreaterThanOrEqual(3)
    expect(history.length).toBeLessThanOrEqual(50)
  })

  test('the histogram counts each stage of each scan', async () => {
    const before = (await technician.get('/latency')).body
    for (const sample of ['card-static', 'ankang-yellow']) await t.scanAtTty(sampleText(t.simulator, sample))
    await t.scan('VIP-MEMBER-1')
    const after = (await technician.get('/latency')).body
    const grown = Object.fromEntries(
      after.stages.map(({ stage, count }: { stage: string; count: number }, index: number) => [
        stage,
        count - before.stages[index].count,
      ]),
    )
    expect(after.scans - before.scans).toBe(3)
    expect(grown).toEqual({ read: 2, frame: 2, recognise: 3, platform: 2, store: 3, publish: 3, total: 3 })
    for (const { count, buckets, p50Ms, p99Ms, maxMs } of after.stages) {
      expect(buckets.reduce((sum: number, bucket: { count: number }) => sum + bucket.count, 0)).toBe(count)
      expect(p50Ms).toBeLessThanOrEqual(p99Ms)
      expect(p99Ms).toBeLessThanOrEqual(maxMs)
    }
  })

  test('checks run: good ones pass, a platform that is away is told', async () => {
    const idOf = (what: string) => `platform.health-card.${new URL(t.simulator.origin).host}.${what}`
    const good = (await technician.send('POST', '/checks')).body.checks as { id: string; ok: boolean; detail: string }[]
    expect(good.filter(({ ok }) => !ok)).toEqual([])
    for (const id of [
      'node',
      'crypto',
      'disk',
      'key',
      'audit',
      'port',
      idOf('name'),
      idOf('reach'),
      idOf('clock'),
      idOf('address'),
    ]) {
      expect(good.map((check) => check.id)).toContain(id)
    }
    expect(good.find(({ id }) => id === idOf('address'))?.detail).toContain('127.0.0.1')
    const back = await t.simulator.outage()
    const bad = (await technician.send('POST', '/checks')).body.checks as { id: string; ok: boolean; advice?: string }[]
    await back()
    expect(bad.find(({ id }) => id === idOf('reach'))).toMatchObject({ ok: false, advice: expect.any(String) })
  })

  test('operations are listed with their fields; called by hand they are audited and masked', async () => {
    const { body } = await technician.get('/operations')
    const listed = body.operations.find(({ operation }: { operation: string }) => operation === 'getHealthCardByQRCode')
    expect(listed).toMatchObject({
      platform: 'health-card',
      platformName: expect.any(String),
      request: { type: 'object' },
    })
    const url = '/api/v1/platforms/health-card/getHealthCardByQRCode'
    const wanted = { qrCodeText: sampleText(t.simulator, 'card-static') }
    const byHand = await t.request('POST', url, wanted, { authorization: `Bearer ${technician.token}` })
    expect(byHand.status).toBe(200)
    expectNothingOf([LIN.name, LIN.idNumber, LIN.phone, LIN.birthday], JSON.stringify(byHand.body))
    expect(technician.audited().at(-1)).toMatchObject({
      what: 'operation.called',
      detail: { platform: 'health-card', operation: 'getHealthCardByQRCode' },
    })
    const onScreen = await t.request('POST', url, wanted, { authorization: `Bearer ${technician.screenToken}` })
    expectNothingOf([LIN.name, LIN.idNumber, LIN.phone], JSON.stringify(onScreen.body))
    expect(JSON.stringify((await t.request('POST', url, wanted)).body)).toContain(LIN.idNumber)
  })
})

describe('devices', () => {
  test('are lent and taken back, audited', async () => {
    const { status, body } = await technician.send('POST', onDevice('lend'), { minutes: 5 })
    expect(status).toBe(200)
    expect(Date.parse(body.lentUntil) - Date.now()).toBeGreaterThan(290_000)
    expect((await technician.send('POST', onDevice('lend'), { minutes: 5 })).body.error).toMatchObject({
      code: 'DEVICE_BUSY',
    })
    expect((await technician.send('POST', onDevice('doctor'), { action: 'start' })).body.error).toMatchObject({
      code: 'DEVICE_BUSY',
    })
    expect((await technician.send('POST', onDevice('take-back'))).body).toEqual({ takenBack: true })
    await until(() => t.terminal.agent.hub.status()[0]?.state === 'open')
    expect((await technician.send('POST', onDevice('take-back'))).body).toEqual({ takenBack: false })
    expect(technician.audited().map(({ what }) => what)).toEqual(
      expect.arrayContaining(['device.lent', 'device.takenBack']),
    )
    expect((await technician.send('POST', '/devices/serial%3Anone/lend', { minutes: 1 })).body.error.code).toBe(
      'DEVICE_UNKNOWN',
    )
    expect((await technician.send('POST', onDevice('lend'), { minutes: 600 })).status).toBe(400)
  })

  test('the speed is found while somebody scans, and the port given back', async () => {
    const watching = await listenAs(t, technician.token, '?bytes=1')
    const found = technician.send('POST', onDevice('detect-baud'), { waitMs: 5000 })
    await until(() => watching.of('baud').length > 0)
    const scans = setInterval(() => void t.pty.write('A-READABLE-CODE\r').catch(() => {}), 200)
    const { status, body } = await found
    clearInterval(scans)
    watching.close()
    expect([status, body]).toEqual([200, { baudRate: 9600, configured: 9600 }])
    expect(watching.of('baud')[0]?.data).toEqual({ device: device(), baudRate: 9600 })
    await until(() => t.terminal.agent.hub.status()[0]?.state === 'open')
  })

  test('a search for the speed that nobody waits for any more gives the port back at once', async () => {
    const gone = new AbortController()
    const asked = fetch(`${t.terminal.ready.api}/api/v1/diagnostics${onDevice('detect-baud')}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${technician.token}`, 'content-type': 'application/json' },
      body: '{"waitMs":30000}',
      signal: gone.signal,
    })
    await until(() => t.terminal.agent.hub.status()[0]?.state === 'lent')
    gone.abort()
    await expect(asked).rejects.toThrow()
    await until(() => t.terminal.agent.hub.status()[0]?.state === 'open', Boolean, 3000)
    expect((await t.scanAtTty('VIP-99')).code.format).toBe('unknown')
  })

  test('the doctor examines one scan of the test sheet', async () => {
    const watching = await listenAs(t, technician.token, '?bytes=1')
    const begun = await technician.send('POST', onDevice('doctor'), { action: 'start' })
    expect(begun.body).toEqual({ device: device(), state: 'waiting', sheet: TEST_SHEET_TEXT, report: null })
    await t.pty.writePaced(`\u0002${TEST_SHEET_TEXT}\r`, 1, 16)
    await until(() => watching.of('doctor').some(({ data }) => data.state === 'done'))
    const { report } = (await technician.get(onDevice('doctor'))).body
    expect(report).toMatchObject({ mode: 'serial', intact: true, terminator: 'CR', encoding: 'utf8', lost: [] })
    expect(report.advice).toEqual(expect.any(Array))
    expect(watching.of('doctor').map(({ data }) => data.state)).toEqual(['waiting', 'receiving', 'done'])
    watching.close()
    const keys = [...TEST_SHEET_TEXT.toLowerCase()].map((text, at) => ({ text, at: at * 10 }))
    const typed = await technician.send('POST', '/doctor', { mode: 'keyboard', keys })
    expect(typed.body.report).toMatchObject({ mode: 'keyboard', msPerCharacter: expect.any(Number), intact: false })
  })

  test('live bytes go to technicians who asked, and to nobody else', async () => {
    const [asked, silent, screen, his] = await Promise.all([
      listenAs(t, technician.token, '?bytes=1'),
      listenAs(t, technician.token),
      listenAs(t, technician.screenToken, '?bytes=1'),
      listenAs(t, TOKEN, '?bytes=1'),
    ])
    await t.scanAtTty('\u0002VIP-77')
    await until(
      () =>
        asked
          .of('bytes')
          .map(({ data }) => data.text)
          .join('') === '␂VIP-77␍',
    )
    expect(
      asked
        .of('bytes')
        .map(({ data }) => data.hex)
        .join(' '),
    ).toBe('02 56 49 50 2d 37 37 0d')
    expect(asked.of('bytes')[0]?.data).toMatchObject({ device: device(), at: expect.any(String) })
    await until(() => [silent, screen, his].every((socket) => socket.of('outcome').length > 0))
    for (const socket of [silent, screen, his]) expect(socket.of('bytes')).toEqual([])
    for (const socket of [asked, silent, screen, his]) socket.close()
  })

  test('the end of the session ends the bytes', async () => {
    const other = await enterAsTechnician(t)
    const watching = await listenAs(t, other.token, '?bytes=1')
    await t.request(
      'POST',
      '/api/v1/technician/session/end',
      { token: other.token },
      { authorization: `Bearer ${other.token}` },
    )
    await t.scanAtTty('VIP-88')
    expect(await watching.closed).toBe(4401)
    expect(watching.of('bytes')).toEqual([])
  })

  test('what is plugged in is told, with a fault where the system does not tell', async () => {
    const { status, body } = await technician.get('/ports')
    expect(status).toBe(200)
    expect(body).toEqual({
      serial: expect.any(Array),
      serialFault: null,
      hid: expect.any(Array),
      hidFault: body.hidFault,
    })
    if (body.hidFault !== null)
      expect(body.hidFault).toMatchObject({ code: expect.stringMatching(/^DEVICE_/), advice: expect.any(String) })
  })
})

describe('reports', () => {
  test('dead ones are found, read masked, revealed with a reason, put right and delivered', async () => {
    const id = await makeDead('GH2026000123')
    const list = (await technician.get('/reports?state=dead&text=ANKANG')).body
    expect(list.reports.map((report: { id: string }) => report.id)).toContain(id)
    expect(list.reports[0]).toMatchObject({ state: 'dead', stateName: '上报失败，待处理', lastError: { code: '400' } })
    expect((await technician.get('/reports?text=GH2026000123')).body.reports).toEqual([])
    const inside = await technician.send('POST', '/reports/search', { text: 'gh2026000123' })
    expect(inside.body.reports).toMatchObject([{ id }])
    expectNothingOf(PERSONAL, JSON.stringify(inside.body))

    const masked = (await technician.get(`/reports/${id}`)).body
    expect(masked).toMatchObject({ readable: true, payload: { name: '林*和', cityNo: '340100000000' } })
    expect(masked.fields).toContainEqual({
      path: 'idcardNo',
      value: `${LIN.idNumber.slice(0, 3)}${'*'.repeat(11)}${LIN.idNumber.slice(-4)}`,
      masked: true,
    })
    expectNothingOf(PERSONAL, JSON.stringify(masked))
    expect((await technician.send('POST', `/reports/${id}/reveal`, { why: ' ' })).status).toBe(400)
    const whole = (await technician.send('POST', `/reports/${id}/reveal`, { why: '核对姓名', who: '王工' })).body
    expect(whole.payload).toMatchObject({ name: LIN.name, idcardNo: LIN.idNumber })
    expect(technician.audited().at(-1)).toMatchObject({
      what: 'report.revealed',
      who: '王工',
      detail: { report: id, why: '核对姓名' },
    })

    const bad = await technician.send('PATCH', `/reports/${id}`, { set: { 'no.such.place': 'x' }, why: '试' })
    expect([bad.status, bad.body.error.fields[0].path]).toEqual([400, 'set.no.such.place'])
    expect((await technician.send('PATCH', `/reports/${id}`, { set: { __proto__x: 'x' }, why: '' })).status).toBe(400)
    const edited = await technician.send('PATCH', `/reports/${id}`, {
      set: { msg: '改正后的说明' },
      why: '说明有误',
      who: '王工',
    })
    expect(edited.status).toBe(200)
    expect(technician.audited().at(-1)).toMatchObject({
      what: 'report.edited',
      detail: { report: id, fields: 'msg', why: '说明有误' },
    })
    expect(t.terminal.agent.outbox.readReport(id)?.payload).toMatchObject({ msg: '改正后的说明', name: LIN.name })

    expect((await technician.send('POST', `/reports/${id}/retry`)).status).toBe(202)
    await until(() => t.terminal.agent.outbox.report(id) === undefined)
    expect((await technician.get(`/reports/${id}`)).body.error.code).toBe('REPORT_UNKNOWN')
    expect((await technician.send('POST', `/reports/${id}/retry`)).status).toBe(404)
    expectNothingOf(PERSONAL, readFileSync(join(t.dataDir, 'audit.jsonl'), 'utf8'))
  })

  test('one that is not dead is left as it is', async () => {
    const back = await t.simulator.outage()
    const { id } = await t.scan(LIN.idNumber)
    expect(id).toBeTruthy()
    const [waiting] = t.terminal.agent.outbox.enqueue([{ kind: 'ankang/message', payload: { name: LIN.name } }])
    const answer = await technician.send('PATCH', `/reports/${waiting}`, { set: { name: 'x' }, why: '试' })
    expect([answer.status, answer.body.error.code]).toEqual([409, 'REPORT_NOT_DEAD'])
    const removed = await technician.send('POST', '/reports/remove', { ids: [waiting], why: '试' })
    expect([removed.status, removed.body.error.code]).toEqual([409, 'REPORT_NOT_DEAD'])
    expect(t.terminal.agent.outbox.report(waiting!)).toBeDefined()
    await back()
    await until(() => t.terminal.agent.outbox.status().pending === 0)
  })

  test('are carried away under a passphrase only', async () => {
    const id = await makeDead('GH2026000124')
    expect(
      (await technician.send('POST', '/reports/export', { passphrase: 'short', why: '交平台' })).body.error.code,
    ).toBe('PASSPHRASE_TOO_SHORT')
    const { status, name, bytes } = await technician.file('/reports/export', {
      passphrase: '一句足够长的口令',
      why: '交平台',
    })
    expect([status, name]).toEqual([200, expect.stringMatching(/^maqiao-dead-reports-.*\.bin$/)])
    expectNothingOf(PERSONAL, bytes.toString('utf8'))
    const opened = await openDeadExport(bytes, '一句足够长的口令')
    expect(opened.find((report) => report.id === id)?.payload).toMatchObject({ idcardNo: LIN.idNumber })
    expect(technician.audited().at(-1)).toMatchObject({ what: 'reports.exported', detail: { why: '交平台' } })
  })

  test('are erased at a technician’s word alone, each with a word in the audit', async () => {
    const ids = [await makeDead('GH2026000125'), await makeDead('GH2026000126')]
    const kept = await makeDead('GH2026000127')
    const before = t.terminal.agent.outbox.status().dead
    expect((await technician.send('POST', '/reports/remove', { ids })).status).toBe(400)
    expect((await technician.send('POST', '/reports/remove', { ids: [ids[0], 'nobody'], why: '误报' })).status).toBe(404)
    expect(t.terminal.agent.outbox.status().dead).toBe(before)
    await technician.file('/reports/export', { passphrase: '一句足够长的口令', why: '留底' })
    const { body } = await technician.send('POST', '/reports/remove', { ids, why: '平台确认不需要', who: '王工' })
    expect(body).toEqual({ removed: 2 })
    expect(t.terminal.agent.outbox.status().dead).toBe(before - 2)
    expect(t.terminal.agent.outbox.report(kept)).toMatchObject({ state: 'dead' })
    expect(technician.audited().slice(-2)).toMatchObject(
      ids.map((report) => ({ what: 'report.removed', who: '王工', detail: { report, why: '平台确认不需要', exported: true } })),
    )
    const late = await makeDead('GH2026000128')
    await technician.send('POST', '/reports/remove', { ids: [late], why: '重复' })
    expect(technician.audited().at(-1)).toMatchObject({ what: 'report.removed', detail: { report: late, exported: false } })
    expect((await technician.send('POST', '/reports/remove', { ids: [late], why: '重复' })).body.error.code).toBe('REPORT_UNKNOWN')
  })

  test('a lane that rests goes on at a technician’s word', async () => {
    expect((await technician.send('POST', '/lanes/no%2Fsuch/resume')).status).toBe(404)
    t.simulator.control.fault({
      platform: 'health-card',
      operation: 'reportHISData',
      mode: 'code',
      code: '21007',
      times: 1,
    })
    const { id } = await t.scan(sampleText(t.simulator, 'card-static'))
    await t.request('POST', `/api/v1/outcomes/${id}/result`, {
      tradeNo: 'L1',
      tradeState: '1',
      msg: '收费',
      medicalStep: '010105',
    })
    const lane = await until(() =>
      t.terminal.agent.outbox.status().lanes.find(({ pausedUntil }) => pausedUntil !== null),
    )
    expect((await technician.send('POST', `/lanes/${encodeURIComponent(lane!.kind)}/resume`)).status).toBe(202)
    await until(() => t.terminal.agent.outbox.status().pending === 0)
    expect(technician.audited().at(-1)).toMatchObject({
      what: 'lane.resumed',
      detail: { kind: 'health-card/reportHISData' },
    })
  })
})

describe('the support package', () => {
  test('lists its contents, and holds nothing of a patient and no secret', async () => {
    const dead = await makeDead('GH2026000125')
    const { body } = await technician.get('/support')
    const { status, name, bytes } = await technician.file('/support', { who: '王工' })
    expect([status, name]).toEqual([200, expect.stringMatching(/^maqiao-support-W01-\d{8}T\d{4}\.zip$/)])
    const parts = unzipSync(bytes)
    expect(Object.keys(parts)).toEqual(body.contents.map((part: { name: string }) => part.name))
    for (const part of body.contents)
      expect(part).toMatchObject({ bytes: expect.any(Number), what: expect.stringMatching(/\p{Script=Han}/u) })
    const texts = Object.values(parts).map((part) => Buffer.from(part).toString('utf8'))
    expect(texts.join('\n')).toContain(dead)
    expectNothingOf(
      [...PERSONAL, ...SECRETS, 'GH2026000125', LIN.birthday, sampleText(t.simulator, 'card-static')],
      texts.join('\n'),
    )
    expect(JSON.parse(Buffer.from(parts['settings.json']!).toString())).toMatchObject({
      platforms: { healthCard: { appSecret: { set: true } } },
    })
    expect(JSON.parse(Buffer.from(parts['audit.json']!).toString())).toMatchObject({ check: { ok: true } })
    expect(technician.audited().at(-1)).toMatchObject({ what: 'support.exported', who: '王工' })
  })
})

describe('the audit', () => {
  test('holds all of this in one chain, in a file that others cannot read', async () => {
    const { body } = await technician.get('/audit')
    expect(body.check).toEqual({ ok: true, entries: body.entries.at(-1).seq })
    expect(statSync(join(t.dataDir, 'audit.jsonl')).mode & 0o077).toBe(0)
  })
})
