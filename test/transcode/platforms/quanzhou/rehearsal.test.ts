import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { personOf } from '../../../../src/simulator/people.ts'
import type { Profile } from '../../../../src/simulator/quanzhou/profile.ts'
import { createSimulator } from '../../../../src/simulator/simulator.ts'
import { createHttpClient } from '../../../../src/transcode/platforms/http.ts'
import type { PlatformError } from '../../../../src/transcode/platforms/platform-error.ts'
import { startInboundServer } from '../../../../src/transcode/platforms/quanzhou/inbound-server.ts'
import { quanzhou } from '../../../../src/transcode/platforms/quanzhou/quanzhou.ts'
import { quanzhouSettings } from '../../../../src/transcode/platforms/quanzhou/settings.ts'
import { playedTools, SITE } from '../../../support/played-http.ts'

const simulator = createSimulator()
const http = createHttpClient()
beforeAll(() => simulator.listen())
afterAll(async () => {
  await http.close()
  await simulator.close()
})
beforeEach(() => simulator.control.reset())

const profiles: Profile[] = (['chs', 'ec'] as const)
  .flatMap(
    (envelope) =>
      (['MD5', 'SM3', 'SM2'] as const).flatMap((signType) =>
        (['AES', 'SM4', 'none'] as const).flatMap((encType) =>
          (['user', 'oauth2', 'anonymous'] as const).map((auth) => ({ envelope, signType, encType, auth })),
        ),
      ),
    // Envelope ec has no member for a token.
  )
  .filter(({ envelope, auth }) => envelope === 'chs' || auth !== 'oauth2')

function terminal(profile: Profile, more: Record<string, unknown> = {}) {
  const settings = quanzhouSettings.parse({ ...simulator.settings({ quanzhou: profile }).platforms.quanzhou, ...more })
  const { tools } = playedTools(http)
  const { operations } = quanzhou.create(settings, { ...tools, now: Date.now })
  return (number: string, body: Record<string, unknown>) =>
    operations[`BC00.03.00.${number}`]!.call(body as never, {}) as Promise<Record<string, unknown>>
}

const { name: psn_name, idNumber: cert_no } = personOf('lin')
const who = { psn_name, cert_no }
const stay = { ...who, hosp_mdtrt_id: 'ZY0001', mdtrt_id: 'YB0001', cert_type: '01' }
const operator = { opt_name: '经办', opt_dept_name: '住院处' }
const settlement = {
  ...stay,
  med_type: '21',
  is_own: '0',
  hosp_setl_id: 'YB-JS-1',
  setl_id: 'YY-JS-1',
  setl_time: '2024-03-05 09:59:00',
  medfee_sumamt: '1000.00',
  fund_pay_sumamt: '700.00',
  acct_pay_sumamt: '99.99',
  cash_payamt: '0',
  cntr_bank_act_amt: '200.01',
}

