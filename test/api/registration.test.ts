/** 自助建卡 by a HIS: ocrInfo, registerHealthCard and bindCardRelation against the strict counterpart, with the sample as printed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { personOf } from '../../src/simulator/people.ts'
import { RETURN_CODES } from '../../src/transcode/platforms/health-card/return-codes.ts'
import { startTestTerminal, TOKEN, type TestTerminal } from '../support/terminal.ts'

const DOCS = join(import.meta.dirname, '../../docs')
const SAMPLE = readFileSync(join(DOCS, 'examples/register-card.js'), 'utf8')
const OFFLINE = 'OFFLINE-CODE-0001'
/** A picture's head: the platform's reading of it is played. */
const PICTURE = 'data:image/jpeg;base64,/9j/4AAQ'

let t: TestTerminal
beforeAll(async () => {
  t = await startTestTerminal({ settings: { platforms: { healthCard: { offlineWechatCode: OFFLINE } } } })
})
afterAll(() => t.close())
beforeEach(() => t.simulator.control.reset())

const call = (operation: string, body: unknown) => t.request('POST', `/api/v1/platforms/health-card/${operation}`, body)
const lin = personOf('lin')
const PERSON = { name: lin.name, gender: lin.gender, nation: '汉', birthday: '1988/10/22', idNumber: lin.idNumber, idType: '01', phone1: '19900000105' }

type Fields = Record<string, string>
type Given = { picture?: string; check(fields: Fields, problem?: { code: string; advice: string }): Promise<Fields | undefined>; patidOf(person: Fields): Promise<string | undefined> }
const registerCard = (given: Given) =>
  (new Function('fetch', `${SAMPLE}\nreturn registerCard`)(fetch) as (all: object) => Promise<{ qrCodeText: string; bound: boolean } | undefined>)({ api: `${t.terminal.ready.api}/api/v1`, token: TOKEN, ...given })
/** In their order; the reset of the counterpart has ended the token, so the first is asked twice. */
const operations = () => [...new Set(t.simulator.control.requests().map(({ operation }) => operation))].filter((operation) => operation !== 'getAppToken')

describe('the sample of docs/his.md', () => {
  it('is what stands in examples/register-card.js', () => {
    expect(readFileSync(join(DOCS, 'his.md'), 'utf8')).toContain(`\`\`\`js\n${SAMPLE}\`\`\``)
  })

  it('registers oneself: read from the picture, the phone added, bound to the hospital’s id', async () => {
    const made = await registerCard({ picture: PICTURE, check: async (fields) => ({ ...fields, phone1: '19900000105' }), patidOf: async () => 'P777' })
    expect(made).toEqual({ qrCodeText: expect.stringMatching(/^[0-9A-Za-z]{64}:1$/), bound: true })
    expect(operations()).toEqual(['ocrInfo', 'registerHealthCard', 'bindCardRelation'])
    const scanned = await t.scan(made!.qrCodeText)
    expect(scanned).toMatchObject({ status: 'accepted', patient: { name: lin.name, nation: '汉族', birthday: '1988-10-22', patid: 'P777' } })
  })

  it('registers 家属 without a picture, and binds nothing where the hospital has no id', async () => {
    const bao = personOf('bao')
    const person = { name: bao.name, gender: bao.gender, nation: bao.nation, birthday: bao.birthday, idNumber: bao.idNumber, idType: '01', phone1: '19900000105' }
    const made = await registerCard({ check: async () => person, patidOf: async () => undefined })
    expect(made).toMatchObject({ bound: false })
    expect(operations()).toEqual(['registerHealthCard'])
    expect((await t.scan(made!.qrCodeText)).patient).toMatchObject({ name: bao.name })
  })

  it('registers 新生儿 by 出生医学证明, with the guardian’s phone', async () => {
    const baby = { name: '林小满', gender: '女', nation: '汉族', birthday: '2026-11-20', idNumber: 'V340000001', idType: '08', phone1: '19900000105' }
    const made = await registerCard({ check: async () => baby, patidOf: async () => 'P-BABY' })
    expect(made).toMatchObject({ bound: true })
    expect((await t.scan(made!.qrCodeText)).patient).toMatchObject({ name: baby.name, idType: '08', idTypeName: '出生医学证明', idNumber: baby.idNumber, patid: 'P-BABY' })
  })

  it('asks again with the reason where something filled in is wrong, and gives up with the words where it is not', async () => {
    const problems: string[] = []
    const wrong = { ...PERSON, gender: '男' }
    const made = await registerCard({
      check: async (_fields, problem) => (problem ? (problems.push(problem.code), PERSON) : wrong),
      patidOf: async () => undefined,
    })
    expect([made?.qrCodeText, problems]).toEqual([expect.any(String), ['10015']])
    t.simulator.control.fault({ platform: 'health-card', operation: 'registerHealthCard', mode: 'code', code: '-10031', times: 1 })
    await expect(registerCard({ check: async () => PERSON, patidOf: async () => undefined })).rejects.toMatchObject({ code: '-10031', advice: expect.stringContaining('重新启用') })
  })

  it('goes on by hand where the picture is not read, and keeps the card where binding fails', async () => {
    t.simulator.control.fault({ platform: 'health-card', operation: 'ocrInfo', mode: 'code', code: '-10040', times: 1 })
    t.simulator.control.fault({ platform: 'health-card', operation: 'bindCardRelation', mode: 'code', code: '-1', times: 1 })
    const problems: (string | undefined)[] = []
    const made = await registerCard({ picture: PICTURE, check: async (_fields, problem) => (problems.push(problem?.code), PERSON), patidOf: async () => 'P777' })
    expect([made?.bound, problems]).toEqual([false, ['-10040']])
  })
})

