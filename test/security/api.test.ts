/** Attacks on the local API; after each the terminal still scans, at the tty and over the API. */
import { request as httpRequest } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createAccess } from '../../src/api/access.ts'
import { openRaw, sendRaw, statusesIn } from '../support/raw-http.ts'
import { nextOutcome, sampleText, startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

const ORIGIN = 'https://his.example'
let t: TestTerminal
let port: number
beforeAll(async () => {
  t = await startTestTerminal({ settings: { api: { allowedOrigins: [ORIGIN], maxRequestsPerMinute: 100_000 }, recognition: { repeatWithinMs: 0 } } })
  port = Number(new URL(t.terminal.ready.api).port)
})
afterAll(() => t.close())

afterEach(async () => {
  const scanned = nextOutcome(t.terminal)
  await t.pty.write('MZ2020000101\r')
  expect((await scanned).status).toBe('accepted')
  expect((await t.scan(sampleText(t.simulator, 'hospital-card'))).status).toBe('accepted')
  expect(t.log.filter((line) => line.includes('api.fault'))).toEqual([])
})

const AUTH = `Authorization: Bearer ${TOKEN}\r\n`
const head = (line: string, more = '') => `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}`
const get = (path: string, more = '') => `${head(`GET ${path}`, more)}Connection: close\r\n\r\n`
async function screenToken(): Promise<string> {
  const ticket = new URL(t.terminal.newUiUrl()).searchParams.get('ticket')
  return ((await t.request('POST', '/api/v1/session', { ticket }, { authorization: '' })).body as { token: string }).token
}
/** Headers that `fetch` would not let a caller set. */
function ask(method: string, path: string, headers: Record<string, string>, body?: string): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (data: string) => (text += data))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text, headers: answer.headers }))
    })
    sent.on('error', reject).end(body)
  })
}

describe('slow and many', () => {
  test('a sender that drips its headers, its body or nothing at all is cut off', async () => {
    const drip = (line: string, piece: string) => {
      const raw = openRaw(port)
      raw.socket.once('connect', () => raw.socket.write(line))
      const timer = setInterval(() => raw.socket.writable && raw.socket.write(piece), 100)
      return raw.closed.then(() => clearInterval(timer)).then(raw.text)
    }
    const began = performance.now()
    const [headers, body, nothing] = await Promise.all([
      drip(head('GET /api/v1/health'), 'x: y\r\n'),
      drip(`${head('POST /api/v1/scans', AUTH)}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n`, ' '),
      drip('', ''),
    ])
    expect(statusesIn(headers)).toEqual([408])
    expect(statusesIn(body)).toEqual([408])
    expect(statusesIn(nothing)).toEqual([408])
    // 10 s are allowed for a whole request; the rest is a loaded machine's.
    expect(performance.now() - began).toBeLessThan(18_000)
  })

  test('1,000 connections that do nothing keep nobody out', async () => {
    const open = Array.from({ length: 1000 }, () => openRaw(port))
    await Promise.all(open.map(({ opened }) => opened))
    expect((await t.scan(sampleText(t.simulator, 'hospital-card'))).status).toBe('accepted')
    // They are gone by themselves: no later than the time for headers.
    await Promise.all(open.map(({ closed }) => closed))
  })

  test('a caller without a token that asks without end does not use up the share of the HIS', async () => {
    const limited = await startTestTerminal({ settings: { api: { maxRequestsPerMinute: 30 } } })
    try {
      const flood = []
      for (let count = 0; count < 40; count++) flood.push((await limited.request('GET', '/api/v1/outcomes', undefined, { authorization: `Bearer guess-${count}-of-a-token` })).status)
      expect(flood.slice(0, 25)).toEqual(Array(25).fill(401))
      // The minute may turn once while this runs; then the second half is refused for its tokens alone.
      expect(flood.every((status) => status === 401 || status === 429)).toBe(true)
      expect((await limited.request('GET', '/api/v1/outcomes')).status).toBe(200)
    } finally {
      await limited.close()
    }
  })
})

