import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../../../src/simulator/simulator.ts'
import { PEOPLE, personOf } from '../../../../src/simulator/people.ts'
import { ankang } from '../../../../src/transcode/platforms/ankang/ankang.ts'
import { healthCard } from '../../../../src/transcode/platforms/health-card/health-card.ts'
import { createHttpClient, type HttpClient } from '../../../../src/transcode/platforms/http.ts'
import type { Attempt, PlatformTools } from '../../../../src/transcode/platforms/platform.ts'
import { createRecogniser } from '../../../../src/transcode/recognise.ts'
import { createTranscode } from '../../../../src/transcode/transcode.ts'

let simulator: Simulator
let http: HttpClient
let ids = 0

beforeAll(async () => {
  simulator = createSimulator()
  await simulator.listen(0)
  http = createHttpClient()
})
afterAll(async () => {
  await http.close()
  await simulator.close()
})
beforeEach(() => simulator.control.reset())

const newId = () => (ids += 1).toString(16).toUpperCase().padStart(32, '0')
const tools = (): PlatformTools => {
  const { terminal, hospital } = simulator.settings()
  return { http, now: Date.now, newId, site: { terminal: { ...terminal }, hospital }, log: () => {} }
}
const card = (extra: object = {}) =>
  healthCard.create(healthCard.settings.parse({ ...simulator.settings().platforms.healthCard, ...extra }), tools())
const sample = (id: string) => simulator.samples().find((one) => one.id === id)!.text()
const uses = () => (simulator.books()['health-card'] as unknown as { uses: { by: string; scene: string; requestId: string }[] }).uses
const recognise = createRecogniser()
/** The scan of a terminal with both platforms, as the simulator's own settings have them. */
const terminalOf = () =>
  createTranscode({ recognise, definitions: [ankang, healthCard], platforms: [card(), ankang.create(ankang.settings.parse(simulator.settings().platforms.ankang), tools())] })
const lin = personOf('lin')

