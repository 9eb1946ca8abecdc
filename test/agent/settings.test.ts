import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseSettings, readSettings, SettingsError } from '../../src/agent/settings-file.ts'
import { settingsJsonSchema } from '../../src/agent/settings.ts'
import type { Secret } from '../../src/transcode/secret.ts'

function faultsOf(raw: unknown): string[] {
  try {
    parseSettings(raw)
    return []
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return error.faults.map((fault) => `${fault.path}: ${fault.reason}`)
  }
}

const HOSPITAL = { id: '10086', code: '01', name: '人民医院', cityCode: '340100', cityName: '合肥市', insuranceCode: 'H34010000001' }
const HEALTH_CARD = { baseUrl: 'https://health.example', appId: 'app', appSecret: 'secret' }

describe('settings', () => {
  test('the least: a terminal with an id', () => {
    const settings = parseSettings({ terminal: { id: 'W01' } })
    expect(settings.terminal).toMatchObject({ id: 'W01', mode: 'window', channel: '0100', medicalStep: '010101' })
    expect(settings.api.port).toBe(9700)
    expect(settings.recognition).toMatchObject({ eVoucher: '^424\\d{25}$', repeatWithinMs: 2000 })
  })

  test('a kiosk reports itself as 自助机, six digits of a city become twelve', () => {
    const { terminal } = parseSettings({ terminal: { id: 'K01', mode: 'kiosk', cityNo: '340100' } })
    expect(terminal).toMatchObject({ channel: '0200', cityNo: '340100000000' })
  })

  test('every fault is named at once, with its path', () => {
    const faults = faultsOf({
      terminal: { mode: 'desk', cityNo: '34' },
      hospital: HOSPITAL,
      devices: { serial: [{ path: '/dev/ttyUSB0', baudRate: 'fast' }] },
      platforms: {
        healthCard: { baseUrl: 'ftp://x', appSecret: 's' },
        ankang: { flow: 'other', endpoints: { transcode: 'https://a.example' } },
      },
      api: { port: 70000, token: 'short', allowedOrigins: ['https://his.example/path'] },
      outbox: { maxAttempts: -1 },
      colour: 'blue',
    })
    for (const expected of [
      /^terminal\.id: required$/,
      /^terminal\.mode: must be one of/,
      /^terminal\.cityNo: must be 6 or 12 digits/,
      /^devices\.serial\.0\.baudRate: /,
      /^platforms\.healthCard\.baseUrl: /,
      /^platforms\.healthCard\.appId: required$/,
      /^platforms\.ankang\.flow: /,
      /^api\.port: must be at most/,
      /^api\.token: must have at least 16/,
      /^api\.allowedOrigins\.0: must be an origin/,
      /^outbox\.maxAttempts: must be at least 0/,
      /^colour: unknown key/,
    ]) {
      expect(faults.filter((fault) => expected.test(fault)), String(expected)).toHaveLength(1)
    }
  })

  test('what a platform needs of other sections is required with it', () => {
    expect(faultsOf({ terminal: { id: 'W01' }, platforms: { healthCard: HEALTH_CARD } })).toContain('hospital.id: required')
    expect(faultsOf({ terminal: { id: 'W01' }, hospital: HOSPITAL, platforms: { healthCard: HEALTH_CARD } })).toEqual([])
  })

  test('plain http leaves the machine only where the settings say so', () => {
    const settings = (baseUrl: string, more = {}) => ({ terminal: { id: 'W' }, hospital: HOSPITAL, platforms: { healthCard: { ...HEALTH_CARD, baseUrl, ...more } } })
    expect(faultsOf(settings('http://10.1.2.3'))).toEqual(['platforms.healthCard.baseUrl: must be https, or set allowPlainHttp to true'])
    expect(faultsOf(settings('http://10.1.2.3', { allowPlainHttp: true }))).toEqual([])
    expect(faultsOf(settings('http://127.0.0.1:8080'))).toEqual([])
  })

  test('secrets come from the environment and from files', () => {
    const directory = mkdtempSync(join(tmpdir(), 'maqiao-settings-'))
    writeFileSync(join(directory, 'secret'), 'from a file\n')
    process.env['MAQIAO_TEST_APP'] = 'from the environment'
    const file = join(directory, 'settings.json')
    const healthCard = { ...HEALTH_CARD, appId: 'env:MAQIAO_TEST_APP', appSecret: 'file:secret' }
    writeFileSync(file, JSON.stringify({ terminal: { id: 'W01' }, hospital: HOSPITAL, platforms: { healthCard } }))
    const { appId, appSecret } = readSettings(file).platforms['healthCard'] as { appId: string; appSecret: Secret }
    expect([appId, appSecret.reveal()]).toEqual(['from the environment', 'from a file'])
    const missing = faultsOf({ terminal: { id: 'env:MAQIAO_TEST_NONE' }, api: { token: 'file:/nowhere/at/all' } })
    expect(missing[0]).toMatch(/^terminal\.id: environment variable MAQIAO_TEST_NONE is not set/)
    expect(missing[1]).toMatch(/^api\.token: file cannot be read \(ENOENT\)/)
  })

  test('a file that is no JSON is told by its line, without quoting it', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'maqiao-settings-')), 'settings.json')
    writeFileSync(file, '{\n "api": { "token": "a-very-secret-token",, }\n}')
    expect(() => readSettings(file)).toThrow(/is not JSON at line 2/)
    expect(() => readSettings(file)).not.toThrow(/secret/)
    expect(() => readSettings('/nowhere/settings.json')).toThrow(/cannot be read/)
  })

  test('a setting of a platform or the hospital that is blank was left out', () => {
    const quanzhou = { baseUrl: 'https://q.example', appId: 'ldxt', appSecret: 's', bizKey: 'b', salt: 'x', signType: 'MD5', encType: 'AES', sm4Key: '', privateKey: '', platformPublicKey: '' }
    expect(faultsOf({ terminal: { id: 'W01' }, platforms: { quanzhou } })).toEqual([])
    expect(faultsOf({ terminal: { id: 'W01' }, platforms: { quanzhou: { ...quanzhou, bizKey: '' } } })).toEqual([expect.stringMatching(/^platforms\.quanzhou\.bizKey: required/)])
    expect(faultsOf({ terminal: { id: 'W01', cityNo: '340100' }, platforms: { ankang: { targetTypes: ['3401002'], endpoints: { transcode: '' } } } })).toEqual([
      'platforms.ankang.endpoints.transcode: required',
    ])
    expect(faultsOf({ terminal: { id: 'W01' }, hospital: { insuranceCode: '' } })).toEqual([])
  })

  test('a secret that breaks its own rule is one fault, and hides no other', () => {
    const clients = [{ name: 'a', token: 'short', rights: ['scan'] }, { name: 'his', token: 'long-enough-for-a-client', rights: ['scan'] }]
    const found = faultsOf({ terminal: { id: 'W01' }, api: { clients } })
    expect(found.map((fault) => fault.split(':')[0])).toEqual(['api.clients.0.token', 'api.clients.1.name'])
  })

  test('no fault repeats a value', () => {
    const faults = faultsOf({ terminal: { id: 'W01', cityNo: 'hunter2' }, api: { token: 'hunter2' } }).join('\n')
    expect(faults).not.toContain('hunter2')
  })

  test('says of every member what it is and where its value comes from', () => {
    type Node = { description?: string; properties?: Record<string, Node>; items?: Node }
    const silent: string[] = []
    const walk = (node: Node, path: string): void => {
      const members = Object.entries(node.properties ?? node.items?.properties ?? {})
      for (const [name, member] of members) walk(member, `${path}.${name}`)
      if (members.length === 0 && !node.description) silent.push(path)
    }
    walk(settingsJsonSchema() as Node, '')
    expect(silent).toEqual([])
  })

  test('is published as JSON Schema', () => {
    const schema = settingsJsonSchema() as { properties: Record<string, unknown> }
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['terminal', 'hospital', 'devices', 'platforms', 'recognition', 'api', 'outbox']))
  })
})
