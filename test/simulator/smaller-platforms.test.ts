import { createCipheriv, createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ACCOUNTS } from '../../src/simulator/demo-settings.ts'
import { personOf } from '../../src/simulator/people.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { sm4Decrypt } from '../../src/transcode/crypto/sm4.ts'
import { newRequestId, post } from '../support/simulated-calls.ts'

type Members = Record<string, unknown>

let clock = Date.now()
const simulator = createSimulator({ now: () => clock })
const sample = (id: string) => simulator.samples().find((one) => one.id === id)?.text() ?? ''
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

beforeAll(async () => {
  await simulator.listen()
})
afterAll(() => simulator.close())
beforeEach(() => {
  clock = Date.now()
  simulator.control.reset()
})

describe('北京', () => {
  const { hospitalCode, appSecret, aesKey, faceAppId, faceAppSecret } = ACCOUNTS.beijing
  const locked = (text: string) => {
    const cipher = createCipheriv('aes-256-ecb', Buffer.from(aesKey, 'ascii'), null)
    return cipher.update(text, 'utf8', 'hex') + cipher.final('hex')
  }
  const enter = async (changed: Record<string, string> = {}) => {
    const { name: userName, idNumber: cardNo } = personOf('lin')
    const timestamp = String(clock)
    const text = `cardNo=${cardNo}&cardType=01&hospitalCode=${hospitalCode}&timestamp=${timestamp}&userName=${userName}&appSecret=${appSecret}`
    const query = new URLSearchParams({ hospitalCode, userName: locked(userName), cardType: '01', cardNo: locked(cardNo), timestamp, sign: sha256(text), ...changed })
    return (await fetch(`${simulator.origin}/beijing/entry?${query}`)).status
  }

  it('opens the entry page to a right signature over the plain values', async () => {
    expect(await enter()).toBe(200)
    expect(simulator.books()['beijing']).toMatchObject({ entries: [{ userName: '林安和', cardNo: personOf('lin').idNumber }] })
  })

  it.each([
    ['a wrong signature', { sign: sha256('x') }, 403],
    ['an upper-case signature', { sign: sha256('x').toUpperCase() }, 403],
    ['a name in the clear', { userName: '林安和' }, 403],
    ['a broken cipher', { cardNo: '00'.repeat(16) }, 403],
    ['another hospital', { hospitalCode: '1002' }, 403],
    ['a clock 601 s off', { timestamp: String(Date.now() - 601_000) }, 403],
    ['no card type', { cardType: '' }, 400],
  ])('refuses %s', async (_, changed, status) => {
    expect(await enter(changed)).toBe(status)
    expect(simulator.books()['beijing']).toMatchObject({ entries: [] })
  })

  it.each([
    ['lin', '0.93'],
    ['ma', '0.70'],
    ['miao', '0.7000001'],
    ['smith', '0.05'],
  ] as const)('checkFace of %s is %s', async (key, similarity) => {
    const { name, idNumber: certNo } = personOf(key)
    const request = { appId: faceAppId, appSecret: faceAppSecret, name, certNo }
    expect(await post(`${simulator.origin}/beijing/checkFace`, request)).toEqual({ code: 0, message: '成功', data: similarity })
    expect(await post(`${simulator.origin}/beijing/checkFace`, { ...request, appSecret: 'x' })).toMatchObject({ code: 401 })
    expect(await post(`${simulator.origin}/beijing/checkFace`, { ...request, certNo: '' })).toMatchObject({ code: 400 })
  })
})

