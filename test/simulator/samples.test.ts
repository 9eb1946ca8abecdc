import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isIdentityNumber as terminalTakes } from '../../src/transcode/codes/identity-number.ts'
import { isIdentityNumber, PEOPLE } from '../../src/simulator/people.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { CODE_FORMATS, STATUSES } from '../../src/transcode/outcome.ts'
import { createHttpClient } from '../../src/transcode/platforms/http.ts'
import { PLATFORMS } from '../../src/transcode/platforms/index.ts'
import type { Platform, PlatformDefinition, PlatformTools } from '../../src/transcode/platforms/platform.ts'
import { createRecogniser } from '../../src/transcode/recognise.ts'
import { createTranscode, type Transcode } from '../../src/transcode/transcode.ts'
import { newRequestId } from '../support/simulated-calls.ts'

const DEFINITIONS = PLATFORMS as unknown as readonly PlatformDefinition<unknown>[]

const simulator = createSimulator()
const http = createHttpClient()
let origin = ''
let transcode: Transcode

beforeAll(async () => {
  origin = await simulator.listen()
  const settings = simulator.settings()
  const site = settings as unknown as PlatformTools['site']
  const platforms = DEFINITIONS.map((definition): Platform => {
    const section = settings.platforms[definition.settingsKey as keyof typeof settings.platforms]
    const parsed = definition.settings.parse({ ...section, requestTimeoutMs: 2500 })
    return definition.create(parsed, { http, now: Date.now, newId: newRequestId, site, log: () => {} })
  })
  const recognise = createRecogniser({ ...settings.recognition, yuejiantongEntryUrl: settings.platforms.yuejiantong.entryUrl })
  transcode = createTranscode({ recognise, definitions: DEFINITIONS, platforms })
})
afterAll(async () => {
  await simulator.close()
  await http.close()
})

const ids = createSimulator().samples().map(({ id, format, ending }) => ({ id, format, ending }))
describe('the samples', () => {
  it('show every format and every ending', () => {
    expect(new Set(ids.map(({ format }) => format))).toEqual(new Set(Object.keys(CODE_FORMATS)))
    expect(new Set(ids.map(({ ending }) => ending))).toEqual(new Set(Object.keys(STATUSES)))
  })

  it.each(ids)('$id is $format and ends $ending', async ({ id, format, ending }) => {
    const text = simulator.samples().find((one) => one.id === id)?.text() ?? ''
    const ended = await transcode.scan(text)
    expect(ended.format).toBe(format)
    expect({ status: ended.status, error: ended.error?.code }).toMatchObject({ status: ending })
  })

  it('that are dynamic are fresh at each call', () => {
    for (const id of ['ankang-green', 'card-dynamic', 'yuejiantong']) {
      const sample = simulator.samples().find((one) => one.id === id)
      expect(sample?.text()).not.toBe(sample?.text())
    }
  })

  it('belong to people who do not exist, with check digits that hold', () => {
    for (const { idType, idNumber, gender } of PEOPLE) {
      if (idType !== '01') continue
      expect([isIdentityNumber(idNumber), terminalTakes(idNumber)]).toEqual([true, true])
      expect(idNumber.startsWith('349901')).toBe(true)
      expect(Number(idNumber[16]) % 2 === 1).toBe(gender === '男')
    }
  })
})

describe('the settings', () => {
  it('point here, and every platform takes its section', () => {
    const { platforms } = simulator.settings()
    for (const { settingsKey, settings } of DEFINITIONS) {
      const section = platforms[settingsKey as keyof typeof platforms]
      expect(settings.safeParse(section).error?.issues ?? []).toEqual([])
    }
    expect(JSON.stringify(platforms).split(origin).length).toBeGreaterThan(8)
  })

  it('are not to be had before it listens', () => {
    expect(() => createSimulator().settings()).toThrow()
  })
})
