/** `POST /api/v1/platforms/{platform}/{operation}`: what goes over the wire is what each document says, byte for byte. */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgent, type Agent } from './support/agent.ts'
import { CARD, fakeHealthCard, HOLDER, type FakeHealthCard } from './support/fake-health-card.ts'
import { fakePlatform, type FakePlatform, type Handler } from './support/fake-platform.ts'
import { CHS, chsDecrypt, chsEncrypt, chsSign, EC, ecDecrypt, ecEncrypt, ecKey, ecSm3, ecToSign, keyPair, sm2Sign, sm2Verify } from './support/fake-quanzhou.ts'
import { codes, identityNumber } from './support/people.ts'
import { ankang, healthCard, settings } from './support/settings.ts'

const NAME = '测试甲'
const NUMBER = identityNumber('19920202', '224', '350501')
const BEIJING = { hospitalCode: '1001', appSecret: 'beijing-secret', aesKey: '78a0e4f3980117f135217cf3b3f0970d' }
const YUE = { appCode: 'HIS01', appKey: 'A7E2D00B4058086CBD3D4B8A5E0B2697', paasId: 'paas-1', token: 'yue-token', appSecret: 'yue-secret', serviceId: 'DGSP_1' }

let agent: Agent
let cards: FakeHealthCard
let fake: FakePlatform
const routes: Record<string, Handler> = {}

const quanzhou = (more: Record<string, unknown> = {}) => ({ envelope: 'chs', baseUrl: `${fake.url}/chs`, ...CHS, signType: 'MD5', encType: 'AES', requestTimeoutMs: 600, ...more })
const all = (chs: Record<string, unknown>) =>
  settings({
    healthCard: healthCard(cards.url),
    ankang: ankang(`${fake.url}/akm`),
    quanzhou: chs,
    beijing: { entryUrl: 'https://bj.example/homepage/hospital', ...BEIJING, faceUrl: `${fake.url}/face`, faceAppId: 'face-1', faceAppSecret: 'face-secret', requestTimeoutMs: 600 },
    yuejiantong: { url: `${fake.url}/yue`, ...YUE, businessType: 1, entryUrl: 'https://his.example/entry', requestTimeoutMs: 600 },
    eVoucher: { gatewayUrl: `${fake.url}/hsecfc/localQrCodeQuery`, codeField: 'ecQrCode', officeId: '32760', officeName: '消化内科', requestTimeoutMs: 600 },
  })

beforeAll(async () => {
  cards = await fakeHealthCard()
  fake = await fakePlatform((call) => routes[call.path.split('/')[1]!]?.(call) ?? { status: 404 })
  agent = await startAgent(all(quanzhou()))
})
beforeEach(() => {
  cards.rest()
  fake.calls.length = 0
})
afterAll(async () => {
  await agent?.close()
  await cards?.close()
  await fake?.close()
})

it('answers 404 to an operation that nobody has, and 400 to what is no object', async () => {
  expect((await agent.operation('beijing/nothing', {})).status).toBe(404)
  expect((await agent.operation('nobody/entryUrl', {})).status).toBe(404)
  expect((await agent.request('POST', '/api/v1/platforms/beijing/entryUrl', '[]')).status).toBe(400)
})

