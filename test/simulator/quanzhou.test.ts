import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ACCOUNTS } from '../../src/simulator/demo-settings.ts'
import { personOf } from '../../src/simulator/people.ts'
import { DEFAULT_PROFILE, profilePath, type Profile } from '../../src/simulator/quanzhou/profile.ts'
import { locked, signatureOf } from '../../src/simulator/quanzhou/wire.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { createHttpClient } from '../../src/transcode/platforms/http.ts'
import type { PlatformTools } from '../../src/transcode/platforms/platform.ts'
import { createInboundCharges } from '../../src/transcode/platforms/quanzhou/inbound-charges.ts'
import { quanzhou } from '../../src/transcode/platforms/quanzhou/quanzhou.ts'
import { quanzhouSettings } from '../../src/transcode/platforms/quanzhou/settings.ts'
import { newRequestId, post } from '../support/simulated-calls.ts'

type Members = Record<string, unknown>

const simulator = createSimulator()
const http = createHttpClient()
const lin = personOf('lin')
const who = { psn_name: lin.name, cert_no: lin.idNumber }
const stay = { ...who, cert_type: '01', hosp_mdtrt_id: 'ZY1', opt_name: '经办', opt_dept_name: '内科' }
const freezing = { ...stay, is_own: '1', frez_amt: '5000.10', frez_type: '1' }
const unfreezing = { ...stay, re_frez_type: '1', re_frez_amt: '5000.10', re_frez_rea: '未住院' }
const settling = {
  ...who, cert_type: '01', hosp_mdtrt_id: 'ZY1', med_type: '21', is_own: '1', setl_id: 'S1', setl_time: '2024-05-06 10:00:00',
  medfee_sumamt: '4000.30', fund_pay_sumamt: '1000.00', acct_pay_sumamt: '0.10', cash_payamt: '3000.20', cntr_bank_act_amt: '3000.20',
}
const refunding = { ...who, cert_type: '01', hosp_mdtrt_id: 'ZY1', hosp_setl_id: 'S1', hosp_re_setl_id: 'R1', cntr_act_amt: '1000.05' }

const PROFILES = (['chs', 'ec'] as const).flatMap((envelope) =>
  (['MD5', 'SM3', 'SM2'] as const).flatMap((signType) =>
    (['AES', 'SM4', 'none'] as const).map((encType): Profile => ({ envelope, signType, encType, auth: 'user' })),
  ),
)

/** The terminal's own 泉州: written from the same document by another hand. */
function terminal(profile: Partial<Profile> = {}) {
  const settings = quanzhouSettings.parse(simulator.settings({ quanzhou: profile }).platforms.quanzhou)
  const site = simulator.settings() as unknown as PlatformTools['site']
  const { operations } = quanzhou.create(settings, { http, now: Date.now, newId: newRequestId, site, log: () => {} })
  return (functionId: string, body: Members) => operations[functionId]?.call(body as never, {}) as Promise<Members>
}

beforeAll(async () => {
  await simulator.listen()
})
afterAll(async () => {
  await http.close()
  await simulator.close()
})
beforeEach(() => simulator.control.reset())

describe('both envelopes', () => {
  it.each(PROFILES)('$envelope, $signType, $encType', async (profile) => {
    const call = terminal(profile)
    expect(await call('BC00.03.00.01', who)).toMatchObject({ total: 1, row: [{ cntr_no: 'XY00000001' }] })
    await expect(call('BC00.03.00.01', { ...who, psn_name: '陌生人' })).rejects.toMatchObject({ ending: 'rejected', fault: { code: '3001' } })
  })

  it.each(['oauth2', 'anonymous'] as const)('authentication %s', async (auth) => {
    expect(await terminal({ auth })('BC00.03.00.01', who)).toMatchObject({ total: 1 })
  })

  it.each(PROFILES.filter(({ encType }) => encType !== 'none'))('sends wrong signatures on demand: $envelope, $signType, $encType', async (profile) => {
    simulator.control.fault({ platform: 'quanzhou', mode: 'bad-signature', times: 1 })
    await expect(terminal(profile)('BC00.03.00.01', who)).rejects.toMatchObject({ fault: { code: 'REPLY_SIGNATURE' } })
  })
})

