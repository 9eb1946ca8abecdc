import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { compactJson } from '../../../../src/transcode/crypto/canonical.ts'
import { sm2PrivateKey, sm2PublicKey, sm2Sign, sm2Verify } from '../../../../src/transcode/crypto/sm2.ts'
import { md5 } from '../../../../src/transcode/crypto/digests.ts'
import { signatureToDer } from '../../../../src/transcode/crypto/der.ts'
import { sm3 } from '../../../../src/transcode/crypto/sm3.ts'
import { createHttpClient } from '../../../../src/transcode/platforms/http.ts'
import { PlatformError } from '../../../../src/transcode/platforms/platform-error.ts'
import { quanzhou } from '../../../../src/transcode/platforms/quanzhou/quanzhou.ts'
import { quanzhouSettings } from '../../../../src/transcode/platforms/quanzhou/settings.ts'
import { playedHttp, playedTools } from '../../../support/played-http.ts'

const HOSPITAL = sm2PrivateKey('3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8')
const PLATFORM = sm2PrivateKey('1'.repeat(64))
const QUERY = { fixmedins_code: 'H1', psn_name: '测试一', cert_no: '350502198803070026', hosp_mdtrt_id: 'ZY1' }
const FREEZE = { ...QUERY, cert_type: '01', is_own: '1', frez_type: '1', opt_name: '甲', opt_dept_name: '乙' }
const STATE = { cntr_state: '1' }
const EC = { appId: '43AF047BBA47FC8A1AE8EFB232BDBBCB', appSecret: '4117E877F5FA0A0188891283E4B617D5' }
const sm2Keys = { signType: 'SM2', privateKey: HOSPITAL.hex, platformPublicKey: PLATFORM.publicKey.hex }

const settingsOf = (more: Record<string, unknown>) =>
  quanzhouSettings.parse({
    baseUrl: 'https://platform.example/api',
    appId: 'ldxt',
    appSecret: 's',
    bizKey: 'biz',
    encType: 'none',
    signType: 'MD5',
    ...more,
  })
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
const faultOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable(),
    (error: PlatformError) => error,
  )

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

describe('SM2 signatures', () => {
  it('hold in envelope chs, both ways', async () => {
    const { http, sent } = playedHttp(() => {
      const signature = base64(sm2Sign(PLATFORM, `code=0&data=${compactJson(STATE)}&type=success&key=biz`))
      return { body: { code: 0, type: 'success', data: STATE, chs_fjs_sign: signature } }
    })
    const platform = quanzhou.create(settingsOf(sm2Keys), playedTools(http).tools)
    expect(await platform.operations['BC00.03.00.02']!.call(QUERY as never, {})).toEqual(STATE)
    const { chs_fjs_sign: signature, ...message } = JSON.parse(sent[0]!.body!)
    const text = Object.keys(message)
      .sort()
      .map((key) => `${key}=${message[key]}`)
      .join('&')
    expect(Buffer.from(signature, 'base64').length).toBe(64)
    expect(
      sm2Verify(
        sm2PublicKey(HOSPITAL.publicKey.hex),
        `${text}&key=biz`,
        Buffer.from(signature, 'base64').toString('hex'),
      ),
    ).toBe(true)
  })

  it.each([
    ['a raw signature', (text: string) => base64(sm2Sign(PLATFORM, text))],
    ['a signature in DER', (text: string) => signatureToDer(Buffer.from(sm2Sign(PLATFORM, text), 'hex')).toString('base64')],
    ['a signature in DER, in hex', (text: string) => signatureToDer(Buffer.from(sm2Sign(PLATFORM, text), 'hex')).toString('hex')],
    ['a raw signature in hex', (text: string) => sm2Sign(PLATFORM, text).toUpperCase()],
    [
      'a digest, as the sample of the document has it',
      (text: string) => ` ${Buffer.from(sm3(text).toString('hex').toUpperCase()).toString('base64')}`,
    ],
  ])('hold in envelope ec with %s', async (_name, signed) => {
    const head = 'respCode=0&respMsg=ok&signType=SM2&timestamp=20240305100000000'
    const { http, sent } = playedHttp(() => {
      const signData = signed(`data=${compactJson(STATE)}&${head}&key=${EC.appSecret}`)
      return {
        body: { respCode: '0', respMsg: 'ok', signType: 'SM2', timestamp: '20240305100000000', data: STATE, signData },
      }
    })
    const platform = quanzhou.create(settingsOf({ envelope: 'ec', ...EC, ...sm2Keys }), playedTools(http).tools)
    expect(await platform.operations['BC00.03.00.02']!.call(QUERY as never, {})).toEqual(STATE)
    const { signData, ...message } = JSON.parse(sent[0]!.body!)
    const text = Object.keys(message)
      .sort()
      .map((key) => `${key}=${key === 'data' ? compactJson(message.data) : message[key]}`)
      .join('&')
    const signature = Buffer.from(signData, 'base64').toString('hex')
    expect(sm2Verify(HOSPITAL.publicKey, `${text}&key=${EC.appSecret}`, signature)).toBe(true)
  })

  it('in DER of another key, or damaged, are not believed', async () => {
    const text = `code=0&data=${compactJson(STATE)}&type=success&key=biz`
    const der = signatureToDer(Buffer.from(sm2Sign(HOSPITAL, text), 'hex'))
    for (const bytes of [der, signatureToDer(Buffer.from(sm2Sign(PLATFORM, text), 'hex')).subarray(0, -1), Buffer.from([0x30, 0x80]), Buffer.alloc(65, 0x30)]) {
      const { http } = playedHttp(() => ({ body: { code: 0, type: 'success', data: STATE, chs_fjs_sign: bytes.toString('base64') } }))
      const platform = quanzhou.create(settingsOf(sm2Keys), playedTools(http).tools)
      expect((await faultOf(platform.operations['BC00.03.00.02']!.call(QUERY as never, {}))).fault.code).toBe('REPLY_SIGNATURE')
    }
  })

  it('of another key, or with another secret, are not believed', async () => {
    for (const [key, secret] of [
      [HOSPITAL, 'biz'],
      [PLATFORM, 'other'],
    ] as const) {
      const signature = base64(sm2Sign(key, `code=0&data=${compactJson(STATE)}&type=success&key=${secret}`))
      const { http } = playedHttp(() => ({ body: { code: 0, type: 'success', data: STATE, chs_fjs_sign: signature } }))
      const platform = quanzhou.create(settingsOf(sm2Keys), playedTools(http).tools)
      const error = await faultOf(platform.operations['BC00.03.00.02']!.call(QUERY as never, {}))
      expect(error.fault.code).toBe('REPLY_SIGNATURE')
    }
  })
})

