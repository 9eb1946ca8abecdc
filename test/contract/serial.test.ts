/** A scanner on a tty and every format of the contract: what the bytes are, what the text is, what is done with it. */
import iconv from 'iconv-lite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPty, type Pty } from '../support/pty.ts'
import { listen, startAgent, TOKEN, until, type Agent, type Listener } from './support/agent.ts'
import { fakeHealthCard, type FakeHealthCard } from './support/fake-health-card.ts'
import { codes, identityNumber } from './support/people.ts'
import { healthCard, settings } from './support/settings.ts'

let agent: Agent
let pty: Pty
let fake: FakeHealthCard
let events: Listener

const outcomes = () => events.events.filter(({ type }) => type === 'outcome').map(({ data }) => data)
/** Writes bytes as a scanner does and waits for `count` outcomes; then a little longer for one too many. */
async function read(bytes: string | Uint8Array, count = 1, paced = false): Promise<any[]> {
  const before = outcomes().length
  await (paced ? pty.writePaced(bytes, 1) : pty.write(bytes))
  await until(() => outcomes().length >= before + count)
  await new Promise((done) => setTimeout(done, 90))
  return outcomes().slice(before)
}
let day = 0
const person = () => identityNumber(`1955${String(1 + Math.floor(day / 28)).padStart(2, '0')}${String(1 + (day++ % 28)).padStart(2, '0')}`, '321')
const isPerson = (number: string) => ({ status: 'accepted', code: { format: 'identity-number' }, patient: { idNumber: number } })

beforeAll(async () => {
  fake = await fakeHealthCard()
  pty = await createPty()
  agent = await startAgent(
    settings(
      { healthCard: healthCard(fake.url) },
      {
        devices: { serial: [{ path: pty.path, baudRate: 9600 }] },
        recognition: { repeatWithinMs: 300, hospitalCard: '^ZY\\d{8}$', socialSecurityCard: '^SSC[0-9A-F]{20}$' },
      },
    ),
  )
  events = await listen(agent.api, '/api/v1/events', { headers: { authorization: `Bearer ${TOKEN}` } })
  await until(async () => (await agent.request('GET', '/api/v1/health')).body.devices.some(({ state }: any) => state === 'open'))
})
beforeEach(() => fake.rest())
afterAll(async () => {
  events?.close()
  await agent?.close()
  await pty?.close()
  await fake?.close()
})

