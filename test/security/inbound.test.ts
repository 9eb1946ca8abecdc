/** Attacks on the one door that stands open to the network: the listener on which 泉州 asks for charges. */
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createHttpClient, type HttpClient } from '../../src/transcode/platforms/http.ts'
import { createEnvelope } from '../../src/transcode/platforms/quanzhou/create-envelope.ts'
import { createInboundAdmission } from '../../src/transcode/platforms/quanzhou/inbound-admission.ts'
import { startInboundServer } from '../../src/transcode/platforms/quanzhou/inbound-server.ts'
import { quanzhouSettings } from '../../src/transcode/platforms/quanzhou/settings.ts'
import { playedTools, SITE } from '../support/played-http.ts'
import { statusesIn } from '../support/raw-http.ts'
import { until } from '../support/terminal.ts'

const NOW = Date.parse('2024-03-05T10:00:00+08:00')
const ASKED = { fixmedins_code: SITE.hospital!.insuranceCode!, hosp_mdtrt_id: 'ZY1' }
const CHARGES = { psn_name: '测试一', cert_no: '350502198803070026', cert_type: '01', med_type: '21', is_own: '1', setl_time: '2024-03-05 09:00:00', medfee_sumamt: '10.00', fund_pay_sumamt: '0', acct_pay_sumamt: '0', cash_payamt: '4.50', cntr_bank_act_amt: '5.50' }
const FIELDS = { baseUrl: 'https://platform.example/api', appId: '43AF047BBA47FC8A1AE8', appSecret: '4117E877F5FA0A0188891283E4B617D5', bizKey: 'biz', salt: 'salt' }
const SETTINGS = quanzhouSettings.parse({ ...FIELDS, signType: 'SM3', encType: 'AES' })
const platform = createEnvelope(SETTINGS)

let his: Server
let http: HttpClient
/** Questions that wait at the HIS; each is answered by calling it. */
const waiting: (() => void)[] = []
let hold = false

beforeAll(async () => {
  his = createServer((request, response) => {
    request.resume()
    const answer = () => response.end(JSON.stringify(CHARGES))
    if (hold) waiting.push(answer)
    else answer()
  }).listen(0, '127.0.0.1')
  await new Promise((ready) => his.once('listening', ready))
  http = createHttpClient()
})
afterAll(async () => {
  his.closeAllConnections()
  his.close()
  await http.close()
})

async function started() {
  const { tools, logged } = playedTools(http, { now: NOW })
  let now = NOW
  const inbound = { listen: '0.0.0.0:0', hisUrl: `http://127.0.0.1:${(his.address() as AddressInfo).port}/`, maxBodyBytes: 4096 }
  const server = await startInboundServer({ ...SETTINGS, inbound }, { ...tools, now: () => now })
  onTestFinished(() => server.close())
  const signed = () => platform.sealRequest('x', ASKED, now)
  const post = (body: string) => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  /** From an address of this machine's own network. */
  const open = (from = '127.0.0.1') => {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: from })
    let text = ''
    socket.setEncoding('latin1').on('data', (data: string) => (text += data)).on('error', () => {})
    return { socket, text: () => text, opened: new Promise((done) => socket.once('connect', done)), closed: new Promise<void>((done) => socket.once('close', () => done())) }
  }
  const ask = async (body: string, from?: string) => {
    const { socket, text } = open(from)
    socket.write(post(body))
    const [status] = await until(() => statusesIn(text()), (found) => found.length > 0)
    socket.destroy()
    return status
  }
  return { ...server, signed, post, open, ask, logged, later: (ms: number) => (now += ms) }
}

