/** What a kiosk asks of its terminal: the hospital's recordings, and a call for staff that reaches its system and a desk. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startTestTerminal, until, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
let system: Server
let answers: number[] = []
let got: { headers: IncomingHttpHeaders; body: Record<string, unknown> }[] = []
let recordings: string
let token: string

beforeAll(async () => {
  system = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += String(part)
    got.push({ headers: request.headers, body: JSON.parse(text) as Record<string, unknown> })
    const status = answers.shift() ?? 200
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
  })
  await new Promise<void>((resolve) => system.listen(0, '127.0.0.1', resolve))
  recordings = mkdtempSync(join(tmpdir(), 'maqiao-recordings-'))
  mkdirSync(join(recordings, 'zh'))
  writeFileSync(join(recordings, 'zh', 'welcome.headline.mp3'), 'sound')
  writeFileSync(join(recordings, 'zh', 'notes.txt'), 'no sound')
  writeFileSync(join(recordings, 'secret.mp3'), 'not in a language')
  const url = `http://127.0.0.1:${(system.address() as AddressInfo).port}/calls`
  t = await startTestTerminal({
    settings: { terminal: { id: 'K03', mode: 'kiosk' }, kiosk: { volume: 0.5, helpPlace: '一楼服务台', recordingsDir: recordings, staffCall: { url, headers: { 'x-key': 'of-the-calls' } } } },
  })
  const ticket = new URL(t.terminal.ready.ui).searchParams.get('ticket')
  token = ((await (await fetch(`${t.terminal.ready.api}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ticket }) })).json()) as { token: string }).token
})
afterAll(async () => {
  await t?.close()
  system?.close()
  rmSync(recordings, { recursive: true, force: true })
})
beforeEach(() => {
  t.terminal.agent.staffCalls.withdraw()
  got = []
})

const asScreen = (method: string, path: string, body?: unknown) => t.request(method, path, body, { authorization: `Bearer ${token}` })

it('chooses among the codes in a camera’s view for screens alone, and refuses what is no list of texts', async () => {
  const card = '7B1D9E0C44A25F6688BB3310CDEF9042A1B2C3D4E5F60718293A4B5C6D7E8F90:1'
  const choose = (texts: unknown) => asScreen('POST', '/api/v1/screen/choice', { texts })
  expect(await choose(['134567890123456789', card])).toMatchObject({ status: 200, body: { kind: 'one', index: 1, patient: true } })
  expect(await choose([card.replace('7B', '8C'), card])).toMatchObject({ status: 200, body: { kind: 'several' } })
  for (const bad of [[], [''], Array(9).fill('x'), 'x', undefined]) expect((await choose(bad)).status).toBe(400)
  expect((await t.request('POST', '/api/v1/screen/choice', { texts: [card] }, { authorization: '' })).status).toBe(401)
  expect(t.terminal.agent.latestOutcomes(5)).toEqual([])
})

/** What a caller's socket is told, by type. */
async function hear(bearer: string): Promise<{ types: string[]; calls: unknown[]; close(): void }> {
  const socket = new WebSocket(`${t.terminal.ready.api.replace('http', 'ws')}/api/v1/events`, { headers: { authorization: `Bearer ${bearer}` } })
  const heard = { types: [] as string[], calls: [] as unknown[], close: () => socket.close() }
  socket.on('message', (raw) => {
    const { type, data } = JSON.parse(String(raw)) as { type: string; data: { call?: unknown } }
    heard.types.push(type)
    if (type === 'staff-call') heard.calls.push(data.call)
  })
  await until(() => heard.types.includes('hello'))
  return heard
}

describe('a call for staff', () => {
  it('reaches the hospital’s system with nothing of a patient, and the screens alone', async () => {
    const screen = await hear(token)
    const his = await hear('a-token-for-tests-only')
    const { status, body } = await asScreen('POST', '/api/v1/staff-call', { reason: 'help' })
    expect(status).toBe(200)
    await until(() => screen.calls.some((call) => (call as { state: string }).state === 'told'))
    expect(got).toHaveLength(1)
    expect(got[0]!.body).toEqual({ terminalId: 'K03', department: '内科', at: body.call.at, reason: 'help' })
    expect(got[0]!.headers).toMatchObject({ 'x-key': 'of-the-calls', 'content-type': 'application/json; charset=utf-8' })
    const seen = await asScreen('POST', `/api/v1/staff-call/${body.call.id}/seen`, {})
    expect(seen.body.call.state).toBe('seen')
    await asScreen('POST', '/api/v1/staff-call/withdrawal', {})
    await until(() => screen.calls.at(-1) === null)
    expect((await asScreen('POST', `/api/v1/staff-call/${body.call.id}/seen`, {})).body.error.code).toBe('CALL_OVER')
    // A client of the contract knows four types and no other.
    expect(his.types.filter((type) => !['hello', 'outcome', 'device', 'outbox'].includes(type))).toEqual([])
    screen.close()
    his.close()
  })

  it('is a screen’s alone, and for reasons that there are', async () => {
    expect((await t.request('POST', '/api/v1/staff-call', { reason: 'help' })).status).toBe(403)
    expect((await asScreen('POST', '/api/v1/staff-call', { reason: '患者周小川' })).status).toBe(400)
    expect(got).toEqual([])
  })
})

describe('the system’s answers', async () => {
  const { createSendStaffCall } = await import('../../src/agent/send-staff-call.ts')
  const { settingsSchema } = await import('../../src/agent/settings.ts')
  const message = { terminalId: 'K03', department: '', at: '2026-01-01T00:00:00.000Z', reason: 'help' } as const
  const send = async (url: string, timeoutMs = 300) => {
    const { network } = settingsSchema.parse({ terminal: { id: 'K03' } })
    const sender = createSendStaffCall({ url, headers: {}, timeoutMs }, network)!
    const result = await sender.send(message, new AbortController().signal)
    await sender.close()
    return result
  }
  const origin = () => `http://127.0.0.1:${(system.address() as AddressInfo).port}`

  it.each([
    [204, 'taken'],
    [302, 'refused'],
    [404, 'refused'],
    [429, 'lost'],
    [503, 'lost'],
  ] as const)('%i counts as %s, and a redirect is not followed', async (status, result) => {
    answers = [status]
    expect(await send(origin())).toBe(result)
    expect(got).toHaveLength(1)
  })

  it('that do not come in time, or from nobody, are lost', async () => {
    const mute = createServer(() => {})
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`
    expect(await send(url, 150)).toBe('lost')
    mute.closeAllConnections()
    await new Promise((resolve) => mute.close(resolve))
    expect(await send(url)).toBe('lost')
  })
})

describe('the hospital’s recordings', () => {
  it('are listed by prompt, and sent to a screen', async () => {
    const { body } = await asScreen('GET', '/api/v1/kiosk')
    expect(body).toMatchObject({ volume: 0.5, helpPlace: '一楼服务台', recordings: { zh: { 'welcome.headline': 'welcome.headline.mp3' }, en: {} } })
    const sound = await asScreen('GET', '/api/v1/kiosk/recordings/zh/welcome.headline')
    expect([sound.body, sound.headers.get('content-type')]).toEqual(['sound', 'audio/mpeg'])
  })

  it.each(['zh/notes', 'zh/..%2Fsecret', '..%2F/secret', 'zh/%2e%2e%2fsecret.mp3', 'en/welcome.headline', 'xx/welcome.headline', 'zh/constructor'])('hold no %s', async (path) => {
    expect((await asScreen('GET', `/api/v1/kiosk/recordings/${path}`)).status).toBe(404)
  })
})
