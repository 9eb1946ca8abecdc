/** 自助建卡 at the kiosk: its own two routes, nothing kept, and each refusal with the platform's code. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { personOf } from '../../src/simulator/people.ts'
import { startTestTerminal, type TestTerminal } from '../support/terminal.ts'

const OFFLINE = 'OFFLINE-CODE-0001'
const PICTURE = '/9j/4AAQ'
const lin = personOf('lin')
const SELF = { whom: 'self', name: lin.name, gender: lin.gender, nation: '汉', birthday: '1988/10/22', idNumber: lin.idNumber, phone1: '19900000105' }

async function kioskOf(settings: Record<string, unknown>) {
  const t = await startTestTerminal({ settings: { terminal: { mode: 'kiosk' }, ...settings } })
  const ticket = new URL(t.terminal.ready.ui).searchParams.get('ticket')
  const { token } = (await t.request('POST', '/api/v1/session', { ticket })).body as { token: string }
  const ask = (path: string, body?: unknown) => t.request(body === undefined ? 'GET' : 'POST', `/api/v1/${path}`, body, { authorization: `Bearer ${token}` })
  return { t, ask }
}

let t: TestTerminal
let ask: Awaited<ReturnType<typeof kioskOf>>['ask']
beforeAll(async () => {
  ;({ t, ask } = await kioskOf({ kiosk: { registration: true }, platforms: { healthCard: { offlineWechatCode: OFFLINE } } }))
})
afterAll(() => t.close())
beforeEach(() => t.simulator.control.reset())

const sent = (operation: string) => t.simulator.control.requests().filter((each) => each.operation === operation)
const refuse = (operation: string, code: string) => t.simulator.control.fault({ platform: 'health-card', operation, mode: 'code', code, times: 1 })

describe('a card', () => {
  it('for oneself: read, registered by the offline code, and on the screen as a scan of it would be, masked', async () => {
    expect((await ask('kiosk')).body.registration).toBe(true)
    const read = await ask('kiosk/registration/picture', { imageContent: PICTURE })
    expect(read).toMatchObject({ status: 200, body: { name: lin.name, idNumber: lin.idNumber, gender: '女', nation: '汉', birthday: '1988/10/22' } })
    const { address, ...fields } = read.body
    const { status, body } = await ask('kiosk/registration', { ...SELF, ...fields, address })
    expect([status, body.status, body.offers]).toEqual([200, 'accepted', expect.arrayContaining(['dynamic-code'])])
    expect(JSON.stringify(body)).not.toContain(lin.idNumber)
    expect((await ask(`outcomes/${body.id}/dynamic-code`, {})).body.qrCodeText).toMatch(/:0:/)
    const whole = await t.request('GET', '/api/v1/outcomes?newest=1')
    expect(whole.body.outcomes[0].patient).toMatchObject({ name: lin.name, idNumber: lin.idNumber })
  })

  it('for 家属 and 新生儿: the latter by 出生医学证明', async () => {
    const bao = personOf('bao')
    const family = await ask('kiosk/registration', { whom: 'family', name: bao.name, gender: bao.gender, nation: bao.nation, birthday: bao.birthday, idNumber: bao.idNumber, phone1: '19900000105' })
    expect([family.status, family.body.status]).toEqual([200, 'accepted'])
    const baby = await ask('kiosk/registration', { whom: 'newborn', name: '林小满', gender: '女', nation: '汉族', birthday: '2026-11-20', idNumber: 'V340000001', phone1: '19900000105' })
    expect(baby.body).toMatchObject({ status: 'accepted', patient: { idTypeName: '出生医学证明' } })
  })

  it('is bound once the HIS says under which id it keeps the patient', async () => {
    const bound = await kioskOf({ kiosk: { registration: true }, platforms: { healthCard: { offlineWechatCode: OFFLINE, bindPatid: true } } })
    const { body } = await bound.ask('kiosk/registration', { ...SELF, whom: 'self' })
    const told = await bound.t.request('POST', `/api/v1/outcomes/${body.id}/result`, { tradeNo: 'JK1', tradeState: '1', msg: '建档成功', patid: 'P777', medicalStep: '010105' })
    expect(told.status).toBe(202)
    await expect.poll(() => bound.t.simulator.control.requests().filter(({ operation }) => operation === 'bindCardRelation').length, { timeout: 8000 }).toBe(1)
    await bound.t.close()
  })
})

describe('a refusal', () => {
  it.each(['10015', '-10022', '-10023', '-10026', '-10028', '-10029', '-10031', '-10032', '-10038', '10010', '10056', '10057', '-1'])('of registering keeps its code, says nothing of a person and shows no card: %s', async (code) => {
    refuse('registerHealthCard', code)
    const { status, body } = await ask('kiosk/registration', SELF)
    expect([status >= 400, body.error.platform, body.error.code]).toEqual([true, 'health-card', code])
    for (const secret of [lin.name, lin.idNumber, SELF.phone1, OFFLINE]) expect(JSON.stringify(body)).not.toContain(secret)
    expect(sent('getHealthCardByQRCode')).toEqual([])
  })

  it.each(['-10039', '-10040'])('of the picture keeps its code: %s', async (code) => {
    refuse('ocrInfo', code)
    expect((await ask('kiosk/registration/picture', { imageContent: PICTURE })).body.error.code).toBe(code)
  })

  it('sends nothing where a field is wrong or one is more than the chain has', async () => {
    for (const body of [{ ...SELF, idNumber: '340101198506120041' }, { ...SELF, phone1: '' }, { ...SELF, wechatCode: 'W' }, { ...SELF, whom: 'anybody' }]) {
      expect((await ask('kiosk/registration', body)).status).toBe(400)
    }
    expect(sent('registerHealthCard')).toEqual([])
  })
})

it('is off unless it is switched on and the offline code is there', async () => {
  for (const settings of [{ platforms: { healthCard: { offlineWechatCode: OFFLINE } } }, { kiosk: { registration: true } }]) {
    const off = await kioskOf(settings)
    expect((await off.ask('kiosk')).body.registration).toBe(false)
    for (const [path, body] of [['kiosk/registration', SELF], ['kiosk/registration/picture', { imageContent: PICTURE }]] as const) {
      expect((await off.ask(path, body)).body.error.code).toBe('REGISTRATION_OFF')
    }
    await off.t.close()
  }
})

it('is audited without the person, leaves nothing in the log, and is gone from the screen when the patient is', async () => {
  const { body } = await ask('kiosk/registration', SELF)
  const lines = t.terminal.agent.audit.latest(50).filter(({ what }) => what === 'operation.called')
  expect(lines.at(-1)).toMatchObject({ who: 'kiosk', detail: { platform: 'health-card', operation: 'registerHealthCard' } })
  const written = [JSON.stringify(lines), t.log.join('')].join()
  expect([lin.name, lin.idNumber, SELF.phone1, OFFLINE, PICTURE].filter((each) => written.includes(each))).toEqual([])
  await ask('visit/end', { at: Date.now() })
  expect((await ask('outcomes?after=0&limit=100')).body.outcomes).toEqual([])
  expect((await ask(`outcomes/${body.id}/dynamic-code`, {})).status).toBe(404)
})
