import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { md5 } from '../../../../src/transcode/crypto/digests.ts'
import { createHttpClient } from '../../../../src/transcode/platforms/http.ts'
import { createEnvelope } from '../../../../src/transcode/platforms/quanzhou/create-envelope.ts'
import { createInboundCharges } from '../../../../src/transcode/platforms/quanzhou/inbound-charges.ts'
import { startInboundServer } from '../../../../src/transcode/platforms/quanzhou/inbound-server.ts'
import { quanzhouSettings } from '../../../../src/transcode/platforms/quanzhou/settings.ts'
import { Secret } from '../../../../src/transcode/secret.ts'
import { playedTools, SITE } from '../../../support/played-http.ts'

const NOW = Date.parse('2024-03-05T10:00:00+08:00')
const ASKED = { fixmedins_code: SITE.hospital!.insuranceCode!, hosp_mdtrt_id: 'ZY1' }
const CHARGES = {
  psn_name: '测试一',
  cert_no: '350502198803070026',
  cert_type: '01',
  med_type: '21',
  is_own: '1',
  setl_time: '2024-03-05 09:00:00',
  medfee_sumamt: '10.00',
  fund_pay_sumamt: '0',
  acct_pay_sumamt: '0',
  cash_payamt: '4.50',
  cntr_bank_act_amt: '5.50',
}
const HOSPITAL_KEY = '3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8'
const HOSPITAL_PUBLIC =
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13'
const PLATFORM_KEY = '1'.repeat(64)
const PLATFORM_PUBLIC = (await import('../../../../src/transcode/crypto/sm2.ts')).sm2PrivateKey(PLATFORM_KEY).publicKey
  .hex

const base = {
  baseUrl: 'https://platform.example/api',
  appId: '43AF047BBA47FC8A1AE8',
  appSecret: '4117E877F5FA0A0188891283E4B617D5',
  bizKey: 'biz',
  salt: 'salt',
  sm4Key: '0123456789abcdeffedcba9876543210',
}
const variants = (['chs', 'ec'] as const).flatMap((envelope) =>
  (['MD5', 'SM3', 'SM2'] as const).flatMap((signType) =>
    (['AES', 'SM4', 'none'] as const).map((encType) => [envelope, signType, encType] as const),
  ),
)

function sides(envelope: string, signType: string, encType: string) {
  const common = { ...base, envelope, signType, encType }
  return {
    hospital: quanzhouSettings.parse({ ...common, privateKey: HOSPITAL_KEY, platformPublicKey: PLATFORM_PUBLIC }),
    platform: createEnvelope(
      quanzhouSettings.parse({ ...common, privateKey: PLATFORM_KEY, platformPublicKey: HOSPITAL_PUBLIC }),
    ),
  }
}

