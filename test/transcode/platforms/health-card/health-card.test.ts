import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { JudgedResult, Outcome } from '../../../../src/transcode/outcome.ts'
import { CHANNELS, FEE_TYPES, ID_TYPES, MEDICAL_STEPS } from '../../../../src/transcode/platforms/health-card/dictionaries.ts'
import { healthCard } from '../../../../src/transcode/platforms/health-card/health-card.ts'
import { batchActiveCardUrl, healthCardListUrl, userCodeUrl } from '../../../../src/transcode/platforms/health-card/redirect-urls.ts'
import { refusal, RETURN_CODES } from '../../../../src/transcode/platforms/health-card/return-codes.ts'
import { OPERATION_PATHS } from '../../../../src/transcode/platforms/health-card/settings.ts'
import { signOf, withoutEmpty } from '../../../../src/transcode/platforms/health-card/sign.ts'
import type { Kept, OpenId } from '../../../../src/transcode/platforms/platform.ts'
import { RequestFault } from '../../../../src/transcode/platforms/platform-error.ts'
import { transportError } from '../../../../src/transcode/platforms/transport-error.ts'
import { platformTools, SITE, type Answering } from '../../../support/platform-tools.ts'

const STATIC = '2A4A19745AC6D6475C2AA48290B513F818F056277858104C89979A39E49D1444:1'
const DYNAMIC = 'D109C4C340995DFC13262A55699FBDAD8S564E8B65796FA1:0:BOE3CC5F50EF5DC663F094C985B58312::35020001001'
const ID = '34010119850612004X'
const SECRET = '8c8e763f443ef983ac33aef1c7085cfb'
const NOW = Date.UTC(2026, 0, 2, 17, 0, 0)

const said = (rsp: object, resultCode: number | string = 0, errMsg = '成功') => ({ commonOut: { requestId: '', resultCode, errMsg }, rsp })
const token = (appToken = 'TOKEN', expiresIn: unknown = 7200) => said({ appToken, expiresIn })
const card = { qrCodeText: STATIC, name: '章小桥', gender: '女', nation: '汉', birthday: '1985-06-12', idNumber: ID, idType: '01', phone1: '18800000000', phid: 'P1', patid: 'H1', healthCardId: '', adminExt: '{"id_number":"x"}' }
const verified = { address: '未知地址', birthday: '1985-06-12', gender: '女', healthCardId: DYNAMIC.split(':')[0], idNumber: ID, idType: '0', name: '章小桥', nation: '', phid: 'P1', phone: '18800000000' }

function platform(answering: Answering, settings: object = {}, options: Parameters<typeof platformTools>[1] = {}) {
  const parts = platformTools(answering, { now: () => NOW, ...options })
  const parsed = healthCard.settings.parse({ baseUrl: 'https://card.example/', appId: 'APP', appSecret: SECRET, ...settings })
  return { ...parts, ...healthCard.create(parsed, parts.tools) }
}
/** Answers getAppToken with a token, everything else by the function. */
const withToken = (answering: Answering): Answering => (request, count) => (request.operation === 'getAppToken' ? token() : answering(request, count))

describe('signature', () => {
  it('is the value of 3.1.3.3', () => {
    const commonIn = { appToken: '', requestId: 'DB4D975748A84309977EA25224C0F5CF', hospitalId: '90003', timestamp: '1525392000', sign: '' }
    expect(signOf(commonIn, { appId: 'a1a2e0bde41574ad8ea9a4bb58022oop' }, SECRET)).toBe('TsccMUMTHfOiEovR2hMlRXcQqctRFmPbpPIZdxXCJ/o=')
  })
  it('sorts nested members and leaves empty ones out of the body too', () => {
    const req = { healthCardItems: [{ name: 'b', address: '', nation: null, deep: { z: 1, a: '' } }], empty: '' }
    expect(withoutEmpty(req)).toEqual({ healthCardItems: [{ name: 'b', deep: { z: 1 } }] })
  })
})

describe('tables', () => {
  /** 3.2.12 and 3.3 as the document has them. */
  const document = readFileSync(new URL('tables.txt', import.meta.url), 'utf8')
  const [returnCodes = '', appendix = ''] = document.split('3.3 附录')

  it('hold every return code of the document, signs kept', () => {
    const rows = [...returnCodes.matchAll(/^(- ?)?(\d+)\t([^\t\n]+)/gm)].map(([, sign, digits, words]) => [(sign ? '-' : '') + digits, words] as const)
    const codes = rows.map(([code]) => code)
    for (const [code, words] of rows) if (code !== '0') expect(RETURN_CODES[code as keyof typeof RETURN_CODES].message, code).toContain(words)
    expect(codes.length).toBeGreaterThan(60)
    expect(Object.keys(RETURN_CODES).sort()).toEqual(codes.filter((code) => code !== '0').sort())
    expect(Object.keys(RETURN_CODES)).not.toContain('10038')
    for (const [code, known] of Object.entries(RETURN_CODES)) {
      expect(known.message, code).not.toBe('')
      expect(known.advice, code).toMatch(/。$/)
    }
  })
  it('hold every row of 3.3.1 to 3.3.4', () => {
    const found = [...appendix.matchAll(/^(\d{2,7})\t(\S+)/gm)]
    expect(found).toHaveLength(36 + 12 + 7 + 4)
    for (const [, code, label] of found) expect([MEDICAL_STEPS, ID_TYPES, CHANNELS, FEE_TYPES].map((table) => (table as Record<string, string>)[code!])).toContain(label)
  })
  it('keep the platform’s own words for a code that is not in them', () => {
    expect(refusal('99999', '系统升级中')).toMatchObject({ ending: 'rejected', fault: { code: '99999', message: '系统升级中' } })
    expect(refusal('-10038', '')).toMatchObject({ ending: 'rejected', fault: { code: '-10038', message: '核身异常', retryable: true } })
    expect(refusal('10038', '别的')).toMatchObject({ fault: { code: '10038', message: '别的' } })
  })
  it.each(['IP白名单限制', '当前 IP 不在白名单内', '该应用未授权', '接口未开通', 'request forbidden'])('take %s in an unlisted code for a refusal of access', (words) => {
    const { ending, fault } = refusal('40001', words)
    expect({ ending, ...fault }).toMatchObject({ ending: 'unavailable', retryable: false, message: '平台没有放行本机的访问', platformMessage: words })
    expect(fault.advice).toContain('IP 白名单')
    expect(fault.advice).not.toContain('刷新')
  })
  it('keep the platform’s words beside ours, without what the request named', () => {
    expect(refusal('10015', '章小桥 34010119850612004X 核身不通过：章小桥', ['章小桥']).fault).toMatchObject({
      message: '核身不通过', platformMessage: '*** *** 核身不通过：***',
    })
    expect(refusal('10015', '核身不通过').fault).not.toHaveProperty('platformMessage')
  })
})

