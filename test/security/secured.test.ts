/** The whole terminal against a platform behind TLS, a hospital's own CA and a proxy: what is reached, and what its people are told. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseSettings, type SettingsError } from '../../src/agent/settings-file.ts'
import { plainHttpPaths } from '../../src/transcode/platforms/setting-fields.ts'
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { enterAsTechnician } from '../support/technician.ts'
import { sampleText, startTestTerminal, type TestTerminal } from '../support/terminal.ts'

const place = mkdtempSync(join(tmpdir(), 'maqiao-secured-'))
const at = (name: string) => join(place, name)
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: place, stdio: 'pipe' })
let simulator: Simulator
let front: Server
let url: string
/** Who came through the door, by the certificate shown. */
const callers = new Set<string>()

beforeAll(async () => {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '400', '-subj', '/O=Hospital CA/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem')
  for (const [name, extension] of [['server', 'subjectAltName=IP:127.0.0.1'], ['client', 'extendedKeyUsage=clientAuth']] as const) {
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-addext', extension)
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '20', '-copy_extensions', 'copy', '-out', `${name}.pem`)
  }
  simulator = createSimulator()
  const behind = new URL(await simulator.listen(0))
  const tls = { key: readFileSync(at('server.key')), cert: readFileSync(at('server.pem')), ca: readFileSync(at('ca.pem')), requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' as const }
  front = createServer(tls, (request, response) => {
    callers.add((request.socket as TLSSocket).getPeerCertificate().subject.CN as string)
    const { method, url: path, headers } = request
    const onwards = httpRequest({ host: behind.hostname, port: behind.port, method, path, headers: { ...headers, host: behind.host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onwards)
  })
  await new Promise<void>((done) => front.listen(0, '127.0.0.1', done))
  url = `https://127.0.0.1:${(front.address() as AddressInfo).port}`
})
afterAll(async () => {
  front.closeAllConnections()
  front.close()
  await simulator.close()
  rmSync(place, { recursive: true, force: true })
})

const cardSection = () => simulator.settings().platforms['healthCard'] as Record<string, unknown>
/** The health card's platform moved behind TLS. */
const moved = () => ({ healthCard: { ...cardSection(), baseUrl: url + new URL(String(cardSection()['baseUrl'])).pathname.replace(/\/$/, ''), urls: undefined } })
const started = (network: Record<string, unknown>): Promise<TestTerminal> => startTestTerminal({ settings: { platforms: moved(), network } })

describe('a platform behind TLS', () => {
  test('under the hospital’s own CA, with a client certificate: codes are read, and that its certificate ends soon is told', async () => {
    const t = await started({ caFile: at('ca.pem'), certFile: at('client.pem'), keyFile: at('client.key') })
    try {
      expect((await t.scan(sampleText(simulator, 'card-static'))).status).toBe('accepted')
      expect([...callers]).toEqual(['client'])
      const technician = await enterAsTechnician(t)
      const host = new URL(url).host
      const words = `${host} 的安全证书还有 19 天到期`
      const screen = (await t.request('GET', '/api/v1/screen', undefined, { authorization: `Bearer ${technician.screenToken}` })).body
      expect(screen.notices).toEqual([{ code: 'CERTIFICATE_EXPIRES', message: words, advice: expect.stringContaining('更换证书') }])
      const { platforms } = (await technician.get('')).body as { platforms: { id: string; certificates: unknown[]; plainHttp: string[] }[] }
      const card = platforms.find(({ id }) => id === 'health-card')
      expect(card?.certificates).toMatchObject([{ host, issuer: 'Hospital CA', daysLeft: 19, expiresSoon: true }])
      expect(card?.plainHttp).toEqual([])
      const { checks } = (await technician.send('POST', '/checks')).body as { checks: { id: string; ok: boolean; detail: string }[] }
      expect(checks.find(({ id }) => id === `platform.health-card.${host}.certificate`)).toMatchObject({ ok: false, detail: 'Hospital CA，剩余 19 天' })
    } finally {
      await t.close()
    }
  })

  test.each([
    ['without the CA', () => ({ certFile: at('client.pem'), keyFile: at('client.key') })],
    ['without the client certificate', () => ({ caFile: at('ca.pem') })],
    ['with another key pinned', () => ({ caFile: at('ca.pem'), certFile: at('client.pem'), keyFile: at('client.key'), pins: { '127.0.0.1': [`${'A'.repeat(43)}=`] } })],
  ])('%s: nobody is asked, and staff are told why', async (_how, network) => {
    callers.clear()
    const t = await started(network())
    try {
      const outcome = await t.scan(sampleText(simulator, 'card-static'))
      expect(outcome).toMatchObject({ status: 'unavailable', error: { code: expect.stringMatching(/^NETWORK_(TLS|RESET)$/) } })
      expect(outcome.error?.advice).toMatch(/[一-龥]/)
      expect(callers.size).toBe(0)
      expect(t.simulator.books()['health-card']?.['uses'] ?? []).toEqual([])
    } finally {
      await t.close()
    }
  })
})

describe('a platform in the clear', () => {
  const HOSPITAL = { id: '10086', code: '01', name: '人民医院', cityCode: '340100', cityName: '合肥市' }
  const faults = (healthCard: Record<string, unknown>) => {
    try {
      parseSettings({ terminal: { id: 'W1' }, hospital: HOSPITAL, platforms: { healthCard: { appId: 'a', appSecret: 's', ...healthCard } } })
      return []
    } catch (error) {
      return (error as SettingsError).faults.map(({ path, reason }) => `${path}: ${reason}`)
    }
  }

  test('on another machine is refused at the start, however its address is written, unless the settings allow it', () => {
    for (const baseUrl of ['http://10.1.1.1', 'HTTP://10.1.1.1', 'http://127.0.0.1.evil.example', 'http://0.0.0.0', 'http://[::ffff:10.1.1.1]', 'http://localhost.example', 'http:10.1.1.1', 'http:\\\\10.1.1.1']) {
      expect([baseUrl, faults({ baseUrl })]).toEqual([baseUrl, [expect.stringMatching(/^platforms\.healthCard\.baseUrl: must be https/)]])
      expect([baseUrl, faults({ baseUrl, allowPlainHttp: true })]).toEqual([baseUrl, []])
    }
    for (const baseUrl of [' http://10.1.1.1', '\thttp://10.1.1.1', 'ht\ntp://10.1.1.1', '\u0001http://10.1.1.1']) {
      for (const allowPlainHttp of [false, true]) expect([baseUrl, faults({ baseUrl, allowPlainHttp })[0]]).toEqual([baseUrl, expect.stringContaining('baseUrl: must be an http(s) URL')])
      expect([baseUrl, plainHttpPaths({ x: [baseUrl] })]).toEqual([baseUrl, [['x', '0']]])
    }
    expect(faults({ baseUrl: 'https://x.example', urls: { verifyQRCode: 'http://10.1.1.1/x' } })).toEqual([expect.stringMatching(/^platforms\.healthCard\.urls\.verifyQRCode: must be https/)])
    expect(faults({ baseUrl: 'http://127.0.0.1:1' })).toEqual([])
  })

  test('that is allowed is marked for the technician', async () => {
    const t = await startTestTerminal({ settings: { platforms: { healthCard: { baseUrl: 'http://10.255.255.1:8080', allowPlainHttp: true, urls: undefined } } } })
    try {
      const technician = await enterAsTechnician(t)
      const { platforms } = (await technician.get('')).body as { platforms: { id: string; plainHttp: string[] }[] }
      expect(platforms.filter(({ plainHttp }) => plainHttp.length > 0)).toMatchObject([{ id: 'health-card', plainHttp: ['http://10.255.255.1:8080'] }])
    } finally {
      await t.close()
    }
  })
})