describe('电子健康卡 against a strict platform', () => {
  it('knows who shows a static code and who a dynamic one, and counts the latter', async () => {
    const platform = card()
    const still = await platform.ask?.(recognise(sample('card-static')), {})
    expect(still?.patient).toMatchObject({ name: lin.name, idNumber: lin.idNumber, patid: lin.patid, gender: '女', birthday: lin.birthday })
    const moving = await platform.ask?.(recognise(sample('card-dynamic')), {})
    expect(moving).toMatchObject({ countedStep: '010101', patient: { name: personOf('miao').name, nation: '苗族' } })
    expect(uses().map(({ by }) => by)).toEqual(['verifyQRCode'])
  })
  it('goes on after another terminal has fetched a token', async () => {
    const platform = card()
    await platform.ask?.(recognise(sample('card-static')), {})
    simulator.control.killToken()
    await expect(platform.ask?.(recognise(sample('card-static')), {})).resolves.toHaveProperty('patient')
  })
  it.each([
    ['21003 and then success', { mode: 'code', code: '21003', times: 1 }, 'delivered'],
    ['−1 and then success', { mode: 'code', code: '-1', times: 1 }, 'delivered'],
    ['a lost answer and then 10054', { mode: 'reset', recorded: true, times: 1 }, 'unproven'],
    ['a time-out and then 10054', { mode: 'hang', recorded: true, times: 1 }, 'unproven'],
    ['an answer to another request and then 10054', { mode: 'other-request', times: 1 }, 'unproven'],
    ['503 before it was seen, and then success', { mode: 'status', status: 503, times: 1 }, 'delivered'],
  ] as const)('records a use exactly once: %s', async (_what, fault, last) => {
    const platform = card({ requestTimeoutMs: 500 })
    await platform.operations['getAppToken']?.call({} as never, {})
    simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', ...fault })
    const payload = { qrCodeText: sample('card-static'), time: '2026-01-02 09:30:00', hospitalId: '10086', scene: '010105', cardType: '11', cardChannel: '0100' }
    const report = { kind: 'health-card/reportHISData', payload }
    let id: string | undefined
    let note = ''
    const attemptOf = (): Attempt => ({
      open: id === undefined ? null : { note, refused: false },
      begin(noted = '') {
        note = noted
        return (id ??= newId())
      },
    })
    const endings: string[] = []
    for (let tries = 0; tries < 4; tries++) {
      const ended = await platform.deliver!(report, attemptOf(), {})
      endings.push(ended.kind)
      if (ended.kind !== 'retry') break
      if (ended.answered) id = undefined
    }
    expect(endings).toEqual(['retry', last])
    expect(uses().filter(({ by }) => by === 'reportHISData')).toHaveLength(1)
  })
  it.each(['static', 'dynamic'] as const)('takes neither an answer to another request nor one of another person: %s', async (kind) => {
    const terminal = terminalOf()
    const text = () => sample(kind === 'static' ? 'card-static' : 'card-dynamic')
    const operation = kind === 'static' ? 'getHealthCardByQRCode' : 'verifyQRCode'
    for (const mode of ['other-request', 'other-person'] as const) {
      simulator.control.fault({ platform: 'health-card', operation, mode, times: 1 })
      const ending = await terminal.scan(text())
      expect(ending).toMatchObject({ status: 'unavailable', targets: [], error: { platform: 'health-card', code: 'REPLY_OTHER' } })
      for (const person of PEOPLE) expect(JSON.stringify(ending)).not.toContain(person.idNumber)
      expect(ending.kept.countedSteps).toEqual([])
    }
    expect((await terminal.scan(text())).status).toBe('accepted')
  })
  it('asks nobody under a token of another request', async () => {
    simulator.control.fault({ platform: 'health-card', operation: 'getAppToken', mode: 'other-request', times: 1 })
    expect(await terminalOf().scan(sample('card-static'))).toMatchObject({ status: 'unavailable', error: { code: 'REPLY_OTHER' } })
  })
  it.each(['getHealthCardByQRCode', 'verifyQRCode'] as const)('tells an unlisted refusal of access from one of the patient: %s', async (operation) => {
    const text = sample(operation === 'verifyQRCode' ? 'card-dynamic' : 'card-static')
    simulator.control.fault({ platform: 'health-card', operation, mode: 'code', code: '99001', message: '当前 IP 不在白名单内', times: 1 })
    const { status, error, patient } = await terminalOf().scan(text)
    expect({ status, ...error }).toMatchObject({
      status: 'unavailable', code: '99001', message: '平台没有放行本机的访问', platformMessage: '当前 IP 不在白名单内', advice: expect.stringContaining('IP 白名单'),
    })
    expect(patient?.name).toBeUndefined()
    expect(uses()).toEqual([])
  })
  it('gives no direct caller the card of somebody else', async () => {
    const { operations } = card()
    const call = (name: string, body: object) => operations[name]!.call(body as never, {})
    const [healthCardId] = sample('card-static').split(':')
    const asked = {
      getHealthCardByQRCode: { qrCodeText: sample('card-static') },
      verifyQRCode: { qrCodeText: sample('card-dynamic'), time: '2026-01-02 09:30:00' },
      getDynamicQRCode: { healthCardId, idType: '01', idNumber: lin.idNumber },
    }
    for (const [name, body] of Object.entries(asked)) {
      simulator.control.fault({ platform: 'health-card', operation: name, mode: 'other-person', times: 1 })
      await expect(call(name, body)).rejects.toMatchObject({ ending: 'unavailable', fault: { code: 'REPLY_OTHER' } })
    }
    expect(await call('getDynamicQRCode', asked.getDynamicQRCode)).toMatchObject({ qrCodeText: expect.stringMatching(`^${healthCardId}:0:`) })
  })
  it.each([
    ['incomplete', ['NOT_REGISTERED', 'NOT_REGISTERED'], 2],
    ['other-person', ['REPLY_OTHER', 'REPLY_OTHER', 'REPLY_OTHER', 'REPLY_OTHER'], 0],
  ] as const)('registers nobody by an answer to a batch that is %s', async (mode, codes, registered) => {
    const { operations } = card()
    const people = PEOPLE.filter(({ idType, frozen }) => idType === '01' && !frozen).slice(0, 4)
    const healthCardItems = people.map(({ name, gender, nation, birthday, idNumber, idType, phone }, at) => ({
      wechatCode: '13B8AC208CEDACE7', name, gender, nation, birthday, idNumber, idType, phone1: phone, patid: `H${at}`, openId: 'O', wechatUrl: 'https://hospital.example/cards',
    }))
    simulator.control.fault({ platform: 'health-card', operation: 'registerBatchHealthCard', mode, times: 1 })
    const { rspItems } = (await operations['registerBatchHealthCard']!.call({ healthCardItems } as never, {})) as {
      rspItems: { idNumber: string; qrCodeText: string; error?: { code: string } }[]
    }
    expect(rspItems.map(({ idNumber }) => idNumber)).toEqual(people.map(({ idNumber }) => idNumber))
    expect(rspItems.filter(({ qrCodeText }) => qrCodeText !== '')).toHaveLength(registered)
    expect(rspItems.flatMap(({ error }) => error?.code ?? [])).toEqual(codes)
  })
  it('calls all eleven', async () => {
    const { operations } = card()
    const call = (name: string, body: object) => operations[name]!.call(body as never, {}) as Promise<Record<string, never>>
    const person = { name: '章小桥', gender: '女', nation: '汉族', birthday: '1985-06-12', idNumber: '34010119850612004X', idType: '01', phone1: '18800000000' }
    expect(await call('getAppToken', {})).toMatchObject({ expiresIn: 7200 })
    const { qrCodeText } = await call('registerHealthCard', { wechatCode: '73EFA6796D3869FF', ...person })
    expect(await call('bindCardRelation', { patid: 'H1', qrCodeText })).toEqual({ result: true })
    expect(await call('getHealthCardByQRCode', { qrCodeText })).toMatchObject({ card: { patid: 'H1', name: '章小桥' } })
    expect(await call('getHealthCardByHealthCode', { healthCode: simulator.control.healthCode('lin') })).toMatchObject({ card: { name: lin.name } })
    expect(await call('getOrderIdByOutAppId', { qrCodeText })).toHaveProperty('orderId')
    expect(await call('ocrInfo', { imageContent: 'data:image/jpeg;base64,/9j/4AAQ' })).toMatchObject({ cardInfo: { name: lin.name } })
    expect(await call('reportHISData', { cardType: '11', qrCodeText, time: '2026-01-02 09:30:00' })).toEqual({ none: '' })
    const shown = await call('getDynamicQRCode', { healthCardId: String(qrCodeText).slice(0, 64), idType: '01', idNumber: person.idNumber })
    expect(recognise(shown['qrCodeText'] as never as string).format).toBe('health-card-dynamic')
    expect(await call('verifyQRCode', { qrCodeText: shown['qrCodeText'], time: '2026-01-02 09:30:00' })).toMatchObject({ name: '章小桥' })
    const item = { wechatCode: '13B8AC208CEDACE7', ...person, patid: 'H2', openId: 'O', wechatUrl: 'https://hospital.example/cards', address: '' }
    const { rspItems } = await call('registerBatchHealthCard', { healthCardItems: [item, { ...item, name: '核身不过' }] })
    expect(rspItems).toMatchObject([{ qrCodeText }, { qrCodeText: '', error: { code: 'NOT_REGISTERED' } }])
  })
})

