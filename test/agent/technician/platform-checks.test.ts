import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps, type Server } from 'node:https'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PeerCertificate } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDispatcher } from '../../../src/agent/network.ts'
import { parseSettings } from '../../../src/agent/settings-file.ts'
import { certificateFault } from '../../../src/agent/technician/connection-faults.ts'
import { watchCertificates } from '../../../src/agent/technician/certificates.ts'
import type { Check } from '../../../src/agent/technician/check.ts'
import { originsIn, plainOriginsIn } from '../../../src/agent/technician/origins.ts'
import { addressTold, platformChecks } from '../../../src/agent/technician/platform-checks.ts'
import { createHttpClient } from '../../../src/transcode/platforms/http.ts'

const place = mkdtempSync(join(tmpdir(), 'maqiao-checks-'))
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: place, stdio: 'pipe' })
const closing: { close(): unknown }[] = []
const network = (more: object) => parseSettings({ terminal: { id: 'W01' }, network: more }).network
const trusting = () => network({ caFile: join(place, 'ca.pem') })

beforeAll(() => {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '400',
    '-subj',
    '/O=Hospital CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  )
  for (const [name, days] of [
    ['soon', '20'],
    ['long', '300'],
  ] as const) {
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    )
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      days,
      '-copy_extensions',
      'copy',
      '-out',
      `${name}.pem`,
    )
  }
})
afterAll(() => closing.forEach((each) => each.close()))

async function serve(name: 'soon' | 'long'): Promise<URL> {
  const server: Server = createHttps(
    { key: readFileSync(join(place, `${name}.key`)), cert: readFileSync(join(place, `${name}.pem`)) },
    (_request, response) => {
      response.setHeader('x-client-ip', '203.0.113.7')
      response.end('{}')
    },
  )
  closing.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return new URL(`https://127.0.0.1:${(server.address() as { port: number }).port}`)
}

async function checksOf(url: URL, way: ReturnType<typeof network>): Promise<Record<string, Check>> {
  const found: Record<string, Check> = {}
  for await (const check of platformChecks('ankang', url, way)) found[check.id.split('.').at(-1)!] = check
  return found
}

describe('the way to a platform', () => {
  test('a sound one: issuer, days, round trip, the address it sees', async () => {
    const found = await checksOf(await serve('long'), trusting())
    expect(Object.values(found).every(({ ok }) => ok)).toBe(true)
    expect(found['certificate']?.detail).toMatch(/^Hospital CA，剩余 (299|300) 天$/)
    expect(found['address']?.detail).toContain('203.0.113.7')
    expect(Object.keys(found)).toEqual(['name', 'certificate', 'reach', 'clock', 'address'])
  })

  test('a certificate that ends within 30 days is told before it does', async () => {
    const { certificate, reach } = await checksOf(await serve('soon'), trusting())
    expect(certificate).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/剩余 (19|20) 天/),
      advice: expect.stringContaining('30 天'),
    })
    expect(reach?.ok).toBe(true)
  })

  test('a certificate of a CA that is not trusted', async () => {
    const found = await checksOf(await serve('long'), network({}))
    expect(found['certificate']).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^签发者 Hospital CA 不受信任（(UNABLE_TO|SELF_SIGNED)/),
      advice: expect.stringContaining('不要绕过'),
    })
    expect(Object.keys(found)).toEqual(['name', 'certificate'])
  })

  test('one cause is told once, with whom to call', async () => {
    const cut = createServer((socket) => socket.destroy())
    const plain = createHttp((_request, response) => response.writeHead(403).end())
    for (const server of [cut, plain]) {
      closing.push(server)
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    }
    const portOf = (server: { address(): unknown }) => (server.address() as { port: number }).port
    const told = async (address: string) => {
      const found = Object.entries(await checksOf(new URL(address), network({}))).filter(([, { ok }]) => !ok)
      return found.map(([what, { detail, advice }]) => `${what}: ${detail} ${advice}`)
    }
    expect(await told('https://127.0.0.1:1')).toEqual([expect.stringMatching(/^reach: 127\.0\.0\.1:1 拒绝连接.*平台对接人/)])
    expect(await told(`https://127.0.0.1:${portOf(cut)}`)).toEqual([expect.stringMatching(/^reach: .*接通后被切断 .*IP 白名单.*网络管理员/)])
    expect(await told(`https://127.0.0.1:${portOf(plain)}`)).toEqual([expect.stringMatching(/^certificate: .*不是 https/)])
    const { reach } = await checksOf(new URL(`http://127.0.0.1:${portOf(plain)}`), network({}))
    expect(reach?.detail).toMatch(/HTTP 403.*白名单/)
  })

  test('a clock that is off is told with its direction', async () => {
    const late = createHttp((_request, response) => response.setHeader('date', new Date(Date.now() + 700_000).toUTCString()).end())
    closing.push(late)
    await new Promise<void>((done) => late.listen(0, '127.0.0.1', done))
    const { clock } = await checksOf(new URL(`http://127.0.0.1:${(late.address() as { port: number }).port}`), network({}))
    expect(clock).toMatchObject({ ok: false, detail: expect.stringMatching(/^本机慢 (699|700|701) 秒$/), advice: expect.stringContaining('信息科') })
  })

  test('through a proxy nothing goes past it, and the certificate is seen all the same', async () => {
    const asked: string[] = []
    const proxy = createServer((client) => {
      client.once('data', (head) => {
        const [, host, port] = /^CONNECT ([^:]+):(\d+)/.exec(String(head))!
        asked.push(`${host}:${port}`)
        const far = connect(Number(port), host)
        far.once('connect', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
        client.pipe(far).pipe(client)
        far.on('error', () => client.destroy())
        client.on('error', () => far.destroy())
      })
    })
    closing.push(proxy)
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    const url = await serve('soon')
    const found = await checksOf(
      url,
      network({
        caFile: join(place, 'ca.pem'),
        proxy: `http://127.0.0.1:${(proxy.address() as { port: number }).port}`,
      }),
    )
    expect(Object.keys(found)).toEqual(['reach', 'clock', 'certificate', 'address'])
    expect(found['certificate']?.detail).toContain('Hospital CA')
    expect(asked).toEqual([url.host])
  })

  test('a name that nobody knows ends it', async () => {
    const found = await checksOf(new URL('https://no-such-name.invalid'), network({}))
    expect(found).toEqual({
      name: {
        id: 'platform.ankang.no-such-name.invalid.name',
        ok: false,
        title: expect.any(String),
        detail: expect.stringContaining('no-such-name.invalid'),
        advice: expect.stringContaining('网络管理员'),
      },
    })
  })

  test('our address is found in a header or beside the word IP, and nowhere else', () => {
    expect(addressTold({ headers: {}, text: '{"msg":"IP 198.51.100.23 不在白名单"}' })).toBe('198.51.100.23')
    expect(addressTold({ headers: { 'x-forwarded-for': '198.51.100.9, 10.0.0.1' }, text: '' })).toBe('198.51.100.9')
    expect(addressTold({ headers: { server: 'nginx/1.2.3.4' }, text: 'version 1.2.3.4, description' })).toBeUndefined()
  })
})

