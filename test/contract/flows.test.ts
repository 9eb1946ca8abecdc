/** 识读 (the card-system flow), the interface that the hospital provides to 泉州, damaged data, devices that are missing. */
import { readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPty, type Pty } from '../support/pty.ts'
import { listen, startAgent, TOKEN, until, type Agent } from './support/agent.ts'
import { fakePlatform, type FakePlatform, type Reply } from './support/fake-platform.ts'
import { CHS, chsDecrypt, chsEncrypt, chsSign } from './support/fake-quanzhou.ts'
import { codes, identityNumber } from './support/people.ts'
import { ankang, settings } from './support/settings.ts'

const NUMBER = identityNumber('19830303', '338', '340201')
const INSURANCE = 'H34010000001'

let agent: Agent
let fake: FakePlatform
let pty: Pty
let identified: Reply
let charges: Reply
let inbound: string

beforeAll(async () => {
  fake = await fakePlatform((call) => {
    if (call.path === '/identify') return identified
    if (call.path === '/his') return charges
    return { json: { flag: '200', errCode: '200', errMsg: '' } }
  })
  const port = await freePort()
  inbound = `http://127.0.0.1:${port}/`
  pty = await createPty()
  agent = await startAgent(
    settings(
      {
        ankang: ankang(fake.url, { flow: 'identify', targetTypes: ['3401002'] }),
        quanzhou: { envelope: 'chs', baseUrl: `${fake.url}/chs`, ...CHS, signType: 'MD5', encType: 'AES', inbound: { listen: `127.0.0.1:${port}`, hisUrl: `${fake.url}/his` }, requestTimeoutMs: 600 },
      },
      {
        terminal: { id: 'W02', mode: 'window', cityNo: '340100000000', sceneCode: '01006' },
        devices: { serial: [{ path: pty.path, baudRate: 115200, parity: 'even', dataBits: 7, terminator: '\r' }, { path: '/dev/not-there' }, { match: { vendorId: 'ffff' } }] },
      },
    ),
  )
})
beforeEach(() => void (fake.calls.length = 0))
afterAll(async () => {
  await agent?.close()
  await pty?.close()
  await fake?.close()
})

describe('识读', () => {
  const full = {
    name: '王识读',
    idcardNo: NUMBER,
    userPhone: '18800002222',
    isSelf: '1',
    authType: '2',
    authObject: 'face-7',
    healthLevel: '1',
    dataSource: '1',
    targetType: '3401002',
    targetId: 'T-9',
    targetObject: '{"card":"9"}',
  }
  const reply = (data: unknown): Reply => ({ json: { data, flag: '200', errMsg: '', errCode: '200' } })

  it.each([
    ['an object', full],
    ['a string', JSON.stringify(full)],
    ['an array', [full]],
  ])('gives the patient out of %s', async (_name, data) => {
    identified = reply(data)
    const text = codes.ankang()
    const outcome = await agent.scan(text)
    expect(fake.to('/identify').map(({ json }) => json)).toEqual([{ cityNo: '340100000000', qrCodeUrl: text, targetType: '3401002', senceCode: '01006' }])
    expect(outcome).toMatchObject({
      status: 'accepted',
      patient: { name: '王识读', idNumber: NUMBER, phone: '18800002222', isSelf: true, healthLevel: '1' },
      targets: [{ type: '3401002', typeName: '电子健康码', id: 'T-9', object: { card: '9' } }],
    })
    expect(JSON.stringify(outcome)).toMatch(/face-7/)
  })

  it('is accepted with advice where the patient gave no 通用授权', async () => {
    identified = reply({ authType: '1', authObject: 'a', dataSource: '1', targetType: '3401002', targetId: 'T-10' })
    const outcome = await agent.scan(codes.ankang())
    expect(outcome.status).toBe('accepted')
    expect(outcome.patient?.name ?? '').toBe('')
    const refused = await agent.result(outcome.id, { tradeNo: 'I0', tradeState: '1', msg: '好' })
    expect([refused.status, refused.body.error.code]).toEqual([422, 'MESSAGE_IDENTITY_MISSING'])
  })

  it('returns the message with the name and number that 识读 gave', async () => {
    identified = reply(full)
    const outcome = await agent.scan(codes.ankang())
    expect((await agent.result(outcome.id, { tradeNo: 'I1', tradeState: '1', msg: '好' })).status).toBe(202)
    await until(() => fake.to('/message').length === 1)
    expect(fake.to('/message')[0]!.json).toMatchObject({ name: '王识读', idcardNo: NUMBER, targetType: '3401002', targetId: 'T-9', tradeNo: 'I1' })
  })

  it.each(['0', '2', false])('tells a code of somebody else by isSelf %j', async (isSelf) => {
    identified = reply({ ...full, isSelf })
    expect((await agent.scan(codes.ankang())).patient.isSelf).toBe(false)
  })
})

