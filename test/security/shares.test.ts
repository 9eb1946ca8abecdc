/** Nobody keeps the others out: bodies are read of known callers only, within a budget; strangers spend nothing that others need; each caller has its share. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { shareConnections } from '../../src/api/connections.ts'
import { isTooComplex } from '../../src/api/json-only.ts'
import { fieldFaults } from '../../src/transcode/platforms/validate.ts'
import { servedRoutes } from '../support/api-routes.ts'
import { openRaw, statusesIn } from '../support/raw-http.ts'
import { startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

const NARROW = 'a-token-for-results-alone'
const OTHER = 'a-token-for-operations-alone'
const MB = 1024 * 1024
let t: TestTerminal
let port: number
beforeAll(async () => {
  t = await startTestTerminal({
    settings: { api: { clients: [{ name: 'narrow', token: NARROW, rights: ['result'] }, { name: 'other', token: OTHER, rights: ['operations'] }], maxRequestsPerMinute: 100_000 } },
  })
  port = Number(new URL(t.terminal.ready.api).port)
})
afterAll(() => t.close())

/** Sends the head of a request whose body never comes; the answer, which can be nobody's who waits for the body. */
async function headOnly(method: string, path: string, bytes: number | 'chunked', token = '', more = ''): Promise<{ status: number | undefined; text: string; close(): void }> {
  const raw = openRaw(port)
  const length = bytes === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`
  const host = more.includes('Host:') ? '' : `Host: 127.0.0.1:${port}\r\n`
  raw.socket.write(`${method} ${path} HTTP/1.1\r\n${host}${token ? `Authorization: Bearer ${token}\r\n` : ''}Content-Type: application/json\r\n${length}\r\n${more}\r\n`)
  await until(() => statusesIn(raw.text()).length > 0)
  return { status: statusesIn(raw.text())[0], text: raw.text(), close: () => raw.socket.destroy() }
}
const operation = (name: string) => `/api/v1/platforms/${name}`

describe('a body', () => {
  const WITH_BODIES = servedRoutes().filter((key) => !key.startsWith('GET ') && key !== 'POST /api/v1/session')

  test('is not waited for where nobody calls: each route answers 401 by the head alone', async () => {
    expect(WITH_BODIES.length).toBeGreaterThan(35)
    for (const key of WITH_BODIES) {
      const [method = '', path = ''] = key.split(' ')
      const answer = await headOnly(method, path.replace(/:\w+/g, 'x'), 900_000, 'a-token-that-nobody-has')
      answer.close()
      expect([key, answer.status]).toEqual([key, 401])
    }
  })

  test('is not waited for where the right is missing, the page or the name is foreign, or the address is none', async () => {
    const cases: [string, Promise<{ status: number | undefined; close(): void }>, number][] = [
      ['right', headOnly('POST', operation('ankang/transcode'), 900_000, NARROW), 403],
      ['chunked', headOnly('POST', operation('ankang/transcode'), 'chunked', NARROW), 403],
      ['host', headOnly('POST', '/api/v1/scans', 900_000, TOKEN, 'Host: evil.example\r\n'), 403],
      ['origin', headOnly('POST', '/api/v1/scans', 900_000, TOKEN, 'Origin: https://evil.example\r\n'), 403],
      ['address', headOnly('POST', '/api/v1/nothing', 900_000), 404],
      ['method', headOnly('PUT', '/api/v1/scans', 900_000), 405],
      ['session', headOnly('POST', '/api/v1/session', 2000), 413],
    ]
    for (const [name, asked, status] of cases) {
      const answer = await asked
      answer.close()
      expect([name, answer.status]).toEqual([name, status])
    }
  })

  test('that is no JSON is found out for known callers only', async () => {
    const send = (authorization: string) => t.request('POST', '/api/v1/scans', '{"text":', { authorization })
    expect([(await send('')).status, (await send(`Bearer ${NARROW}`)).status, (await send(`Bearer ${TOKEN}`)).status]).toEqual([401, 403, 400])
  })

  test('may be 12 MB for a photographed card, and 1 MB for everything else', async () => {
    for (const name of ['ankang/transcode', 'health-card/registerHealthCard', 'health-card/OcrInfo', 'quanzhou/BC00.03.00.03', 'nowhere/ocrInfo']) {
      const answer = await headOnly('POST', operation(name), 2 * MB, TOKEN)
      answer.close()
      expect([name, answer.status]).toEqual([name, 413])
    }
    const large = await t.request('POST', operation('health-card/ocrInfo'), { imageContent: 'x'.repeat(2 * MB) })
    expect([large.status, large.body.error?.code]).not.toEqual([413, 'BODY_TOO_LARGE'])
    const answer = await headOnly('POST', operation('health-card/ocrInfo'), 13 * MB, TOKEN)
    answer.close()
    expect(answer.status).toBe(413)
  })

  test('with more members or levels than any request has is not parsed', async () => {
    const many = `{${Array.from({ length: 25_000 }, (_, at) => `"k${at}":1`).join()}}`
    const deep = `{"x":${'['.repeat(64)}${']'.repeat(64)}}`
    for (const path of ['/api/v1/scans', operation('ankang/transcode'), operation('health-card/ocrInfo')]) {
      for (const body of [many, deep, `[${'[],'.repeat(12_000)}[]]`]) {
        const answer = await t.request('POST', path, body)
        expect([path, answer.status, answer.body.error.code]).toEqual([path, 400, 'BODY_TOO_COMPLEX'])
      }
    }
    const bytes = (text: string) => new TextEncoder().encode(text)
    // Brackets and commas in a text are none, an escaped quotation mark does not end it, an escaped backslash before one does.
    for (const text of ['[{,'.repeat(30_000), '\\"[,'.repeat(30_000), '\\\\'.repeat(30_000)]) expect(isTooComplex(bytes(`{"a":"${text}"}`))).toBe(false)
    expect(isTooComplex(bytes(`{"a":"\\\\",${'"b":1,'.repeat(20_001)}"c":1}`))).toBe(true)
    expect(isTooComplex(bytes(`${'['.repeat(64)}${']'.repeat(64)}`))).toBe(false)
    expect(isTooComplex(bytes(`${'['.repeat(65)}${']'.repeat(65)}`))).toBe(true)
    expect(isTooComplex(bytes(`{"unended":"${'x'.repeat(100_000)}`))).toBe(false)
  })

  test('of nothing but faults is answered with the first 20', async () => {
    const body = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`${'x'.repeat(150)}${at}`, {}]))
    for (const path of [operation('ankang/transcode'), operation('quanzhou/BC00.03.00.03'), operation('health-card/registerHealthCard'), operation('beijing/entryUrl'), operation('health-card/registerBatchHealthCard')]) {
      const answer = await t.request('POST', path, path.endsWith('Batch' + 'HealthCard') ? { healthCardItems: Array.from({ length: 2000 }, () => ({ name: 5 })) } : body)
      expect([path, answer.status, answer.body.error.fields.length <= 20]).toEqual([path, 400, true])
      expect([path, JSON.stringify(answer.body).length < 12_000]).toEqual([path, true])
    }
    const issue = { code: 'unrecognized_keys', keys: ['y'.repeat(100_000)], path: [], message: '' } as never
    expect(fieldFaults([issue], {})[0]!.path.length).toBeLessThan(300)
  })

  test('counts against a budget over all connections and of each caller, until its answer is out', async () => {
    const open = [0, 1].map(() => {
      const raw = openRaw(port)
      raw.socket.write(`POST ${operation('health-card/ocrInfo')} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: ${11.5 * MB}\r\nExpect: 100-continue\r\n\r\n`)
      return raw
    })
    await until(() => open.every((raw) => statusesIn(raw.text())[0] === 100))
    const third = await headOnly('POST', operation('health-card/ocrInfo'), 11 * MB, TOKEN)
    third.close()
    expect([third.status, third.text]).toEqual([503, expect.stringContaining('BODIES_TOO_MANY')])
    // Small ones and other callers go on.
    expect((await t.scan('MZ2020000101')).status).toBe('accepted')
    expect((await t.request('POST', operation('health-card/ocrInfo'), { imageContent: 'x'.repeat(2 * MB) }, { authorization: `Bearer ${OTHER}` })).body.error?.code).not.toBe('BODIES_TOO_MANY')
    open.forEach(({ socket }) => socket.destroy())
    await until(async () => (await t.request('POST', operation('health-card/ocrInfo'), { imageContent: 'x'.repeat(2 * MB) })).body.error?.code !== 'BODIES_TOO_MANY')
  })
})