describe('bytes that are no request', () => {
  test.each([
    ['a header of 64 KB', () => get('/api/v1/health', `x: ${'y'.repeat(65_536)}\r\n`), 431],
    ['5,000 headers', () => get('/api/v1/health', 'x: y\r\n'.repeat(5000)), 431],
    ['an address of 64 KB', () => get(`/api/v1/${'x'.repeat(65_536)}`), 431],
    ['an address of 12 KB', () => get(`/api/v1/outcomes/${'x'.repeat(12_000)}`, AUTH), 404],
    ['a broken escape', () => get('/%zz%'), 404],
    ['a null byte', () => get('/index.html%00.js'), 404],
    ['two lengths', () => `${head('POST /api/v1/scans', AUTH)}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":1}`, 400],
    ['a length and chunks', () => `${head('POST /api/v1/scans', AUTH)}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['two hosts', () => get('/api/v1/health', 'Host: evil.example\r\n'), 403],
    ['a header folded over two lines', () => get('/api/v1/health', 'x: a\r\n b\r\n'), 400],
    ['a bare line feed in a header', () => get('/api/v1/health', 'x: a\nSet-Cookie: b\r\n'), 400],
    ['another protocol', () => 'SSH-2.0-OpenSSH_9.0\r\n\r\n', 400],
    ['TLS', () => Buffer.from('16030100c8010000c40303', 'hex'), 400],
  ])('%s is refused', async (_name, bytes, status) => {
    const answer = await sendRaw(port, bytes())
    expect(statusesIn(answer)).toEqual([status])
    expect(answer).not.toMatch(/node_modules|at .*\.ts:\d|x{100}|y{100}/)
  })

  test('each of several requests in one packet is judged by itself', async () => {
    const foreign = `GET /api/v1/outcomes HTTP/1.1\r\nHost: evil.example:${port}\r\n${AUTH}\r\n`
    const answer = await sendRaw(port, `${head('GET /api/v1/outcomes?limit=1', AUTH)}\r\n${foreign}${get('/api/v1/outcomes')}`)
    expect(statusesIn(answer)).toEqual([200, 403, 401])
  })

  test('nothing of a request gets into the headers of its answer', async () => {
    const split = '%0d%0aset-cookie:%20a=b%0d%0a%0d%0a<script>'
    for (const bytes of [
      get(`/${split}`),
      get(`/api/v1/outcomes?ticket=${split}`),
      get(`/api/v1/outcomes/${split}/result`, AUTH),
      get('/api/v1/health', `Origin: ${ORIGIN}%0d%0aset-cookie: a=b\r\n`),
      get('/api/v1/events', `Upgrade: websocket\r\nSec-WebSocket-Protocol: maqiao.v1%0d%0aset-cookie\r\n${AUTH}`),
    ]) {
      const answer = await sendRaw(port, bytes)
      expect(answer.toLowerCase()).not.toContain('set-cookie')
      expect(answer).not.toContain('<script>')
    }
  })
})

describe('who is asked for', () => {
  test.each([
    'evil.example', 'evil.example:PORT', '127.0.0.1', '127.0.0.1:1', '127.0.0.1:PORT.evil.example', 'localhost.:PORT', '0.0.0.0:PORT', '[::]:PORT',
    '127.1:PORT', '2130706433:PORT', '0x7f000001:PORT', '[::ffff:127.0.0.1]:PORT', 'user@127.0.0.1:PORT', '127.0.0.1:PORT@evil.example', 'localtest.me:PORT', '',
  ])('host "%s" is not this terminal', async (host) => {
    const answer = await sendRaw(port, `GET /api/v1/health HTTP/1.1\r\nHost: ${host.replace('PORT', String(port))}\r\nConnection: close\r\n\r\n`)
    expect(statusesIn(answer)).toEqual([403])
    expect(answer).toContain('FORBIDDEN_HOST')
  })

  test('its own names are; an absolute address does not change whose', async () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      expect(statusesIn(await sendRaw(port, `GET /api/v1/health HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`))).toEqual([200])
    }
    const absolute = await sendRaw(port, `GET http://127.0.0.1:${port}/api/v1/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`)
    expect(statusesIn(absolute)).toEqual([403])
  })

  test.each(['null', 'https://his.example.evil.example', 'https://his.example:444', 'http://his.example', 'HTTPS://HIS.EXAMPLE', 'https://his.example/', 'file://', 'chrome-extension://abcdefgh'])(
    'origin %s is foreign',
    async (origin) => {
      for (const [method, path] of [['GET', '/api/v1/health'], ['POST', '/api/v1/scans'], ['OPTIONS', '/api/v1/scans'], ['GET', '/']] as const) {
        const answer = await ask(method, path, { origin, authorization: `Bearer ${TOKEN}` })
        expect([method, path, answer.status]).toEqual([method, path, 403])
        expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      }
    },
  )

  test('what a foreign page can have a browser send without an Origin is refused; a link to the screens is not', async () => {
    const fetched = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const frame = { ...link, 'sec-fetch-dest': 'iframe' }
    const authorization = `Bearer ${TOKEN}`
    for (const site of ['cross-site', 'same-site']) {
      expect((await ask('GET', '/api/v1/outcomes', { ...fetched, 'sec-fetch-site': site, authorization })).status).toBe(403)
      expect((await ask('GET', '/', { ...fetched, 'sec-fetch-site': site })).status).toBe(403)
    }
    const { ticket } = (await t.request('POST', '/api/v1/tickets')).body
    expect((await ask('GET', `/api/v1/outcomes?ticket=${ticket}`, link)).status).toBe(403)
    // The refusal came before the ticket was looked at: it still opens.
    expect((await ask('GET', `/api/v1/outcomes?ticket=${ticket}`, {})).status).toBe(200)
    expect((await ask('GET', '/', frame)).status).toBe(403)
    expect((await ask('POST', '/', { ...link, 'content-length': '0' })).status).toBe(403)
    expect((await ask('GET', '/', link)).status).toBe(200)
    expect((await ask('GET', '/', { ...fetched, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await ask('GET', '/', { ...link, 'sec-fetch-site': 'none' })).status).toBe(200)
  })

  test('bodies that a form can send are not read', async () => {
    const body = '{"text":"MZ2020000101"}'
    const screen = await screenToken()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/json', 'application/jsonp', '']) {
      for (const path of ['/api/v1/scans', '/api/v1/session', '/api/v1/technician/session']) {
        // Who may not call is told so before the body is looked at.
        const authorization = `Bearer ${path === '/api/v1/scans' ? TOKEN : screen}`
        const answer = await ask('POST', path, { authorization, ...(type ? { 'content-type': type } : {}) }, body)
        expect([type, path, answer.status]).toEqual([type, path, 400])
        expect(answer.body).toContain('BODY_NOT_JSON')
      }
    }
  })
})

describe('tokens and tickets', () => {
  test('one ticket asked with 50 times at once opens once', async () => {
    const { ticket } = (await t.request('POST', '/api/v1/tickets')).body
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('GET', `/api/v1/outcomes?ticket=${ticket}`, {})))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(49).fill(401)])
  })

  test('a ticket is for reading: it cannot act, and a list of tickets is none', async () => {
    const { ticket } = (await t.request('POST', '/api/v1/tickets')).body
    expect((await ask('POST', `/api/v1/tickets?ticket=${ticket}`, {})).status).toBe(401)
    expect((await ask('GET', `/api/v1/outcomes?ticket=${ticket}&ticket=${ticket}`, {})).status).toBe(401)
    expect((await ask('GET', `/api/v1/outcomes?ticket[]=${ticket}`, {})).status).toBe(401)
    expect((await ask('GET', `/api/v1/outcomes?ticket=${ticket}`, {})).status).toBe(200)
  })

  test('2,000 guesses open nothing', async () => {
    const { ticket } = (await t.request('POST', '/api/v1/tickets')).body as { ticket: string }
    const guesses = Array.from({ length: 2000 }, (_, at) => ticket.slice(0, -3) + at.toString(36).padStart(3, '0')).filter((guess) => guess !== ticket)
    for (let from = 0; from < guesses.length; from += 50) {
      const answers = await Promise.all(guesses.slice(from, from + 50).map((guess) => ask('GET', `/api/v1/outcomes?ticket=${guess}`, {})))
      expect(answers.every(({ status }) => status === 401)).toBe(true)
    }
  })

  test('a screen session cannot be made, prolonged or widened', async () => {
    const session = await t.request('POST', '/api/v1/session', { ticket: new URL(t.terminal.newUiUrl()).searchParams.get('ticket') }, { authorization: '' })
    const token: string = session.body.token
    const [kind, expiresAt, nonce, signature] = token.split('.')
    for (const forged of [
      `${kind}.${Number(expiresAt) + 1}.${nonce}.${signature}`,
      `${kind}.${expiresAt}.${nonce}x.${signature}`,
      `${kind}.${expiresAt}.${nonce}.${signature?.slice(0, -1)}`,
      `${kind}.${expiresAt}.${nonce}.`,
      `technician.${expiresAt}.${nonce}.${signature}`,
      `${kind}.NaN.${nonce}.${signature}`,
    ]) {
      expect((await t.request('GET', '/api/v1/screen', undefined, { authorization: `Bearer ${forged}` })).status).toBe(401)
    }
    expect((await t.request('GET', '/api/v1/screen', undefined, { authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await t.request('GET', '/api/v1/diagnostics/audit', undefined, { authorization: `Bearer ${token}` })).status).toBe(403)
    expect((await t.request('GET', '/api/v1/diagnostics/audit')).status).toBe(403)
  })

  test('the time of a comparison does not tell how much of a token was right', () => {
    const token = 'k'.repeat(64)
    const access = createAccess({
      clients: [{ name: 'his', token, rights: ['scan'] }],
      sessionKey: Buffer.alloc(32, 7),
      mode: 'window',
      isTechnician: () => false,
      port: () => 1,
      allowedHosts: [],
      allowedOrigins: [],
      maxRequestsPerMinute: 1,
    })
    const early = `x${'k'.repeat(63)}`
    const late = `${'k'.repeat(63)}x`
    const rounds: { early: number; late: number }[] = []
    const time = (guess: string) => {
      const began = performance.now()
      for (let count = 0; count < 200; count++) access.bearer(guess)
      return performance.now() - began
    }
    for (let round = 0; round < 101; round++) rounds.push({ early: time(early), late: time(late) })
    const median = (values: number[]) => values.sort((a, b) => a - b)[50] as number
    const ratio = median(rounds.map((round) => round.late)) / median(rounds.map((round) => round.early))
    expect(ratio).toBeGreaterThan(0.7)
    expect(ratio).toBeLessThan(1.4)
    expect(access.bearer(token)?.name).toBe('his')
  })
})