describe('a certificate that is refused', () => {
  const now = Date.parse('2026-11-22T00:00:00Z')
  const shown = { issuer: { O: 'GW-FW' }, subject: { CN: 'other.example' }, valid_from: 'Dec  1 00:00:00 2026 GMT', valid_to: 'Nov  1 00:00:00 2026 GMT' } as unknown as PeerCertificate
  test.each([
    ['CERT_HAS_EXPIRED', /2026-11-01 到期/, /2026-11-22.*平台对接人/],
    ['CERT_NOT_YET_VALID', /2026-12-01 才生效/, /信息科/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /属于 other\.example，不是 p\.example/, /核对设置中的平台地址/],
    ['ERR_TLS_CERT_PIN', /固定的.*GW-FW/, /平台对接人核实/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /GW-FW 不受信任/, /不解密/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /没有建成/, /TLS 1\.2/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /没有建成/, /客户端证书/],
  ])('%s says why, and whom to call', (code, detail, advice) => {
    const told = certificateFault(code, 'p.example', shown, now)
    expect(told.detail).toMatch(detail)
    expect(told.advice).toMatch(advice)
  })
})

describe('certificates seen in passing', () => {
  test('of the hosts that are ours, with the days they have left', async () => {
    const [soon, long, stranger] = [await serve('soon'), await serve('long'), await serve('long')]
    const seen = watchCertificates({ hosts: [soon.host, long.host], now: Date.now })
    const http = createHttpClient({ dispatcher: createDispatcher(trusting()) })
    for (const url of [soon, long, stranger])
      await http.send({ platform: 'ankang', operation: 'x', method: 'GET', url: url.href, timeoutMs: 3000 })
    expect(seen.of([soon.host])).toMatchObject([{ host: soon.host, issuer: 'Hospital CA', expiresSoon: true }])
    expect(seen.of([long.host])).toMatchObject([{ expiresSoon: false }])
    expect(seen.of([stranger.host])).toEqual([])
    expect(seen.soonest()?.host).toBe(soon.host)
    seen.stop()
    await http.close()
  })
})

describe('addresses of the settings', () => {
  const section = {
    baseUrl: 'http://10.1.1.1:8080/a',
    urls: { x: 'http://10.1.1.1:8080/b', y: 'https://p.example/' },
    entryUrl: 'https://phone.example',
    local: 'http://127.0.0.1:1',
  }
  test('each origin once; what a phone opens is not ours to reach', () => {
    expect(originsIn(section).map(({ origin }) => origin)).toEqual([
      'http://10.1.1.1:8080',
      'https://p.example',
      'http://127.0.0.1:1',
    ])
  })
  test('unencrypted ones on other machines', () => {
    expect(plainOriginsIn(section)).toEqual(['http://10.1.1.1:8080'])
    expect(plainOriginsIn(undefined)).toEqual([])
  })
})
