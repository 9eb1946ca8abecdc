import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { personOf, type PersonKey } from '../../src/simulator/people.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { createHttpClient } from '../../src/transcode/platforms/http.ts'
import { PLATFORMS } from '../../src/transcode/platforms/index.ts'
import type { Platform, PlatformDefinition, PlatformTools } from '../../src/transcode/platforms/platform.ts'
import { newRequestId } from '../support/simulated-calls.ts'

const simulator = createSimulator()
const http = createHttpClient()

/** The terminal's own side: written from the same documents by another hand. */
function terminal(settingsKey: string): Platform {
  const definitions = PLATFORMS as unknown as readonly PlatformDefinition<unknown>[]
  const definition = definitions.find((one) => one.settingsKey === settingsKey) as PlatformDefinition<unknown>
  const settings = simulator.settings()
  const section = definition.settings.parse(settings.platforms[settingsKey as keyof typeof settings.platforms])
  const site = settings as unknown as PlatformTools['site']
  return definition.create(section, { http, now: Date.now, newId: newRequestId, site, log: () => {} })
}
const operate = (platform: Platform, operation: string, body: unknown) =>
  platform.operations[operation]?.call(body as never, {}) as Promise<Record<string, unknown>>

beforeAll(async () => {
  await simulator.listen()
})
afterAll(async () => {
  await http.close()
  await simulator.close()
})
beforeEach(() => simulator.control.reset())

it('on the 北京 entry: its page opens to the URL that the terminal makes', async () => {
  const { name: userName, idNumber: cardNo } = personOf('lin')
  const { url } = await operate(terminal('beijing'), 'entryUrl', { userName, cardType: '01', cardNo })
  expect((await fetch(String(url))).status).toBe(200)
  expect((await fetch(String(url).replace('cardType=01', 'cardType=02'))).status).not.toBe(200)
  expect(simulator.books()['beijing']).toMatchObject({ entries: [{ userName, cardNo }] })
})

it.each([
  ['lin', true],
  ['ma', false],
  ['miao', true],
  ['fang', false],
] as const)('on checkFace of %s: %s', async (key, matched) => {
  const { name, idNumber: certNo } = personOf(key)
  expect(await operate(terminal('beijing'), 'checkFace', { name, certNo })).toMatchObject({ matched })
})

it.each(['lin', 'ma', 'bao', 'chan', 'smith'] as const)('on the 粤健通 code of %s, whichever fields are encrypted', async (key: PersonKey) => {
  const code = simulator.control.exchangeCode(key)
  const { name, idNumber, phone } = personOf(key)
  const answer = await operate(terminal('yuejiantong'), 'exchangeCode', { code })
  expect(answer).toMatchObject({ name, certificateNo: idNumber, phone })
  await expect(operate(terminal('yuejiantong'), 'exchangeCode', { code })).rejects.toMatchObject({ ending: 'rejected', fault: { code: '1' } })
})

it.each(['lin', 'ma'] as const)('on the e-voucher of %s, wherever the fields stand', async (key) => {
  const code = simulator.samples().find(({ id }) => id === (key === 'lin' ? 'e-voucher' : 'e-voucher-flat'))?.text()
  const { name, idNumber } = personOf(key)
  expect(await operate(terminal('eVoucher'), 'query', { code })).toMatchObject({ userName: name, idNo: idNumber, insuOrg: '340100' })
})