describe('OAuth2', () => {
  const settings = settingsOf({ auth: 'oauth2', tokenUrl: 'https://platform.example/token' })

  it('fetches one token for all and sends it instead of the secret', async () => {
    let at = 1_700_000_000_000
    let tokens = 0
    const { http, sent } = playedHttp(async (request) => {
      if (request.operation !== 'token') return { body: '' }
      await new Promise((done) => setTimeout(done, 5))
      return { body: { access_token: `T${(tokens += 1)}`, expires_in: 100 } }
    })
    const { tools } = playedTools(http)
    const query = quanzhou.create(settings, { ...tools, now: () => at }).operations['BC00.03.00.02']!
    await Promise.allSettled([1, 2, 3].map(() => query.call(QUERY as never, {})))
    at += 69_000
    await query.call(QUERY as never, {}).catch(() => {})
    expect(tokens).toBe(1)
    at += 2_000
    await query.call(QUERY as never, {}).catch(() => {})
    expect(tokens).toBe(2)
    expect(sent.filter((request) => request.operation === 'token')[0]!.body).toBe(
      'grant_type=client_credentials&client_id=ldxt&client_secret=s',
    )
    const messages = sent.filter((request) => request.operation !== 'token').map((request) => JSON.parse(request.body!))
    expect(messages.map((message) => message.chs_fjs_token)).toEqual(['T1', 'T1', 'T1', 'T1', 'T2'])
    expect(messages.every((message) => message.chs_fjs_appsecret === undefined)).toBe(true)
  })

  it('leaves a transaction unsent, and says so, where there is no token', async () => {
    const { http, sent } = playedHttp(() => ({ status: 401 }))
    const freeze = quanzhou.create(settings, playedTools(http).tools).operations['BC00.03.00.03']!
    const error = await faultOf(freeze.call(FREEZE as never, {}))
    expect([error.fault.code, error.sent]).toEqual(['TOKEN_REFUSED', false])
    expect(sent.map((request) => request.operation)).toEqual(['token'])
  })
})

describe('a transaction on a real connection', () => {
  async function served(handle: Parameters<typeof createServer>[1]) {
    const server = createServer(handle).listen(0, '127.0.0.1')
    await new Promise((ready) => server.once('listening', ready))
    const http = createHttpClient()
    closing.push(
      () => http.close(),
      () => server.closeAllConnections(),
      () => new Promise((done) => server.close(done)),
    )
    const settings = settingsOf({
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      requestTimeoutMs: 300,
    })
    const { tools, logged } = playedTools(http)
    return { server, logged, operations: quanzhou.create(settings, tools).operations }
  }

  it.each(['time-out', 'reset'])('is unknown after a %s, and sent once', async (way) => {
    let received = 0
    const { operations, logged } = await served((request) => {
      received += 1
      if (way === 'reset') request.socket.resetAndDestroy()
    })
    const error = await faultOf(operations['BC00.03.00.03']!.call(FREEZE as never, {}))
    expect([error.fault.code, error.ending, error.fault.retryable]).toEqual([
      'TRANSACTION_UNKNOWN',
      'unavailable',
      false,
    ])
    expect(error.fault.advice).toMatch(/不要重复提交.*BC00\.03\.00\.02.*BC00\.03\.00\.07/)
    await new Promise((done) => setTimeout(done, 100))
    expect(received).toBe(1)
    expect(`${logged.join()}${JSON.stringify(error.fault)}`).not.toMatch(/测试一|350502/)
  })

  it('is no mystery where no connection came about', async () => {
    const { server, operations } = await served(() => {})
    await new Promise((done) => server.close(done))
    const error = await faultOf(operations['BC00.03.00.05']!.call(settlement() as never, {}))
    expect([error.fault.code, error.sent]).toEqual(['NETWORK_UNREACHABLE', false])
  })

  it('is unsent where it was given up before', async () => {
    const { operations } = await served(() => {})
    const error = await faultOf(operations['BC00.03.00.03']!.call(FREEZE as never, { signal: AbortSignal.abort() }))
    expect([error.fault.code, error.sent]).toEqual(['REQUEST_ABORTED', false])
  })

  it('asked for as a query is merely late', async () => {
    const { operations } = await served(() => {})
    const error = await faultOf(operations['BC00.03.00.02']!.call(QUERY as never, {}))
    expect(error.fault.code).toBe('NETWORK_TIMEOUT')
  })
})

