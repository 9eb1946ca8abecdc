/** Platforms, and whoever stands between, that answer with malice; the terminal ends each within its time and goes on. */
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createRaw, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { personOf } from '../../src/simulator/people.ts'
import { createHttpClient, replyJson } from '../../src/transcode/platforms/http.ts'
import { PlatformError } from '../../src/transcode/platforms/platform-error.ts'
import { sampleText, startTestTerminal, until, type TestTerminal } from '../support/terminal.ts'

const TIMEOUT_MS = 600
const http = createHttpClient()
const servers: { close(): unknown }[] = []
afterAll(async () => {
  for (const server of servers) server.close()
  await http.close()
})

const listening = (server: Server): Promise<string> => {
  servers.push(server)
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as { port: number }).port}/`)))
}
const platform = (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
  const server = createHttp(answer)
  servers.push({ close: () => server.closeAllConnections() })
  return listening(server)
}
const wire = (speak: (socket: Socket) => void) =>
  listening(
    createRaw((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => speak(socket))
    }),
  )

/** The code of the fault, or the text, and how long it took. */
async function ask(url: string): Promise<{ fault?: string; text?: string; ms: number }> {
  const began = performance.now()
  try {
    const reply = await http.send({ platform: 'ankang', operation: 'x', url, body: '{}', timeoutMs: TIMEOUT_MS })
    return { text: JSON.stringify(replyJson('ankang', reply)), ms: performance.now() - began }
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError)
    return { fault: (error as PlatformError).fault.code, ms: performance.now() - began }
  }
}

/** Writes for as long as anybody reads. */
function flood(socket: Socket, piece: string): void {
  while (!socket.destroyed && socket.write(piece));
  if (!socket.destroyed) socket.once('drain', () => flood(socket, piece))
}
const drip = (socket: Socket, piece: string): void => {
  const timer = setInterval(() => socket.write(piece), 20)
  socket.once('close', () => clearInterval(timer))
}

describe('an answer that', () => {
  test.each([301, 302, 303, 307, 308])('redirects (%i) elsewhere is not followed', async (status) => {
    let visited = 0
    const elsewhere = await platform((_request, response) => {
      visited++
      response.end('{"followed":true}')
    })
    const url = await platform((_request, response) => response.writeHead(status, { location: elsewhere }).end())
    expect((await ask(url)).fault).toBe('HTTP_STATUS')
    expect(visited).toBe(0)
  })

  test.each([
    ['is 10 MB of JSON', (socket: Socket): void => void socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${10 * 1024 * 1024 + 2}\r\n\r\n"${'x'.repeat(10 * 1024 * 1024)}"`), 'REPLY_TOO_LARGE'],
    ['never ends', (socket: Socket): void => (socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'), flood(socket, `4000\r\n${' '.repeat(0x4000)}\r\n`)), 'REPLY_TOO_LARGE'],
    ['drips its body', (socket: Socket): void => (socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n'), drip(socket, ' ')), 'NETWORK_TIMEOUT'],
    ['drips its headers', (socket: Socket): void => (socket.write('HTTP/1.1 200 OK\r\n'), drip(socket, 'x: y\r\n')), 'NETWORK_TIMEOUT'],
    ['is announced for ever', (socket: Socket): void => drip(socket, 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'), /NETWORK_(TIMEOUT|RESET)/],
    ['has headers without end', (socket: Socket): void => (socket.write('HTTP/1.1 200 OK\r\n'), flood(socket, `x: ${'y'.repeat(4000)}\r\n`)), 'NETWORK_PROTOCOL'],
    ['has trailers without end', (socket: Socket): void => (socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n'), flood(socket, `x: ${'y'.repeat(4000)}\r\n`)), 'NETWORK_PROTOCOL'],
    ['is no HTTP', (socket: Socket): void => void socket.end('220 smtp.example ESMTP\r\n'), 'NETWORK_PROTOCOL'],
    ['is shorter than it says', (socket: Socket): void => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}'), 'NETWORK_RESET'],
    ['says two lengths', (socket: Socket): void => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x'), 'NETWORK_PROTOCOL'],
    ['switches protocols', (socket: Socket): void => void socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'), /NETWORK_(RESET|TIMEOUT)/],
    ['is only a status', (socket: Socket): void => void socket.write('HTTP/1.1 200 OK\r\n'), 'NETWORK_TIMEOUT'],
  ] as const)('%s ends as a fault, in time', async (_name, speak, fault) => {
    const before = process.memoryUsage.rss()
    const answered = await ask(await wire(speak))
    expect(answered.fault).toMatch(fault)
    expect(answered.ms).toBeLessThan(TIMEOUT_MS + 2000)
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024)
  })

  test('is a small thing that unpacks to 50 MB is not unpacked beyond 2 MB', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '))
    const url = await platform((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
    expect((await ask(url)).fault).toBe('REPLY_TOO_LARGE')
  })

  test('is nested 200,000 deep is none; one that names __proto__ changes nothing', async () => {
    const deep = await platform((_request, response) => response.end(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`))
    expect((await ask(deep)).fault).toBe('REPLY_NOT_JSON')
    const poison = await platform((_request, response) => response.end('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'))
    await ask(poison)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('sets cookies gets none back', async () => {
    const seen: (string | undefined)[] = []
    const url = await platform((request, response) => {
      seen.push(request.headers.cookie)
      response.writeHead(200, { 'set-cookie': 'a=b' }).end('{}')
    })
    await ask(url)
    await ask(url)
    expect(seen).toEqual([undefined, undefined])
  })
})

describe('a platform that answers badly for a while', () => {
  let t: TestTerminal
  beforeAll(async () => {
    t = await startTestTerminal({ settings: { platforms: { healthCard: { requestTimeoutMs: TIMEOUT_MS }, ankang: { requestTimeoutMs: TIMEOUT_MS } } } })
  })
  afterAll(() => t.close())

  test.each(['endless', 'drip', 'hang', 'reset', 'html', 'empty', 'truncated', 'status'] as const)('%s: the scan ends in time and says so, another platform is asked as ever, the next scan succeeds', async (mode) => {
    t.simulator.control.fault({ platform: 'health-card', operation: 'getHealthCardByQRCode', mode, delayMs: 300 })
    const began = performance.now()
    const scanned = await t.scan(sampleText(t.simulator, 'card-static'))
    expect(scanned.status).toBe('unavailable')
    expect(performance.now() - began).toBeLessThan(TIMEOUT_MS * 3 + 2000)
    expect((await t.scan(sampleText(t.simulator, 'identity-number'))).status).toBe('accepted')
    expect((await t.scan(sampleText(t.simulator, 'e-voucher'))).status).toBe('accepted')
    t.simulator.control.reset()
    expect((await t.scan(sampleText(t.simulator, 'card-static'))).status).toBe('accepted')
  })

  test('its reports wait and hold up no other platform’s', async () => {
    const card = await t.scan(sampleText(t.simulator, 'card-static'))
    const code = await t.scan(sampleText(t.simulator, 'ankang-green'))
    t.simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'endless' })
    const result = { tradeState: '1', msg: '挂号成功', medicalStep: '010105', name: '林安和', idNumber: personOf('lin').idNumber }
    const slow = (await t.request('POST', `/api/v1/outcomes/${card.id}/result`, { ...result, tradeNo: 'S1' })).body.reports as string[]
    const quick = (await t.request('POST', `/api/v1/outcomes/${code.id}/result`, { ...result, tradeNo: 'Q1' })).body.reports as string[]
    expect(slow).toHaveLength(1)
    const waiting = async () => ((await t.request('GET', '/api/v1/outbox')).body.reports as { id: string; kind: string }[])
    const messages = async () => (await waiting()).filter(({ id, kind }) => quick.includes(id) && kind === 'ankang/message')
    await until(messages, (list) => list.length === 0)
    expect((await waiting()).map(({ id }) => id)).toContain(slow[0])
    // A reset would end the token too, between an attempt and the one that follows it.
    t.simulator.control.clearFaults()
    await until(waiting, (list) => list.length === 0, 15_000)
  })
})