describe('asking', () => {
  it('looks a static code up and signs what it sends', async () => {
    const { ask, requests, bodies } = platform(withToken(() => said({ card })))
    const answer = await ask?.({ format: 'health-card-static', text: STATIC }, {})
    expect(answer).toEqual({
      patient: {
        name: '章小桥', idNumber: ID, idType: '01', idTypeName: '居民身份证', gender: '女', nation: '汉族', phone: '18800000000',
        birthday: '1985-06-12', healthCardId: STATIC.slice(0, 64), phid: 'P1', patid: 'H1', qrCodeText: STATIC,
      },
    })
    expect(requests.map(({ url }) => url)).toEqual([
      'https://card.example/rest/auth/HealthCard/HealthOpenAuth/AuthObj/getAppToken',
      'https://card.example/rest/auth/HealthCard/HealthOpenPlatform/ISVOpenObj/getHealthCardByQRCode',
    ])
    const [first, second] = bodies()
    expect(first?.['commonIn']).toMatchObject({ appToken: '', hospitalId: '10086', timestamp: String(NOW / 1000) })
    const { sign, ...commonIn } = second?.['commonIn'] as unknown as Record<string, string>
    expect(commonIn).toMatchObject({ appToken: 'TOKEN' })
    expect(sign).toBe(signOf(commonIn, { qrCodeText: STATIC }, SECRET))
    expect(JSON.stringify(answer)).not.toContain('id_number')
  })
  it('verifies a dynamic code with the site’s fields, and tells the step that was counted', async () => {
    const { ask, bodies } = platform(withToken(() => said(verified)), { urls: { verifyQRCode: 'https://test.example/verify' } })
    const answer = await ask?.({ format: 'health-card-dynamic', text: DYNAMIC }, {})
    expect(answer?.countedStep).toBe('010101')
    expect(answer?.patient).toMatchObject({ idTypeName: '居民身份证', healthCardId: DYNAMIC.split(':')[0] })
    expect(answer?.patient).not.toHaveProperty('nation')
    expect(bodies()[1]?.['req']).toEqual({
      qrCodeText: DYNAMIC, terminalId: 'W01', time: '2026-01-03 01:00:00', medicalStep: '010101', useCityCode: '340100', useCityName: '合肥市',
      hospitalCode: '01', hospitalName: '人民医院', useChannel: '0100',
    })
  })
  it('verify() takes a target’s code of either kind', async () => {
    const { verify, requests } = platform(withToken(({ operation }) => (operation === 'verifyQRCode' ? said(verified) : said({ card }))))
    expect((await verify?.(DYNAMIC, {}))?.countedStep).toBe('010101')
    expect(await verify?.(STATIC, {})).not.toHaveProperty('countedStep')
    expect(requests.map(({ operation }) => operation)).toEqual(['getAppToken', 'verifyQRCode', 'getHealthCardByQRCode'])
  })
  it.each([
    ['-10038', 'rejected', '-10038', true],
    [10020, 'rejected', '10020', true],
    [-1, 'unavailable', '-1', true],
    ['- 110086', 'unavailable', '-110086', true],
    [21006, 'unavailable', '21006', true],
  ])('ends on resultCode %s', async (resultCode, ending, code, answered) => {
    const { ask } = platform(withToken(() => said({}, resultCode)))
    await expect(ask?.({ format: 'health-card-static', text: STATIC }, {})).rejects.toMatchObject({ ending, answered, fault: { code } })
  })
  it('tells of a static code alone that it is not verified where the platform is away, and never that it is used up', async () => {
    const { ask, unanswered } = platform(withToken(() => said({}, 10020)))
    expect(unanswered?.({ format: 'health-card-static', text: STATIC })).toEqual({
      patient: { healthCardId: STATIC.slice(0, 64) }, notices: [expect.stringContaining('未经核验')],
    })
    expect(unanswered?.({ format: 'health-card-dynamic', text: DYNAMIC })).toBeUndefined()
    const refused = (format: 'health-card-static' | 'health-card-dynamic', text: string) => ask?.({ format, text }, {}).catch((error) => error.fault.advice)
    expect(await refused('health-card-static', STATIC)).not.toMatch(/动态码|刷新/)
    expect(await refused('health-card-dynamic', DYNAMIC)).toContain('动态码只能用一次')
  })
  it('takes no answer to another request', async () => {
    const other = { ...said({ card }), commonOut: { requestId: 'A'.repeat(32), resultCode: 0, errMsg: '成功' } }
    const { ask } = platform(withToken(() => other))
    const ended = ask?.({ format: 'health-card-static', text: STATIC }, {})
    await expect(ended).rejects.toMatchObject({ ending: 'unavailable', answered: false, fault: { code: 'REPLY_OTHER' } })
  })
  it('takes an answer that repeats the requestId, in either case, or leaves it out', async () => {
    const echoing = (change: (id: string) => unknown): Answering => (_request, count) => ({
      ...said({ card }), commonOut: { requestId: change(String(count).padStart(32, '0')), resultCode: 0 },
    })
    for (const change of [(id: string) => id.toLowerCase(), () => undefined, () => null, () => ' ']) {
      const { ask } = platform(withToken(echoing(change)))
      await expect(ask?.({ format: 'health-card-static', text: STATIC }, {})).resolves.toHaveProperty('patient')
    }
  })
  it.each([
    ['static', STATIC, { card: { ...card, qrCodeText: STATIC.replace('2A', '3B') } }],
    ['static, by its id', STATIC, { card: { ...card, qrCodeText: '', healthCardId: 'F'.repeat(64) } }],
    ['dynamic', DYNAMIC, { ...verified, healthCardId: STATIC.slice(0, 64) }],
  ])('takes no answer about another card: %s', async (_what, text, rsp) => {
    const { ask } = platform(withToken(() => said(rsp)))
    const format = text === STATIC ? 'health-card-static' : 'health-card-dynamic'
    await expect(ask?.({ format, text }, {})).rejects.toMatchObject({ ending: 'unavailable', fault: { code: 'REPLY_OTHER' } })
  })
  it.each([
    ['a refusal', said({}, 10020)],
    ['an answer that is none', '<html>'],
  ])('names the request to the platform’s own people: %s', async (_what, answer) => {
    const { ask, bodies } = platform(withToken(() => answer))
    const error = await ask?.({ format: 'health-card-static', text: STATIC }, {}).catch((reason) => reason)
    expect(error.fault.requestId).toMatch(/^\d{32}$/)
    expect(bodies().at(-1)?.['commonIn']).toMatchObject({ requestId: error.fault.requestId })
  })
  it.each([
    ['no resultCode', { rsp: {} }, 'REPLY_SHAPE', false],
    ['no card', said({}), 'REPLY_SHAPE', true],
    ['a card of nobody', said({ card: { ...card, name: '' } }), 'REPLY_SHAPE', true],
    ['fields of another kind', said({ card: { ...card, name: ['x'] } }), 'REPLY_SHAPE', true],
    ['a web page', '<html>', 'REPLY_NOT_JSON', false],
  ])('is unavailable when the answer has %s', async (_what, answer, code, answered) => {
    const { ask } = platform(withToken(() => answer))
    await expect(ask?.({ format: 'health-card-static', text: STATIC }, {})).rejects.toMatchObject({ ending: 'unavailable', answered, fault: { code } })
  })
})