describe('获取医院收费信息', () => {
  const bill = {
    psn_name: '王识读',
    cert_no: NUMBER,
    cert_type: '01',
    med_type: '11',
    is_own: '1',
    setl_time: '2026-11-22 08:00:00',
    medfee_sumamt: '100.00',
    fund_pay_sumamt: '0.00',
    acct_pay_sumamt: '0.00',
    cash_payamt: '100.00',
    cntr_bank_act_amt: '100.00',
  }
  const asked = (members: Record<string, unknown>, at = Date.now()) => {
    const head = { chs_fjs_appid: CHS.appId, chs_fjs_appsecret: CHS.appSecret, chs_fjs_funid: 'BC00.03.00.99', chs_fjs_timestamp: String(at) }
    return { ...head, chs_fjs_sign: chsSign({ ...head, ...members }), chs_fjs_encdata: chsEncrypt(JSON.stringify(members)) }
  }
  const post = async (body: unknown) => {
    const response = await fetch(inbound, { method: 'POST', headers: { 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) })
    return { status: response.status, body: (await response.json().catch(() => undefined)) as any }
  }

  it('asks the HIS and answers signed and encrypted', async () => {
    charges = { json: bill }
    const { status, body } = await post(asked({ fixmedins_code: INSURANCE, hosp_mdtrt_id: 'M1' }))
    expect(status).toBe(200)
    const clear = JSON.parse(chsDecrypt(body.chs_fjs_encdata))
    expect(clear).toMatchObject({ code: 0, data: bill })
    const { chs_fjs_sign, ...rest } = clear
    expect(chsSign(rest)).toBe(chs_fjs_sign)
    expect(fake.to('/his')).toHaveLength(1)
    const [{ json, url }] = fake.to('/his') as [any]
    expect({ ...Object.fromEntries(url.searchParams), ...json }).toMatchObject({ hosp_mdtrt_id: 'M1' })
  })

  it('refuses a wrong signature, an old time, a bad field; and never asks the HIS then', async () => {
    charges = { json: bill }
    const good = asked({ fixmedins_code: INSURANCE, hosp_mdtrt_id: 'M1' })
    expect((await post({ ...good, chs_fjs_sign: '0'.repeat(32) })).status).toBe(403)
    const codeOf = (body: any) => (body.chs_fjs_encdata ? JSON.parse(chsDecrypt(body.chs_fjs_encdata)).code : body.code)
    const old = await post(asked({ fixmedins_code: INSURANCE, hosp_mdtrt_id: 'M1' }, Date.now() - 20 * 60_000))
    expect(codeOf(old.body)).not.toBe(0)
    const bad = await post(asked({ fixmedins_code: INSURANCE }))
    expect(codeOf(bad.body)).not.toBe(0)
    for (const nonsense of ['', 'x', '[]', 'null', '{}']) expect((await post(nonsense)).status).toBeGreaterThanOrEqual(200)
    expect((await post('x'.repeat(200_000))).status).toBeGreaterThanOrEqual(400)
    expect(fake.to('/his')).toHaveLength(0)
  })

  it('says so where the HIS does not answer', async () => {
    for (const reply of ['hang', 'reset', { status: 500, text: '' }, { text: 'x' }] as const) {
      charges = reply
      const { body } = await post(asked({ fixmedins_code: INSURANCE, hosp_mdtrt_id: 'M1' }))
      expect(JSON.parse(chsDecrypt(body.chs_fjs_encdata)).code).not.toBe(0)
    }
  })

  it('has nothing of the local API at its port', async () => {
    const response = await fetch(`${inbound}api/v1/health`)
    expect(response.status).toBeGreaterThanOrEqual(400)
  })
})

describe('devices', () => {
  it('that are not there are missing, and the others work', async () => {
    const states = async () => Object.fromEntries((await agent.request('GET', '/api/v1/health')).body.devices.map(({ id, state }: any) => [id, state]))
    const found = await until(states, (all) => all[`serial:${pty.path}`] === 'open')
    expect(found['serial:/dev/not-there']).toBe('missing')
    for (const state of Object.values(found)) expect(['opening', 'open', 'missing', 'busy', 'lent', 'failed']).toContain(state)
    const last = await agent.lastSeq()
    // 7 data bits and even parity, as the settings say.
    await pty.write(`${NUMBER}\r`)
    expect(await agent.outcomeAfter(last)).toMatchObject({ status: 'accepted', patient: { idNumber: NUMBER } })
  })
})

describe('damaged data', () => {
  it.each(['outbox.db', 'state.db'])('%s is set aside, a new one begun, and numbers do not start again', async (name) => {
    const before = await agent.scan(NUMBER)
    await agent.stop()
    for (const file of readdirSync(agent.dataDir).filter((file) => file.startsWith(name) && !file.endsWith('.lock'))) {
      writeFileSync(join(agent.dataDir, file), Buffer.alloc(40_000, 'damaged '))
    }
    await agent.start()
    expect(readdirSync(agent.dataDir).join(' ')).toContain('damaged')
    const outcome = await agent.scan(NUMBER)
    expect(outcome.status).toBe('accepted')
    expect(outcome.seq).toBeGreaterThan(before.seq)
    expect((await agent.outbox()).pending).toBe(0)
    const events = await listen(agent.api, '/api/v1/events?after=0', { headers: { authorization: `Bearer ${TOKEN}` } })
    await until(() => events.events.some(({ data }) => data?.id === outcome.id))
    events.close()
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}