describe('bytes', () => {
  it('names its source', async () => {
    const number = person()
    const [outcome] = await read(`${number}\r`)
    expect(outcome).toMatchObject({ ...isPerson(number), source: { device: `serial:${pty.path}`, kind: 'serial' } })
  })

  it.each([
    ['CR', (text: string) => `${text}\r`],
    ['LF', (text: string) => `${text}\n`],
    ['CRLF', (text: string) => `${text}\r\n`],
    ['STX and ETX', (text: string) => `\x02${text}\x03`],
    ['STX, ETX and CRLF', (text: string) => `\x02${text}\x03\r\n`],
    ['no terminator', (text: string) => text],
    ['an AIM identifier', (text: string) => `]Q1${text}\r`],
    ['an ECI indicator', (text: string) => `\\000026${text}\r`],
    ['an AIM identifier and an ECI indicator', (text: string) => `]Q2\\000029${text}\r`],
    ['an AIM identifier of Code 128', (text: string) => `]C0${text}\r`],
    ['a BOM', (text: string) => `\uFEFF${text}\r`],
    ['spaces around', (text: string) => `  ${text} \r`],
    ['stray control characters', (text: string) => `\x00\x1b${text}\x07\r`],
    ['a tab behind', (text: string) => `${text}\t\r`],
    ['full-width digits', (text: string) => `${[...text].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join('')}\r`],
  ])('reads a code with %s', async (_name, dress) => {
    const number = person()
    const found = await read(dress(number))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject(isPerson(number))
  })

  it('reads full-width characters in GBK', async () => {
    const number = person()
    const wide = [...number].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join('')
    const found = await read(iconv.encode(`${wide}\r`, 'gbk'))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject(isPerson(number))
  })

  it('takes Chinese text in GBK and in UTF-8 for what it is: unknown, and keeps none of it', async () => {
    for (const encoding of ['gbk', 'utf8']) {
      const found = await read(iconv.encode(`姓名:诸葛码桥,号:${encoding}\r`, encoding))
      expect(found).toHaveLength(1)
      expect(found[0]).toMatchObject({ status: 'unrecognised', code: { format: 'unknown' } })
      expect(JSON.stringify(found[0])).not.toContain('诸葛')
    }
  })

  it('puts a code together that comes a byte at a time', async () => {
    const text = codes.dynamicCard()
    const found = await read(`${text}\r\n`, 1, true)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ status: 'accepted', code: { format: 'health-card-dynamic' } })
    expect(fake.operations('verifyQRCode')[0]!.json.req.qrCodeText).toBe(text)
  })

  it('takes glued codes apart', async () => {
    const people = [person(), person(), person()]
    const found = await read(people.map((number) => `${number}\r\n`).join(''), 3)
    expect(found.map(({ patient }) => patient.idNumber)).toEqual(people)
  })

  it('takes glued codes between STX and ETX apart', async () => {
    const people = [person(), person()]
    const found = await read(people.map((number) => `\x02${number}\x03`).join(''), 2)
    expect(found.map(({ patient }) => patient.idNumber)).toEqual(people)
  })

  it('does not let half a code spoil the next', async () => {
    const number = person()
    await pty.write('34010119')
    await new Promise((done) => setTimeout(done, 300))
    const found = await read(`${number}\r`)
    expect(found.at(-1)).toMatchObject(isPerson(number))
  })

  it('survives noise and reads on', async () => {
    const noise = Buffer.from(Array.from({ length: 50_000 }, (_unused, at) => (Math.imul(at + 7, 2654435761) >>> 13) & 0xff))
    await pty.write(noise)
    await new Promise((done) => setTimeout(done, 400))
    const number = person()
    await pty.write(`\r\n${number}\r\n`)
    // What the noise is taken for comes before, as late as a busy machine makes it.
    await until(() => outcomes().at(-1)?.patient?.idNumber === number)
    expect(outcomes().at(-1)).toMatchObject(isPerson(number))
    expect((await agent.request('GET', '/api/v1/health')).status).toBe(200)
  })

  it('takes the same code within the time set for one scan, and later for another', async () => {
    const number = person()
    const found = await read(`${number}\r${number}\r${number}\r`)
    expect(found).toHaveLength(1)
    await new Promise((done) => setTimeout(done, 400))
    expect(await read(`${number}\r`)).toHaveLength(1)
  })
})