describe('获取医院收费信息', () => {
  it.each(variants)('is answered signed: %s %s %s', async (...variant) => {
    const { hospital, platform } = sides(...variant)
    const handle = createInboundCharges({
      settings: hospital,
      now: () => NOW,
      askHis: async (asked) => ({ ...CHARGES, asked }),
      fixmedinsCode: ASKED.fixmedins_code,
    })
    const reply = await handle(platform.sealRequest('charges', ASKED, NOW - 600_000))
    expect(reply.status).toBe(200)
    expect(platform.openResponse(JSON.parse(reply.body))).toMatchObject({
      accepted: true,
      code: '0',
      data: CHARGES,
      at: NOW,
    })
    if (variant[2] !== 'none') expect(reply.body).not.toContain('350502')
  })

  const { hospital, platform } = sides('chs', 'MD5', 'AES')
  let asks = 0
  const handle = (askHis: () => Promise<unknown> = async () => CHARGES) =>
    createInboundCharges({
      settings: hospital,
      now: () => NOW,
      askHis: () => {
        asks += 1
        return askHis()
      },
      fixmedinsCode: ASKED.fixmedins_code,
    })
  const codeOf = (body: string) => platform.openResponse(JSON.parse(body)).code

  it.each(['', 'null', '[]', '{}', '<html>', '{"chs_fjs_sign":"x"}', '['.repeat(100_000)])(
    'turns away what is not signed: %.20s',
    async (raw) => {
      asks = 0
      const reply = await handle()(raw)
      expect([reply.status, reply.outcome, asks]).toEqual([403, 'unauthentic', 0])
      expect(JSON.parse(reply.body)).toEqual({ code: 1, type: 'error', message: '验签失败' })
    },
  )

  it('turns away another key, another app and a changed message', async () => {
    const other = createEnvelope({ ...hospital, bizKey: new Secret('other') })
    expect((await handle()(other.sealRequest('x', ASKED, NOW))).status).toBe(403)
    const stranger = createEnvelope({ ...hospital, appId: 'stranger' })
    expect((await handle()(stranger.sealRequest('x', ASKED, NOW))).status).toBe(403)
    const changed = { ...JSON.parse(platform.sealRequest('x', ASKED, NOW)), chs_fjs_timestamp: String(NOW + 1) }
    expect((await handle()(JSON.stringify(changed))).status).toBe(403)
  })

  it('refuses other times, missing fields and other institutions, signed', async () => {
    expect(codeOf((await handle()(platform.sealRequest('x', ASKED, NOW - 600_001))).body)).toBe('2')
    expect(codeOf((await handle()(platform.sealRequest('x', ASKED, NOW + 600_001))).body)).toBe('2')
    expect(codeOf((await handle()(platform.sealRequest('x', { fixmedins_code: 'H1' }, NOW))).body)).toBe('3')
    expect(codeOf((await handle()(platform.sealRequest('x', { ...ASKED, fixmedins_code: 'other' }, NOW))).body)).toBe(
      '4',
    )
  })

  it('turns away a secret that is carried and is not ours; takes null and "" for absent and numbers for text', async () => {
    const other = createEnvelope({ ...hospital, appSecret: new Secret('another') })
    expect((await handle()(other.sealRequest('x', ASKED, NOW))).status).toBe(403)
    const none = createEnvelope({ ...hospital, auth: 'anonymous' })
    expect(codeOf((await handle()(none.sealRequest('x', ASKED, NOW))).body)).toBe('0')
    const asked: unknown[] = []
    const numeric = createInboundCharges({ settings: hospital, now: () => NOW, askHis: async (one) => (asked.push(one), { ...CHARGES, med_type: 21, mdtrt_id: null, setl_id: '' }) })
    const reply = await numeric(platform.sealRequest('x', { fixmedins_code: 'H1', hosp_mdtrt_id: 20240305123456 }, NOW))
    expect(platform.openResponse(JSON.parse(reply.body))).toMatchObject({ code: '0', data: { med_type: '21' } })
    expect(asked).toEqual([{ fixmedins_code: 'H1', hosp_mdtrt_id: '20240305123456' }])
  })

  it('names the fields that were wrong for the log, in a request and in the answer of the HIS', async () => {
    expect(await handle()(platform.sealRequest('x', { fixmedins_code: 'H1', hosp_mdtrt_id: '' }, NOW))).toMatchObject({ outcome: 'invalid', fields: 'hosp_mdtrt_id' })
    expect(await handle(async () => ({ ...CHARGES, cash_payamt: '1.234', med_type: null }))(platform.sealRequest('x', ASKED, NOW))).toMatchObject({ outcome: 'unavailable', fields: 'med_type,cash_payamt' })
    expect(await handle(async () => ({ ...CHARGES, psn_name: '测\uFFFD' }))(platform.sealRequest('x', ASKED, NOW))).toMatchObject({ outcome: 'unavailable' })
  })

  it('refuses, signed, a time that cannot be read', async () => {
    const { chs_fjs_sign: _sign, ...message } = JSON.parse(createEnvelope({ ...hospital, encType: 'none' }).sealRequest('x', ASKED, NOW))
    const clear = { ...message, chs_fjs_timestamp: 'soon' }
    const text = Object.keys(clear).sort().map((name) => `${name}=${clear[name]}`).join('&')
    const open = createInboundCharges({ settings: { ...hospital, encType: 'none' }, now: () => NOW, askHis: async () => CHARGES })
    const reply = await open(JSON.stringify({ ...clear, chs_fjs_sign: md5(`${text}&key=biz`).toString('hex').toUpperCase() }))
    expect(reply.outcome).toBe('clock')
  })

  it('tells nothing of what went wrong behind it', async () => {
    const failing = await handle(() => Promise.reject(new Error('ORA-00942 at 10.0.0.7')))(
      platform.sealRequest('x', ASKED, NOW),
    )
    expect(codeOf(failing.body)).toBe('5')
    expect(failing.body).not.toContain('ORA')
    expect(
      codeOf(
        (await handle(async () => ({ ...CHARGES, cash_payamt: '1.234' }))(platform.sealRequest('x', ASKED, NOW))).body,
      ),
    ).toBe('5')
    expect(codeOf((await handle(async () => undefined)(platform.sealRequest('x', ASKED, NOW))).body)).toBe('4')
  })
})