describe('a refusal', () => {
  const STEPS = { ocrInfo: { imageContent: PICTURE }, registerHealthCard: PERSON, bindCardRelation: { patid: 'P777', qrCodeText: `${'A1'.repeat(32)}:1` } }

  test.each(Object.keys(STEPS) as (keyof typeof STEPS)[])('of %s has words for registering at every code of 3.2.12: no code was scanned', async (step) => {
    // A limit that is told keeps the terminal from asking for a while, and a token is asked for anew.
    const asked = Object.keys(RETURN_CODES).filter((code) => !['10034', '21001', '21003', '21004', '21007'].includes(code))
    for (const code of [...asked, '77777']) {
      t.simulator.control.fault({ platform: 'health-card', operation: step, mode: 'code', code, times: 1 })
      const { status, body } = await call(step, STEPS[step])
      expect([code, status >= 400, body.error.code]).toEqual([code, true, code])
      expect([code, body.error.advice]).toEqual([code, expect.stringMatching(/\p{Script=Han}{4}/u)])
      expect([code, body.error.advice]).toEqual([code, expect.not.stringMatching(/重扫|重新扫码|刷新健康卡|扫码时/)])
      expect(JSON.stringify(body)).not.toContain(lin.idNumber)
    }
  })

  test.each([
    ['10015', /逐字核对/],
    ['-10022', /换一个手机号/],
    ['-10023', /直接出示/],
    ['-10026', /18 位/],
    ['-10028', /合并/],
    ['-10029', /加密机/],
    ['-10031', /重新启用/],
    ['-10032', /直接出示/],
    ['-10038', /再提交一次/],
    ['10056', /姓名/],
    ['10057', /解绑/],
    ['-1', /不会多建/],
    ['10054', /不会多建/],
    ['77777', /核对填写的内容/],
  ])('%s of registering says what to do next', async (code, advice) => {
    t.simulator.control.fault({ platform: 'health-card', operation: 'registerHealthCard', mode: 'code', code, times: 1 })
    expect((await call('registerHealthCard', PERSON)).body.error.advice).toMatch(advice)
  })

  test.each(['10010', '10011', '10012'])('%s lays a 微信身份码 of the settings to the settings, and the caller’s own to the caller', async (code) => {
    const refuse = () => t.simulator.control.fault({ platform: 'health-card', operation: 'registerHealthCard', mode: 'code', code, times: 1 })
    refuse()
    const settings = (await call('registerHealthCard', PERSON)).body.error
    expect(settings).toMatchObject({ code, retryable: false, advice: expect.stringContaining('offlineWechatCode') })
    refuse()
    const own = (await call('registerHealthCard', { ...PERSON, wechatCode: '13B8AC208CEDACE7DD1DF57963150664' })).body.error
    expect(own.advice).not.toContain('offlineWechatCode')
    expect(JSON.stringify([settings, own])).not.toContain(OFFLINE)
  })
})

it('leaves neither the person nor the offline code in the log', async () => {
  await call('registerHealthCard', PERSON)
  expect([lin.name, lin.idNumber, PERSON.phone1, OFFLINE].filter((each) => t.log.join('').includes(each))).toEqual([])
})
