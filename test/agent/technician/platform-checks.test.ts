import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer as createHttps, type Server } from 'node:https'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDispatcher } from '../../../src/agent/network.ts'
import { parseSettings } from '../../../src/agent/settings-file.ts'
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
    const { certificate, reach } = await checksOf(await serve('long'), network({}))
    expect(certificate).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/),
      advice: expect.stringContaining('不要绕过'),
    })
    expect(reach).toMatchObject({ ok: false, detail: expect.stringContaining('安全证书没有通过验证') })
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
        detail: 'no-such-name.invalid',
        advice: expect.any(String),
      },
    })
  })

  test('our address is found in a header or beside the word IP, and nowhere else', () => {
    expect(addressTold({ headers: {}, text: '{"msg":"IP 198.51.100.23 不在白名单"}' })).toBe('198.51.100.23')
    expect(addressTold({ headers: { 'x-forwarded-for': '198.51.100.9, 10.0.0.1' }, text: '' })).toBe('198.51.100.9')
    expect(addressTold({ headers: { server: 'nginx/1.2.3.4' }, text: 'version 1.2.3.4, description' })).toBeUndefined()
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