function settlement() {
  const amounts = Object.fromEntries(
    ['medfee_sumamt', 'fund_pay_sumamt', 'acct_pay_sumamt', 'cash_payamt', 'cntr_bank_act_amt'].map((name) => [
      name,
      '1.00',
    ]),
  )
  return {
    ...QUERY,
    cert_type: '01',
    is_own: '1',
    med_type: '21',
    setl_id: '1',
    setl_time: '20240305100000',
    ...amounts,
  }
}

describe('an answer nested without end', () => {
  it('is a fault like any other', async () => {
    const { http } = playedHttp(() => ({
      body: `{"code":0,"chs_fjs_sign":"x","data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    }))
    const error = await faultOf(
      quanzhou.create(settingsOf({}), playedTools(http).tools).operations['BC00.03.00.02']!.call(QUERY as never, {}),
    )
    expect(error).toBeInstanceOf(PlatformError)
    expect(error.fault.code).toBe('REPLY_NOT_JSON')
  })
})

describe('the published schemas', () => {
  it('let out what the settings hold, and nothing else', () => {
    const { operations } = quanzhou.create(settingsOf({}), playedTools(playedHttp(() => ({})).http).tools)
    expect(Object.keys(operations)).toEqual([...[1, 2, 3, 4, 5, 6, 7].map((n) => `BC00.03.00.0${n}`), 'releaseTransaction'])
    const { fixmedins_code: _code, opt_dept_name: _department, ...rest } = FREEZE
    expect(operations['BC00.03.00.03']!.request.safeParse(rest).success).toBe(true)
    expect(operations['BC00.03.00.03']!.request.safeParse({ ...rest, psn_name: undefined }).success).toBe(false)
    expect(operations['BC00.03.00.03']!.request.safeParse({ ...rest, other: 1 }).success).toBe(false)
  })
})

describe('the lengths and stamps of the document', () => {
  it('are held to in the settings and for a token', async () => {
    const faults = (more: object) => quanzhouSettings.safeParse({ envelope: 'chs', baseUrl: 'https://p.example', appId: 'ldxt', appSecret: 's', bizKey: 'b', signType: 'MD5', encType: 'none', ...more }).error?.issues.map(({ path }) => path.join('.'))
    expect(faults({})).toBeUndefined()
    expect(faults({ appId: 'a'.repeat(20), appSecret: 's'.repeat(100) })).toBeUndefined()
    expect(faults({ appId: 'a'.repeat(21) })).toEqual(['appId'])
    expect(faults({ appSecret: 's'.repeat(101) })).toEqual(['appSecret'])
    expect(faults({ envelope: 'ec', appId: 'a'.repeat(32) })).toBeUndefined()
    const { http } = playedHttp(() => ({ body: { access_token: 'T'.repeat(101) } }))
    const freeze = quanzhou.create(settingsOf({ auth: 'oauth2', tokenUrl: 'https://platform.example/token' }), playedTools(http).tools).operations['BC00.03.00.03']!
    const error = await faultOf(freeze.call(FREEZE as never, {}))
    expect([error.fault.code, error.sent]).toEqual(['TOKEN_REFUSED', false])
    expect(error.fault.message).toContain('101')
  })

  it.each(['yesterday', '20240305', 1.5, '170960400000x'])('an answer whose time is %s is not believed', async (chs_fjs_timestamp) => {
    const text = `chs_fjs_timestamp=${chs_fjs_timestamp}&code=0&data=${compactJson(STATE)}&type=success&key=biz`
    const { http } = playedHttp(() => ({ body: { code: 0, type: 'success', data: STATE, chs_fjs_timestamp, chs_fjs_sign: md5(text).toString('hex') } }))
    const platform = quanzhou.create(settingsOf({}), playedTools(http).tools)
    expect((await faultOf(platform.operations['BC00.03.00.02']!.call(QUERY as never, {}))).fault).toMatchObject({ code: 'REPLY_SHAPE', message: expect.stringContaining('timestamp') })
  })
})
