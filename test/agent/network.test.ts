import { execFile, execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttps, type Server } from 'node:https'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDispatcher, isDirect, keyPin } from '../../src/agent/network.ts'
import { parseSettings, type SettingsError } from '../../src/agent/settings-file.ts'
import { createHttpClient } from '../../src/transcode/platforms/http.ts'
import { PlatformError } from '../../src/transcode/platforms/platform-error.ts'
import { Secret } from '../../src/transcode/secret.ts'

const place = mkdtempSync(join(tmpdir(), 'maqiao-tls-'))
const at = (name: string) => join(place, name)
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: place, stdio: 'pipe' })
const servers: Server[] = []

/** A CA of the hospital's own, a server's and a client's certificate under it. */
beforeAll(() => {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Hospital CA', '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Other CA', '-keyout', 'other-ca.key', '-out', 'other-ca.pem')
  for (const [name, extension] of [['server', 'subjectAltName=IP:127.0.0.1'], ['client', 'extendedKeyUsage=clientAuth'], ['stranger', 'subjectAltName=DNS:other.example']] as const) {
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-addext', extension)
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy', '-out', `${name}.pem`)
  }
})
afterAll(() => servers.forEach((server) => server.close()))

async function serve(name: string, more: object = {}): Promise<string> {
  const server = createHttps({ key: readFileSync(at(`${name}.key`)), cert: readFileSync(at(`${name}.pem`)), ...more }, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    response.end(JSON.stringify({ client: subject?.CN ?? null, tls: (request.socket as TLSSocket).getProtocol() }))
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `https://127.0.0.1:${(server.address() as { port: number }).port}/`
}

async function ask(url: string, network: Partial<Parameters<typeof createDispatcher>[0]>): Promise<{ text?: string; fault?: string }> {
  const http = createHttpClient({ dispatcher: createDispatcher({ pins: {}, ...network }) })
  try {
    return { text: (await http.send({ platform: 'ankang', operation: 'x', method: 'GET', url, timeoutMs: 3000 })).text }
  } catch (error) {
    return { fault: (error as PlatformError).fault.code }
  } finally {
    await http.close()
  }
}

describe('transport', () => {
  test("a hospital's own CA is trusted only where the settings name it", async () => {
    const url = await serve('server')
    expect(await ask(url, {})).toEqual({ fault: 'NETWORK_TLS' })
    expect((await ask(url, { caFile: at('ca.pem') })).text).toContain('TLSv1.3')
  })

  test('a certificate of another name is refused', async () => {
    expect(await ask(await serve('stranger'), { caFile: at('ca.pem') })).toEqual({ fault: 'NETWORK_TLS' })
  })

  test('nothing older than TLS 1.2 is spoken', async () => {
    const url = await serve('server', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    expect((await ask(url, { caFile: at('ca.pem') })).fault).toMatch(/NETWORK_TLS|NETWORK_RESET/)
  })

  test('a client certificate is shown to a platform that asks for it', async () => {
    const url = await serve('server', { requestCert: true, rejectUnauthorized: true, ca: readFileSync(at('ca.pem')) })
    expect((await ask(url, { caFile: at('ca.pem') })).fault).toMatch(/NETWORK/)
    const mine = { caFile: at('ca.pem'), certFile: at('client.pem'), keyFile: at('client.key') }
    expect((await ask(url, mine)).text).toContain('"client":"client"')
  })

  test('a proxy is asked to connect', async () => {
    const asked: string[] = []
    const proxy = createServer((socket) => {
      socket.once('data', (data) => {
        const [, host, port] = /^CONNECT ([^:]+):(\d+)/.exec(data.toString()) ?? []
        asked.push(`${host}`)
        const out = connect(Number(port), host, () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n')
          socket.pipe(out).pipe(socket)
        })
        out.on('error', () => socket.destroy())
      })
      socket.on('error', () => {})
    })
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    const uri = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`
    const { text } = await ask(await serve('server'), { caFile: at('ca.pem'), proxy: uri })
    expect(text).toContain('tls')
    expect(asked).toEqual(['127.0.0.1'])
    proxy.close()
  })

  test('a pinned host must show one of its keys, beside all other checks, with a proxy too', async () => {
    const url = await serve('server')
    const pin = keyPin(new X509Certificate(readFileSync(at('server.pem'))).raw)
    const openssled = execFileSync('sh', ['-c', 'openssl x509 -in server.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64'], { cwd: place })
    expect(pin).toBe(openssled.toString().trim())
    const other = keyPin(new X509Certificate(readFileSync(at('client.pem'))).raw)
    const caFile = at('ca.pem')
    expect((await ask(url, { caFile, pins: { '127.0.0.1': [other, pin] } })).text).toContain('TLSv1.3')
    expect(await ask(url, { caFile, pins: { '127.0.0.1': [other] } })).toEqual({ fault: 'NETWORK_TLS' })
    expect((await ask(url, { caFile, pins: { 'elsewhere.example': [other] } })).text).toContain('TLSv1.3')
    // A pin is no reason to trust what nobody has signed.
    expect(await ask(url, { pins: { '127.0.0.1': [pin] } })).toEqual({ fault: 'NETWORK_TLS' })
    expect(await ask(await serve('stranger'), { caFile, pins: { '127.0.0.1': [keyPin(new X509Certificate(readFileSync(at('stranger.pem'))).raw)] } })).toEqual({ fault: 'NETWORK_TLS' })
  })

  test('a pinned key is asked for behind a proxy as well', async () => {
    const proxy = createServer((socket) => {
      socket.once('data', (data) => {
        const out = connect(Number(/:(\d+) HTTP/.exec(data.toString())?.[1]), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n')
          socket.pipe(out).pipe(socket)
        })
        out.on('error', () => socket.destroy())
      })
      socket.on('error', () => {})
    })
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    const uri = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`
    const url = await serve('server')
    const pinned = (pin: string) => ask(url, { caFile: at('ca.pem'), proxy: uri, pins: { '127.0.0.1': [pin] } })
    expect((await pinned(keyPin(new X509Certificate(readFileSync(at('client.pem'))).raw))).fault).toMatch(/NETWORK_TLS|NETWORK_RESET/)
    expect((await pinned(keyPin(new X509Certificate(readFileSync(at('server.pem'))).raw))).text).toContain('tls')
    proxy.close()
  })

  test('an environment that asks for no verification is not obeyed', async () => {
    const url = await serve('server')
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      expect(await ask(url, {})).toEqual({ fault: 'NETWORK_TLS' })
      expect(await ask(await serve('stranger'), { caFile: at('ca.pem') })).toEqual({ fault: 'NETWORK_TLS' })
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
  })

  test('a certificate that is over, or not yet begun, is refused', async () => {
    writeFileSync(at('ca.cnf'), '[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nnew_certs_dir=.\nserial=own.srl\ndefault_md=sha256\npolicy=any\ncopy_extensions=copy\nunique_subject=no\n[any]\ncommonName=supplied\n')
    writeFileSync(at('index.txt'), '')
    writeFileSync(at('own.srl'), '1000\n')
    for (const [name, from, to] of [['over', '20200101000000Z', '20210101000000Z'], ['early', '20900101000000Z', '20910101000000Z']] as const) {
      openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-addext', 'subjectAltName=IP:127.0.0.1')
      openssl('ca', '-batch', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-in', `${name}.csr`, '-startdate', from, '-enddate', to, '-out', `${name}.pem`)
      expect(await ask(await serve(name), { caFile: at('ca.pem') })).toEqual({ fault: 'NETWORK_TLS' })
    }
  })

  test('a proxy that asks who is there is told, and hears nothing else; without a name it is a fault', async () => {
    const heard: string[] = []
    const proxy = createServer((socket) => {
      socket.once('data', (data) => {
        heard.push(data.toString())
        if (!data.toString().includes(`roxy-authorization: Basic ${Buffer.from('user:pass').toString('base64')}`)) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n')
        const out = connect(Number(/:(\d+) HTTP/.exec(data.toString())?.[1]), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n')
          socket.pipe(out).pipe(socket)
        })
        out.on('error', () => socket.destroy())
      })
      socket.on('error', () => {})
    })
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    const { port } = proxy.address() as { port: number }
    const url = `${await serve('server')}?secret=of-the-address`
    expect((await ask(url, { caFile: at('ca.pem'), proxy: `http://user:pass@127.0.0.1:${port}` })).text).toContain('TLSv1.3')
    expect((await ask(url, { caFile: at('ca.pem'), proxy: `http://127.0.0.1:${port}` })).fault).toMatch(/^NETWORK_/)
    expect(heard).toHaveLength(2)
    for (const line of heard) expect(line).not.toContain('of-the-address')
    proxy.close()
  })

  test('a file that is not there, or is not what it should be, is a fault of the settings', () => {
    expect(() => createDispatcher({ pins: {}, caFile: '/nowhere/ca.pem' })).toThrow(/network\.caFile: file cannot be read/)
    openssl('rsa', '-aes256', '-passout', 'pass:right', '-in', 'client.key', '-out', 'locked.key')
    const cert = { certFile: at('client.pem') }
    for (const [network, fault] of [
      [{ caFile: at('ca.key') }, /network\.caFile: holds no certificate/],
      [{ certFile: at('client.key'), keyFile: at('client.key') }, /network\.certFile: is not usable/],
      [{ ...cert, keyFile: at('client.pem') }, /network\.keyFile: is not usable/],
      [{ ...cert, keyFile: at('server.key') }, /network\.keyFile: is not usable/],
      [{ ...cert, keyFile: at('locked.key') }, /network\.keyFile: is not usable/],
      [{ ...cert, keyFile: at('locked.key'), keyPassphrase: new Secret('wrong') }, /network\.keyFile: is not usable/],
    ] as const) expect(() => createDispatcher({ pins: {}, ...network })).toThrow(fault)
    createDispatcher({ pins: {}, ...cert, keyFile: at('locked.key'), keyPassphrase: new Secret('right') })
  })

  test('settings that would protect nothing are faults: a pin on no host of ours, half a pair, an address that is none', () => {
    const faults = (network: unknown) => {
      try {
        parseSettings({ terminal: { id: 'W1' }, hospital: { id: '1', code: '1', name: 'x', cityCode: '110000', cityName: 'x' }, platforms: { healthCard: { baseUrl: 'https://Card.example:8443', appId: 'a', appSecret: 's' } }, network })
        return []
      } catch (error) {
        return (error as SettingsError).faults.map(({ path }) => path)
      }
    }
    const pin = [`${'A'.repeat(43)}=`]
    expect(faults({ pins: { 'card.example': pin } })).toEqual([])
    for (const host of ['card.exmaple', 'Card.example', 'card.example:8443', 'https://card.example']) expect(faults({ pins: { [host]: pin } })).toContain(`network.pins.${host}`)
    expect(faults({ certFile: 'x.pem' })).toEqual(['network.keyFile'])
    expect(faults({ keyFile: 'x.pem' })).toEqual(['network.certFile'])
    for (const proxy of ['10.0.0.1:3128', 'socks5://10.0.0.1', 'proxy', '']) expect(faults({ proxy })).toEqual(['network.proxy'])
  })
})

/** A server that speaks bytes: told each request as it comes whole, with the number of its connection and of the request in it. */
async function speaking(answer: (socket: Socket, request: string, connection: number, count: number) => void): Promise<{ url: string; port: number; close(): void }> {
  let connections = 0
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    const connection = (connections += 1)
    let count = 0
    open.add(socket)
    socket.on('error', () => {}).on('data', (data) => answer(socket, data.toString(), connection, (count += 1)))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}/path?x=1`,
    port,
    close() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
const JSON_OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"ok":1}'

function clientOf(network: Partial<Parameters<typeof createDispatcher>[0]>) {
  const all = { pins: {}, ...network }
  return createHttpClient({ dispatcher: createDispatcher(all), fresh: createDispatcher(all, { kept: false }) })
}

describe('servers and proxies as hospitals have them', () => {
  test.each([
    ['at once', ['HTTP/1.1 100 Continue\r\n\r\n', JSON_OK]],
    ['in one piece with the answer', [`HTTP/1.1 100 Continue\r\n\r\n${JSON_OK}`]],
    ['twice, with headers', ['HTTP/1.1 100 Continue\r\nServer: x\r\n\r\nHTTP/1.1 100 \r\n\r\n', JSON_OK]],
    ['before early hints', [`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n`, JSON_OK]],
    ['before and after early hints', [`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n`, JSON_OK]],
    ['after early hints of their own', ['HTTP/1.1 103 Early Hints\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', JSON_OK]],
    ['byte by byte', [...'HTTP/1.1 100 Continue\r\n\r\n', JSON_OK]],
  ])('an unasked 100 Continue %s is passed over, on each request of a connection', async (_name, pieces) => {
    const server = await speaking(async (socket) => {
      for (const piece of pieces) await new Promise<void>((done) => socket.write(piece, () => setImmediate(done)))
    })
    const http = clientOf({})
    for (let count = 0; count < 3; count++) expect((await http.send({ platform: 'ankang', operation: 'x', url: server.url, body: '{}', timeoutMs: 3000 })).text).toBe('{"ok":1}')
    await http.close()
    server.close()
  })

  test.each([
    ['that end in a bare LF', 'HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 8\n\n{"ok":1}'],
    ['with a space before a colon', JSON_OK.replace('\r\n\r\n', '\r\nX-A : b\r\n\r\n')],
    ['that are folded', JSON_OK.replace('\r\n\r\n', '\r\nX-A: b\r\n c\r\n\r\n')],
    ['with two lengths', JSON_OK.replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\n')],
  ])('headers %s are told as what they are', async (_name, answer) => {
    const server = await speaking((socket) => socket.end(answer))
    const http = clientOf({})
    const fault = await http.send({ platform: 'ankang', operation: 'x', url: server.url, body: '{}', timeoutMs: 3000 }).then(({ text }) => text, (error: PlatformError) => error.fault)
    if (fault !== '{"ok":1}') expect(fault).toMatchObject({ code: 'NETWORK_PROTOCOL', advice: expect.stringMatching(/按应急流程.*信息科：/) })
    expect(JSON.stringify(fault)).not.toContain('刷新')
    await http.close()
    server.close()
  })

  describe('a kept connection that is closed as a request is written', () => {
    test.each(['reset', 'end'])('(%s): a pure query is asked once more on a connection of its own, anything else never', async (how) => {
      const seen: string[] = []
      const server = await speaking((socket, request, connection, count) => {
        seen.push(`${connection}.${count} ${request.split('\r\n\r\n')[1]}`)
        if (count === 1) socket.write(JSON_OK)
        else if (how === 'reset') socket.resetAndDestroy()
        else socket.end()
      })
      const http = clientOf({})
      const ask = (body: string, again?: () => string) =>
        http.send({ platform: 'ankang', operation: 'x', url: server.url, body, timeoutMs: 3000, ...(again && { again }) }).then(({ text }) => text, (error: PlatformError) => error.fault.code)
      // The pool chooses which requests go on a kept connection.
      const onKept = () => seen.filter((line) => / \w$/.test(line) && !line.includes('.1 '))
      while (onKept().length < 3) expect(await ask('b', () => 'B')).toBe('{"ok":1}')
      expect(seen.filter((line) => line.endsWith('B'))).toHaveLength(3)
      expect(seen.filter((line) => line.endsWith('B') && !line.includes('.1 '))).toEqual([])
      const answers: string[] = []
      while (!answers.includes('NETWORK_RESET')) answers.push(await ask('d'))
      expect(seen.filter((line) => line.endsWith('d'))).toHaveLength(answers.length)
      await http.close()
      server.close()
    })

    test('a new connection that is cut is not asked again, nor a second time a kept one', async () => {
      const seen: string[] = []
      let refuse = true
      const server = await speaking((socket, request, _connection, count) => {
        seen.push(`${count} ${request.split('\r\n\r\n')[1]}`)
        if (refuse || count > 1) socket.resetAndDestroy()
        else socket.write(JSON_OK)
        if (count > 1) refuse = true
      })
      const http = clientOf({})
      const ask = () => http.send({ platform: 'ankang', operation: 'x', url: server.url, body: 'a', timeoutMs: 3000, again: () => 'A' }).then(({ text }) => text, (error: PlatformError) => error.fault.code)
      expect(await ask()).toBe('NETWORK_RESET')
      expect(seen).toEqual(['1 a'])
      refuse = false
      let answer = ''
      while (answer !== 'NETWORK_RESET') answer = await ask()
      expect(seen.slice(-2)).toEqual(['2 a', '1 A'])
      await http.close()
      server.close()
    })
  })

  describe('a proxy', () => {
    const answered = (network: Partial<Parameters<typeof createDispatcher>[0]>, url: string) => {
      const http = clientOf(network)
      return http.send({ platform: 'ankang', operation: 'x', url, body: '{}', headers: { 'content-type': 'application/json' }, timeoutMs: 3000 })
        .then(({ text }) => text, (error: PlatformError) => ({ ...error.fault, sent: error.sent }))
        .finally(() => http.close())
    }

    test('is given the whole address of a plain platform, as Squid delivered wants it, with its account', async () => {
      let heard = ''
      const proxy = await speaking((socket, request) => {
        heard = request
        socket.write(request.startsWith('CONNECT') ? 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n' : JSON_OK)
      })
      expect(await answered({ proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` }, 'http://platform.example:8080/api?x=1')).toBe('{"ok":1}')
      expect(heard).toMatch(/^POST http:\/\/platform\.example:8080\/api\?x=1 HTTP\/1\.1\r\n/)
      expect(heard).toMatch(/\r\nhost: platform\.example:8080\r\n/i)
      expect(heard).toContain(`\r\nproxy-authorization: Basic ${Buffer.from('user:p@ss').toString('base64')}\r\n`)
      proxy.close()
    })

    test('that refuses, or is away, is named; nothing was sent', async () => {
      const proxy = await speaking((socket) => socket.write('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'))
      expect(await answered({ proxy: `http://127.0.0.1:${proxy.port}` }, 'https://platform.example/')).toMatchObject({ code: 'NETWORK_PROXY', sent: false, message: expect.stringContaining('HTTP 407'), advice: expect.stringMatching(/信息科：.*帐号/) })
      proxy.close()
      const away = { code: 'NETWORK_UNREACHABLE', sent: false, message: expect.stringContaining(`经代理 127.0.0.1:${proxy.port}`), advice: expect.stringMatching(/信息科：.*network\.proxy/) }
      for (const url of ['https://platform.example/', 'http://platform.example/']) expect(await answered({ proxy: `http://127.0.0.1:${proxy.port}` }, url)).toMatchObject(away)
    })

    test('is left aside for what noProxy lists, without it for what NO_PROXY lists', async () => {
      const inside = await speaking((socket) => socket.write(JSON_OK))
      const proxy = `http://127.0.0.1:${(await speaking((socket) => socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'))).port}`
      expect(await answered({ proxy, noProxy: ['127.0.0.0/8'] }, inside.url)).toBe('{"ok":1}')
      expect(await answered({ proxy, noProxy: ['10.0.0.0/8'] }, inside.url)).toBe('')
      process.env['NO_PROXY'] = `other.lan, 127.0.0.1:${inside.port}`
      try {
        expect(await answered({ proxy }, inside.url)).toBe('{"ok":1}')
        expect(await answered({ proxy, noProxy: [] }, inside.url)).toBe('')
      } finally {
        delete process.env['NO_PROXY']
      }
      inside.close()
    })

    test.each([
      [['10.0.0.0/8'], 'http://10.200.3.4/', true],
      [['10.0.0.0/8'], 'http://11.0.0.1/', false],
      [['10.0.0.0/8'], 'http://ten.lan/', false],
      [['fd00::/8'], 'https://[fd12::1]:8443/', true],
      [['.lan'], 'https://card.lan/', true],
      [['.lan'], 'https://a.card.LAN:8080/', true],
      [['*.lan'], 'https://card.lan/', true],
      [['lan'], 'https://card.lan/', true],
      [['医院.lan'], 'https://his.医院.lan/', true],
      [['card.lan'], 'https://CARD.lan./', true],
      [['.lan'], 'https://lan.example/', false],
      [['card.lan'], 'https://discard.lan/', false],
      [['card.lan:8080'], 'http://card.lan:8080/', true],
      [['card.lan:8080'], 'http://card.lan/', false],
      [['card.lan:443'], 'https://card.lan/', true],
      [['10.0.0.7'], 'http://10.0.0.7:9/', true],
      [['[fd12::1]:443', '::1'], 'https://[fd12::1]/', true],
      [['::1'], 'http://[::1]/', true],
      [['*'], 'https://anything.example/', true],
      [[], 'https://anything.example/', false],
      [['10.0.0.0/99', 'x/8', ''], 'http://10.0.0.1/', false],
    ] as const)('noProxy %j: %s %s', (entries, url, direct) => {
      expect(isDirect({ proxy: 'http://p.lan:3128', noProxy: [...entries] })(new URL(url))).toBe(direct)
    })

    test('an entry of noProxy that is none is told at the start', () => {
      const faults = (noProxy: unknown) => {
        try {
          parseSettings({ terminal: { id: 'W1', cityNo: '340100' }, network: { proxy: 'http://p.lan:3128', noProxy } })
          return ''
        } catch (error) {
          return (error as SettingsError).message
        }
      }
      expect(faults(['10.0.0.0/8', '.lan', '*.lan', 'card.lan:80', '10.0.0.1', '::1', '[::1]:80', 'fd00::/8', '*'])).toBe('')
      for (const entry of ['10.0.0.0/33', '10.0.0/8', 'http://card.lan', 'a b', '']) expect(faults([entry])).toContain('network.noProxy.0')
    })
  })

  test('a chain without its intermediate is told with the name of what is missing', async () => {
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/O=Card Platform/CN=Card Intermediate G2', '-keyout', 'mid.key', '-out', 'mid.csr')
    writeFileSync(at('mid.cnf'), 'basicConstraints=critical,CA:TRUE\n')
    openssl('x509', '-req', '-in', 'mid.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'mid.cnf', '-out', 'mid.pem')
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=leaf', '-keyout', 'leaf.key', '-out', 'leaf.csr', '-addext', 'subjectAltName=IP:127.0.0.1')
    openssl('x509', '-req', '-in', 'leaf.csr', '-CA', 'mid.pem', '-CAkey', 'mid.key', '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy', '-out', 'leaf.pem')
    const url = await serve('leaf')
    const http = clientOf({ caFile: at('ca.pem') })
    const error = await http.send({ platform: 'ankang', operation: 'x', url, timeoutMs: 3000 }).catch((fault: PlatformError) => fault)
    expect((error as PlatformError).fault).toMatchObject({ code: 'NETWORK_TLS', message: expect.stringContaining('缺少证书“Card Intermediate G2”'), advice: expect.stringMatching(/^请按应急流程.*信息科：.*补齐/) })
    expect((error as PlatformError).sent).toBe(false)
    await http.close()
    // Whole, or with what is missing in the settings, it holds.
    writeFileSync(at('both.pem'), readFileSync(at('ca.pem'), 'utf8') + readFileSync(at('mid.pem'), 'utf8'))
    expect((await ask(url, { caFile: at('both.pem') })).text).toContain('TLS')
  })

  test("a certificate of the operating system's own roots is trusted, with and without a CA of the hospital's", async () => {
    const url = await serve('server')
    const script = `
      import { createDispatcher } from ${JSON.stringify(new URL('../../src/agent/network.ts', import.meta.url).href)}
      import { createHttpClient } from ${JSON.stringify(new URL('../../src/transcode/platforms/http.ts', import.meta.url).href)}
      for (const network of [{ pins: {} }, { pins: {}, caFile: process.argv[1] }]) {
        const http = createHttpClient({ dispatcher: createDispatcher(network) })
        console.log(await http.send({ platform: 'ankang', operation: 'x', method: 'GET', url: process.argv[2], timeoutMs: 20000 }).then(({ text }) => text, ({ fault }) => fault.code))
        await http.close()
      }`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, at('other-ca.pem'), url], { env: { ...process.env, SSL_CERT_FILE: at('ca.pem'), SSL_CERT_DIR: place } })
    expect(stdout.trim().split('\n')).toEqual([expect.stringContaining('TLS'), expect.stringContaining('TLS')])
  })
})