it.each(['https://card.example', 'https://card.example/rest/auth/HealthCard', 'https://card.example/rest/auth/HealthCard/HealthOpenAuth/AuthObj/'])(
  'has one address, whether baseUrl is %s', async (baseUrl) => {
    const { ask, requests } = platform(withToken(() => said({ card })), { baseUrl })
    await ask?.({ format: 'health-card-static', text: STATIC }, {})
    expect(requests[0]?.url).toBe('https://card.example/rest/auth/HealthCard/HealthOpenAuth/AuthObj/getAppToken')
  },
)

describe('an interface that the platform has closed', () => {
  const code = { format: 'health-card-static', text: STATIC } as const
  it.each([10034, 21007])('is not asked again by anybody until it may be open: %i', async (resultCode) => {
    let now = NOW
    let open = false
    const { ask, requests, operations } = platform(withToken(() => (open ? said({ card }) : said({}, resultCode))), {}, { now: () => now })
    const asked = () => requests.filter(({ operation }) => operation === 'getHealthCardByQRCode').length
    for (let times = 0; times < 5; times += 1) await expect(ask?.(code, {})).rejects.toMatchObject({ fault: { code: String(resultCode) } })
    await expect(operations['getHealthCardByQRCode']!.call({ qrCodeText: STATIC } as never, {})).rejects.toMatchObject({ sent: false, retryAfterMs: 30_000 })
    expect(asked()).toBe(1)
    now += 30_000
    await expect(ask?.(code, {})).rejects.toMatchObject({ answered: true })
    now += 30_000
    await expect(ask?.(code, {})).rejects.toMatchObject({ sent: false })
    open = true
    now += 30_000
    await expect(ask?.(code, {})).resolves.toHaveProperty('patient')
    await expect(ask?.(code, {})).resolves.toHaveProperty('patient')
    expect(asked()).toBe(4)
  })
  it('ends a batch after the first refusal', async () => {
    const person = { wechatCode: 'W', name: '章小桥', gender: '女', nation: '汉族', birthday: '1985-06-12', idType: '03', phone1: '188', patid: 'P', openId: 'O', wechatUrl: 'https://h.example/' }
    const items = Array.from({ length: 250 }, (_, at) => ({ ...person, idNumber: `E${at}` }))
    const { operations, requests } = platform(withToken(() => said({}, 10034)))
    await expect(operations['registerBatchHealthCard']!.call({ healthCardItems: items } as never, {})).rejects.toMatchObject({ fault: { code: '10034' } })
    expect(requests.map(({ operation }) => operation)).toEqual(['getAppToken', 'registerBatchHealthCard'])
  })
})