describe('health-card', () => {
  const person = { wechatCode: 'W1', name: NAME, gender: '女', nation: '汉族', birthday: '1992-02-02', idNumber: NUMBER, idType: '01', phone1: '18800001111' }

  it('registers a card, leaving empty members out of the body', async () => {
    const { status, body } = await agent.operation('health-card/registerHealthCard', { ...person, address: '', phone2: '' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ qrCodeText: `${'C'.repeat(64)}:1`, healthCardId: 'C'.repeat(64), phid: expect.any(String) })
    expect(JSON.stringify(body)).not.toContain('must-not-be-kept')
    expect(cards.operations('registerHealthCard')[0]!.json.req).toEqual(person)
  })

  it('signs a batch with its nested members, and gives each person’s result', async () => {
    const { wechatCode, ...rest } = person
    const items = [1, 2].map((number) => ({ ...rest, wechatCode, patid: `P${number}`, openId: `O${number}`, wechatUrl: 'https://open.example' }))
    const { status, body } = await agent.operation('health-card/registerBatchHealthCard', { healthCardItems: items })
    expect(status).toBe(200)
    expect(body.rspItems).toHaveLength(2)
    expect(body.rspItems[0]).toMatchObject({ idNumber: NUMBER })
  })

  it.each([
    ['getHealthCardByHealthCode', { healthCode: 'F9D3' }, { card: { name: HOLDER.name } }],
    ['getHealthCardByQRCode', { qrCodeText: `${'A'.repeat(64)}:1` }, { card: { name: HOLDER.name } }],
    ['bindCardRelation', { patid: 'P1', qrCodeText: 'x:1' }, { result: true }],
    ['getOrderIdByOutAppId', { qrCodeText: 'x:1' }, { orderId: 'df1ddb7e8ef4475a656a70bf87804b3' }],
    ['getDynamicQRCode', { healthCardId: 'A'.repeat(64), idType: '01', idNumber: NUMBER }, { qrCodeImg: 'aW1n' }],
    ['verifyQRCode', { qrCodeText: 'x:0:y::z', time: '2026-11-22 08:00:00' }, { name: HOLDER.name }],
    ['reportHISData', { time: '2026-11-22 08:00:00', cardType: '01', name: NAME, idCardNumber: NUMBER, scene: '010104', cardChannel: '0100' }, {}],
  ])('%s answers with its response fields', async (operation, request, response) => {
    const { status, body } = await agent.operation(`health-card/${operation}`, request)
    expect([status, body]).toEqual([200, expect.objectContaining({})])
    expect(body).toMatchObject(response)
    expect(cards.operations(operation)).toHaveLength(1)
    expect(JSON.stringify(body)).not.toContain('must-not-be-kept')
  })

  it('ocrInfo takes the head of a data URL away', async () => {
    const { PNG } = await import('pngjs')
    const picture = PNG.sync.write(new PNG({ width: 8, height: 8 })).toString('base64')
    const { status, body } = await agent.operation('health-card/ocrInfo', { imageContent: `data:image/png;base64,${picture}` })
    expect([status, body]).toEqual([200, expect.anything()])
    expect(body.cardInfo).toMatchObject({ name: HOLDER.name })
    expect(cards.operations('ocrInfo')[0]!.json.req.imageContent).not.toContain('data:')
  })

  it.each([
    ['registerHealthCard', { ...person, name: '' }, 'name'],
    ['registerHealthCard', { ...person, birthday: '1992-02-30' }, 'birthday'],
    ['registerHealthCard', { ...person, birthday: '19920202' }, 'birthday'],
    ['registerHealthCard', { ...person, gender: 'F' }, 'gender'],
    ['bindCardRelation', { patid: 'P1' }, 'qrCodeText'],
    ['bindCardRelation', { patid: 5, qrCodeText: 'x' }, 'patid'],
    ['reportHISData', { time: '2026-11-22', cardType: '01', name: NAME, idCardNumber: NUMBER }, 'time'],
    ['reportHISData', { time: '2026-11-22 08:00:00', cardType: '11' }, 'qrCodeText'],
    ['reportHISData', { time: '2026-11-22 08:00:00', cardType: '01', qrCodeText: 'x' }, 'idCardNumber'],
    ['registerBatchHealthCard', { healthCardItems: [] }, 'healthCardItems'],
  ])('%s with a bad field is 400, names it, and sends nothing', async (operation, request, field) => {
    const { status, body } = await agent.operation(`health-card/${operation}`, request)
    expect(status).toBe(400)
    expect(JSON.stringify(body.error.fields ?? body.error)).toContain(field)
    expect(cards.operations(operation)).toHaveLength(0)
  })

  it('a refusal is 4xx, a fault 5xx, in the shape of all errors', async () => {
    cards.next('bindCardRelation', 10033)
    const refused = await agent.operation('health-card/bindCardRelation', { patid: 'P1', qrCodeText: 'x:1' })
    expect(refused.status).toBeGreaterThanOrEqual(400)
    expect(refused.status).toBeLessThan(500)
    expect(refused.body.error).toMatchObject({ platform: 'health-card', code: '10033', message: expect.any(String), advice: expect.any(String), retryable: expect.any(Boolean) })
    for (const fault of ['reset', 'hang', { status: 503, text: '' }, { text: '<html>' }] as const) {
      cards.next('bindCardRelation', fault)
      expect((await agent.operation('health-card/bindCardRelation', { patid: 'P1', qrCodeText: 'x:1' })).status).toBeGreaterThanOrEqual(500)
    }
  })

  it('builds the addresses of 2.3.5, 2.4.5 and 2.5.5', async () => {
    const back = 'https://his.example/back?a=1&b=2'
    const answers = await Promise.all([
      agent.operation('health-card/getUserCode', { redirect_uri: back }),
      agent.operation('health-card/getHealthCardList', { redirect_uri: back }),
      agent.operation('health-card/batchActiveCard', { redirect_uri: back, open_id: 'enc' }),
    ])
    const coded = encodeURIComponent(back)
    expect(answers.map(({ body }) => body.url)).toEqual([
      `https://health.tengmed.com/open/getUserCode?redirect_uri=${coded}`,
      `https://health.tengmed.com/open/getHealthCardList?redirect_uri=${coded}`,
      `https://health.tengmed.com/open/batchActiveCard?open_id=enc&redirect_uri=${coded}`,
    ])
    expect(cards.calls).toHaveLength(0)
  })
})

