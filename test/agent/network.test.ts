import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttps, type Server } from 'node:https'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDispatcher, keyPin } from '../../src/agent/network.ts'
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
        parseSettings({ terminal: { id: 'W1' }, hospital: { id: '1', code: '1', name: 'x', cityCode: '1', cityName: 'x' }, platforms: { healthCard: { baseUrl: 'https://Card.example:8443', appId: 'a', appSecret: 's' } }, network })
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