describe('the token', () => {
  const code = { format: 'health-card-static', text: STATIC } as const
  const counted = (requests: { operation: string }[]) => requests.filter(({ operation }) => operation === 'getAppToken').length

  it('is fetched once however many ask, and before it ends', async () => {
    let now = NOW
    const { ask, requests } = platform(withToken(() => said({ card })), {}, { now: () => now })
    await Promise.all(Array.from({ length: 10 }, () => ask?.(code, {})))
    expect(counted(requests)).toBe(1)
    now += 6899_000
    await ask?.(code, {})
    expect(counted(requests)).toBe(1)
    now += 2_000
    await ask?.(code, {})
    expect(counted(requests)).toBe(2)
  })
  it.each([21001, 21003, 21004])('is fetched again once on %i, and the request repeated once under a new id', async (resultCode) => {
    let refused = 0
    const { ask, bodies, requests } = platform((request) => {
      if (request.operation === 'getAppToken') return token(`TOKEN${refused}`)
      return refused++ === 0 ? said({}, resultCode) : said({ card })
    })
    expect((await ask?.(code, {}))?.patient?.name).toBe('章小桥')
    expect(requests.map(({ operation }) => operation)).toEqual(['getAppToken', 'getHealthCardByQRCode', 'getAppToken', 'getHealthCardByQRCode'])
    const ids = bodies().map(({ commonIn }) => (commonIn as unknown as Record<string, string>)['requestId'])
    expect(new Set(ids).size).toBe(4)
    expect((bodies()[3]?.['commonIn'] as unknown as Record<string, string>)['appToken']).toBe('TOKEN1')
  })
  it('is not fetched without end', async () => {
    const { ask, requests } = platform(withToken(() => said({}, 21004)))
    await expect(ask?.(code, {})).rejects.toMatchObject({ ending: 'unavailable', fault: { code: '21004' } })
    expect(requests).toHaveLength(4)
  })
  it('is kept over a restart, for its appId alone', async () => {
    let kept = ''
    const note = { read: () => kept, write: (text: string) => void (kept = text) }
    const start = (appId: string, answer: object) => {
      const parts = platformTools(withToken(() => answer), { now: () => NOW })
      const parsed = healthCard.settings.parse({ baseUrl: 'https://card.example', appId, appSecret: SECRET })
      return { ...parts, ...healthCard.create(parsed, { ...parts.tools, note }) }
    }
    const first = start('APP', said({ card }))
    await first.ask?.(code, {})
    const second = start('APP', said({ card }))
    await second.ask?.(code, {})
    expect(second.requests.map(({ operation }) => operation)).toEqual(['getHealthCardByQRCode'])
    const other = start('OTHER', said({ card }))
    await other.ask?.(code, {})
    expect(counted(other.requests)).toBe(1)
    expect(kept).toContain('OTHER')
  })
  it('comes from the source of the settings, and getAppToken is never called', async () => {
    const tokenSource = { url: 'https://isv.example/token', headers: { 'x-key': 'K' }, tokenField: 'data.token', expiresField: 'data.left', refreshUrl: 'https://isv.example/refresh' }
    let current = 'A'
    const { ask, requests, operations } = platform((request) => {
      if (request.url === tokenSource.url) return { data: { token: current, left: '600' } }
      if (request.url === tokenSource.refreshUrl) return { ok: (current = 'B') }
      return (JSON.parse(request.body!) as { commonIn: { appToken: string } }).commonIn.appToken === 'B' ? said({ card }) : said({}, 21003)
    }, { tokenSource })
    await expect(ask?.(code, {})).resolves.toHaveProperty('patient')
    expect(requests.map(({ operation, method, url }) => (operation === 'tokenSource' ? `${method} ${url}` : operation))).toEqual([
      `GET ${tokenSource.url}`, 'getHealthCardByQRCode', `GET ${tokenSource.url}`, `GET ${tokenSource.refreshUrl}`, `GET ${tokenSource.url}`, 'getHealthCardByQRCode',
    ])
    expect(requests[0]?.headers).toEqual({ 'x-key': 'K' })
    expect(await operations['getAppToken']!.call({} as never, {})).toEqual({ appToken: 'B', expiresIn: 600 })
    expect(counted(requests)).toBe(0)
  })
  it('of a source that gives none is told as that', async () => {
    const { ask } = platform(() => ({ data: {} }), { tokenSource: { url: 'https://isv.example/token', tokenField: 'data.token' } })
    await expect(ask?.(code, {})).rejects.toMatchObject({ ending: 'unavailable', fault: { code: 'REPLY_SHAPE' } })
  })
  it('that was refused for ten at once is fetched anew once', async () => {
    let good = 'OLD'
    let fetched = 0
    const { ask, requests } = platform(async (request) => {
      if (request.operation === 'getAppToken') return token((fetched += 1) === 1 ? 'OLD' : (good = 'NEW'))
      await new Promise((resolve) => setTimeout(resolve, 2))
      const used = (JSON.parse(request.body ?? '') as { commonIn: { appToken: string } }).commonIn.appToken
      return used === good ? said({ card }) : said({}, 21003)
    })
    await ask?.(code, {})
    good = 'NEW'
    await Promise.all(Array.from({ length: 10 }, () => ask?.(code, {})))
    expect(counted(requests)).toBe(2)
  })
  it('is in no log line and no error', async () => {
    const { ask, logged } = platform((request) => (request.operation === 'getAppToken' ? token('SECRET-TOKEN') : said({}, 21003, 'SECRET-TOKEN超时')))
    const error = await ask?.(code, {}).catch((reason: unknown) => reason)
    expect(JSON.stringify([logged, error])).not.toMatch(/SECRET-TOKEN|8c8e763f/)
  })
  it('that cannot be fetched is asked for again next time', async () => {
    let down = true
    const { ask } = platform((request) => {
      if (request.operation !== 'getAppToken') return said({ card })
      if (down) throw transportError('health-card', 'NETWORK_TIMEOUT')
      return token('T', '7200')
    })
    await expect(ask?.(code, {})).rejects.toMatchObject({ fault: { code: 'NETWORK_TIMEOUT' } })
    down = false
    await expect(ask?.(code, {})).resolves.toBeDefined()
  })
})