describe('the inbound listener', () => {
  const closing: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function started(his: { status?: number; body: string }) {
    const hisServer = createServer((request, response) => {
      let raw = ''
      request.on('data', (chunk) => (raw += chunk))
      request.on('end', () => {
        asked.push(JSON.parse(raw))
        response.writeHead(his.status ?? 200).end(his.body)
      })
    }).listen(0, '127.0.0.1')
    const asked: unknown[] = []
    await new Promise((ready) => hisServer.once('listening', ready))
    const watched: string[] = []
    const http = createHttpClient({ onExchange: ({ operation }) => watched.push(operation) })
    const { hospital, platform } = sides('chs', 'SM3', 'SM4')
    const inbound = {
      listen: '127.0.0.1:0',
      hisUrl: `http://127.0.0.1:${(hisServer.address() as AddressInfo).port}/charges`,
      maxBodyBytes: 2048,
    }
    const { tools, logged } = playedTools(http, { now: NOW })
    const server = await startInboundServer({ ...hospital, inbound }, tools)
    closing.push(
      () => new Promise((done) => hisServer.close(done)),
      () => hisServer.closeAllConnections(),
      () => http.close(),
      () => server.close(),
    )
    return { url: `http://127.0.0.1:${server.port}/any/path`, port: server.port, platform, asked, logged, watched }
  }

  it('asks the HIS and answers', async () => {
    // Amounts as numbers keep their digits.
    const { url, platform, asked, logged } = await started({
      body: JSON.stringify(CHARGES).replace('"10.00"', '10.00'),
    })
    const response = await fetch(url, { method: 'POST', body: platform.sealRequest('x', ASKED, NOW) })
    expect(platform.openResponse((await response.json()) as Record<string, unknown>)).toMatchObject({
      code: '0',
      data: CHARGES,
    })
    expect(asked).toEqual([ASKED])
    expect(logged.join()).toMatch(/inbound-charges .*done/)
    expect(logged.join()).not.toMatch(/测试一|350502|ZY1/)
  })

  it('says so where the HIS knows no such stay or fails', async () => {
    const unknown = await started({ status: 404, body: '' })
    const first = await fetch(unknown.url, { method: 'POST', body: unknown.platform.sealRequest('x', ASKED, NOW) })
    expect(unknown.platform.openResponse((await first.json()) as Record<string, unknown>).code).toBe('4')
    const broken = await started({ status: 500, body: 'stack trace' })
    const second = await fetch(broken.url, { method: 'POST', body: broken.platform.sealRequest('x', ASKED, NOW) })
    expect(broken.platform.openResponse((await second.json()) as Record<string, unknown>).code).toBe('5')
    // How the HIS answers is not how the platform does.
    expect([...unknown.watched, ...broken.watched]).toEqual([])
  })

  it('takes POST only, and only small bodies', async () => {
    const { url, asked } = await started({ body: '{}' })
    const got = await fetch(url)
    expect([got.status, got.headers.get('allow'), await got.text()]).toEqual([405, 'POST', ''])
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(5000) })).status).toBe(413)
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(403)
    expect(asked).toEqual([])
  })

  it('outlives a sender that goes away', async () => {
    const { url, port } = await started({ body: '{}' })
    const socket = connect(port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
    await new Promise((done) => setTimeout(done, 50))
    socket.destroy()
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(403)
  })

  it('rejects where the port is taken', async () => {
    const { port } = await started({ body: '{}' })
    const { hospital } = sides('chs', 'SM3', 'SM4')
    const http = createHttpClient()
    closing.push(() => http.close())
    const second = startInboundServer(
      { ...hospital, inbound: { listen: `127.0.0.1:${port}`, hisUrl: 'http://127.0.0.1/', maxBodyBytes: 2048 } },
      playedTools(http).tools,
    )
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