describe('formats', () => {
  it.each([
    ['WeChat', '134567890123456789'],
    ['WeChat with a wrong check digit of an identity number', `${identityNumber('19900101', '111', '110101').slice(0, 17)}${identityNumber('19900101', '111', '110101').endsWith('1') ? '2' : '1'}`],
    ['Alipay', '2812345678901234'],
    ['Alipay of 24 digits', '301234567890123456789012'],
    ['UnionPay', '6212345678901234567'],
  ])('a payment code of %s is unrecognised and kept nowhere', async (_name, text) => {
    const [outcome] = await read(`${text}\r`)
    expect(outcome).toMatchObject({ status: 'unrecognised', code: { format: 'payment' } })
    expect(outcome.error.advice).toMatch(/[一-龥]/)
    expect(JSON.stringify(outcome)).not.toContain(text)
    expect(outcome.patient?.idNumber ?? '').toBe('')
  })

  it('an identity number whose area looks like a payment code is an identity number', async () => {
    const number = identityNumber('19900101', '111', '110101')
    expect((await read(`${number}\r`))[0]).toMatchObject(isPerson(number))
  })

  it('an identity number with a small x is one', async () => {
    let number = ''
    for (let running = 1; !number.endsWith('X'); running += 1) number = identityNumber('19620303', String(running).padStart(3, '0'))
    const [outcome] = await read(`${number.toLowerCase()}\r`)
    expect(outcome).toMatchObject(isPerson(number))
    expect(outcome.patient).toMatchObject({ birthday: '1962-03-03', idType: '01', idTypeName: '居民身份证' })
  })

  it.each([
    ['a wrong check digit', `3${identityNumber('19900101', '111', '340101').slice(1, 17)}${identityNumber('19900101', '111').endsWith('5') ? '6' : '5'}`],
    ['a date that is none', identityNumber('19901301', '111', '340101')],
    ['30 February', identityNumber('19900230', '111', '340101')],
    ['a birthday to come', identityNumber('20990101', '111', '340101')],
  ])('%s makes no identity number', async (_name, text) => {
    const [outcome] = await read(`${text}\r`)
    expect(outcome.status).toBe('unrecognised')
    expect(outcome.code.format).not.toBe('identity-number')
  })

  it('a card of the hospital and a social security card are handed on', async () => {
    const [hospital] = await read('ZY00012345\r')
    expect(hospital).toMatchObject({ status: 'accepted', code: { format: 'hospital-card' }, targets: [{ qrCode: 'ZY00012345' }] })
    const [social] = await read('SSC0123456789ABCDEF0123\r')
    expect(social).toMatchObject({ status: 'accepted', code: { format: 'social-security-card' }, targets: [{ qrCode: 'SSC0123456789ABCDEF0123' }] })
  })

  it('an e-voucher is handed on where nothing decodes it', async () => {
    const text = codes.eVoucher()
    const [outcome] = await read(`${text}\r`)
    expect(outcome).toMatchObject({ status: 'accepted', code: { format: 'e-voucher' }, targets: [{ qrCode: text, typeName: expect.stringContaining('医保') }] })
  })

  it('a platform that is not configured is unavailable', async () => {
    const [outcome] = await read(`${codes.ankang()}\r`)
    expect(outcome).toMatchObject({ status: 'unavailable', code: { format: 'ankang' }, error: { code: 'PLATFORM_NOT_CONFIGURED' } })
  })

  it.each([
    ['a static code cut short', `${'A'.repeat(64)}:`],
    ['a static code of 31 characters', `${'A'.repeat(31)}:1`],
    ['a static code of 65 characters', `${'A'.repeat(65)}:1`],
    ['a static code with a third part', `${'A'.repeat(64)}:1:2`],
    ['a dynamic code cut short', codes.dynamicCard().slice(0, 60)],
  ])('%s is unknown', async (_name, text) => {
    const [outcome] = await read(`${text}\r`)
    expect(outcome).toMatchObject({ status: 'unrecognised', code: { format: 'unknown' } })
    expect(fake.calls).toHaveLength(0)
  })

  it('a static code with the document’s own O, S and X is one', async () => {
    const [outcome] = await read('C220AE414CE6EE581037C311AE24518FCFE19C429BECD478C1A13976260FXXXX:1\r')
    expect(outcome).toMatchObject({ status: 'accepted', code: { format: 'health-card-static' } })
  })

  it('the document’s dynamic code is one', async () => {
    const [outcome] = await read('D109C4C340995DFC13262A55699FBDAD8S564E8B65796FA1:0:BOE3CC5F50EF5DC663F094C985B58312::35020001001\r')
    expect(outcome).toMatchObject({ status: 'accepted', code: { format: 'health-card-dynamic' } })
  })
})

describe('the cable', () => {
  it('pulled and put back is seen, and the next code is read', async () => {
    const state = async () => (await agent.request('GET', '/api/v1/health')).body.devices.find(({ kind }: any) => kind === 'serial')?.state
    const before = events.events.length
    await pty.write('half a co')
    await pty.unplug()
    await until(async () => (await state()) !== 'open')
    expect(['missing', 'failed', 'opening']).toContain(await state())
    await pty.plug()
    await until(async () => (await state()) === 'open', Boolean, 10_000)
    const states = events.events.slice(before).filter(({ type }) => type === 'device')
    expect(states.length).toBeGreaterThanOrEqual(2)
    const number = person()
    const found = await read(`${number}\r`)
    expect(found.at(-1)).toMatchObject(isPerson(number))
  })
})

it('wrote nothing of anybody into its log', () => {
  for (const { patient, targets } of outcomes()) {
    if (patient?.idNumber) expect(agent.log()).not.toContain(patient.idNumber)
    if (patient?.name) expect(agent.log()).not.toContain(patient.name)
    for (const { qrCode } of targets ?? []) if (qrCode) expect(agent.log()).not.toContain(qrCode)
  }
  expect(agent.log()).not.toContain('诸葛')
})