describe('粤健通', () => {
  const { appCode, appKey, paasId, token, appSecret, serviceId } = ACCOUNTS.yuejiantong
  const newCode = (id = 'yuejiantong') => new URL(sample(id)).searchParams.get('code') ?? ''

  async function exchange(code: string, headers: Record<string, string> = {}, query: Record<string, string> = {}): Promise<Members> {
    const timestamp = headers['x-tsp-timestamp'] ?? String(Math.floor(clock / 1000))
    const nonce = headers['x-tsp-nonce'] ?? newRequestId()
    const response = await fetch(
      `${simulator.origin}/yuejiantong/gateway?${new URLSearchParams({ appCode, command: '01', code, businessType: '1', ...query })}`,
      {
        headers: {
          'content-type': 'application/json;charset=utf-8',
          'x-tsp-nonce': nonce,
          'x-tsp-signature': sha256(timestamp + token + nonce + timestamp).toUpperCase(),
          'x-tsp-appSecret': appSecret,
          'x-tsp-paasid': paasId,
          'x-tsp-serviceid': serviceId,
          'x-tsp-timestamp': timestamp,
          ...headers,
        },
      },
    )
    return (await response.json()) as Members
  }

  it('exchanges a code once, its number and phone under SM4', async () => {
    const code = newCode()
    const { errcode, data } = (await exchange(code)) as { errcode: number; data: Record<string, string> }
    expect(errcode).toBe(0)
    expect(data).toMatchObject({ certificateType: '01', nation: '01', gender: 2, name: '林安和', channel: '1' })
    const opened = sm4Decrypt(Buffer.from(appKey, 'hex'), Buffer.from(data['certificateNo'] ?? '', 'hex')).toString()
    expect(opened).toBe(personOf('lin').idNumber)
    expect(await exchange(code)).toMatchObject({ errcode: 1 })
  })

  it('lets a code die after 5 minutes, and refuses one that was refused', async () => {
    const code = newCode()
    clock += 300_000
    expect(await exchange(code)).toMatchObject({ errcode: 1 })
    expect(await exchange(newCode('yuejiantong-refused'))).toMatchObject({ errcode: 1 })
  })

  it.each([
    ['a wrong signature', { 'x-tsp-signature': sha256('x').toUpperCase() }],
    ['a clock 601 s off', { 'x-tsp-timestamp': String(Math.floor(Date.now() / 1000) - 601) }],
    ['a timestamp in milliseconds', { 'x-tsp-timestamp': String(Date.now()) }],
    ['another paasid', { 'x-tsp-paasid': 'x' }],
    ['another secret', { 'x-tsp-appSecret': 'x' }],
    ['another service', { 'x-tsp-serviceid': 'x' }],
    ['another content type', { 'content-type': 'text/plain' }],
  ])('refuses %s and keeps the code alive', async (_, headers) => {
    const code = newCode()
    expect(await exchange(code, headers as Record<string, string>)).toMatchObject({ errcode: 3 })
    expect(await exchange(code)).toMatchObject({ errcode: 0 })
  })

  it('refuses a nonce that was used', async () => {
    const nonce = newRequestId()
    expect(await exchange(newCode(), { 'x-tsp-nonce': nonce })).toMatchObject({ errcode: 0 })
    expect(await exchange(newCode(), { 'x-tsp-nonce': nonce })).toMatchObject({ errcode: 3 })
  })

  it.each([
    ['appCode', 'X'],
    ['command', '02'],
    ['businessType', 'x'],
    ['code', 'a'.repeat(33)],
  ])('refuses %s %s', async (name, value) => {
    expect(await exchange(newCode(), {}, { [name]: value })).toMatchObject({ errcode: 2 })
  })
})

describe('医保电子凭证 gateway', () => {
  const { orgId, codeField } = ACCOUNTS.eVoucher
  const data = { orgId, businessType: '01101', operatorId: '1', operatorName: '经办', officeId: '0101', officeName: '内科' }
  const ask = (body: Members) => post(`${simulator.origin}/hsecfc/localQrCodeQuery`, body)
  const query = (code: string): Members => ({ data: { ...data, [codeField]: code }, orgId, transType: 'ec.query' })

  it('decodes, with the code beside data or in it', async () => {
    const holder = { code: 0, data: { userName: '林安和', idNo: personOf('lin').idNumber, insuOrg: '340100' } }
    expect(await ask(query(sample('e-voucher')))).toMatchObject(holder)
    expect(await ask({ ...query(''), data, [codeField]: sample('e-voucher') })).toMatchObject(holder)
    expect(await ask(query(sample('e-voucher-refused')))).toMatchObject({ code: 1002 })
  })

  it.each([{ transType: 'ec.other' }, { orgId: 'H2' }, { data: 'x' }, { data: { ...data, businessType: '9' } }, { data: { ...data, officeId: '' } }])(
    'refuses %o',
    async (changed) => {
      const code = sample('e-voucher')
      expect((await ask({ ...query(code), [codeField]: code, ...changed }))['code']).not.toBe(0)
    },
  )
})