describe('usage reports', () => {
  const outcome = (format: Outcome['code']['format'], extra: Partial<Outcome> = {}): Outcome => ({
    id: 'o', seq: 1, scannedAt: '', elapsedMs: 1, source: { device: 'api', kind: 'api' }, code: { format }, status: 'accepted',
    targets: [], failures: [], reports: [], ...extra,
  })
  const result: JudgedResult = { succeeded: true, tradeNo: 'N1', tradeState: '1', msg: 'ok' }
  const still: Kept = { codeText: STATIC, countedSteps: [] }
  const moving: Kept = { codeText: DYNAMIC, countedSteps: ['010101'] }
  const none: Answering = () => said({})
  const reports = (settings: object, ...args: Parameters<NonNullable<ReturnType<typeof platform>['reportsFor']>>) => platform(none, settings).reportsFor?.(...args)

  it('carry the fields of 3.2.7, the use’s own time, and nothing about the person', () => {
    expect(reports({}, outcome('health-card-static'), still, { ...result, tradeTime: '20260102093000', department: '外科' }, NOW)).toEqual([
      {
        kind: 'health-card/reportHISData',
        payload: { qrCodeText: STATIC, time: '2026-01-02 09:30:00', hospitalId: '10086', scene: '010101', department: '外科', cardType: '11', cardChannel: '0100' },
      },
    ])
    expect(reports({}, outcome('health-card-static'), still, result, NOW)?.[0]?.payload['time']).toBe('2026-01-03 01:00:00')
  })
  it('are not owed for a step that verifyQRCode counted, but for another, and where a setting asks', () => {
    expect(reports({}, outcome('health-card-dynamic'), moving, result, NOW)).toEqual([])
    expect(reports({}, outcome('health-card-dynamic'), moving, { ...result, medicalStep: '010105' }, NOW)?.[0]?.payload).toMatchObject({ scene: '010105', qrCodeText: DYNAMIC })
    expect(reports({ reportCounted: true }, outcome('health-card-dynamic'), moving, result, NOW)).toHaveLength(1)
  })
  it('know the step that was counted even after the terminal’s own was changed', () => {
    const { reportsFor, tools } = platform(none)
    tools.site.terminal.medicalStep = '010105'
    expect(reportsFor?.(outcome('health-card-dynamic'), moving, result, NOW)).toEqual([])
  })
  it('are owed for the 电子健康码 of a 安康码 that was chosen, and for no other target', () => {
    const kept: Kept = { codeText: 'akm', healthCardText: DYNAMIC, countedSteps: ['010101'] }
    const target = (qrCode: string) => ({ targets: [{ type: '3401002', typeName: '', qrCode, id: 'T', object: {} }] })
    const paid = { ...result, medicalStep: '010105' }
    expect(reports({}, outcome('ankang', target(DYNAMIC)), kept, paid, NOW)?.[0]?.payload).toMatchObject({ qrCodeText: DYNAMIC })
    expect(reports({}, outcome('ankang', target(DYNAMIC)), kept, result, NOW)).toEqual([])
    expect(reports({}, outcome('ankang', target(STATIC)), kept, result, NOW)?.[0]?.payload).toMatchObject({ qrCodeText: STATIC })
    expect(reports({}, outcome('ankang', target('4240000')), kept, paid, NOW)).toEqual([])
    expect(reports({}, outcome('ankang', target(DYNAMIC)), { codeText: 'akm', countedSteps: [] }, paid, NOW)).toEqual([])
    expect(reports({}, outcome('yuejiantong'), still, paid, NOW)).toEqual([])
  })
  it.each(['010101', '0101011', '0101012'])('need a department at step %s', (medicalStep) => {
    const { department: _none, ...terminal } = SITE.terminal
    const { reportsFor } = platform(none, {}, { site: { ...SITE, terminal } })
    expect(() => reportsFor?.(outcome('health-card-static'), still, { ...result, medicalStep }, NOW)).toThrow(
      expect.objectContaining({ code: 'REPORT_DEPARTMENT_MISSING', httpStatus: 422, fields: [expect.objectContaining({ path: 'department' })] }),
    )
    expect(reportsFor?.(outcome('health-card-static'), still, { ...result, medicalStep: '010105' }, NOW)?.[0]?.payload).not.toHaveProperty('department')
  })
  it('are not owed where the trade failed', () => {
    expect(reports({ bindPatid: true, reportCounted: true }, outcome('health-card-static'), still, { ...result, patid: 'H9', succeeded: false }, NOW)).toEqual([])
  })
  it('need a step of the table and a time that is one', () => {
    expect(() => reports({}, outcome('health-card-static'), still, { ...result, medicalStep: '999999' }, NOW)).toThrow(expect.objectContaining({ code: 'REPORT_STEP_UNKNOWN' }))
    expect(() => reports({}, outcome('health-card-static'), still, { ...result, tradeTime: 'today' }, NOW)).toThrow(expect.objectContaining({ code: 'REPORT_TIME_INVALID' }))
  })
  it('can say the channel in words', () => {
    expect(reports({ cardChannelAs: 'word' }, outcome('health-card-static'), still, result, NOW)?.[0]?.payload['cardChannel']).toBe('窗口')
  })
  it('name other cards by number and name, where the settings say so', () => {
    const person = { ...result, name: '章小桥', idNumber: ID }
    const own = { patient: { idNumber: ID, name: '章小桥' } }
    const none: Kept = { countedSteps: [] }
    expect(reports({}, outcome('identity-number', own), none, result, NOW)).toEqual([])
    expect(reports({ reportOtherCards: true }, outcome('identity-number', own), none, result, NOW)?.[0]).toEqual({
      kind: 'health-card/reportHISData',
      payload: { idCardNumber: ID, name: '章小桥', cardType: '01', time: '2026-01-03 01:00:00', hospitalId: '10086', scene: '010101', department: '内科', cardChannel: '0100' },
    })
    const types = (['social-security-card', 'hospital-card', 'yuejiantong'] as const).map((format) => reports({ reportOtherCards: true }, outcome(format), none, person, NOW)?.[0]?.payload['cardType'])
    expect(types).toEqual(['09', '10', undefined])
    expect(() => reports({ reportOtherCards: true }, outcome('hospital-card'), none, { ...result, name: '章小桥' }, NOW)).toThrow(
      expect.objectContaining({ code: 'REPORT_IDENTITY_MISSING', httpStatus: 422 }),
    )
  })
  it('bind the HIS’s patid where the card has none or another, and the setting is on', () => {
    const withPatid = { ...result, patid: 'H9' }
    const bound = (settings: object, patient?: { patid: string }) =>
      reports(settings, outcome('health-card-static', patient ? { patient } : {}), still, withPatid, NOW)?.map(({ kind }) => kind)
    expect(bound({ bindPatid: true })).toEqual(['health-card/reportHISData', 'health-card/bindCardRelation'])
    expect(bound({ bindPatid: true }, { patid: 'H9' })).toEqual(['health-card/reportHISData'])
    expect(bound({ bindPatid: true }, { patid: 'H1' })).toEqual(['health-card/reportHISData', 'health-card/bindCardRelation'])
    expect(bound({})).toEqual(['health-card/reportHISData'])
  })
})