describe('ankang', () => {
  beforeAll(() => {
    routes['akm'] = (call) => {
      const done = (data: unknown) => ({ json: { flag: '200', errCode: '200', errMsg: '', data } })
      if (call.path.endsWith('/identify'))
        return done(JSON.stringify({ name: NAME, idcardNo: NUMBER, userPhone: '18800001111', isSelf: '1', authType: '2', authObject: 'face', healthLevel: '1', dataSource: '1', targetType: '3401002', targetId: 'T1' }))
      if (call.path.endsWith('/config')) return done({ belongarea: '340100', targetName: '电子健康码', targetType: '3401002', targetUrl: 'http://evil.example/never', senceCode: '01002,01003' })
      return { json: { flag: '200', errCode: '200', errMsg: '' } }
    }
  })

  it('identifies', async () => {
    const qrCodeUrl = codes.ankang()
    const { status, body } = await agent.operation('ankang/identify', { qrCodeUrl, targetType: '3401002' })
    expect(status).toBe(200)
    expect(JSON.stringify(body)).toContain(NUMBER)
    expect(fake.to('/identify')[0]!.json).toEqual({ cityNo: '340100000000', qrCodeUrl, targetType: '3401002', senceCode: '01002' })
  })

  it('pads a cityNo of six digits', async () => {
    await agent.operation('ankang/identify', { qrCodeUrl: codes.ankang(), targetType: '3401002', cityNo: '340200' })
    expect(fake.to('/identify')[0]!.json.cityNo).toBe('340200000000')
  })

  it('asks for the configuration', async () => {
    const { status, body } = await agent.operation('ankang/config', { targetType: '3401002' })
    expect([status, JSON.stringify(body)]).toEqual([200, expect.stringContaining('01002,01003')])
    expect(fake.to('/config')[0]!.json).toEqual({ cityNo: '340100000000', targetType: '3401002' })
  })

  it('checks the lengths of a message', async () => {
    const message = { name: NAME, idcardNo: NUMBER, targetType: '3401002', targetId: 'T', tradeTime: '20261122080000', tradeNo: 'N', msg: '好', tradeState: '1' }
    expect((await agent.operation('ankang/message', message)).status).toBe(200)
    expect(fake.to('/message')[0]!.json).toEqual({ cityNo: '340100000000', ...message })
    for (const [field, value] of Object.entries({ targetId: 'x'.repeat(100), tradeNo: 'x'.repeat(50), tradeTime: '2026-11-22 08:00:00', name: '' })) {
      expect([field, (await agent.operation('ankang/message', { ...message, [field]: value })).status]).toEqual([field, 400])
    }
    expect((await agent.operation('ankang/message', { ...message, targetId: 'x'.repeat(99) })).status).toBe(200)
    expect(fake.to('/message')).toHaveLength(2)
  })
})

