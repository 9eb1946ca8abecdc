import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ankang } from '../../../src/transcode/platforms/ankang/ankang.ts'
import { eVoucher } from '../../../src/transcode/platforms/e-voucher/e-voucher.ts'
import { healthCard } from '../../../src/transcode/platforms/health-card/health-card.ts'
import { PlatformError } from '../../../src/transcode/platforms/platform-error.ts'
import type { PlatformDefinition } from '../../../src/transcode/platforms/platform.ts'
import { yuejiantong } from '../../../src/transcode/platforms/yuejiantong/yuejiantong.ts'
import { sampleText, startTestTerminal, type TestTerminal } from '../../support/terminal.ts'
import { playedHttp, playedTools } from '../../support/played-http.ts'

const url = 'https://platform.example/api'
const STATIC = '7B1D9E0C44A25F6688BB3310CDEF9042A1B2C3D4E5F60718293A4B5C6D7E8F90:1'
const AKM = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:9ec1b6b993b74b8687b06db24ad36d1b&cityNo=340000000000'
const endpoints = { transcode: url, identify: url, message: url }

type Way = { name: string; definition: PlatformDefinition<never>; settings: object; format: string; text: string; reply(member: string): string }
const ways = [
  { name: '安康码 转码', definition: ankang, settings: { flow: 'transcode', targetTypes: ['3401002'], endpoints }, format: 'ankang', text: AKM, reply: (member: string) => `{"flag":"200","data":[{"targetQrCode":"Q",${member}}]}` },
  { name: '安康码 识读', definition: ankang, settings: { flow: 'identify', targetTypes: ['3401002'], endpoints }, format: 'ankang', text: AKM, reply: (member: string) => `{"flag":"200","data":{"name":"李建国",${member}}}` },
  { name: '安康码, data as text', definition: ankang, settings: { flow: 'identify', targetTypes: ['3401002'], endpoints }, format: 'ankang', text: AKM, reply: (member: string) => `{"flag":"200","data":${JSON.stringify(`{"name":"李建国",${member}}`)}}` },
  { name: '电子健康卡', definition: healthCard, settings: { baseUrl: url, appId: 'a', appSecret: 's' }, format: 'health-card-static', text: STATIC, reply: (member: string) => `{"commonOut":{"resultCode":0},"rsp":{"appToken":"t","card":{"name":"李建国","idNumber":"1",${member}}}}` },
  { name: '粤健通', definition: yuejiantong, settings: { url, appCode: 'a', appKey: '0'.repeat(32), paasId: 'p', token: 't', appSecret: 's', serviceId: 'x', entryUrl: 'https://h.example/yjt' }, format: 'yuejiantong', text: 'https://h.example/yjt?code=abc', reply: (member: string) => `{"errcode":0,"data":{"name":"李建国",${member}}}` },
  { name: '医保电子凭证', definition: eVoucher, settings: { gatewayUrl: url, codeField: 'c' }, format: 'e-voucher', text: '4'.repeat(28), reply: (member: string) => `{"code":0,"data":{"userName":"李建国","idNo":"1",${member}}}` },
] as unknown as Way[]
const [transcode, identify, asText, card, guangdong, voucher] = ways as [Way, Way, Way, Way, Way, Way]

async function ask({ definition, settings, format, text, reply }: Way, member: string): Promise<string> {
  const { tools } = playedTools(playedHttp(() => ({ body: reply(member) })).http)
  const platform = definition.create(definition.settings.parse(settings) as never, tools)
  try {
    return JSON.stringify(await platform.ask!({ format: format as never, text }, {}))
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    return `${error.ending} ${error.fault.code}`
  }
}

describe('a number where a text belongs', () => {
  const fields = [[transcode, 'targetId'], [identify, 'idcardNo'], [identify, 'userPhone'], [identify, 'targetId'], [asText, 'idcardNo'], [card, 'idNumber'], [card, 'patid'], [card, 'phid'], [guangdong, 'certificateNo'], [guangdong, 'userId'], [voucher, 'idNo'], [voucher, 'ecToken'], [voucher, 'ecIndexNo']] as const
  test.each(fields)('$name: %s', async (way, field) => {
    for (const digits of ['340101198810221231', '340101199003077427', '1234567890123456789', '123456789012345678901234567890123', '100.50', '0.30000000000000004441', '9007199254740993'])
      expect(await ask(way, `"${field}":${digits}`)).toContain(`"${digits}"`)
  })

  test.each(fields)('$name: %s with an exponent is refused', async (way, field) => {
    for (const digits of ['3.40101198810221231e17', '34010119881022123E1', '1e400']) expect(await ask(way, `"${field}":${digits}`)).toMatch(way === guangdong ? /^(?!.*\de\+?\d).*粤健通/i : /^(?!.*\de\+?\d).*REPLY_SHAPE/i)
  })

  test.each([[transcode, 'targetObject'], [identify, 'targetObject'], [asText, 'targetObject'], [voucher, 'extData']] as const)('$name: whatever %s holds', async (way, field) => {
    for (const digits of ['340101198810221231', '12.50', '3.40101198810221231e17']) {
      expect(await ask(way, `"${field}":{"a":[{"id":${digits}}]}`)).toContain(`"${digits}"`)
      if (field === 'targetObject') expect(await ask(way, `"targetId":"1","${field}":${JSON.stringify(`{"id":${digits}}`)}`)).toContain(`"${digits}"`)
    }
    expect(await ask(way, `"${field}":{"small":12.5,"zero":0}`)).toContain('{"small":12.5,"zero":0}')
  })
})