describe('bodies', () => {
  const POISONS = [
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"text":"MZ2020000101","__proto__":{"polluted":1}}',
    '{"a":{"b":{"__proto__":{"polluted":1}}}}',
    '{"\\u005f_proto__":{"polluted":1}}',
  ]
  test.each([
    ['POST', '/api/v1/scans'], ['POST', '/api/v1/tickets'], ['POST', '/api/v1/session'], ['PATCH', '/api/v1/screen'], ['POST', '/api/v1/technician/pin'],
    ['POST', '/api/v1/outcomes/x/choice'], ['POST', '/api/v1/outcomes/x/result'], ['POST', '/api/v1/platforms/health-card/registerHealthCard'], ['POST', '/api/v1/platforms/__proto__/constructor'],
  ])('%s %s: no body changes what objects are', async (method, path) => {
    const authorization = `Bearer ${/screen|technician/.test(path) ? await screenToken() : TOKEN}`
    for (const body of POISONS) {
      const answer = await t.request(method, path, body, { authorization })
      expect(answer.status, body).toBe(400)
      expect(answer.body.error.code).toBe('BODY_NOT_JSON')
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('bytes that are no UTF-8 are refused; what is written in it is read, a mark before it or not', async () => {
    const authorization = `Bearer ${TOKEN}`
    const send = async (bytes: Buffer, type = 'application/json') => {
      const response = await fetch(`${t.terminal.ready.api}/api/v1/scans`, { method: 'POST', headers: { authorization, 'content-type': type }, body: new Uint8Array(bytes) })
      return [response.status, ((await response.json()) as { error?: { code: string } }).error?.code]
    }
    const gbk = Buffer.concat([Buffer.from('{"text":"MZ2020000101","name":"'), Buffer.from('c1d6b0b2bacd', 'hex'), Buffer.from('"}')])
    for (const type of ['application/json', 'application/json; charset=utf-8', 'application/json; charset=gbk']) expect(await send(gbk, type)).toEqual([400, 'BODY_NOT_JSON'])
    for (const bad of ['c080', 'eda080', 'f5808080', 'fffe', 'e5']) expect(await send(Buffer.concat([Buffer.from('{"text":"'), Buffer.from(bad, 'hex'), Buffer.from('"}')]))).toEqual([400, 'BODY_NOT_JSON'])
    expect(await send(Buffer.from('\uFEFF{"text":"MZ2020000101","name":"林安和"}'))).toEqual([200, undefined])
    expect(await send(Buffer.from('\uFEFF{"text":"MZ2020000101"}', 'utf16le'))).toEqual([400, 'BODY_NOT_JSON'])
    // The last of two of one name, as everywhere in JSON: nothing before us may judge another.
    expect(await send(Buffer.from('{"text":5,"text":"MZ2020000101"}'))).toEqual([200, undefined])
  })

  test('an address cannot either', async () => {
    for (const query of ['__proto__[polluted]=1', 'constructor[prototype][polluted]=1', '__proto__=1', 'after=1&after=2', 'limit[]=5']) {
      expect((await t.request('GET', `/api/v1/outcomes?${query}`)).status, query).toBeLessThan(500)
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('JSON 200,000 deep is not handed on to a platform', async () => {
    for (const [operation, field] of [['health-card/registerHealthCard', 'name'], ['quanzhou/BC00.03.00.03', 'extra'], ['ankang/transcode', 'x']]) {
      const body = `{"${field}":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
      expect((await t.request('POST', `/api/v1/platforms/${operation}`, body)).status, operation).toBe(400)
    }
  })

  test('JSON 200,000 deep, 100,000 members and numbers beyond all are answered at once', async () => {
    for (const body of [
      `{"text":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
      `{${Array.from({ length: 60_000 }, (_, at) => `"k${at}":1`).join()}}`,
      '{"text":1e999999}',
      `{"text":"${'\\ud800'.repeat(1000)}"}`,
    ]) {
      const began = performance.now()
      expect((await t.request('POST', '/api/v1/scans', body)).status).toBeLessThan(500)
      expect(performance.now() - began).toBeLessThan(5000)
    }
  })
})

describe('methods and files', () => {
  test('other methods do nothing', async () => {
    const authorization = `Bearer ${TOKEN}`
    for (const method of ['TRACE', 'PUT', 'DELETE', 'PROPFIND', 'MKCOL', 'LOCK']) {
      const answer = await ask(method, '/api/v1/outcomes', { authorization, 'x-marked': 'echo-me' })
      expect([method, answer.status]).toEqual([method, 405])
      expect(answer.body).not.toContain('echo-me')
    }
    expect(await sendRaw(port, `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)).toBe('')
    expect((await ask('HEAD', '/api/v1/outcomes', {})).status).toBe(401)
    expect(await ask('HEAD', '/api/v1/outcomes', { authorization })).toMatchObject({ status: 200, body: '' })
    expect(await ask('OPTIONS', '/api/v1/outcomes', {})).toMatchObject({ status: 204, body: '' })
    // A method that a header or the address claims is not the method.
    const posed = await ask('GET', '/api/v1/tickets?_method=POST', { authorization, 'x-http-method-override': 'POST' })
    expect(posed.status).toBe(405)
  })

  test.each([
    '/../package.json', '/..%2fpackage.json', '/%2e%2e/package.json', '/%2e%2e%2fpackage.json', '/..%5cpackage.json', '/..%255c..%255cpackage.json', '/%252e%252e/package.json',
    '/assets/../../package.json', '/assets/..%2f..%2f..%2fetc%2fpasswd', '//etc/passwd', '/%2fetc%2fpasswd', '/\\..\\package.json', '/%c0%ae%c0%ae/package.json', '/.%2e/.built', '/../.built',
    '/file:///etc/passwd', '/C:/Windows/win.ini', '/index.html::$DATA', '/index.html/../../../package.json', '/.git/config', '/%00/../../package.json',
  ])('%s is no file of the screens', async (path) => {
    const answer = await sendRaw(port, get(path))
    expect(statusesIn(answer)[0]).toBeGreaterThanOrEqual(400)
    expect(statusesIn(answer)[0]).toBeLessThan(500)
    expect(answer).not.toMatch(/"name": "maqiao"|root:|\[core\]|fingerprint/)
  })
})

describe('WebSockets', () => {
  const open = (protocols: string[] = ['maqiao.v1', `bearer.${TOKEN}`], headers: Record<string, string> = {}, path = '/api/v1/events') => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers })
    const ended = new Promise<number>((resolve) => {
      socket.once('unexpected-response', (_request, answer) => resolve(answer.statusCode ?? 0))
      socket.once('close', (code) => resolve(code))
      socket.on('error', () => {})
    })
    const opened = new Promise<boolean>((resolve) => {
      socket.once('open', () => resolve(true))
      void ended.then(() => resolve(false))
    })
    return { socket, ended, opened }
  }

  test('200 sockets at once: the first 128 stay, the rest are told to come later', async () => {
    const sockets = Array.from({ length: 200 }, () => open())
    const closed: number[] = []
    sockets.forEach(({ ended }) => void ended.then((code) => closed.push(code)))
    await Promise.all(sockets.map(({ opened }) => opened))
    await until(() => closed.length >= 72)
    expect(closed).toEqual(Array(72).fill(1013))
    sockets.forEach(({ socket }) => socket.terminate())
    await Promise.all(sockets.map(({ ended }) => ended))
    const again = open()
    expect(await again.opened).toBe(true)
    again.socket.close()
  })

  test('one that talks on, in frames too large or in bytes that are no frame is cut off', async () => {
    const talker = open()
    await talker.opened
    for (let count = 0; count < 5000; count++) talker.socket.send('x')
    expect(await talker.ended).toBe(1008)
    const pinger = open()
    await pinger.opened
    for (let count = 0; count < 5000; count++) pinger.socket.ping()
    // What was not read of its pings may end the connection before it has read why.
    expect([1006, 1008]).toContain(await pinger.ended)
    // One that pings on and never reads is gone as well.
    const deaf = open()
    await deaf.opened
    deaf.socket.pause()
    const gone = new Promise((done) => (deaf.socket as unknown as { _socket: NodeJS.EventEmitter })._socket.once('error', done).once('close', done))
    const flood = setInterval(() => deaf.socket.readyState === 1 && deaf.socket.ping('x'.repeat(100)), 5)
    await gone
    clearInterval(flood)
    deaf.socket.terminate()
    const large = open()
    await large.opened
    large.socket.send(Buffer.alloc(1024 * 1024))
    expect(await large.ended).toBe(1009)
    const broken = open()
    await broken.opened
    ;(broken.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.from('ffffffffffffffffffff', 'hex'))
    expect([1002, 1006]).toContain(await broken.ended)
  })

  test.each([
    ['no token', ['maqiao.v1']],
    ['a wrong token', ['maqiao.v1', 'bearer.wrong-token-of-some-length']],
    ['an empty token', ['maqiao.v1', 'bearer.']],
    ['a wrong token before the right one', ['bearer.wrong-token-of-some-length', `bearer.${TOKEN}`]],
    ['the token as a protocol of its own', ['maqiao.v1', TOKEN]],
    ['another case', ['maqiao.v1', `BEARER.${TOKEN}`]],
  ])('subprotocols: %s opens nothing', async (_name, protocols) => {
    expect(await open(protocols).ended).toBe(401)
  })

  test('the token is never repeated as the protocol spoken', async () => {
    const key = 'dGhlIHNhbXBsZSBub25jZQ=='
    const raw = openRaw(port)
    raw.socket.write(head('GET /api/v1/events', `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: bearer.${TOKEN}\r\n\r\n`))
    await until(() => raw.text().includes('hello'))
    expect(raw.text()).toMatch(/^HTTP\/1\.1 101/)
    expect(raw.text()).not.toContain(TOKEN)
    raw.socket.destroy()
  })

  test('an upgrade elsewhere, of another version or from a foreign page is refused', async () => {
    expect(await open(undefined, { origin: 'null' }).ended).toBe(403)
    expect(await open(undefined, { host: 'evil.example' }).ended).toBe(403)
    expect(await open(undefined, {}, '/api/v1/nothing').ended).toBe(404)
    const plain = await t.request('GET', '/api/v1/events')
    expect([plain.status, plain.body.error.code]).toEqual([404, 'NOT_FOUND'])
    const old = await sendRaw(port, head('GET /api/v1/events', `${AUTH}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 7\r\nSec-WebSocket-Key: x\r\n\r\n`))
    expect(statusesIn(old)[0]).toBeGreaterThanOrEqual(400)
  })

  test('the offer of h2c that Java makes with its first request is passed over', async () => {
    const offer = 'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'
    expect(statusesIn(await sendRaw(port, `${head('GET /api/v1/health', offer)}\r\n`))).toEqual([200])
    const body = '{"text":"MZ2020000101"}'
    const scan = await sendRaw(port, `${head('POST /api/v1/scans', AUTH + offer)}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    expect(scan).toContain('"format":"hospital-card"')
  })
})