describe('delivery', () => {
  const draft = { kind: 'health-card/reportHISData', payload: { qrCodeText: STATIC, time: '2026-01-02 09:30:00', scene: '010101' } }
  const REQUEST_ID = 'F'.repeat(32)
  const attempt = (open: OpenId | null = null) => ({ open, begin: () => REQUEST_ID })
  /** An earlier version's: nothing was noted of it. */
  const UNNOTED: OpenId = { note: '', refused: false }
  const midnight = Date.UTC(2026, 0, 3, 16, 0, 0)

  it('sends the attempt’s own requestId, the use’s own time, and a timestamp of now', async () => {
    const { deliver, bodies } = platform(withToken(() => said({ none: '' })))
    expect(await deliver?.(draft, attempt(), {})).toEqual({ kind: 'delivered' })
    expect(bodies()[1]?.['commonIn']).toMatchObject({ requestId: REQUEST_ID, timestamp: String(NOW / 1000) })
    expect(bodies()[1]?.['req']).toEqual(draft.payload)
  })
  it.each([
    [10054, true, { kind: 'unproven' }],
    [10054, false, { kind: 'retry', answered: true }],
    [21003, false, { kind: 'retry', answered: true, atGate: true, retryAfterMs: 0 }],
    [21003, true, { kind: 'retry', answered: true, atGate: true }],
    [10034, false, { kind: 'pause', until: midnight }],
    [21007, false, { kind: 'pause', until: 'grow' }],
    [1, false, { kind: 'retry', answered: true }],
    [-1, false, { kind: 'retry', answered: true }],
    [-2, true, { kind: 'retry', answered: true, atGate: true }],
    [10001, false, { kind: 'retry', answered: true }],
    [10005, false, { kind: 'retry', answered: true }],
    [21006, false, { kind: 'retry', answered: true }],
    [10042, false, { kind: 'refused', atGate: false }],
    [20001, true, { kind: 'refused', atGate: true }],
    [-10019, true, { kind: 'refused', atGate: false }],
    [10038, false, { kind: 'retry', answered: true, atGate: true }],
    [-10038, false, { kind: 'retry', answered: true, atGate: true }],
  ])('on %i (under an open id: %s) ends with %j', async (resultCode, isOpen, delivered) => {
    const { deliver } = platform(withToken(() => said({}, resultCode)))
    const ended = await deliver?.(draft, attempt(isOpen ? UNNOTED : null), {})
    expect(ended).toMatchObject(delivered)
    // What the platform's own people look the attempt up by.
    if (ended?.kind !== 'delivered') expect(ended?.error).toMatchObject({ code: String(resultCode), requestId: REQUEST_ID })
  })
  it.each([
    ['a web page', '<html>', {}],
    ['502', { status: 502, text: 'bad gateway' }, {}],
    ['503 with retry-after', { status: 503, text: '', headers: { 'retry-after': '9' } }, { retryAfterMs: 9000 }],
    ['JSON of a gateway', { message: 'no route' }, {}],
  ])('keeps the requestId on %s', async (_what, answer, more) => {
    const { deliver } = platform(withToken(() => answer))
    expect(await deliver?.(draft, attempt(), {})).toMatchObject({ kind: 'retry', answered: false, ...more })
  })
  it('keeps the requestId when nothing arrived, and when not even a token did', async () => {
    const lost = () => {
      throw transportError('health-card', 'NETWORK_TIMEOUT')
    }
    expect(await platform(withToken(lost)).deliver?.(draft, attempt(), {})).toMatchObject({ kind: 'retry', answered: false })
    const { deliver, requests } = platform((request) => (request.operation === 'getAppToken' ? said({}, 21002) : said({})))
    expect(await deliver?.(draft, attempt(UNNOTED), {})).toMatchObject({ kind: 'retry', answered: false, error: { code: '21002' } })
    expect(requests.map(({ operation }) => operation)).toEqual(['getAppToken'])
  })
  it('renews the token at once after one refusal, and slower after the next', async () => {
    const { deliver, requests } = platform(withToken(() => said({}, 21004)))
    expect(await deliver?.(draft, attempt(), {})).toHaveProperty('retryAfterMs', 0)
    expect(await deliver?.(draft, attempt(), {})).not.toHaveProperty('retryAfterMs')
    expect(requests.map(({ operation }) => operation)).toEqual(['getAppToken', 'reportHISData', 'getAppToken', 'reportHISData'])
  })
  it('keeps a report on a code that the document does not list', async () => {
    for (const words of ['系统升级中', 'IP白名单限制']) {
      const { deliver } = platform(withToken(() => said({}, 40001, words)))
      expect(await deliver?.(draft, attempt(), {})).toMatchObject({ kind: 'retry', answered: true, error: { code: '40001' } })
    }
  })
  it('takes a card for bound only where the platform says so', async () => {
    const bind = { kind: 'health-card/bindCardRelation', payload: { patid: 'P', qrCodeText: STATIC } }
    const { deliver } = platform(withToken(() => said({})))
    expect(await deliver?.(bind, attempt(), {})).toMatchObject({ kind: 'retry', error: { code: 'REPLY_SHAPE' } })
  })
  it('refuses what it does not know and what was not bound', async () => {
    const { deliver } = platform(withToken(() => said({ result: false })))
    expect(await deliver?.({ kind: 'health-card/other', payload: {} }, attempt(), {})).toMatchObject({ kind: 'refused' })
    expect(await deliver?.({ kind: 'health-card/bindCardRelation', payload: {} }, attempt(), {})).toMatchObject({ kind: 'refused', error: { code: 'BIND_FAILED' } })
  })
})

