import { connect } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { sampleText, startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
beforeAll(async () => {
  t = await startTestTerminal({ settings: { api: { allowedOrigins: ['https://his.example'] } } })
})
afterAll(() => t.close())

const wsUrl = (query = '') => `${t.terminal.ready.api.replace('http', 'ws')}/api/v1/events${query}`
const RESULT = { tradeNo: 'GH0001', tradeState: '1', msg: '挂号成功' }

/** Opens a socket and collects what comes. */
function listen(url: string, protocols?: string[], headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, protocols ?? [], { headers })
  const events: { type: string; seq: number; data: any }[] = []
  socket.on('message', (message) => events.push(JSON.parse(String(message))))
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('unexpected-response', (_request, response) => reject(new Error(`status ${response.statusCode}`)))
    socket.once('error', reject)
  })
  return { socket, events, opened }
}

/** A raw exchange, for what no client library would send. */
function raw(text: string): Promise<string> {
  const { port } = new URL(t.terminal.ready.api)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.setEncoding('utf8').on('data', (data: string) => (answer += data))
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
}

describe('who may call', () => {
  test('health needs no token and names nobody', async () => {
    const { status, body } = await t.request('GET', '/api/v1/health', undefined, { authorization: '' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'ok', terminalId: 'W01', outbox: { pending: 0, dead: 0 } })
    expect(body.devices).toEqual([{ id: `serial:${t.pty.path}`, kind: 'serial', state: 'open' }])
    expect(body.platforms).toContainEqual({ id: 'health-card', state: 'unknown' })
  })

  test.each(['/api/v1/outcomes', '/api/v1/outbox', '/api/v1/openapi.json', '/api/v1/screen'])('%s needs a token', async (path) => {
    for (const authorization of ['', 'Bearer wrong-token-of-some-length', `Bearer ${TOKEN}x`, 'Basic abc']) {
      const { status, body } = await t.request('GET', path, undefined, { authorization })
      expect(status).toBe(401)
      expect(body.error).toMatchObject({ platform: 'maqiao', code: 'UNAUTHORISED', advice: expect.stringContaining('Bearer') })
    }
  })

  test('a token in the address opens nothing', async () => {
    expect((await t.request('GET', `/api/v1/outcomes?token=${TOKEN}&ticket=${TOKEN}`, undefined, { authorization: '' })).status).toBe(401)
  })

  test('a HIS token is no screen', async () => {
    expect((await t.request('GET', '/api/v1/screen')).status).toBe(403)
  })

  test('another host name is refused, as after DNS rebinding; letters of ours may be large', async () => {
    const ours = await raw(`GET /api/v1/health HTTP/1.1\r\nHost: LocalHost:${new URL(t.terminal.ready.api).port}\r\nConnection: close\r\n\r\n`)
    expect(ours).toMatch(/^HTTP\/1.1 200/)
    const answer = await raw(`GET /api/v1/health HTTP/1.1\r\nHost: evil.example:${new URL(t.terminal.ready.api).port}\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 403/)
    expect(answer).toContain('FORBIDDEN_HOST')
  })

  test('origins: a listed one is answered with its name, another is refused', async () => {
    const listed = await t.request('GET', '/api/v1/health', undefined, { origin: 'https://his.example' })
    expect(listed.status).toBe(200)
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://his.example')
    const foreign = await t.request('GET', '/api/v1/health', undefined, { origin: 'https://evil.example' })
    expect(foreign.status).toBe(403)
    expect(foreign.body.error.code).toBe('FORBIDDEN_ORIGIN')
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
    const preflight = await t.request('OPTIONS', '/api/v1/scans', undefined, {
      origin: 'https://his.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
  })
})

describe('tickets', () => {
  test('one use for a URL', async () => {
    const { body } = await t.request('POST', '/api/v1/tickets')
    expect(body).toEqual({ ticket: expect.any(String), expiresInMs: 60_000 })
    const path = `/api/v1/outcomes?ticket=${body.ticket}`
    expect((await t.request('GET', path, undefined, { authorization: '' })).status).toBe(200)
    expect((await t.request('GET', path, undefined, { authorization: '' })).status).toBe(401)
  })

  test('the address of the readiness line opens the screens once, masked', async () => {
    const ticket = new URL(t.terminal.ready.ui).searchParams.get('ticket')
    const session = await t.request('POST', '/api/v1/session', { ticket }, { authorization: '' })
    expect(session.status).toBe(200)
    const again = await t.request('POST', '/api/v1/session', { ticket }, { authorization: '' })
    expect(again.status).toBe(401)
    expect(again.body.error.code).toBe('TICKET_INVALID')
    const screen = { authorization: `Bearer ${session.body.token}` }
    const scanned = await t.request('POST', '/api/v1/scans', { text: sampleText(t.simulator, 'card-static'), kind: 'keyboard' }, screen)
    expect(scanned.body.patient.name).toMatch(/\*/)
    expect(scanned.body.patient.idNumber).toMatch(/^\d{3}\*{11}\d{3}[\dX]$/)
    expect(scanned.body.source).toEqual({ device: 'keyboard:screen', kind: 'keyboard' })
    expect(scanned.body.patient.birthday).toBeUndefined()
    const whole = await t.request('POST', `/api/v1/outcomes/${scanned.body.id}/reveal`, {}, screen)
    expect(whole.body.patient.idNumber).toMatch(/^\d{17}[\dX]$/)
    expect((await t.request('POST', `/api/v1/outcomes/${scanned.body.id}/result`, RESULT, screen)).status).toBe(403)
  })
})

describe('scans and outcomes', () => {
  test('bad input gets 400 with the field', async () => {
    for (const body of [{}, { text: 5 }, [], null, { text: ['x'] }]) {
      const answer = await t.request('POST', '/api/v1/scans', body)
      expect(answer.status, JSON.stringify(body)).toBe(400)
      expect(answer.body.error.code).toBe('BAD_REQUEST')
    }
    for (const text of ['', '   ', '\u0000\u0002\r\n']) expect((await t.request('POST', '/api/v1/scans', { text })).body.error.code).toBe('TEXT_EMPTY')
    expect((await t.request('POST', '/api/v1/scans', { text: 'x'.repeat(4097) })).body.error.code).toBe('TEXT_TOO_LONG')
    expect((await t.request('POST', '/api/v1/scans', '{"text":')).body.error.code).toBe('BODY_NOT_JSON')
    const json = { 'content-type': 'application/json' }
    expect((await t.request('POST', '/api/v1/tickets', '', json)).status).toBe(200)
    expect((await t.request('POST', '/api/v1/scans', '', json)).body.error).toMatchObject({ code: 'BAD_REQUEST', fields: [{ path: 'text', message: '必填' }] })
    expect((await t.request('POST', '/api/v1/scans', '{"__proto__":{"text":"x"}}')).status).toBe(400)
    const large = await t.request('POST', '/api/v1/scans', { text: 'x'.repeat(5_000_000) })
    expect(large.status).toBe(413)
    expect(large.body.error.code).toBe('BODY_TOO_LARGE')
  })

  test('an identity number is accepted without asking anybody', async () => {
    const outcome = await t.scan(sampleText(t.simulator, 'identity-number'))
    expect(outcome).toMatchObject({ status: 'accepted', code: { format: 'identity-number' }, source: { kind: 'api' }, targets: [], failures: [], reports: [] })
    expect(outcome.patient?.idNumber).toMatch(/^\d{17}[\dX]$/)
    expect(outcome.patient?.birthday).toMatch(/^\d{4}-\d\d-\d\d$/)
  })

  test('a payment code is named and nothing of it is kept', async () => {
    const outcome = await t.scan('134567890123456789')
    expect(outcome).toMatchObject({ status: 'unrecognised', code: { format: 'payment' }, error: { code: 'CODE_PAYMENT' } })
    expect(JSON.stringify(outcome)).not.toContain('134567890123456789')
  })

  test('outcomes are listed oldest first and paged by seq', async () => {
    const { body } = await t.request('GET', '/api/v1/outcomes?after=0&limit=2')
    expect(body.outcomes).toHaveLength(2)
    const [first, second] = body.outcomes
    expect(second.seq).toBeGreaterThan(first.seq)
    const rest = await t.request('GET', `/api/v1/outcomes?after=${second.seq}`)
    expect(rest.body.outcomes.every((outcome: { seq: number }) => outcome.seq > second.seq)).toBe(true)
    expect((await t.request('GET', '/api/v1/outcomes?after=x')).status).toBe(400)
  })

  test('a choice leaves one target, under the same id and a new number', async () => {
    const asked = await t.scan(sampleText(t.simulator, 'ankang-several'))
    expect(asked.status).toBe('choose')
    expect(asked.targets.length).toBeGreaterThan(1)
    const wrong = await t.request('POST', `/api/v1/outcomes/${asked.id}/choice`, { targetId: 'none' })
    expect([wrong.status, wrong.body.error.code]).toEqual([404, 'TARGET_UNKNOWN'])
    const early = await t.request('POST', `/api/v1/outcomes/${asked.id}/result`, RESULT)
    expect([early.status, early.body.error.code]).toEqual([409, 'OUTCOME_NOT_ACCEPTED'])
    const target = asked.targets[1]!
    const chosen = await t.request('POST', `/api/v1/outcomes/${asked.id}/choice`, { targetId: target.id })
    expect(chosen.body).toMatchObject({ id: asked.id, status: 'accepted', targets: [target] })
    expect(chosen.body.seq).toBeGreaterThan(asked.seq)
    expect((await t.request('POST', `/api/v1/outcomes/${asked.id}/choice`, { targetId: target.id })).status).toBe(409)
  })

  test('a result: 404 for a stranger, 409 for a refusal, the same ids for the same trade', async () => {
    expect((await t.request('POST', '/api/v1/outcomes/00000000-0000-4000-8000-000000000000/result', RESULT)).status).toBe(404)
    const refused = await t.scan(sampleText(t.simulator, 'card-static-frozen'))
    expect(refused).toMatchObject({ status: 'rejected', error: { platform: 'health-card', code: '-10031' } })
    expect((await t.request('POST', `/api/v1/outcomes/${refused.id}/result`, RESULT)).status).toBe(409)

    const card = await t.scan(sampleText(t.simulator, 'card-static'))
    const first = await t.request('POST', `/api/v1/outcomes/${card.id}/result`, RESULT)
    expect(first.status).toBe(202)
    expect(first.body.reports).toHaveLength(1)
    const again = await t.request('POST', `/api/v1/outcomes/${card.id}/result`, RESULT)
    expect(again.body).toEqual(first.body)
    const other = await t.request('POST', `/api/v1/outcomes/${card.id}/result`, { ...RESULT, tradeNo: 'GH0002', medicalStep: '010105' })
    expect(other.body.reports).toHaveLength(1)
    expect(other.body.reports[0]).not.toBe(first.body.reports[0])
    const bad = await t.request('POST', `/api/v1/outcomes/${card.id}/result`, { tradeNo: '', tradeState: '1', msg: 'x', tradeTime: 'yesterday' })
    expect(bad.status).toBe(400)
    expect(bad.body.error.fields.map((field: { path: string }) => field.path)).toEqual(['tradeNo', 'tradeTime'])
  })

  test('verifyQRCode has counted its own 用卡环节: no report for it, one for another', async () => {
    const dynamic = await t.scan(sampleText(t.simulator, 'card-dynamic'))
    expect(dynamic.status).toBe('accepted')
    const same = await t.request('POST', `/api/v1/outcomes/${dynamic.id}/result`, { ...RESULT, tradeNo: 'D1', medicalStep: '010101' })
    expect([same.status, same.body]).toEqual([202, { reports: [] }])
    expect(t.terminal.agent.outcome(dynamic.id).handledAt).toMatch(/^\d{4}-.*Z$/)
    const other = await t.request('POST', `/api/v1/outcomes/${dynamic.id}/result`, { ...RESULT, tradeNo: 'D2', medicalStep: '010105' })
    expect(other.body.reports).toHaveLength(1)
  })

  test('operations of a document: unknown ones, unconfigured ones, bad fields', async () => {
    expect((await t.request('POST', '/api/v1/platforms/nowhere/x', {})).body.error.code).toBe('PLATFORM_UNKNOWN')
    expect((await t.request('POST', '/api/v1/platforms/health-card/toString', {})).body.error.code).toBe('OPERATION_UNKNOWN')
    const bad = await t.request('POST', '/api/v1/platforms/health-card/registerHealthCard', { name: '测试' })
    expect(bad.status).toBe(400)
    expect(bad.body.error.fields.map((field: { path: string }) => field.path)).toContain('wechatCode')
  })

  test('unknown addresses and methods', async () => {
    expect((await t.request('GET', '/api/v1/nothing')).status).toBe(404)
    const other = await t.request('DELETE', '/api/v1/outbox')
    expect([other.status, other.headers.get('allow'), other.body.error.code]).toEqual([405, 'GET', 'METHOD_NOT_ALLOWED'])
  })
})

describe('events', () => {
  test('hello first, then outcomes, and replay of what was missed', async () => {
    const { socket, events, opened } = listen(wsUrl(), ['maqiao.v1', `bearer.${TOKEN}`])
    await opened
    expect(socket.protocol).toBe('maqiao.v1')
    await until(() => events.length > 0)
    expect(events[0]).toMatchObject({ type: 'hello', data: { terminalId: 'W01' } })
    const outcome = await t.scan(sampleText(t.simulator, 'hospital-card'))
    const event = await until(() => events.find((candidate) => candidate.type === 'outcome'))
    expect(event?.data).toEqual(outcome)
    socket.close()

    const missed = await t.scan(sampleText(t.simulator, 'social-security'))
    const later = listen(wsUrl(`?after=${event!.seq}`), [], { authorization: `Bearer ${TOKEN}` })
    await later.opened
    const replayed = await until(() => later.events.find((candidate) => candidate.type === 'outcome'))
    expect(replayed?.data).toEqual(missed)
    expect(replayed!.seq).toBeGreaterThan(event!.seq)
    later.socket.close()
  })

  test('a device that is unplugged is an event and a state', async () => {
    const { socket, events, opened } = listen(wsUrl(), ['maqiao.v1', `bearer.${TOKEN}`])
    await opened
    await t.pty.unplug()
    await until(() => events.find((event) => event.type === 'device' && event.data.state === 'missing'))
    expect((await t.request('GET', '/api/v1/health')).body).toMatchObject({ status: 'degraded', devices: [{ state: 'missing' }] })
    await t.pty.plug()
    await until(() => events.find((event) => event.type === 'device' && event.data.state === 'open'))
    socket.close()
  })

  test('a foreign origin, no token or a used ticket get no socket', async () => {
    await expect(listen(wsUrl(), ['maqiao.v1', `bearer.${TOKEN}`], { origin: 'https://evil.example' }).opened).rejects.toThrow('403')
    await expect(listen(wsUrl()).opened).rejects.toThrow('401')
    await expect(listen(wsUrl('?ticket=used')).opened).rejects.toThrow('401')
    const { ticket } = (await t.request('POST', '/api/v1/tickets')).body
    const good = listen(wsUrl(`?ticket=${ticket}`))
    await good.opened
    good.socket.close()
  })
})

describe('the door', () => {
  test('paths outside the screens are not served', async () => {
    for (const path of ['/../package.json', '/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/etc/passwd', '/assets/..%5c..%5cpackage.json']) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: ${new URL(t.terminal.ready.api).host}\r\nConnection: close\r\n\r\n`)
      expect(answer, path).not.toContain('"name": "maqiao"')
      expect(answer, path).toMatch(/^HTTP\/1.1 (4\d\d)/)
    }
  })

  test('the screens come with a strict policy', async () => {
    const { status, headers } = await t.request('GET', '/', undefined, { authorization: '' })
    expect(status).toBe(200)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'")
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('a caller that asks too often is told to wait', async () => {
    const slow = await startTestTerminal({ settings: { api: { maxRequestsPerMinute: 5 } } })
    try {
      const statuses = []
      for (let count = 0; count < 8; count++) statuses.push((await slow.request('GET', '/api/v1/health')).status)
      expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200])
      expect(statuses.at(-1)).toBe(429)
    } finally {
      await slow.close()
    }
  })

  test('the OpenAPI document names every call and every operation', async () => {
    const { body } = await t.request('GET', '/api/v1/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    for (const path of [
      '/api/v1/health',
      '/api/v1/tickets',
      '/api/v1/scans',
      '/api/v1/outcomes',
      '/api/v1/outcomes/{id}/choice',
      '/api/v1/outcomes/{id}/result',
      '/api/v1/outbox',
      '/api/v1/outbox/{id}/retry',
      '/api/v1/platforms/health-card/registerHealthCard',
      '/api/v1/platforms/ankang/transcode',
      '/api/v1/platforms/{platform}/{operation}',
      '/api/v1/events',
    ]) {
      expect(body.paths, path).toHaveProperty([path])
    }
    const operations = Object.values(body.paths).flatMap((methods) => Object.values(methods as Record<string, { operationId: string }>))
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    const named = Object.keys(body.components.schemas)
    expect(named).toEqual(expect.arrayContaining(['Outcome', 'Patient', 'Error', 'Event']))
    const refs = new Set([...JSON.stringify(body).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref))
    expect([...refs].filter((ref) => !named.includes(String(ref).replace('#/components/schemas/', '')))).toEqual([])
    expect(JSON.stringify(body)).not.toContain('$defs')
    expect(JSON.stringify(body)).not.toContain('/api/v1/session')
  })

  test('nothing personal is in the log, and what is on disk is encrypted', async () => {
    const person = await t.scan(sampleText(t.simulator, 'card-static'))
    const secrets = [person.patient?.name, person.patient?.idNumber, person.patient?.phone, TOKEN, String((t.settings as any).platforms.healthCard.appSecret)]
    const log = t.log.join('')
    const files = ['outbox.db', 'outbox.db-wal', 'state.db', 'state.db-wal'].map((name) => readFileSync(join(t.dataDir, name)))
    for (const secret of secrets) {
      expect(secret).toBeTruthy()
      expect(log).not.toContain(secret)
      for (const bytes of files) expect(bytes.includes(secret!)).toBe(false)
    }
  })
})