describe('who has no token', () => {
  test('uses up neither the screens’ files, nor /health, nor the exchange of tickets', async () => {
    const limited = await startTestTerminal({ settings: { api: { maxRequestsPerMinute: 20 } } })
    try {
      const flood: number[] = []
      // The minute may turn once meanwhile.
      for (let count = 0; count < 60; count++) flood.push((await limited.request('GET', '/api/v1/outcomes', undefined, { authorization: 'Bearer a-guess-of-a-token' })).status)
      expect(new Set(flood)).toEqual(new Set([401, 429]))
      const { api } = limited.terminal.ready
      for (let count = 0; count < 30; count++) expect((await fetch(`${api}/api/v1/health`)).status).toBe(200)
      for (let count = 0; count < 30; count++) expect((await fetch(`${api}/`)).status).toBe(200)
      for (let count = 0; count < 30; count++) {
        const ticket = new URL(limited.terminal.newUiUrl()).searchParams.get('ticket')
        expect((await limited.request('POST', '/api/v1/session', { ticket }, { authorization: '' })).status).toBe(200)
      }
      const { ticket } = (await limited.request('POST', '/api/v1/tickets')).body
      expect((await limited.request('GET', `/api/v1/outcomes?ticket=${ticket}`, undefined, { authorization: '' })).status).toBe(200)
    } finally {
      await limited.close()
    }
  })
})

