import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lastingAnkangCode } from '../../src/simulator/ankang.ts'
import { personOf } from '../../src/simulator/people.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { post } from '../support/simulated-calls.ts'

type Members = Record<string, unknown>

const simulator = createSimulator()
const sample = (id: string) => simulator.samples().find((one) => one.id === id)?.text() ?? ''
const ask = (operation: string, body: unknown) => post(`${simulator.origin}/ankang/${operation}`, body)
const question = (qrCodeUrl: string): Members => ({ cityNo: '340100000000', qrCodeUrl, targetType: '3401002', senceCode: '01002' })

beforeAll(async () => {
  await simulator.listen()
})
afterAll(() => simulator.close())
beforeEach(() => simulator.control.reset())

describe('转码', () => {
  it('gives a list of targets, each with a fresh card code', async () => {
    const reply = await ask('transcode', question(sample('ankang-green')))
    expect(reply).toMatchObject({ flag: '200', errCode: '200' })
    const [target, ...more] = reply['data'] as Members[]
    expect(more).toEqual([])
    expect(target?.['targetQrCode']).toMatch(/^[0-9A-F]{64}:0:[0-9A-F]{32}::35020001001$/)
    expect(JSON.parse(String(target?.['targetObject']))).toMatchObject({ cardName: '电子健康码' })
  })

  it('writes data as a list, an object or a string, by person and on demand', async () => {
    expect(typeof (await ask('transcode', question(sample('ankang-yellow'))))['data']).toBe('string')
    expect((await ask('transcode', question(sample('ankang-child'))))['data']).toMatchObject({ targetId: expect.any(String) })
    simulator.control.dataForm('string')
    const text = (await ask('transcode', question(sample('ankang-green'))))['data']
    expect(JSON.parse(String(text))).toHaveLength(1)
  })

  it('gives several to somebody who has several, and none to somebody who has none', async () => {
    expect((await ask('transcode', question(sample('ankang-several'))))['data']).toHaveLength(2)
    const other = { ...question(sample('ankang-green')), targetType: '3401003' }
    expect((await ask('transcode', other))['data']).toEqual([])
  })

  it.each([
    ['no cityNo', { cityNo: '' }],
    ['a cityNo of 8 digits', { cityNo: '34010000' }],
    ['no code', { qrCodeUrl: undefined }],
    ['no target type', { targetType: '' }],
    ['a type of another province', { targetType: '1101002' }],
    ['an unknown scene', { senceCode: '09999' }],
    ['a number where text belongs', { cityNo: 340100000000 }],
    ['a targetObject that is no JSON', { targetObject: 'x' }],
  ])('refuses %s', async (_, changed) => {
    expect(await ask('transcode', { ...question(sample('ankang-green')), ...changed })).toMatchObject({ flag: '400', errCode: '400' })
  })

  it('takes 6 digits and the sample’s sceneCode', async () => {
    const { senceCode, ...rest } = question(sample('ankang-green'))
    expect(await ask('transcode', { ...rest, cityNo: '340100', sceneCode: senceCode })).toMatchObject({ flag: '200' })
  })

  it('knows no code it has not issued, but the sample of the document', async () => {
    const other = sample('ankang-green').replace(/[0-9a-f]{32}/, '0'.repeat(32))
    expect(await ask('transcode', question(other))).toMatchObject({ flag: '410' })
    const printed =
      'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:9ec1b6b993b74b8687b06db24ad36d1b&cityNo=340000000000'
    expect(await ask('transcode', question(printed))).toMatchObject({ flag: '200' })
  })

  it('answers 404 off its paths and methods', async () => {
    expect((await fetch(`${simulator.origin}/ankang/transcode`)).status).toBe(404)
    expect((await fetch(`${simulator.origin}/ankang/other`, { method: 'POST', body: '{}' })).status).toBe(404)
  })
})

describe('识读', () => {
  it('tells the person and the colour', async () => {
    const { data } = await ask('identify', question(lastingAnkangCode('miao')))
    const { name, idNumber } = personOf('miao')
    expect(data).toMatchObject({ name, idcardNo: idNumber, healthLevel: '3', isSelf: '1', dataSource: '1' })
  })

  it('tells no name where 通用授权 is missing', async () => {
    const { data } = await ask('identify', question(sample('ankang-unauthorised')))
    expect(Object.keys(data as Members)).not.toContain('name')
    expect(data).toMatchObject({ isSelf: '1', authType: '2' })
  })
})

describe('消息回传', () => {
  const message: Members = {
    cityNo: '340100000000', name: '林安和', idcardNo: personOf('lin').idNumber, targetType: '3401002', targetId: 'T1',
    tradeTime: '20240506070809', tradeNo: 'N1', msg: '挂号成功', tradeState: '成功',
  }
  const books = () => simulator.books()['ankang']?.['messages'] as Members[]

  it('is written down by tradeNo', async () => {
    expect(await ask('message', message)).toMatchObject({ flag: '200' })
    expect(await ask('message', message)).toMatchObject({ flag: '200' })
    expect(await ask('message', { ...message, tradeNo: 'N2' })).toMatchObject({ flag: '200' })
    expect(books()).toMatchObject([{ tradeNo: 'N1', received: 2 }, { tradeNo: 'N2', received: 1 }])
  })

  it.each(Object.keys(message))('needs %s', async (field) => {
    expect(await ask('message', { ...message, [field]: '' })).toMatchObject({ flag: '400' })
    expect(books()).toEqual([])
  })

  it.each([
    ['a targetId of 100', { targetId: 'T'.repeat(100) }],
    ['a tradeNo of 50', { tradeNo: 'N'.repeat(50) }],
    ['a 25th hour', { tradeTime: '20240506250809' }],
    ['a wrong check digit', { idcardNo: '349901198810221024' }],
    ['the sample’s tradeType for targetType', { targetType: undefined, tradeType: '3401002' }],
  ])('refuses %s', async (_, changed) => {
    expect(await ask('message', { ...message, ...changed })).toMatchObject({ flag: '400' })
  })
})

it('转码配置查询 tells the scenes of a type', async () => {
  const { data } = await ask('config', { cityNo: '340100', targetType: '3401002' })
  expect(data).toMatchObject({ belongarea: '340100000000', targetType: '3401002', senceCode: '01001,01002,01003,01004,01005,01006' })
  expect(await ask('config', { cityNo: '340100', targetType: '3401999' })).toMatchObject({ flag: '404' })
})