describe('the share of a stranger', () => {
  test('is used up by what it cannot prove; nobody else’s is', () => {
    let now = NOW
    const admission = createInboundAdmission(() => now)
    const guess = (address: string) => admission.admits(address) && (admission.unproven(address), true)
    expect(Array.from({ length: 40 }, () => guess('10.0.0.9')).filter(Boolean)).toHaveLength(30)
    expect(guess('10.0.0.8')).toBe(true)
    // One machine has a whole /64 of IPv6, and an IPv4 address under two names.
    expect(Array.from({ length: 40 }, (_, at) => guess(`2001:db8::${at}`)).filter(Boolean)).toHaveLength(30)
    expect([guess('2001:db8:0:0:1:2:3:4'), guess('2001:db8:0:1::1'), guess('::ffff:10.0.0.9')]).toEqual([false, true, false])
    now += 60_000
    expect(guess('10.0.0.9')).toBe(true)
  })

  test('of all strangers together has an end, which who has proven itself does not feel', () => {
    let now = NOW
    const admission = createInboundAdmission(() => now)
    expect(admission.admits('10.1.1.1')).toBe(true)
    admission.proven('10.1.1.1')
    now += 60_000
    let heard = 0
    let told = 0
    for (let at = 0; at < 3000; at++) {
      const address = `10.2.${at >> 8}.${at & 255}`
      if (!admission.admits(address)) continue
      heard += 1
      if (admission.unproven(address)) told += 1
    }
    expect([heard, told]).toEqual([300, 10])
    expect([admission.admits('10.9.9.9'), admission.admits('10.1.1.1')]).toEqual([false, true])
    expect(Array.from({ length: 700 }, () => admission.admits('10.1.1.1')).filter(Boolean)).toHaveLength(599)
  })
})