describe('operations', () => {
  const person = { wechatCode: 'W', name: '章小桥', gender: '女', nation: '汉族', birthday: '1985-06-12', idNumber: ID, idType: '01', phone1: '188' }
  const bodyOf = (parts: ReturnType<typeof platform>) => parts.bodies().at(-1)?.['req'] as unknown as Record<string, unknown>
  const call = (parts: ReturnType<typeof platform>, name: string, body: object) => parts.operations[name]!.call(body as never, {})

  it('are the eleven of 3.2', () => {
    expect(Object.keys(platform(() => said({})).operations)).toEqual(expect.arrayContaining(Object.keys(OPERATION_PATHS)))
    expect(Object.keys(OPERATION_PATHS)).toHaveLength(11)
  })
  it('never hand adminExt on', async () => {
    const parts = platform(withToken(({ operation }) => said(operation === 'registerHealthCard' ? { qrCodeText: STATIC, phid: 'P', adminExt: 'x' } : { card })))
    for (const [name, body] of [['registerHealthCard', person], ['getHealthCardByHealthCode', { healthCode: 'H' }], ['getHealthCardByQRCode', { qrCodeText: STATIC }]] as const) {
      expect(JSON.stringify(await call(parts, name, body))).not.toContain('adminExt')
    }
  })
  it('leave empty members out of the body', async () => {
    const parts = platform(withToken(() => said({ qrCodeText: STATIC, phid: 'P' })))
    await call(parts, 'registerHealthCard', { ...person, address: '', phone2: '' })
    expect(bodyOf(parts)).toEqual(person)
  })
  it('take "", null and blanks for absent, inside items too', async () => {
    const parts = platform(withToken(() => said({ rspItems: [], none: '', ...verified })))
    const item = { ...person, address: '', phone2: null, patid: '1', openId: 'o', wechatUrl: 'https://h.example/' }
    await call(parts, 'registerBatchHealthCard', { healthCardItems: [item] })
    expect(bodyOf(parts)).toEqual({ healthCardItems: [{ ...person, patid: '1', openId: 'o', wechatUrl: 'https://h.example/' }] })
    await call(parts, 'verifyQRCode', { qrCodeText: DYNAMIC, time: '2026-01-02 09:30:00', useType: '', useScene: null, orgId: '  ' })
    expect(Object.keys(bodyOf(parts))).not.toEqual(expect.arrayContaining(['useType']))
    expect(bodyOf(parts)).not.toHaveProperty('orgId')
    await call(parts, 'reportHISData', { cardType: '11', qrCodeText: STATIC, time: '2026-01-02 09:30:00', department: '  ' })
    expect(bodyOf(parts)).toMatchObject({ department: '内科' })
  })
  it('register with the fields that ocrInfo gives', async () => {
    const parts = platform(withToken(() => said({ qrCodeText: STATIC, phid: 'P' })))
    await call(parts, 'registerHealthCard', { ...person, nation: '汉', birthday: '1985/6/12' })
    expect(bodyOf(parts)).toEqual(person)
  })
  it('fill in the offline 微信身份码, and send nothing where there is none', async () => {
    const { wechatCode: _own, ...rest } = person
    const items = [{ ...person, patid: '1', openId: 'o', wechatUrl: 'https://h.example/' }, { ...rest, patid: '2', openId: 'p', wechatUrl: 'https://h.example/' }]
    const offline = platform(withToken(() => said({ qrCodeText: STATIC, phid: 'P', rspItems: [] })), { offlineWechatCode: 'FIXED' })
    await call(offline, 'registerHealthCard', rest)
    expect(bodyOf(offline)).toEqual({ ...person, wechatCode: 'FIXED' })
    await call(offline, 'registerBatchHealthCard', { healthCardItems: items })
    expect((bodyOf(offline)['healthCardItems'] as object[]).map((item) => (item as typeof person).wechatCode)).toEqual(['W', 'FIXED'])
    const without = platform(withToken(() => said({ rspItems: [] })), { batchSize: 1 })
    await expect(call(without, 'registerHealthCard', rest)).rejects.toMatchObject({ fields: [{ path: 'wechatCode' }] })
    await expect(call(without, 'registerBatchHealthCard', { healthCardItems: items })).rejects.toMatchObject({ fields: [{ path: 'healthCardItems.1.wechatCode' }] })
    expect(without.requests).toEqual([])
  })
  it('write the check character large', async () => {
    const parts = platform(withToken(() => said({ qrCodeText: STATIC, phid: 'P' })))
    await call(parts, 'registerHealthCard', { ...person, idNumber: ID.toLowerCase() })
    expect(bodyOf(parts)['idNumber']).toBe(ID)
    await call(parts, 'registerHealthCard', { ...person, idType: '03', idNumber: 'Ex' })
    expect(bodyOf(parts)['idNumber']).toBe('Ex')
  })
  it('fill in what the settings hold', async () => {
    const parts = platform(withToken(() => said({ orderId: 'O', ...verified })))
    await call(parts, 'getOrderIdByOutAppId', { qrCodeText: STATIC })
    expect(bodyOf(parts)).toEqual({ appId: 'APP', qrCodeText: STATIC })
    await call(parts, 'verifyQRCode', { qrCodeText: DYNAMIC, time: '2026-01-02 09:30:00', useCityName: '芜湖市' })
    expect(bodyOf(parts)).toMatchObject({ terminalId: 'W01', useCityName: '芜湖市', useCityCode: '340100' })
    const more = platform(withToken(() => said(verified)), { orgId: '35020001001', useScene: '010105', useType: '01' })
    await more.ask?.({ format: 'health-card-dynamic', text: DYNAMIC }, {})
    expect(bodyOf(more)).toMatchObject({ orgId: '35020001001', useScene: '010105', useType: '01' })
    await call(parts, 'verifyQRCode', { qrCodeText: DYNAMIC, time: '2026-01-02 09:30:00', terminalId: '', hospitalName: '' })
    expect(bodyOf(parts)).toMatchObject({ terminalId: 'W01', hospitalName: '人民医院' })
    await call(parts, 'reportHISData', { cardType: '01', idCardNumber: ID, name: '章小桥', time: '2026-01-02 09:30:00' })
    expect(bodyOf(parts)).toEqual({ cardType: '01', idCardNumber: ID, name: '章小桥', time: '2026-01-02 09:30:00', scene: '010101', department: '内科', hospitalId: '10086', cardChannel: '0100' })
  })
  it('getAppToken gives the token that is used from then on', async () => {
    const parts = platform(withToken(() => said({ card })))
    expect(await call(parts, 'getAppToken', {})).toEqual({ appToken: 'TOKEN', expiresIn: 7200 })
    await call(parts, 'getHealthCardByQRCode', { qrCodeText: STATIC })
    expect(parts.requests.map(({ operation }) => operation)).toEqual(['getAppToken', 'getHealthCardByQRCode'])
  })
  it.each([
    ['getAppToken', { appId: 'OTHER' }, ['appId']],
    ['registerHealthCard', { ...person, name: '', gender: 'F', birthday: '1985-02-30', idNumber: '340101198506120041' }, ['name', 'gender', 'birthday']],
    ['registerHealthCard', { ...person, idNumber: '340101198506120041' }, ['idNumber']],
    ['registerHealthCard', { ...person, idType: '12' }, ['idType']],
    ['getHealthCardByHealthCode', {}, ['healthCode']],
    ['getHealthCardByQRCode', { qrCodeText: 5 }, ['qrCodeText']],
    ['ocrInfo', { imageContent: 'not a picture!' }, ['imageContent']],
    ['bindCardRelation', { qrCodeText: STATIC }, ['patid']],
    ['reportHISData', { cardType: '11', time: '2026-01-02 09:30:00' }, ['qrCodeText']],
    ['reportHISData', { cardType: '01', time: '2026-01-02 09:30:00', idCard: ID }, ['idCard', 'idCardNumber', 'name']],
    ['reportHISData', { cardType: '01', time: '2026-01-02 09:30:00' }, ['idCardNumber', 'name']],
    ['reportHISData', { cardType: '11', qrCodeText: STATIC, time: '2026-01-02T09:30:00', scene: '1' }, ['time', 'scene']],
    ['getOrderIdByOutAppId', {}, ['qrCodeText']],
    ['registerBatchHealthCard', { healthCardItems: [] }, ['healthCardItems']],
    ['registerBatchHealthCard', { healthCardItems: [{ ...person, patid: '1', openId: 'o', wechatUrl: 'javascript:1' }] }, ['healthCardItems.0.wechatUrl']],
    ['getDynamicQRCode', { healthCardId: 'x', idType: '01' }, ['idNumber']],
    ['reportHISData', { cardType: '11', qrCodeText: STATIC, time: '2026-01-02 09:30:00', cardChannel: '0199' }, ['cardChannel']],
    ['verifyQRCode', { qrCodeText: DYNAMIC, time: '2026-01-02 09:30:00', useScene: '门诊' }, ['useScene']],
    ['verifyQRCode', { qrCodeText: DYNAMIC }, ['time']],
  ])('%s refuses a bad request and sends nothing', async (name, body, paths) => {
    const parts = platform(withToken(() => said({})))
    const fault = await call(parts, name, body).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(RequestFault)
    expect((fault as RequestFault).fields.map(({ path }) => path)).toEqual(paths)
    expect((fault as RequestFault).message).not.toContain(ID)
    expect(parts.requests).toHaveLength(0)
  })
  it('registerBatchHealthCard sends 未知 for a 民族 that the hospital does not have (3.2.9)', async () => {
    const { nation: _none, ...rest } = person
    const parts = platform(withToken(() => said({ rspItems: [] })))
    await call(parts, 'registerBatchHealthCard', { healthCardItems: [{ ...rest, patid: '1', openId: 'o', wechatUrl: 'https://h.example/' }] })
    expect(bodyOf(parts)).toMatchObject({ healthCardItems: [{ nation: '未知' }] })
  })
  it('registerBatchHealthCard splits batches and tells what became of each person', async () => {
    const items = Array.from({ length: 5 }, (_, at) => ({ ...person, idType: '03', idNumber: `E${at}`, patid: `P${at}`, openId: `O${at}`, wechatUrl: 'https://h.example/' }))
    let batch = 0
    const parts = platform(
      withToken(({ body }) => {
        batch += 1
        if (batch === 2) return said({}, -1)
        const sent = (JSON.parse(body ?? '') as { req: { healthCardItems: { idNumber: string }[] } }).req.healthCardItems
        return said({ rspItems: sent.map(({ idNumber }) => ({ idNumber, qrCodeText: idNumber === 'E0' ? '' : `${idNumber}:1` })).reverse() })
      }),
      { batchSize: 2 },
    )
    const { rspItems } = (await call(parts, 'registerBatchHealthCard', { healthCardItems: items })) as { rspItems: { idNumber: string; qrCodeText: string; error?: { code: string } }[] }
    expect(batch).toBe(3)
    expect(rspItems.map(({ idNumber, qrCodeText, error }) => [idNumber, qrCodeText, error?.code])).toEqual([
      ['E0', '', 'NOT_REGISTERED'], ['E1', 'E1:1', undefined], ['E2', '', '-1'], ['E3', '', '-1'], ['E4', 'E4:1', undefined],
    ])
  })
})