describe('quanzhou, chs', () => {
  const freeze = { hosp_mdtrt_id: 'Z1', psn_name: NAME, cert_no: NUMBER, cert_type: '01', is_own: '1', frez_amt: '1000.50', frez_type: '1', opt_name: '经办', opt_dept_name: '住院处' }
  const answers: Record<string, unknown> = {
    'BC00.03.00.01': { total: 1, row: [{ cntr_no: 'C1', is_own: '1', sign_time: '2026-11-01 08:00:00', sign_state: '1', cntr_att_cont: 'x' }] },
    'BC00.03.00.03': { frez_no: 'F1', frez_amt: '1000.50', acct_frez_amt: '0.50', bank_frez_amt: '1000.00', frez_time: '2026-11-22 08:00:00', frez_type: '1' },
  }
  let spoil: (reply: any) => any

  beforeAll(() => {
    routes['chs'] = (call) => {
      const request = call.json
      const reply: Record<string, unknown> = { code: 0, type: 'success', message: '成功', data: answers[request.chs_fjs_funid] }
      const signed = { ...reply, chs_fjs_sign: chsSign(reply) }
      return { json: spoil({ code: 0, type: 'success', chs_fjs_sign: signed.chs_fjs_sign, chs_fjs_encdata: chsEncrypt(JSON.stringify(signed)) }) }
    }
  })
  beforeEach(() => {
    spoil = (reply) => reply
  })

  it('agrees with the document about its sample', () => {
    const sample = JSON.parse(
      '{"chs_fjs_appid":"ldxt","chs_fjs_appsecret":"67b082f9d58045619a4ef05147b87659","chs_fjs_funid":"F04.05.13.09","chs_fjs_timestamp":"1631685457000","psnBasicInfoDTO":{"psnNo":"543212343","name":"王二","gend":"1","brdy":"19800101","certType":"01","certNo":"650101198001010032","naty":"01","natRegnCode":"CHN","survStas":"1","poolarea":"660100"}}',
    )
    expect(chsSign(sample)).toBe('37A299CF9B627EABB920D3314324031B')
  })

  it('sends its members encrypted and signs the clear message', async () => {
    const { status, body } = await agent.operation('quanzhou/BC00.03.00.03', freeze)
    expect([status, body]).toEqual([200, expect.objectContaining({ frez_no: 'F1', frez_amt: '1000.50', bank_frez_amt: '1000.00' })])
    const [call] = fake.to('')
    const wire = call!.json
    expect(Object.keys(wire).sort()).toEqual(['chs_fjs_appid', 'chs_fjs_appsecret', 'chs_fjs_encdata', 'chs_fjs_funid', 'chs_fjs_sign', 'chs_fjs_timestamp'])
    expect(wire).toMatchObject({ chs_fjs_appid: 'ldxt', chs_fjs_appsecret: CHS.appSecret, chs_fjs_funid: 'BC00.03.00.03' })
    expect(wire.chs_fjs_timestamp).toMatch(/^\d{13}$/)
    const members = JSON.parse(chsDecrypt(wire.chs_fjs_encdata))
    expect(members).toMatchObject({ ...freeze, is_own: expect.anything(), fixmedins_code: 'H34010000001' })
    expect(wire.chs_fjs_sign).toBe(chsSign({ ...wire, ...members }))
    expect(call!.text).not.toContain(NUMBER)
  })

  it.each([
    ['a wrong signature inside', (reply: any) => ({ ...reply, chs_fjs_encdata: chsEncrypt(JSON.stringify({ code: 0, type: 'success', message: '', data: answers['BC00.03.00.01'], chs_fjs_sign: '0'.repeat(32) })) })],
    ['no encdata', ({ chs_fjs_encdata: _gone, ...reply }: any) => reply],
    ['an encdata that cannot be decrypted', (reply: any) => ({ ...reply, chs_fjs_encdata: 'AAAA' })],
    ['a clear answer without a signature', () => ({ code: 0, type: 'success', message: '', data: answers['BC00.03.00.01'] })],
  ])('does not believe %s', async (_name, spoiled) => {
    spoil = spoiled
    const { status, body } = await agent.operation('quanzhou/BC00.03.00.01', { psn_name: NAME, cert_no: NUMBER })
    expect(status).toBeGreaterThanOrEqual(500)
    expect(body.error.message).toMatch(/[一-龥]/)
  })

  it('judges the business code after the protocol', async () => {
    const reply: Record<string, unknown> = { code: 5, type: 'error', message: '额度不足', data: {} }
    spoil = () => ({ code: 5, type: 'error', chs_fjs_sign: chsSign(reply), chs_fjs_encdata: chsEncrypt(JSON.stringify({ ...reply, chs_fjs_sign: chsSign(reply) })) })
    const { status, body } = await agent.operation('quanzhou/BC00.03.00.01', { psn_name: NAME, cert_no: NUMBER })
    expect(status).toBe(422)
    expect(body.error).toMatchObject({ platform: 'quanzhou', code: '5', message: expect.stringContaining('额度不足') })
  })

  it.each([
    ['an amount of three places', { frez_amt: '1.005' }],
    ['an amount that is a float', { frez_amt: 1.1 }],
    ['an amount of words', { frez_amt: 'much' }],
    ['a negative amount', { frez_amt: '-1.00' }],
    ['a name too long', { psn_name: '长'.repeat(41) }],
    ['no name', { psn_name: undefined }],
  ])('%s is 400 and nothing is sent', async (_name, change) => {
    const { status } = await agent.operation('quanzhou/BC00.03.00.03', { ...freeze, ...change })
    expect(status).toBe(400)
    expect(fake.calls).toHaveLength(0)
  })

  it('a freeze whose answer is lost is not sent again by itself', async () => {
    const before = routes['chs']!
    routes['chs'] = () => 'hang'
    const { status, body } = await agent.operation('quanzhou/BC00.03.00.03', { ...freeze, hosp_mdtrt_id: 'Z2' })
    routes['chs'] = before
    expect(status).toBeGreaterThanOrEqual(500)
    expect(body.error.retryable).toBe(false)
    await new Promise((done) => setTimeout(done, 500))
    expect(fake.calls).toHaveLength(1)
  })
})