describe('安康码 against a strict platform', () => {
  const platform = (choice: Parameters<Simulator['settings']>[0] = {}) =>
    ankang.create(ankang.settings.parse(simulator.settings(choice).platforms.ankang), tools())

  it('transcodes, and its 电子健康码 goes on to verifyQRCode', async () => {
    const answer = await platform({ targetTypes: ['3401002', '3401003'] }).ask?.(recognise(sample('ankang-green')), {})
    expect(answer).toMatchObject({ targets: [{ typeName: '电子健康码' }], failures: [], notices: ['患者没有可用的医保电子凭证。'] })
    const verified = await card().verify?.(answer?.targets?.[0]?.qrCode ?? '', {})
    expect(verified).toMatchObject({ patient: { name: lin.name }, countedStep: '010101' })
  })
  it('says whose card a transcoded code is only by the card’s own answer', async () => {
    simulator.control.fault({ platform: 'health-card', operation: 'verifyQRCode', mode: 'other-person', times: 1 })
    const { status, patient, failures, targets } = await terminalOf().scan(sample('ankang-green'))
    expect({ status, patient, failures: failures.map(({ error }) => error.code) }).toEqual({ status: 'accepted', patient: undefined, failures: ['REPLY_OTHER'] })
    expect(targets).toHaveLength(1)
  })
  it.each([['403', 'IP白名单限制'], ['500', '请求 IP 地址受限'], ['410', 'not in whitelist']])('tells a refusal of access from one of the patient: %s %s', async (code, message) => {
    simulator.control.fault({ platform: 'ankang', operation: 'transcode', mode: 'code', code, message, times: 1 })
    const { status, error, targets } = await terminalOf().scan(sample('ankang-green'))
    expect({ status, targets, ...error }).toMatchObject({
      status: 'unavailable', targets: [], code, message: '平台没有放行本机的访问', platformMessage: message, retryable: false, advice: expect.not.stringContaining('刷新'),
    })
  })
  it.each(['array', 'object', 'string'] as const)('takes data as %s in both flows', async (form) => {
    simulator.control.dataForm(form)
    expect((await platform().ask?.(recognise(sample('ankang-green')), {}))?.targets).toHaveLength(1)
    expect((await platform({ flow: 'identify' }).ask?.(recognise(sample('ankang-green')), {}))?.patient?.name).toBe(lin.name)
  })
  it('returns a message that the platform takes', async () => {
    const { deliver } = platform()
    const payload = {
      cityNo: '340100000000', name: lin.name, idcardNo: lin.idNumber, targetType: '3401002', targetId: 'T1', tradeTime: '20260102093000', tradeNo: 'N1',
      msg: '挂号成功', tradeState: '1',
    }
    expect(await deliver?.({ kind: 'ankang/message', payload }, { open: null, begin: newId }, {})).toEqual({ kind: 'delivered' })
    expect(simulator.books()['ankang']).toMatchObject({ messages: [payload] })
  })
})