describe('the listener', () => {
  test('hears thirty guesses of a stranger and then no more; the platform is answered all the while', async () => {
    const { ask, signed, logged, later, post, open } = await started()
    for (let at = 0; at < 30; at++) expect(await ask(`{"chs_fjs_sign":"${at}"}`, '127.0.0.7')).toBe(403)
    const refused = open('127.0.0.7')
    // The answer comes before any of the body is read.
    refused.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n`)
    await refused.closed
    expect(refused.text()).toMatch(/^HTTP\/1\.1 429 [^]*retry-after: 60/i)
    expect(await ask(signed(), '127.0.0.7')).toBe(429)
    expect(await ask(signed(), '127.0.0.1')).toBe(200)
    expect(logged.filter((line) => line.includes('unauthentic'))).toHaveLength(10)
    later(60_000)
    expect(await ask(signed(), '127.0.0.7')).toBe(200)
    // What is too large proves nothing either.
    for (let at = 0; at < 31; at++) expect(await ask('x'.repeat(5000), '127.0.0.5')).toBe(at < 30 ? 413 : 429)
    // Many requests in one packet are counted one by one.
    later(60_000)
    const packet = open('127.0.0.6')
    packet.socket.write(post('{}').repeat(200))
    await packet.closed
    expect(statusesIn(packet.text()).filter((status) => status === 403).length).toBeLessThanOrEqual(30)
  })

  test('lets one address hold 32 connections, cuts off who drips, and hears the platform meanwhile', async () => {
    const { open, ask, signed } = await started()
    const idle = Array.from({ length: 60 }, () => open('127.0.0.7'))
    let ended = 0
    idle.forEach(({ closed }) => void closed.then(() => (ended += 1)))
    await Promise.all(idle.map(({ opened }) => opened))
    await until(() => ended >= 28)
    expect(ended).toBe(28)
    expect(await ask(signed())).toBe(200)
    const drip = (head: string, piece: string) => {
      const { socket, text, closed } = open('127.0.0.8')
      socket.write(head)
      const timer = setInterval(() => socket.writable && socket.write(piece), 100)
      return closed.then(() => clearInterval(timer)).then(text)
    }
    const answers = await Promise.all([drip('POST / HTTP/1.1\r\n', 'x: y\r\n'), drip('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n', ' '), ...idle.map(({ closed }) => closed)])
    expect(answers.slice(0, 2).map((answer) => statusesIn(answer as string))).toEqual([[408], [408]])
  })

  const endless = (socket: Socket, piece: string): void => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once('drain', () => endless(socket, piece))
  }
  test.each([
    ['a body said to be a terabyte', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n', 'x'.repeat(16_384), [413]],
    ['chunks without end', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', `4000\r\n${'x'.repeat(0x4000)}\r\n`, [413]],
    ['headers without end', 'POST / HTTP/1.1\r\n', `x: ${'y'.repeat(4000)}\r\n`, [431]],
    ['an address without end', 'POST /', 'x'.repeat(16_384), [431]],
  ])('%s is cut off', async (_name, head, piece, statuses) => {
    const { open } = await started()
    const { socket, text, closed } = open()
    socket.write(head)
    endless(socket, piece)
    await closed
    // The end may overtake the answer on its way to one who only talks.
    expect([[], statuses]).toContainEqual(statusesIn(text()))
    expect(socket.bytesWritten).toBeLessThan(16 * 1024 * 1024)
  })

  test.each([
    ['a length and chunks', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}', [400]],
    ['chunks of an odd kind', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n', [400]],
    ['a bare line feed', 'POST / HTTP/1.1\r\nHost: x\r\nx: a\nContent-Length: 2\r\n\r\n{}', [400]],
    ['another protocol', 'SSH-2.0-OpenSSH_9.0\r\n\r\n', [400]],
    ['an upgrade', 'POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{}', [403]],
    ['another method', 'TRACE / HTTP/1.1\r\nHost: x\r\nx-marked: echo-me\r\n\r\n', [405]],
    ['a connection through us', 'CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: 10.0.0.1:22\r\n\r\n', []],
  ])('%s gets nowhere, and hears nothing of the inside', async (_name, bytes, statuses) => {
    const { open } = await started()
    const { socket, text, closed } = open()
    socket.write(bytes)
    await closed
    expect(statusesIn(text())).toEqual(statuses)
    expect(text()).not.toMatch(/echo-me|node|server:|x-powered-by|at .*\.ts|maqiao/i)
  })

  test('asks the HIS at most eight things at once; the others are told so, signed', async () => {
    const { open, post, signed } = await started()
    hold = true
    const all = Array.from({ length: 20 }, () => open())
    all.forEach(({ socket }) => socket.write(post(signed())))
    const answered = () => all.filter(({ text }) => text().includes('\r\n\r\n{'))
    await until(() => answered().length === 12 && waiting.length === 8)
    for (const { text } of answered()) expect(platform.openResponse(JSON.parse(text().split('\r\n\r\n')[1] as string))).toMatchObject({ code: '5' })
    hold = false
    waiting.splice(0).forEach((answer) => answer())
    await until(() => answered().length === 20)
    all.forEach(({ socket }) => socket.destroy())
  })

  test('closes within a second, whoever is still talking', async () => {
    const { open, close } = await started()
    const half = open()
    half.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    await half.opened
    await new Promise((done) => setTimeout(done, 100))
    const began = performance.now()
    await close()
    expect(performance.now() - began).toBeLessThan(3000)
  })
})

describe('a request', () => {
  const KEYS = { privateKey: '3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8', platformPublicKey: '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13' }

  test('that SM2 was agreed for is not taken with a digest, though an answer may carry one', () => {
    const agreed = createEnvelope(quanzhouSettings.parse({ ...FIELDS, ...KEYS, envelope: 'ec', signType: 'SM2', encType: 'none' }))
    const digesting = createEnvelope(quanzhouSettings.parse({ ...FIELDS, envelope: 'ec', signType: 'SM3', encType: 'none' }))
    const asSm2 = (message: string) => JSON.parse(message.replace('"signType":"SM3"', '"signType":"SM2"')) as Record<string, unknown>
    // Signed over the word SM3, so the word must stay; what is tried is whether a digest passes for a signature.
    const request = JSON.parse(digesting.sealRequest('x', ASKED, NOW)) as Record<string, unknown>
    const response = JSON.parse(digesting.sealResponse({ code: 0, words: 'x', data: CHARGES }, NOW)) as Record<string, unknown>
    expect(agreed.openResponse(response)).toMatchObject({ code: '0' })
    for (const message of [request, asSm2(JSON.stringify(request))]) expect(() => agreed.openRequest(message)).toThrow(expect.objectContaining({ fault: expect.objectContaining({ code: 'REPLY_SIGNATURE' }) }))
  })
})