describe('strictness', () => {
  const letter = (changed: Members = {}, business: Members = { fixmedins_code: 'H1', ...who }, signedAs?: Members): Members => {
    const { appId, appSecret } = ACCOUNTS.quanzhou
    const head = { chs_fjs_appid: appId, chs_fjs_appsecret: appSecret, chs_fjs_funid: 'BC00.03.00.01', chs_fjs_timestamp: String(Date.now()), ...changed }
    const sign = signatureOf(DEFAULT_PROFILE, { ...head, ...(signedAs ?? business) }, ACCOUNTS.quanzhou, 'terminal')
    return { ...head, chs_fjs_encdata: locked(DEFAULT_PROFILE, JSON.stringify(business), ACCOUNTS.quanzhou), chs_fjs_sign: sign }
  }
  const codeOf = async (body: unknown, path = profilePath(DEFAULT_PROFILE)) => (await post(simulator.origin + path, body))['code']

  it('takes a right one', async () => {
    expect(await codeOf(letter())).toBe(0)
    expect(await codeOf(letter(), '/quanzhou')).toBe(0)
  })

  it.each([
    ['a signature over something else', () => letter({}, undefined, { fixmedins_code: 'H2', ...who }), 1003],
    ['another channel', () => letter({ chs_fjs_appid: 'somebody' }), 1001],
    ['a wrong secret', () => letter({ chs_fjs_appsecret: 'x' }), 1001],
    ['a clock 601 s off', () => letter({ chs_fjs_timestamp: String(Date.now() - 601_000) }), 1002],
    ['a timestamp in seconds', () => letter({ chs_fjs_timestamp: String(Math.floor(Date.now() / 1000)) }), 1002],
    ['an unknown function', () => letter({ chs_fjs_funid: 'BC00.03.00.09' }), 1005],
    ['a cipher that cannot be opened', () => ({ ...letter(), chs_fjs_encdata: 'AAAAAAAAAAAAAAAAAAAAAA==' }), 1004],
    ['business members in the clear beside the cipher', () => ({ ...letter(), psn_name: lin.name }), 1004],
    ['no signature', () => ({ ...letter(), chs_fjs_sign: '' }), 1000],
    ['a missing field', () => letter({}, who), 2001],
    ['no JSON', () => 'x', -1],
  ])('refuses %s', async (_, body, code) => {
    expect(await codeOf(body())).toBe(code)
  })

  it('refuses a token nobody gave', async () => {
    const profile: Profile = { ...DEFAULT_PROFILE, auth: 'oauth2' }
    const { chs_fjs_appsecret: _, ...rest } = letter({ chs_fjs_token: 'x' })
    expect(await codeOf(rest, profilePath(profile))).toBe(1001)
    expect((await fetch(`${simulator.origin}/quanzhou/token`, { method: 'POST', body: 'grant_type=client_credentials&client_id=x' })).status).toBe(401)
  })
})