describe('泉州 rehearsed with the played platform', () => {
  it.each(profiles.map((profile) => [Object.values(profile).join(' '), profile] as const))(
    'from agreement to reconciliation: %s',
    async (_name, profile) => {
      const call = terminal(profile)
      expect(await call('01', who)).toMatchObject({ total: 1 })
      const frozen = await call('03', { ...stay, is_own: false, frez_amt: '500.55', frez_type: '1', ...operator })
      expect(frozen).toMatchObject({ frez_amt: '500.55' })
      await call('04', { ...stay, re_frez_type: '1', re_frez_amt: '100.55', re_frez_rea: '减少预缴', ...operator })
      expect(await call('02', { ...who, hosp_mdtrt_id: 'ZY0001' })).toMatchObject({
        cntr_state: '1',
        frez_amt: '400.00',
      })
      await call('05', settlement)
      await expect(call('05', settlement)).rejects.toMatchObject({ ending: 'rejected', fault: { code: '3005' } })
      const refund = {
        ...stay,
        hosp_setl_id: 'YY-JS-1',
        setl_id: 'YB-JS-1',
        hosp_re_setl_id: 'YY-TK-1',
        re_setl_id: 'YB-TK-1',
        cntr_act_amt: '0.01',
      }
      await call('06', refund)
      await expect(call('06', refund)).rejects.toMatchObject({ ending: 'rejected', fault: { code: '3007' } })
      expect(await call('07', { med_type: '21', fee_time: '2024-03-05' })).toEqual({
        total: 1,
        row: [{ hosp_setl_id: 'YB-JS-1', setl_id: 'YY-JS-1', medfee_sumamt: '1000.00', cntr_act_amt: '200.00' }],
      })
    },
  )

  const chs = profiles[0]!
  const freeze = { ...stay, is_own: '1', frez_amt: '10', frez_type: '1', ...operator }

  it.each(['hang', 'reset', 'html', 'empty', 'status', 'truncated', 'endless', 'bad-signature'] as const)(
    'a freeze whose answer is lost (%s) is unknown, sent once, and settled by asking for its state',
    async (mode) => {
      simulator.control.fault({ platform: 'quanzhou', operation: 'BC00.03.00.03', mode, recorded: true, times: 1 })
      const call = terminal(chs, { requestTimeoutMs: 500 })
      const error = await call('03', freeze).then(
        () => undefined,
        (fault: PlatformError) => fault,
      )
      expect(error?.fault).toMatchObject({ code: 'TRANSACTION_UNKNOWN', retryable: false })
      expect(simulator.control.requests().filter((request) => request.operation === 'BC00.03.00.03').length).toBe(1)
      expect(await call('02', { ...who, hosp_mdtrt_id: 'ZY0001' })).toMatchObject({
        cntr_state: '1',
        frez_amt: '10.00',
      })
    },
  )

  it('a clock 20 minutes off is refused by the platform and named', async () => {
    simulator.control.clock(20 * 60_000)
    const error = await terminal(chs)('02', { ...who, hosp_mdtrt_id: 'ZY0001' }).then(
      () => undefined,
      (fault: PlatformError) => fault,
    )
    expect(error?.fault.message).toMatch(/本机时间比平台慢 1\d{3} 秒/)
  })

  it.each(
    profiles
      .filter(({ auth }) => auth === 'user')
      .map((profile) => [Object.values(profile).join(' '), profile] as const),
  )('the platform asks the hospital for charges: %s', async (_name, profile) => {
    const charges = {
      psn_name,
      cert_no,
      cert_type: '01',
      med_type: '21',
      is_own: '1',
      setl_time: '2024-03-05 09:00:00',
      medfee_sumamt: '1.10',
      fund_pay_sumamt: '0',
      acct_pay_sumamt: '0',
      cash_payamt: '0',
      cntr_bank_act_amt: '1.10',
    }
    const his = createServer((_request, response) => response.end(JSON.stringify(charges))).listen(0, '127.0.0.1')
    await new Promise((ready) => his.once('listening', ready))
    const settings = quanzhouSettings.parse({
      ...simulator.settings({ quanzhou: profile }).platforms.quanzhou,
      inbound: { listen: '127.0.0.1:0', hisUrl: `http://127.0.0.1:${(his.address() as AddressInfo).port}/` },
    })
    const { tools } = playedTools(http)
    const server = await startInboundServer({ ...settings, inbound: settings.inbound! }, { ...tools, now: Date.now })
    const ask = (more: object = {}) =>
      simulator.callInbound(`http://127.0.0.1:${server.port}/`, 'ZY1', {
        profile,
        institution: SITE.hospital!.insuranceCode!,
        ...more,
      })
    expect(await ask()).toMatchObject({ status: 200, signed: true, data: charges })
    expect(await ask({ badSignature: true })).toMatchObject({ status: 403, data: undefined })
    expect((await ask({ skewMs: 601_000 })).data).toBeUndefined()
    await server.close()
    his.closeAllConnections()
    await new Promise((done) => his.close(done))
  })
})