describe('quanzhou, chs, as sites differ', () => {
  const restart = async (more: Record<string, unknown>) => {
    await agent.stop()
    await agent.start({ settings: all(quanzhou(more)) })
  }
  const plain = (algorithm: 'md5' | 'sm3'): Handler => () => {
    const reply = { code: 0, type: 'success', message: '成功', data: { total: 0, row: [] }, chs_fjs_timestamp: String(Date.now()) }
    return { json: { ...reply, chs_fjs_sign: chsSign(reply, algorithm) } }
  }
  const ask = () => agent.operation('quanzhou/BC00.03.00.01', { psn_name: NAME, cert_no: NUMBER })

  it('SM3, in the clear, anonymous', async () => {
    await restart({ signType: 'SM3', encType: 'none', auth: 'anonymous' })
    const before = routes['chs']!
    routes['chs'] = plain('sm3')
    const { status, body } = await ask()
    routes['chs'] = plain('md5')
    const spoiled = await ask()
    routes['chs'] = before
    expect([status, body]).toEqual([200, { total: 0, row: [] }])
    const wire = fake.calls[0]!.json
    expect(wire).toMatchObject({ psn_name: NAME, cert_no: NUMBER, chs_fjs_appid: 'ldxt' })
    expect(wire.chs_fjs_appsecret).toBeUndefined()
    expect(wire.chs_fjs_token).toBeUndefined()
    expect(wire.chs_fjs_sign).toBe(chsSign(wire, 'sm3'))
    expect(spoiled.status).toBeGreaterThanOrEqual(500)
  })

  it('SM4 under the key of the settings', async () => {
    const key = '00112233445566778899aabbccddeeff'
    await restart({ encType: 'SM4', sm4Key: key })
    await ask()
    const wire = fake.calls[0]!.json
    const decrypted = ['base64', 'hex'].flatMap((encoding) => {
      try {
        const decipher = createDecipheriv('sm4-ecb', Buffer.from(key, 'hex'), null)
        return [JSON.parse(Buffer.concat([decipher.update(wire.chs_fjs_encdata, encoding as 'hex'), decipher.final()]).toString('utf8'))]
      } catch {
        return []
      }
    })
    expect(decrypted[0]).toMatchObject({ psn_name: NAME, cert_no: NUMBER })
    expect(wire.chs_fjs_sign).toBe(chsSign({ ...wire, ...decrypted[0] }))
  })

  afterAll(() => restart({}))
})