it('builds the redirect URLs of 2.3.5, 2.4.5 and 2.5.5', () => {
  const back = 'https://hospital.example/cards?a=1&b=2'
  expect(userCodeUrl('https://health.tengmed.com', back)).toBe('https://health.tengmed.com/open/getUserCode?redirect_uri=https%3A%2F%2Fhospital.example%2Fcards%3Fa%3D1%26b%3D2')
  expect(userCodeUrl('https://health.tengmed.com', 'https://hospital.example/a b+c')).toContain('redirect_uri=https%3A%2F%2Fhospital.example%2Fa%20b%2Bc')
  expect(healthCardListUrl('https://health.tengmed.com/', back)).toContain('/open/getHealthCardList?redirect_uri=https%3A')
  expect(batchActiveCardUrl('https://health.tengmed.com', 'a+b=', back)).toContain('/open/batchActiveCard?open_id=a%2Bb%3D&redirect_uri=')
})

it('gives them to the local API, and sends nothing', async () => {
  const { operations, requests } = platform(() => said({}), { pageUrl: 'https://page.example' })
  const redirect_uri = 'https://hospital.example/cards'
  const url = (name: string, body: object) => operations[name]!.call(body as never, {})
  expect(await url('getUserCode', { redirect_uri })).toEqual({ url: userCodeUrl('https://page.example', redirect_uri) })
  expect(await url('getHealthCardList', { redirect_uri })).toEqual({ url: healthCardListUrl('https://page.example', redirect_uri) })
  expect(await url('batchActiveCard', { redirect_uri, open_id: 'o' })).toEqual({ url: batchActiveCardUrl('https://page.example', 'o', redirect_uri) })
  await expect(url('getUserCode', { redirect_uri: 'javascript:1' })).rejects.toMatchObject({ fields: [{ path: 'redirect_uri' }] })
  expect(requests).toHaveLength(0)
})