test.each(ways)('$name: a text that lost characters is refused', async (way) => {
  const field = { ankang: 'targetId', 'health-card': 'patid', yuejiantong: 'userId', 'e-voucher': 'ecToken' }[way.definition.id as string]!
  for (const text of ['李\uFFFD国', '\\ufffd', '锟斤拷', '李\\ud842国', '\\udfb7', '\\\\\\ud842']) expect(await ask(way, `"${field}":"${text}"`)).toMatch(/^(?!.*(\uFFFD|锟斤拷)).*REPLY_CHARSET/)
  for (const text of ['李\\ud842\\udfb7国', '李\\\\ud842国']) expect(await ask(way, `"${field}":"${text}"`)).not.toContain('REPLY_CHARSET')
})

test('a code that a library wrote as 0.0, and garbled words beside a code', async () => {
  const card200 = { ...card, reply: () => '{"commonOut":{"resultCode":0.0},"rsp":{"appToken":"t","expiresIn":7200.0,"card":{"name":"李建国","idNumber":"1"}}}' }
  expect(await ask(card200, '')).toContain('李建国')
  expect(await ask({ ...identify, reply: () => '{"flag":200.0,"data":{"name":"李建国"}}' }, '')).toContain('李建国')
  expect(await ask({ ...voucher, reply: () => '{"code":0.0,"data":{"userName":"李建国","idNo":"1"}}' }, '')).toContain('李建国')
  const { tools } = playedTools(playedHttp(() => ({ body: '{"flag":"500","errMsg":"\uFFFD\uFFFD"}' })).http)
  const platform = ankang.create(ankang.settings.parse(transcode.settings), tools)
  await expect(platform.ask!({ format: 'ankang', text: AKM }, {})).rejects.toMatchObject({ fault: { code: '500', message: expect.not.stringContaining('\uFFFD') } })
})

describe('a body that a HIS posts', () => {
  let t: TestTerminal
  beforeAll(async () => (t = await startTestTerminal()))
  afterAll(() => t.close())

  test.each([
    ['platforms/ankang/transcode', `{"qrCodeUrl":"${AKM}","targetType":"3401002","targetObject":{"id":340101198810221231}}`, 'targetObject.id'],
    ['platforms/ankang/transcode', `{"qrCodeUrl":"${AKM}","targetType":"3401002","targetObject":{"list":[{"n":0.1000000000000000055511151231257827}]}}`, 'targetObject.list.0.n'],
    ['platforms/quanzhou/BC00.03.00.04', '{"re_frez_amt":100.000000000000000001}', 're_frez_amt'],
    ['platforms/quanzhou/BC00.03.00.04', '{"re_frez_amt":12345678901234567}', 're_frez_amt'],
    ['platforms/beijing/entryUrl', '{"userName":"李建国","cardNo":"1","timestamp":1709600000000.00000001}', 'timestamp'],
    ['scans', '{"text":340101198810221231}', 'text'],
    ['outcomes/ID/result', '{"tradeNo":20240305123456789012,"tradeState":"1","msg":"x"}', 'tradeNo'],
  ])('%s loses no digit of %s, case %#', async (path, body, field) => {
    const { id } = await t.scan(sampleText(t.simulator, 'card-static'))
    const answer = await t.request('POST', `/api/v1/${path.replace('ID', id)}`, body)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ error: { code: 'BAD_REQUEST', fields: [{ path: field, message: expect.stringContaining('文本') }] } })
  })
})

test('a static card whose kept connection was cut is asked again under an id of its own, and the answer to that id is taken', async () => {
  const ids: string[] = []
  const http = {
    async send({ operation, body = '', again }: { operation: string; body?: string; again?: () => string | undefined }) {
      expect(again !== undefined).toBe(operation === 'getHealthCardByQRCode')
      const last = again?.() ?? body
      for (const one of [body, last]) ids.push(JSON.parse(one).commonIn.requestId)
      return { status: 200, headers: {}, ms: 1, text: JSON.stringify({ commonOut: { resultCode: 0, requestId: JSON.parse(last).commonIn.requestId }, rsp: { appToken: 't', card: { name: '李建国', idNumber: '1' } } }) }
    },
    close: async () => {},
  }
  let id = 0
  const { tools } = playedTools(http as never)
  tools.newId = () => String((id += 1)).padStart(32, '0')
  const platform = healthCard.create(healthCard.settings.parse(card.settings), tools)
  expect(await platform.ask!({ format: 'health-card-static', text: STATIC }, {})).toMatchObject({ patient: { name: '李建国' } })
  expect(new Set(ids.slice(-2)).size).toBe(2)
})