describe('beijing', () => {
  const encrypt = (plain: string) => {
    const cipher = createCipheriv('aes-256-ecb', Buffer.from(BEIJING.aesKey), null)
    return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('hex')
  }

  it('builds the signed entry', async () => {
    const { status, body } = await agent.operation('beijing/entryUrl', { userName: NAME, cardNo: NUMBER })
    expect(status).toBe(200)
    const url = new URL(body.url)
    expect(`${url.origin}${url.pathname}`).toBe('https://bj.example/homepage/hospital')
    const parameters = Object.fromEntries(url.searchParams)
    const { timestamp } = parameters
    expect(timestamp).toMatch(/^\d{13}$/)
    const plain = `cardNo=${NUMBER}&cardType=01&hospitalCode=1001&timestamp=${timestamp}&userName=${NAME}&appSecret=${BEIJING.appSecret}`
    expect(parameters).toEqual({
      hospitalCode: '1001',
      userName: encrypt(NAME),
      cardType: '01',
      cardNo: encrypt(NUMBER),
      timestamp,
      sign: createHash('sha256').update(plain).digest('hex'),
    })
    expect(fake.calls).toHaveLength(0)
  })

  it.each([
    ['0.7', false],
    ['0.70', false],
    ['0.700', false],
    ['0.7000000000000000001', true],
    ['0.71', true],
    ['0.69', false],
    ['1', true],
    ['0', false],
  ])('a similarity of %s matches: %s', async (data, matched) => {
    routes['face'] = () => ({ json: { code: 0, message: 'ok', data } })
    const { status, body } = await agent.operation('beijing/checkFace', { name: NAME, certNo: NUMBER })
    expect([status, body]).toEqual([200, expect.objectContaining({ data, matched })])
    expect(fake.calls[0]!.json).toMatchObject({ appId: 'face-1', appSecret: 'face-secret', name: NAME, certNo: NUMBER })
  })

  it.each([['not a number'], [''], [null], ['NaN'], ['Infinity'], ['7e99']])('a similarity of %j is no match', async (data) => {
    routes['face'] = () => ({ json: { code: 0, message: 'ok', data } })
    const { body } = await agent.operation('beijing/checkFace', { name: NAME, certNo: NUMBER })
    expect(body.matched ?? false).toBe(false)
  })
})

describe('yuejiantong', () => {
  const sm4 = (plain: string, encoding: 'hex' | 'base64') => {
    const cipher = createCipheriv('sm4-ecb', Buffer.from(YUE.appKey, 'hex'), null)
    return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString(encoding)
  }
  const user = (encoding: 'hex' | 'base64') => ({
    certificateNo: sm4(NUMBER, encoding),
    certificateType: '01',
    healthCardNo: 'H-1',
    phone: sm4('18800001111', encoding),
    name: NAME,
    gender: 2,
    nation: '31',
    userId: 'U1',
    channel: '1',
  })

  it.each(['hex', 'base64'] as const)('exchanges a code with the gateway’s headers, values in %s', async (encoding) => {
    routes['yue'] = () => ({ json: { errcode: 0, errmsg: 'SUCCESS', data: user(encoding) } })
    const { status, body } = await agent.operation('yuejiantong/exchangeCode', { code: `afadsgfaar${encoding}` })
    expect([status, body]).toEqual([200, expect.objectContaining({ certificateNo: NUMBER, phone: '18800001111', name: NAME })])
    const [call] = fake.calls
    expect(call!.method).toBe('GET')
    expect(Object.fromEntries(call!.url.searchParams)).toEqual({ appCode: 'HIS01', command: '01', code: `afadsgfaar${encoding}`, businessType: '1' })
    const { headers } = call!
    expect(headers['x-tsp-timestamp']).toMatch(/^\d{10}$/)
    const signed = `${headers['x-tsp-timestamp']}${YUE.token}${headers['x-tsp-nonce']}${headers['x-tsp-timestamp']}`
    expect(headers).toMatchObject({
      'x-tsp-paasid': 'paas-1',
      'x-tsp-appsecret': 'yue-secret',
      'x-tsp-serviceid': 'DGSP_1',
      'x-tsp-signature': createHash('sha256').update(signed).digest('hex').toUpperCase(),
    })
  })

  it('reads the code out of the address that a phone shows, and shows the user', async () => {
    routes['yue'] = () => ({ json: { errcode: 0, errmsg: 'SUCCESS', data: user('hex') } })
    const outcome = await agent.scan('https://his.example/entry?code=scancode1')
    expect(outcome).toMatchObject({
      status: 'accepted',
      code: { format: 'yuejiantong' },
      patient: { name: NAME, idNumber: NUMBER, idType: '01', idTypeName: '居民身份证', gender: '女', nation: '达斡尔族', phone: '18800001111' },
    })
  })

  it('never sends a code again that may have arrived', async () => {
    routes['yue'] = () => 'reset'
    const outcome = await agent.scan('https://his.example/entry?code=scancode2')
    expect(outcome.status).toBe('unavailable')
    expect(fake.calls).toHaveLength(1)
    routes['yue'] = () => ({ json: { errcode: 2, errmsg: '参数不合法' } })
    expect(await agent.scan('https://his.example/entry?code=scancode3')).toMatchObject({ status: 'rejected', error: { platform: 'yuejiantong', code: '2' } })
  })

  it.each(['https://his.example.evil.example/entry?code=a1', 'http://his.example/entry?code=a1', 'https://his.example/other?code=a1', 'https://his.example/entry'])(
    'does not take %s for one',
    async (text) => {
      expect((await agent.scan(text)).status).toBe('unrecognised')
      expect(fake.calls).toHaveLength(0)
    },
  )
})