describe('the books', () => {
  const refused = (code: number) => ({ ending: 'rejected', fault: { code: String(code) } })

  it('freeze once, unfreeze once', async () => {
    const call = terminal()
    const { frez_no } = await call('BC00.03.00.03', freezing)
    expect(await call('BC00.03.00.02', { ...who, hosp_mdtrt_id: 'ZY1' })).toMatchObject({ cntr_state: '1', frez_amt: '5000.10' })
    await expect(call('BC00.03.00.03', freezing)).rejects.toMatchObject(refused(3003))
    await expect(call('BC00.03.00.04', { ...unfreezing, re_frez_amt: '5000.11' })).rejects.toMatchObject(refused(3008))
    expect(await call('BC00.03.00.04', unfreezing)).toMatchObject({ frez_no, re_frez_amt: '5000.10', re_frez_rea: '未住院' })
    await expect(call('BC00.03.00.04', unfreezing)).rejects.toMatchObject(refused(3004))
    expect(await call('BC00.03.00.02', { ...who, hosp_mdtrt_id: 'ZY1' })).toMatchObject({ cntr_state: '2', frez_amt: '0.00' })
  })

  it('freeze everything where no amount is named, and never more than there is', async () => {
    const call = terminal()
    const { frez_amt: _, ...all } = freezing
    expect(await call('BC00.03.00.03', all)).toMatchObject({ frez_amt: '20000.00' })
    await expect(call('BC00.03.00.03', { ...freezing, hosp_mdtrt_id: 'ZY2' })).rejects.toMatchObject(refused(3002))
  })

  it('settle once, refund once, and add up', async () => {
    const call = terminal()
    await call('BC00.03.00.03', freezing)
    await call('BC00.03.00.05', settling)
    // A terminal that knows of it sends it no second time.
    await expect(terminal()('BC00.03.00.05', settling)).rejects.toMatchObject(refused(3005))
    await expect(call('BC00.03.00.04', unfreezing)).rejects.toMatchObject(refused(3004))
    await call('BC00.03.00.05', { ...settling, hosp_mdtrt_id: 'MZ2', setl_id: 'S2', cntr_bank_act_amt: '0.99' })
    await call('BC00.03.00.06', refunding)
    await expect(call('BC00.03.00.06', { ...refunding, hosp_re_setl_id: 'R2' })).rejects.toMatchObject(refused(3007))
    await expect(terminal()('BC00.03.00.06', { ...refunding, hosp_setl_id: 'S9' })).rejects.toMatchObject(refused(3006))
    const day = await call('BC00.03.00.07', { med_type: '21', fee_time: '2024-05-06' })
    expect(day).toEqual({
      total: 2,
      row: [
        { setl_id: 'S1', medfee_sumamt: '4000.30', cntr_act_amt: '2000.15' },
        { setl_id: 'S2', medfee_sumamt: '4000.30', cntr_act_amt: '0.99' },
      ],
    })
    expect(await call('BC00.03.00.07', { med_type: '21', fee_time: '20240507' })).toEqual({ total: 0, row: [] })
    expect(simulator.books()['quanzhou']).toMatchObject({ stays: { 'H34010000001 ZY1': { state: '4', frozen: '0.00' } } })
  })

  it.each(PROFILES)('write the amounts of one person as numbers, every digit signed: $envelope, $signType, $encType', async (profile) => {
    const { name: psn_name, idNumber: cert_no } = personOf('ma')
    const frozen = await terminal(profile)('BC00.03.00.03', { ...freezing, psn_name, cert_no, frez_amt: '5000.1' })
    expect(frozen).toMatchObject({ frez_amt: '5000.10', acct_frez_amt: '0.00', bank_frez_amt: '5000.10' })
  })

  it('settle no more than was frozen', async () => {
    const call = terminal()
    await call('BC00.03.00.03', { ...freezing, frez_amt: '100' })
    await expect(call('BC00.03.00.05', settling)).rejects.toMatchObject(refused(3002))
  })

  it('know what was done though its answer was lost', async () => {
    const call = terminal()
    simulator.control.fault({ platform: 'quanzhou', operation: 'BC00.03.00.03', mode: 'reset', recorded: true, times: 1 })
    await expect(call('BC00.03.00.03', freezing)).rejects.toMatchObject({ fault: { code: 'TRANSACTION_UNKNOWN' } })
    expect(await call('BC00.03.00.02', { ...who, hosp_mdtrt_id: 'ZY1' })).toMatchObject({ cntr_state: '1' })
  })
})

describe('获取医院收费信息, asked by the platform', () => {
  const charges = {
    ...who, cert_type: '01', med_type: '21', is_own: '1', setl_time: '2024-05-06 10:00:00', medfee_sumamt: '1.00',
    fund_pay_sumamt: '0.00', acct_pay_sumamt: '0.00', cash_payamt: '1.00', cntr_bank_act_amt: '1.00',
  }

  it.each(PROFILES)('$envelope, $signType, $encType', async (profile) => {
    const settings = quanzhouSettings.parse(simulator.settings({ quanzhou: profile }).platforms.quanzhou)
    const answer = createInboundCharges({ settings, now: Date.now, askHis: async ({ hosp_mdtrt_id }) => (hosp_mdtrt_id === 'ZY1' ? charges : undefined) })
    const hospital = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { status, body } = await answer(Buffer.concat(chunks).toString())
      response.writeHead(status).end(body)
    })
    await new Promise<void>((resolve) => hospital.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(hospital.address() as AddressInfo).port}/`
    try {
      expect(await simulator.callInbound(url, 'ZY1', { profile })).toMatchObject({ status: 200, signed: true, data: { psn_name: lin.name, cash_payamt: '1.00' } })
      expect(await simulator.callInbound(url, 'ZY9', { profile })).toMatchObject({ signed: true, data: undefined })
      expect(await simulator.callInbound(url, 'ZY1', { profile, badSignature: true })).toMatchObject({ status: 403, data: undefined })
      expect(await simulator.callInbound(url, 'ZY1', { profile, skewMs: -601_000 })).toMatchObject({ data: undefined })
    } finally {
      hospital.closeAllConnections()
      await new Promise((resolve) => hospital.close(resolve))
    }
  })
})