describe('event sockets', () => {
  const open = (token: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/events`, ['maqiao.v1', `bearer.${token}`])
    const closed = new Promise<number>((resolve) => socket.on('error', () => {}).once('close', resolve))
    const heard = new Promise<boolean>((resolve) => {
      socket.once('message', () => resolve(true))
      void closed.then(() => resolve(false))
    })
    return { socket, closed, heard }
  }

  test('of one caller leave room for the others and for the screens', async () => {
    const ticket = new URL(t.terminal.newUiUrl()).searchParams.get('ticket')
    const { token } = (await t.request('POST', '/api/v1/session', { ticket }, { authorization: '' })).body
    const sockets = Array.from({ length: 140 }, () => open(NARROW))
    const heard = await Promise.all(sockets.map((each) => each.heard))
    expect(heard.filter(Boolean).length).toBe(128)
    const [his, screen] = [open(TOKEN), open(token)]
    expect([await his.heard, await screen.heard]).toEqual([true, true])
    for (const { socket } of [...sockets, his, screen]) socket.terminate()
    await Promise.all([...sockets, his, screen].map(({ closed }) => closed))
  })
})

describe('connections', () => {
  test('on which nobody has shown a token make room for the next, the oldest first; those of callers stay', async () => {
    const server = createServer()
    const accepted: Socket[] = []
    server.on('connection', (socket: Socket) => void accepted.push(socket))
    const connections = shareConnections(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const clients: Socket[] = []
    const ends = new Set<Socket>()
    const join = async () => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      socket.on('error', () => {}).once('close', () => ends.add(socket))
      clients.push(socket)
      await until(() => accepted.length === clients.length)
    }
    for (let count = 0; count < 3; count++) await join()
    expect(connections.own(accepted[0]!, 'client his', false)).toBe(true)
    for (let count = 0; count < 400; count++) await join()
    await until(() => ends.size >= 18)
    // 402 strangers of whom 384 may stay: the oldest 18 are gone, and neither the caller's nor the newest.
    expect([ends.size, clients.slice(1, 19).every((socket) => ends.has(socket)), ends.has(clients[0]!), ends.has(clients.at(-1)!)]).toEqual([18, true, false, false])
    const kept = accepted.slice(19)
    // One caller has 256; asked again of one that it has, it is still its own.
    expect(kept.slice(0, 255).every((socket) => connections.own(socket, 'client his', false))).toBe(true)
    expect([connections.own(kept[255]!, 'client his', false), connections.own(kept[0]!, 'client his', false)]).toEqual([false, true])
    expect([connections.own(kept[255]!, 'client other', false), connections.own(kept[256]!, 'screen desk', true)]).toEqual([true, true])
    connections.destroyAll()
    await new Promise((done) => server.close(done))
  })
})
