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
      await expect(call('05', settlement)).rejects.toMatchObject({ httpStatus: 409, code: 'TRANSACTION_DONE' })
      await expect(call('05', { ...settlement, setl_id: 'YY-JS-2' })).rejects.toMatchObject({ ending: 'rejected', fault: { code: '3005' } })
      const refund = {
        ...stay,
        hosp_setl_id: 'YY-JS-1',
        setl_id: 'YB-JS-1',
        hosp_re_setl_id: 'YY-TK-1',
        re_setl_id: 'YB-TK-1',
        cntr_act_amt: '0.01',
      }
      await call('06', refund)
      await expect(call('06', refund)).rejects.toMatchObject({ httpStatus: 409, code: 'TRANSACTION_DONE' })
      await expect(call('06', { ...refund, hosp_re_setl_id: 'YY-TK-2' })).rejects.toMatchObject({ ending: 'rejected', fault: { code: '3007' } })
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

  const refund = { ...stay, hosp_setl_id: 'YY-JS-1', setl_id: 'YB-JS-1', hosp_re_setl_id: 'YY-TK-1', re_setl_id: 'YB-TK-1', cntr_act_amt: '0.01' }
  const unfreeze = { ...stay, re_frez_type: '1', re_frez_amt: '10', re_frez_rea: '取消住院', ...operator }
  const state = { ...who, hosp_mdtrt_id: 'ZY0001' }
  const day = { med_type: '21', fee_time: '20240305' }

  it.each([
    ['freeze', '03', freeze, [], '02', state],
    ['unfreeze', '04', unfreeze, [['03', freeze]], '02', state],
    ['settlement', '05', settlement, [], '02', state],
    ['settlement', '05', settlement, [], '07', day],
    ['refund', '06', refund, [['05', settlement]], '02', state],
    ['refund', '06', refund, [['05', settlement]], '07', day],
  ] as [string, string, Record<string, unknown>, [string, Record<string, unknown>][], string, Record<string, unknown>][])(
    'an unknown %s (.%s) is sent again only after a query has told of it',
    async (_name, number, body, before, query, asked) => {
      const call = terminal(chs, { requestTimeoutMs: 500 })
      for (const [first, its] of before) await call(first, its)
      simulator.control.fault({ platform: 'quanzhou', operation: `BC00.03.00.${number}`, mode: 'reset', recorded: true, times: 1 })
      const again = () => call(number, body).then(() => 'done', (error) => error.fault?.code ?? `${error.httpStatus} ${error.code}`)
      expect(await again()).toBe('TRANSACTION_UNKNOWN')
      expect(await again()).toBe('409 TRANSACTION_UNSETTLED')
      // A query that gets no answer tells nothing. (One whose kept connection is cut is asked once more.)
      simulator.control.fault({ platform: 'quanzhou', operation: `BC00.03.00.${query}`, mode: 'hang', recorded: true, times: 1 })
      await expect(call(query, asked)).rejects.toMatchObject({ ending: 'unavailable' })
      expect(await again()).toBe('409 TRANSACTION_UNSETTLED')
      const received = () => simulator.control.requests().filter((request) => request.operation === `BC00.03.00.${number}`).length
      expect(received()).toBe(1)
      await call(query, asked)
      // It had been done: a row of .07 proves a settlement, of all else the platform's own books refuse it.
      const proved = query === '07' && number === '05'
      expect(await again()).toMatch(proved ? /^409 TRANSACTION_DONE$/ : /^300\d$/)
      expect(received()).toBe(proved ? 1 : 2)
    },
  )

  const outcomeOf = (asked: Promise<unknown>) => asked.then(() => 'done', (error) => error.fault?.code ?? `${error.httpStatus} ${error.code}`)
  const lose = (number: string, recorded: boolean) => simulator.control.fault({ platform: 'quanzhou', operation: `BC00.03.00.${number}`, mode: 'hang', times: 1, ...(recorded && { recorded }) })

  it('a list that is not whole settles nothing and is not believed', async () => {
    const call = terminal(chs, { requestTimeoutMs: 300 })
    lose('05', true)
    expect(await outcomeOf(call('05', settlement))).toBe('TRANSACTION_UNKNOWN')
    simulator.control.quanzhou({ shortList: true })
    await expect(call('07', day)).rejects.toMatchObject({ ending: 'unavailable', fault: { code: 'REPLY_SHAPE', message: expect.stringContaining('total 为 1，实有 0 条') } })
    await expect(call('01', who)).rejects.toMatchObject({ fault: { code: 'REPLY_SHAPE' } })
    expect(await outcomeOf(call('05', settlement))).toBe('409 TRANSACTION_UNSETTLED')
    simulator.control.quanzhou({})
    await call('07', day)
    expect(await outcomeOf(call('05', settlement))).toBe('409 TRANSACTION_DONE')
  })

  it('a stay that .02 does not know settles the doubt, a refusal at the gate or of another person does not', async () => {
    const call = terminal(chs, { requestTimeoutMs: 300 })
    lose('03', false)
    expect(await outcomeOf(call('03', freeze))).toBe('TRANSACTION_UNKNOWN')
    simulator.control.clock(700_000)
    expect(await outcomeOf(call('02', state))).not.toBe('done')
    simulator.control.clock(0)
    expect(await outcomeOf(call('02', { ...state, psn_name: '别人' }))).toBe('3001')
    expect(await outcomeOf(call('03', freeze))).toBe('409 TRANSACTION_UNSETTLED')
    simulator.control.quanzhou({ unknownStay: true })
    expect(await outcomeOf(call('02', state))).toBe('3010')
    expect(await outcomeOf(call('03', freeze))).toBe('done')
  })

  it('where the site names the codes for it, no other refusal settles', async () => {
    const call = terminal(chs, { requestTimeoutMs: 300, notFoundCodes: ['4040'] })
    lose('03', false)
    expect(await outcomeOf(call('03', freeze))).toBe('TRANSACTION_UNKNOWN')
    simulator.control.quanzhou({ unknownStay: true })
    expect(await outcomeOf(call('02', state))).toBe('3010')
    expect(await outcomeOf(call('03', freeze))).toBe('409 TRANSACTION_UNSETTLED')
  })

  it('a person releases what nothing settles', async () => {
    const settings = quanzhouSettings.parse({ ...simulator.settings({ quanzhou: chs }).platforms.quanzhou, requestTimeoutMs: 300 })
    const { tools } = playedTools(http)
    const { operations } = quanzhou.create(settings, { ...tools, now: Date.now })
    const release = (more: object) => outcomeOf(operations['releaseTransaction']!.call({ functionId: 'BC00.03.00.03', hosp_mdtrt_id: 'ZY0001', reason: '电话核实没有办理', ...more } as never, {}))
    lose('03', false)
    expect(await outcomeOf(operations['BC00.03.00.03']!.call(freeze as never, {}))).toBe('TRANSACTION_UNKNOWN')
    expect(await release({ hosp_mdtrt_id: 'ZY0002' })).toBe('409 TRANSACTION_KNOWN')
    expect(await release({ reason: '' })).toBe('400 REQUEST_INVALID')
    expect(await release({ functionId: 'BC00.03.00.05' })).toBe('400 REQUEST_INVALID')
    expect(await release({})).toBe('done')
    expect(await outcomeOf(operations['BC00.03.00.03']!.call(freeze as never, {}))).toBe('done')
  })

  it.each(profiles.filter(({ auth }) => auth === 'anonymous').flatMap((profile) => (['signed', 'left-out'] as const).map((blanks) => [Object.values(profile).join(' '), blanks, profile] as const)))(
    'inner members that are "" are verified: %s %s',
    async (_name, blanks, profile) => {
      simulator.control.quanzhou({ blanks })
      expect(await terminal(profile)('01', who)).toMatchObject({ total: 1 })
    },
  )

  it.each(['status', 'unsigned'] as const)('a token that is refused (%s) is forgotten', async (refuseTokens) => {
    const call = terminal({ ...chs, auth: 'oauth2' })
    await call('01', who)
    simulator.control.quanzhou({ refuseTokens })
    expect(await outcomeOf(call('01', who))).toBe(refuseTokens === 'status' ? 'HTTP_STATUS' : 'REPLY_UNSIGNED')
    expect(await outcomeOf(call('01', who))).toBe('done')
  })

  it.each([['""', ''], ['blanks', '  '], ['null', null]])('a credit is not frozen whole for a frez_amt that is %s', async (_name, frez_amt) => {
    const call = terminal(chs)
    await expect(call('03', { ...freeze, frez_amt })).rejects.toMatchObject({ httpStatus: 400, fields: [{ path: 'frez_amt' }] })
    const { frez_amt: _left, ...whole } = freeze
    expect(await call('03', whole)).toMatchObject({ frez_amt: '20000.00' })
  })

  it('of the fields that an insured patient needs in a refund, one asks for all', async () => {
    const call = terminal(chs)
    for (const left of ['mdtrt_id', 'setl_id', 're_setl_id'] as const) {
      const { [left]: _one, ...rest } = refund
      await expect(call('06', rest)).rejects.toMatchObject({ httpStatus: 400, fields: [{ path: left }] })
    }
    const { mdtrt_id: _a, setl_id: _b, re_setl_id: _c, ...own } = refund
    expect(await outcomeOf(call('06', own))).toBe('3006')
  })

  it('codes that the settings name come with their words', async () => {
    const call = terminal(chs, { codes: { sign_state: { '1': '已签署' }, cntr_state: { '0': '未冻结' } } })
    expect(await call('01', who)).toMatchObject({ row: [{ sign_state: '1', sign_state_name: '已签署' }] })
    expect(await call('02', state)).toMatchObject({ cntr_state: '0', cntr_state_name: '未冻结' })
  })

  it('a query about another stay or day settles nothing, nor does the list of agreements', async () => {
    simulator.control.fault({ platform: 'quanzhou', operation: 'BC00.03.00.05', mode: 'hang', times: 1 })
    const call = terminal(chs, { requestTimeoutMs: 300 })
    await expect(call('05', settlement)).rejects.toMatchObject({ fault: { code: 'TRANSACTION_UNKNOWN' } })
    await call('02', { ...who, hosp_mdtrt_id: 'ZY0002' })
    await call('07', { med_type: '21', fee_time: '2024-03-04' })
    await call('07', { med_type: '11', fee_time: '2024-03-05' })
    await call('01', who)
    await expect(call('05', { ...settlement, setl_time: '2024-03-05 10:00:00' })).rejects.toMatchObject({ code: 'TRANSACTION_UNSETTLED' })
    expect(await call('05', { ...settlement, hosp_mdtrt_id: 'MZ0002', setl_id: 'YY-JS-2' })).toMatchObject({ cntr_setl_id: expect.any(String) })
    // Lost on the way, so the day's list leaves it out: it may be sent again.
    await call('07', day)
    expect(await call('05', settlement)).toMatchObject({ cntr_setl_id: expect.any(String) })
  })

  it('a refused transaction, and one that never left, may be sent again at once', async () => {
    const call = terminal(chs)
    await expect(call('04', unfreeze)).rejects.toMatchObject({ fault: { code: '3004' } })
    await expect(call('04', unfreeze)).rejects.toMatchObject({ fault: { code: '3004' } })
    const nobody = terminal(chs, { baseUrl: 'http://127.0.0.1:1/' })
    await expect(nobody('03', freeze)).rejects.toMatchObject({ fault: { code: 'NETWORK_UNREACHABLE' } })
    await expect(nobody('03', freeze)).rejects.toMatchObject({ fault: { code: 'NETWORK_UNREACHABLE' } })
  })

  it('the same transaction twice at a time is sent once', async () => {
    simulator.control.fault({ platform: 'quanzhou', operation: 'BC00.03.00.03', mode: 'slow', delayMs: 100, times: 1 })
    const call = terminal(chs)
    const first = call('03', freeze)
    await expect(call('03', { ...freeze, frez_amt: '20' })).rejects.toMatchObject({ code: 'TRANSACTION_UNDER_WAY', httpStatus: 409 })
    expect(await first).toMatchObject({ frez_amt: '10.00' })
  })

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
    // The hospital's clock stands: a slow machine must not bring it nearer to the platform's.
    const at = Date.now()
    const server = await startInboundServer({ ...settings, inbound: settings.inbound! }, { ...tools, now: () => at })
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