describe('e-voucher', () => {
  const decoded = { idNo: NUMBER, idType: '01', userName: NAME, ecToken: 'TOKEN-OF-EC', insuOrg: '350500', ecIndexNo: 'IDX1', gender: '2', birthday: '1992-02-02', nationality: 'CHN', email: '', extData: '' }

  it('is decoded by the gateway', async () => {
    routes['hsecfc'] = () => ({ json: { code: 0, message: '成功', data: decoded } })
    const text = codes.eVoucher()
    const outcome = await agent.scan(text)
    expect(outcome).toMatchObject({ status: 'accepted', code: { format: 'e-voucher' }, patient: { name: NAME, idNumber: NUMBER }, eVoucher: { ecToken: 'TOKEN-OF-EC', insuOrg: '350500', ecIndexNo: 'IDX1' } })
    const [call] = fake.calls
    expect([call!.method, call!.path]).toEqual(['POST', '/hsecfc/localQrCodeQuery'])
    expect(call!.json).toMatchObject({ orgId: 'H34010000001', transType: 'ec.query', data: { orgId: 'H34010000001', officeId: '32760', officeName: '消化内科', businessType: expect.stringMatching(/^0\d{4}$/) } })
    expect(call!.text).toContain(`"ecQrCode":"${text}"`)
  })

  it('is rejected where the gateway says no, unavailable where it is silent', async () => {
    routes['hsecfc'] = () => ({ json: { code: -1, message: '二维码已过期' } })
    expect(await agent.scan(codes.eVoucher())).toMatchObject({ status: 'rejected', error: { message: expect.stringContaining('二维码已过期') } })
    routes['hsecfc'] = () => 'reset'
    expect((await agent.scan(codes.eVoucher())).status).toBe('unavailable')
  })
})

