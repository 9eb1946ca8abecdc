import { describe, expect, it } from 'vitest'
import type { JudgedResult, Outcome } from '../../../../src/transcode/outcome.ts'
import { ankang } from '../../../../src/transcode/platforms/ankang/ankang.ts'
import { targetTypeName } from '../../../../src/transcode/platforms/ankang/dictionaries.ts'
import { PlatformError, RequestFault } from '../../../../src/transcode/platforms/platform-error.ts'
import { transportError } from '../../../../src/transcode/platforms/transport-error.ts'
import { platformTools, SITE, type Answering } from '../../../support/platform-tools.ts'

const CODE = { format: 'ankang', text: 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=akm:qrcode:1' } as const
const ENDPOINTS = {
  transcode: 'https://city.example/transcode',
  identify: 'https://city.example/identify',
  message: 'https://city.example/message',
}

function platform(settings: object, answering: Answering, options: Parameters<typeof platformTools>[1] = {}) {
  const parts = platformTools(answering, options)
  const parsed = ankang.settings.parse({ targetTypes: ['3401002'], endpoints: ENDPOINTS, ...settings })
  return { ...parts, ...ankang.create(parsed, parts.tools) }
}
const ok = (data: unknown) => ({ flag: '200', errCode: '200', errMsg: '成功', data })
const item = { targetQrCode: 'QR', targetId: 'T1', targetObject: '{"card":"内"}' }
const typeOf = (body: string | undefined) => (JSON.parse(body ?? '') as { targetType: string }).targetType

describe('settings', () => {
  it('need the endpoint of their flow, real types, and each type once', () => {
    const paths = (input: object) => ankang.settings.safeParse(input).error?.issues.map((issue) => issue.path.join('.'))
    expect(paths({ targetTypes: ['3401002'] })).toEqual(['endpoints.transcode'])
    // 5.2: the card system asks who it is; 识读 by the terminal is extra.
    expect(paths({ targetTypes: ['3401002'], flow: 'identify', endpoints: {} })).toBeUndefined()
    for (const type of ['0103', '1', 'A-1', '3'.repeat(20)]) expect(paths({ targetTypes: [type], endpoints: ENDPOINTS })).toBeUndefined()
    for (const type of ['', '3'.repeat(21), '34 01']) expect(paths({ targetTypes: [type], endpoints: ENDPOINTS })).toEqual(['targetTypes.0'])
    expect(paths({ targetTypes: ['3401002', '3401002'], endpoints: ENDPOINTS })).toEqual(['targetTypes'])
    expect(paths({ targetTypes: [], endpoints: ENDPOINTS })).toEqual(['targetTypes'])
  })
})

describe('转码', () => {
  it.each([
    ['an array', [item]],
    ['an object', item],
    ['a JSON string of an array', JSON.stringify([item])],
    ['a JSON string of an object', JSON.stringify(item)],
  ])('takes data as %s', async (_what, data) => {
    const { ask } = platform({}, () => ok(data))
    expect((await ask?.(CODE, {}))?.targets).toEqual([
      { type: '3401002', typeName: '电子健康码', qrCode: 'QR', id: 'T1', object: { card: '内' } },
    ])
  })
  it('takes flag 200 with errCode 0 for success, and no other', async () => {
    const answer = (flag: string, errCode: string) => platform({}, () => ({ flag, errCode, errMsg: 'x', data: [item] })).ask?.(CODE, {}).then(({ targets }) => targets?.length, (error: PlatformError) => error.fault.code)
    expect([await answer('200', '0'), await answer('200', '200'), await answer('200', ''), await answer('', '200')]).toEqual([1, 1, 1, 1])
    expect([await answer('0', '200'), await answer('500', '0'), await answer('200', '410'), await answer('0', '0')]).toEqual(['0', '0', '410', '0'])
  })
  it('says that the person has no such card where data is null', async () => {
    await expect(platform({}, () => ok(null)).ask?.(CODE, {})).rejects.toMatchObject({ fault: { code: 'TARGET_NONE' } })
  })
  it('sends the extra information of a type (8.3) as JSON text, with that type alone', async () => {
    const { ask, bodies } = platform({ targetTypes: ['3400004', '3401002'], targetObjects: { '3400004': { hall: '一号厅' } } }, () => ok([item]))
    await ask?.(CODE, {})
    expect(bodies().map(({ targetType, targetObject }) => [targetType, targetObject])).toEqual([['3400004', '{"hall":"一号厅"}'], ['3401002', undefined]])
  })
  it('says that a result cannot be told to the platform where a target has no id', async () => {
    const message = { endpoints: { ...ENDPOINTS, message: 'https://city.example/message' } }
    const notices = async (settings: object, items: object[]) => (await platform(settings, () => ok(items)).ask?.(CODE, {}))?.notices
    expect(await notices(message, [{ targetQrCode: 'QR' }])).toEqual([expect.stringMatching(/targetId.*不能回传/)])
    expect(await notices(message, [item, { targetQrCode: 'QR' }])).toEqual([expect.stringMatching(/电子健康码.*不能回传/)])
    expect(await notices(message, [item])).toEqual([])
  })
  it('sends the fields of 7.3 with the site’s own headers', async () => {
    const { ask, requests } = platform({ headers: { 'x-city-key': 'k' } }, () => ok([item]))
    await ask?.(CODE, {})
    expect(requests[0]).toMatchObject({ url: ENDPOINTS.transcode, headers: { 'x-city-key': 'k', 'content-type': 'application/json;charset=utf-8' } })
    expect(requests[0]?.body).toBe(
      `{"cityNo":"340100000000","qrCodeUrl":"${CODE.text}","targetType":"3401002","senceCode":"01002"}`,
    )
  })
  it('can write sceneCode', async () => {
    const { ask, bodies } = platform({ sceneField: 'sceneCode' }, () => ok([item]))
    await ask?.(CODE, {})
    expect(bodies()[0]).toMatchObject({ sceneCode: '01002' })
    expect(bodies()[0]).not.toHaveProperty('senceCode')
  })
  it('keeps a targetObject that is no JSON object as raw', async () => {
    const { ask } = platform({}, () => ok([{ ...item, targetObject: '1' }, { ...item, targetId: 'T2', targetObject: 'not json' }, { ...item, targetId: 'T3', targetObject: null }]))
    expect((await ask?.(CODE, {}))?.targets?.map(({ object }) => object)).toEqual([{ raw: '1' }, { raw: 'not json' }, {}])
  })
  it('asks every type at the same time, and one that fails does not hide the others', async () => {
    let waiting = 0
    let most = 0
    const { ask } = platform({ targetTypes: ['3401002', '3401003', '3400001'] }, async ({ body }) => {
      most = Math.max(most, (waiting += 1))
      await new Promise((resolve) => setTimeout(resolve, 5))
      waiting -= 1
      if (typeOf(body) === '3401003') return { flag: '404', errCode: '404', errMsg: '目标码不存在 34010119900307742X' }
      return ok([{ ...item, targetId: typeOf(body) }])
    })
    const answer = await ask?.(CODE, {})
    expect(most).toBe(3)
    expect(answer?.targets?.map(({ typeName }) => typeName)).toEqual(['电子健康码', '电子社保卡'])
    expect(answer?.failures).toEqual([
      { type: '3401003', error: expect.objectContaining({ platform: 'ankang', code: '404', message: '目标码不存在 ***', retryable: false }) },
    ])
  })
  it('where all fail, gives the one that tells most', async () => {
    const answers: Record<string, () => object> = {
      '3401002': () => ok([]),
      '3401003': () => ({ flag: '410', errCode: '410', errMsg: '安康码已失效' }),
      '3400001': () => {
        throw transportError('ankang', 'NETWORK_TIMEOUT')
      },
    }
    const failing = (types: string[]) => platform({ targetTypes: types }, ({ body }) => answers[typeOf(body)]!()).ask?.(CODE, {})
    await expect(failing(['3401002', '3400001', '3401003'])).rejects.toMatchObject({ ending: 'rejected', fault: { code: '410' } })
    await expect(failing(['3401002', '3400001'])).rejects.toMatchObject({ ending: 'unavailable', fault: { code: 'NETWORK_TIMEOUT' } })
    await expect(failing(['3401002'])).rejects.toMatchObject({ ending: 'rejected', fault: { code: 'TARGET_NONE' } })
  })
  it.each([
    ['HTML', '<html>', 'REPLY_NOT_JSON', false],
    ['nothing', '', 'REPLY_EMPTY', false],
    ['no flag', { data: [] }, 'REPLY_SHAPE', false],
    ['data of another kind', ok('not json'), 'REPLY_SHAPE', true],
    ['items of another kind', ok([1]), 'REPLY_SHAPE', true],
    ['fields of another kind', ok([{ targetId: {} }]), 'REPLY_SHAPE', true],
    ['a fault of its own', { flag: '500', errCode: '500', errMsg: '异常' }, '500', true],
    ['a status', { status: 503, text: 'busy' }, 'HTTP_STATUS', false],
  ])('is unavailable when the platform answers with %s', async (_what, answer, code, answered) => {
    await expect(platform({}, () => answer).ask?.(CODE, {})).rejects.toMatchObject({ ending: 'unavailable', answered, fault: { code } })
  })
  it.each([
    [{ flag: 200, errCode: 200, data: [item] }, undefined],
    [{ flag: '200', data: [item] }, undefined],
    [{ flag: '200', errCode: 'E01', errMsg: '无权限' }, 'E01'],
    [{ flag: '0', errCode: '200', errMsg: '失败' }, '0'],
  ])('reads flag and errCode together: %j', async (answer, code) => {
    const asked = platform({}, () => answer).ask?.(CODE, {})
    if (code === undefined) await expect(asked).resolves.toHaveProperty('targets')
    else await expect(asked).rejects.toMatchObject({ ending: 'rejected', fault: { code } })
  })
})

describe('识读', () => {
  const identify = { flow: 'identify' }
  const person = {
    name: '章小桥', idcardNo: '34010119850612004x', userPhone: '18800000000', isSelf: '1', authType: '2', authObject: 'f1',
    healthLevel: '2', dataSource: '1', targetType: '3401002', targetId: 'T1', targetObject: '{"a":1}',
  }
  it('gives the person and the target', async () => {
    const answer = await platform(identify, () => ok(person)).ask?.(CODE, {})
    expect(answer).toEqual({
      patient: {
        name: '章小桥', idNumber: '34010119850612004X', idTypeName: '居民身份证', gender: '女', birthday: '1985-06-12', phone: '18800000000',
        healthLevel: '2', isSelf: true, authType: '2', authObject: 'f1', dataSource: '1',
      },
      targets: [{ type: '3401002', typeName: '电子健康码', qrCode: CODE.text, id: 'T1', object: { a: 1 } }],
      notices: [],
    })
  })
  it('takes data as a JSON string and as an array', async () => {
    for (const data of [JSON.stringify(person), [person]]) {
      expect((await platform(identify, () => ok(data)).ask?.(CODE, {}))?.patient?.name).toBe('章小桥')
    }
  })
  it('advises where the patient has not authorised, and hands the code itself on where there is no target', async () => {
    const answer = await platform(identify, () => ok({ isSelf: '0', authType: '1', name: null, userPhone: '' })).ask?.(CODE, {})
    expect(answer?.patient).toEqual({ isSelf: false, authType: '1' })
    expect(answer?.notices?.join()).toMatch(/姓名、证件号码、手机号、健康状态.*通用授权/)
    expect(answer?.targets).toEqual([{ type: 'ankang', typeName: '安康码', qrCode: CODE.text, id: '', object: {} }])
  })
  it.each([
    ['a refusal', { flag: '410', errCode: '410', errMsg: '安康码不存在或已失效' }, '410'],
    ['no JSON', '<html>', 'REPLY_NOT_JSON'],
    ['data of another shape', { flag: '200', errCode: '200', data: '[1]' }, 'REPLY_SHAPE'],
  ])('hands the code itself on whatever it says: %s', async (_what, reply, code) => {
    const answer = await platform(identify, () => reply).ask?.(CODE, {})
    expect(answer?.targets).toEqual([{ type: 'ankang', typeName: '安康码', qrCode: CODE.text, id: '', object: {} }])
    expect(answer?.failures).toMatchObject([{ error: { code } }])
    expect(answer?.notices?.join()).toMatch(/识读没有成功.*交给 HIS/)
  })
  it.each([null, ''])('with data %j, nobody is named and the code itself goes on', async (data) => {
    const answer = await platform(identify, () => ok(data)).ask?.(CODE, {})
    expect(answer).toMatchObject({ patient: {}, targets: [{ type: 'ankang', qrCode: CODE.text }], notices: expect.arrayContaining([expect.stringContaining('通用授权')]) })
  })
  it('is left out where its address is not set: the code goes on at once', async () => {
    const { ask, requests } = platform({ ...identify, endpoints: {} }, () => ok(person))
    expect(await ask?.(CODE, {})).toEqual({ targets: [{ type: 'ankang', typeName: '安康码', qrCode: CODE.text, id: '', object: {} }] })
    expect(requests).toHaveLength(0)
  })
})

describe('转码配置查询', () => {
  const config = { endpoints: { ...ENDPOINTS, config: 'https://city.example/config' }, targetTypes: ['3401002', '3402050'] }
  const scenes: Record<string, string> = { '3401002': '01001,01002', '3402050': '02001' }
  const answering: Answering = ({ operation, body }) =>
    operation === 'config' ? ok({ targetName: '卡', targetType: typeOf(body), targetUrl: 'https://evil.example', senceCode: scenes[typeOf(body)] }) : ok([item])

  it('leaves out the types that the scene does not allow, says so, and is asked once an hour', async () => {
    let now = 1_000_000
    const { ask, requests } = platform(config, answering, { now: () => now })
    const first = await ask?.(CODE, {})
    expect(first?.targets?.map(({ type }) => type)).toEqual(['3401002'])
    expect(first?.notices?.join()).toContain('食堂就餐卡')
    await ask?.(CODE, {})
    expect(requests.filter(({ operation }) => operation === 'config')).toHaveLength(2)
    expect(requests.every(({ url }) => !url.includes('evil'))).toBe(true)
    now += 3_600_000
    await ask?.(CODE, {})
    expect(requests.filter(({ operation }) => operation === 'config')).toHaveLength(4)
  })
  it('says so where no type is left', async () => {
    const { ask } = platform({ ...config, targetTypes: ['3402050'] }, answering)
    await expect(ask?.(CODE, {})).rejects.toMatchObject({ ending: 'rejected', fault: { code: 'SCENE_NOT_ALLOWED' } })
  })
  it('never stops a scan when it fails', async () => {
    const { ask, logged } = platform(config, (request, count) => {
      if (request.operation === 'config') throw transportError('ankang', 'NETWORK_TIMEOUT')
      return answering(request, count)
    })
    expect((await ask?.(CODE, {}))?.targets).toHaveLength(2)
    expect(logged.map(({ event }) => event)).toContain('ankang.config.failed')
  })
  it('holds a scan up for a second at most', async () => {
    const { ask } = platform(config, (request, count) => (request.operation === 'config' ? new Promise(() => {}) : answering(request, count)))
    const startedAt = performance.now()
    expect((await ask?.(CODE, {}))?.targets).toHaveLength(2)
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
  it('is not asked where the terminal has no scene', async () => {
    const { sceneCode: _none, ...terminal } = SITE.terminal
    const { ask, bodies } = platform(config, answering, { site: { ...SITE, terminal } })
    expect((await ask?.(CODE, {}))?.targets).toHaveLength(2)
    expect(bodies()[0]).not.toHaveProperty('senceCode')
  })
})

describe('消息回传', () => {
  const outcome = (extra: Partial<Outcome> = {}): Outcome => ({
    id: 'o', seq: 1, scannedAt: '2026-01-02T03:04:05Z', elapsedMs: 1, source: { device: 'api', kind: 'api' }, code: { format: 'ankang' },
    status: 'accepted', targets: [{ type: '3401002', typeName: '电子健康码', qrCode: 'QR', id: 'T1', object: {} }], failures: [], reports: [],
    patient: { name: '章小桥', idNumber: '34010119850612004X' }, ...extra,
  })
  const result: JudgedResult = { succeeded: true, tradeNo: 'N1', tradeState: '1', msg: '挂号成功' }
  const kept = { countedSteps: [] }
  const AT = Date.UTC(2026, 0, 2, 17, 0, 0)
  const { reportsFor } = platform({}, () => ok(''))

  it('carries the fields of 7.4, its time as China has it', () => {
    expect(reportsFor?.(outcome(), kept, result, AT)).toEqual([
      {
        kind: 'ankang/message',
        payload: {
          cityNo: '340100000000', name: '章小桥', idcardNo: '34010119850612004X', targetType: '3401002', targetId: 'T1',
          tradeTime: '20260103010000', tradeNo: 'N1', msg: '挂号成功', tradeState: '1',
        },
      },
    ])
  })
  it.each([
    ['20260102093000', '20260102093000'],
    ['2026-01-02T09:30:00+08:00', '20260102093000'],
    ['2026-01-02T01:30:00.123Z', '20260102093000'],
    ['2026-01-02T09:30:00', '20260102093000'],
  ])('takes the HIS’s time %s', (tradeTime, sent) => {
    expect(reportsFor?.(outcome(), kept, { ...result, tradeTime }, AT)[0]?.payload['tradeTime']).toBe(sent)
  })
  it('takes name and number from the HIS where the platform gave none, and refuses where nobody has them', () => {
    const { patient: _none, ...anonymous } = outcome()
    const given = reportsFor?.(anonymous, kept, { ...result, name: '章小桥', idNumber: '34010119850612004X' }, AT)
    expect(given?.[0]?.payload).toMatchObject({ name: '章小桥', idcardNo: '34010119850612004X' })
    for (const more of [{}, { name: '章小桥' }, { idNumber: '34010119850612004X' }]) {
      const asked = () => reportsFor?.(anonymous, kept, { ...result, ...more }, AT)
      expect(asked).toThrow(expect.objectContaining({ code: 'MESSAGE_IDENTITY_MISSING', httpStatus: 422 }))
      expect(asked).toThrow(RequestFault)
    }
  })
  it.each([
    ['tradeNo', { tradeNo: 'N'.repeat(50) }, {}],
    ['tradeNo', { tradeNo: '' }, {}],
    ['tradeTime', { tradeTime: '20260230093000' }, {}],
    ['msg', { msg: ' ' }, {}],
    ['targetId', {}, { targets: [{ type: '3401002', typeName: '', qrCode: '', id: 'T'.repeat(100), object: {} }] }],
  ])('refuses a bad %s before anything is queued', (path, resultExtra, outcomeExtra) => {
    expect(() => reportsFor?.(outcome(outcomeExtra), kept, { ...result, ...resultExtra }, AT)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_FIELD_INVALID', fields: [expect.objectContaining({ path })] }),
    )
  })
  it('takes the longest that are allowed', () => {
    const long = outcome({ targets: [{ type: '3401002', typeName: '', qrCode: '', id: 'T'.repeat(99), object: {} }] })
    expect(reportsFor?.(long, kept, { ...result, tradeNo: 'N'.repeat(49) }, AT)).toHaveLength(1)
  })
  it('names a type that 8.1 does not list as the platform named it', () => {
    const other = outcome({ targets: [{ type: '1', typeName: '目标码', qrCode: '', id: '1', object: {} }] })
    expect(reportsFor?.(other, kept, result, AT)[0]?.payload).toMatchObject({ targetType: '1', targetId: '1' })
  })
  it('owes nothing for other codes, without a target card, and without an endpoint', () => {
    expect(reportsFor?.(outcome({ code: { format: 'health-card-static' } }), kept, result, AT)).toEqual([])
    expect(reportsFor?.(outcome({ targets: [] }), kept, result, AT)).toEqual([])
    const off = platform({ endpoints: { transcode: ENDPOINTS.transcode } }, () => ok(''))
    expect(off.reportsFor?.(outcome(), kept, result, AT)).toEqual([])
  })

  const draft = { kind: 'ankang/message', payload: { cityNo: '340100000000', tradeNo: 'N1' } }
  it.each([
    ['success', { flag: '200', errCode: '200' }, { kind: 'delivered' }],
    ['a refusal', { flag: '400', errCode: '400', errMsg: '参数错误' }, { kind: 'refused', error: expect.objectContaining({ code: '400', message: '参数错误' }) }],
    ['a fault of its own', { flag: '500', errCode: '500' }, { kind: 'retry', answered: true }],
    ['a web page', '<html>', { kind: 'retry', answered: false }],
    ['503 with retry-after', { status: 503, text: 'x', headers: { 'retry-after': '7' } }, { kind: 'retry', answered: false, retryAfterMs: 7000 }],
  ])('ends rightly on %s', async (_what, answer, delivered) => {
    const { deliver, requests } = platform({}, () => answer)
    expect(await deliver?.(draft, { open: null, begin: () => '' }, {})).toMatchObject(delivered)
    expect(requests[0]).toMatchObject({ url: ENDPOINTS.message, body: JSON.stringify(draft.payload) })
  })
})

describe('operations', () => {
  it('fill in what the settings hold and give the document’s fields', async () => {
    const { operations, bodies } = platform({}, () => ok(JSON.stringify([item])))
    const reply = await operations['transcode']?.call({ qrCodeUrl: CODE.text, cityNo: '340200' } as never, {})
    expect(bodies()[0]).toEqual({ cityNo: '340200000000', qrCodeUrl: CODE.text, targetType: '3401002', senceCode: '01002' })
    expect(reply).toEqual({ flag: '200', errCode: '200', errMsg: '成功', data: [item] })
  })
  it.each([
    ['transcode', {}, ['qrCodeUrl']],
    ['identify', { qrCodeUrl: CODE.text, targetType: 'x y' }, ['targetType']],
    ['transcode', { qrCodeUrl: CODE.text, targetObject: '{"a":' }, ['targetObject']],
    ['config', { cityNo: '34' }, ['cityNo']],
    ['message', { name: 'x', idcardNo: 'y', targetType: '3401002', targetId: 'T'.repeat(100), tradeNo: 'N'.repeat(50), msg: 'm', tradeState: '1', tradeTime: '20261301000000' }, ['targetId', 'tradeTime', 'tradeNo']],
    ['message', { tradeType: '1' }, ['name', 'idcardNo', 'targetType', 'targetId', 'tradeTime', 'tradeNo', 'msg', 'tradeState', 'tradeType']],
  ])('%s refuses a bad request and sends nothing', async (operation, body, paths) => {
    const { operations, requests } = platform({}, () => ok([item]))
    const fault = await operations[operation]?.call(body as never, {}).then(() => undefined, (error: unknown) => error)
    expect(fault).toBeInstanceOf(RequestFault)
    expect((fault as RequestFault).fields.map(({ path }) => path)).toEqual(paths)
    expect(requests).toHaveLength(0)
  })
  it('ask for a type where several are configured', async () => {
    const { operations } = platform({ targetTypes: ['3401002', '3401003'] }, () => ok([item]))
    await expect(operations['config']?.call({} as never, {})).rejects.toMatchObject({ fields: [{ path: 'targetType' }] })
  })
  it('say so where the site has no such endpoint', async () => {
    const { operations } = platform({}, () => ok([item]))
    await expect(operations['config']?.call({} as never, {})).rejects.toMatchObject({ fault: { code: 'ENDPOINT_NOT_CONFIGURED' } })
    await expect(operations['config']?.call({} as never, {})).rejects.toBeInstanceOf(PlatformError)
  })
})

it('names target types by the rule of 8.1', () => {
  expect(['3404002', '3411003', '3400001', '3400004', '3402050', '3401999', 'ankang'].map(targetTypeName)).toEqual([
    '电子健康码', '医保电子凭证', '电子社保卡', '一码通办', '食堂就餐卡', undefined, undefined,
  ])
})