describe('quanzhou, ec', () => {
  const pair = keyPair()
  const platform = keyPair()

  beforeAll(async () => {
    await agent.stop()
    await agent.start({ settings: all(quanzhou({ envelope: 'ec', baseUrl: `${fake.url}/ec`, ...EC, signType: 'SM2', encType: 'SM4', privateKey: pair.privateKey, platformPublicKey: platform.publicKey, bizKey: undefined, salt: undefined })) })
  })

  const answer = (sign: (message: Record<string, unknown>) => Record<string, unknown>): Handler => () => {
    const data = { total: 1, row: [{ cntr_no: 'C9', is_own: '1', sign_time: '2026-11-01 08:00:00', sign_state: '1', cntr_att_cont: 'x' }] }
    const at = new Date(Date.now() + 8 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 17)
    const message = { appId: EC.appId, data, encType: 'SM4', respCode: '0', respMsg: '处理成功', timestamp: at }
    const signed = sign(message)
    const { data: _clear, ...rest } = signed
    return { json: { ...rest, encData: ecEncrypt(data) } }
  }

  it('derives the document’s key', () => {
    expect(ecKey()).toHaveLength(16)
    expect(() => createDecipheriv('sm4-ecb', ecKey(), null)).not.toThrow()
    expect(
      ecDecrypt(
        '64A9C5A7AB3AEA5FC01DE87025F999521C08D25DA13BD715D7E036A7D7C1DBCB6AB7914898A23A99C97EBEFE5277247AD7D0DD9B18F4DCC71A2C280C5143F25B857C795E6BA9F399652C3A4264FC2CBBA7E06B08E151362301659FC3F3773480966E8D19AB082B64A4F9B9BDBABCE57DC2CA95C9975090885AB286BB736BA3BB98F3540962552F40C8350926B93CD21CB7A624E6C4E41E349627E7B36B5C1B5F94604EDC42EA6034D63B2D387A87F42130F0D47B9445F9D729566FE183F9A959',
      ),
    ).toBeTypeOf('object')
  })

  it('signs with SM2 and encrypts with SM4, and believes an SM2 signature of the platform', async () => {
    routes['ec'] = answer((message) => ({ ...message, signType: 'SM2', signData: sm2Sign(ecToSign({ ...message, signType: 'SM2' }), platform) }))
    const { status, body } = await agent.operation('quanzhou/BC00.03.00.01', { psn_name: NAME, cert_no: NUMBER })
    expect([status, body]).toEqual([200, expect.objectContaining({ row: [expect.objectContaining({ cntr_no: 'C9' })] })])
    const wire = fake.calls[0]!.json
    expect(wire).toMatchObject({ appId: EC.appId, encType: 'SM4', signType: 'SM2', version: expect.any(String), transType: 'BC00.03.00.01' })
    expect(wire.timestamp).toMatch(/^20\d{12}$/)
    expect(fake.calls[0]!.text).not.toContain(NUMBER)
    const data = ecDecrypt(wire.encData)
    expect(data).toMatchObject({ psn_name: NAME, cert_no: NUMBER, fixmedins_code: 'H34010000001' })
    const { encData: _one, signData, ...rest } = wire
    expect(sm2Verify(ecToSign({ ...rest, data }), signData, pair.publicKey)).toBe(true)
  })

  it.each(['SM2', 'SM3'])('believes a keyed SM3 digest, as in the document’s answer, under signType %s', async (signType) => {
    routes['ec'] = answer((message) => ({ ...message, signType, signData: ecSm3({ ...message, signType }) }))
    expect((await agent.operation('quanzhou/BC00.03.00.01', { psn_name: NAME, cert_no: NUMBER })).status).toBe(200)
  })

  it.each<[string, (message: Record<string, unknown>) => Record<string, unknown>]>([
    ['a signature of somebody else', (message) => ({ ...message, signType: 'SM2', signData: sm2Sign(ecToSign({ ...message, signType: 'SM2' }), pair) })],
    ['a digest of another message', (message) => ({ ...message, signType: 'SM3', signData: ecSm3({ ...message, respCode: '1', signType: 'SM3' }) })],
    ['no signature', (message) => message],
    ['a signature of another message', (message) => ({ ...message, signType: 'SM2', signData: sm2Sign('another', platform) })],
  ])('does not believe %s', async (_name, sign) => {
    routes['ec'] = answer(sign)
    const { status, body } = await agent.operation('quanzhou/BC00.03.00.01', { psn_name: NAME, cert_no: NUMBER })
    expect([status, body.error?.message ?? body]).toEqual([expect.toSatisfy((value: number) => value >= 500), expect.stringMatching(/[一-龥]/)])
  })

  it('refuses a timestamp 20 minutes off', async () => {
    const real = answer((message) => {
      const old = { ...message, timestamp: new Date(Date.now() + 8 * 3_600_000 - 20 * 60_000).toISOString().replace(/\D/g, '').slice(0, 17), signType: 'SM2' }
      return { ...old, signData: sm2Sign(ecToSign(old), platform) }
    })
    routes['ec'] = real
    const { status } = await agent.operation('quanzhou/BC00.03.00.01', { psn_name: NAME, cert_no: NUMBER })
    expect(status).toBeGreaterThanOrEqual(500)
  })
})

it('keeps to the documents throughout, and its log names nobody', async () => {
  expect(cards.violations).toEqual([])
  expect(fake.violations).toEqual([])
  for (const secret of [NAME, NUMBER, '18800001111', HOLDER.name, HOLDER.idNumber, CARD.appSecret, CHS.appSecret, EC.appSecret, YUE.token, YUE.appSecret, BEIJING.appSecret, 'face-secret', 'scancode1', 'TOKEN-OF-EC']) {
    expect(agent.log().includes(secret), `the log has ${secret}`).toBe(false)
  }
})
