import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, win32 } from 'node:path'
import { describe, expect, test } from 'vitest'
import { placeWithin } from '../../src/agent/secret-file-place.ts'
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

  test.each([
    ['terminal', { medicalStep: '999999' }, /^terminal\.medicalStep: must be a code of 3\.3\.1/],
    ['terminal', { medicalStep: '010107' }, /^terminal\.medicalStep: /],
    ['terminal', { channel: '0500' }, /^terminal\.channel: must be a code of 3\.3\.3/],
    ['hospital', { cityCode: '合肥' }, /^hospital\.cityCode: must be 6 digits/],
    ['reports', { success: ['1', '0'] }, /^reports\.failure: must not repeat/],
    ['outbox', { unproven: 'drop' }, /^outbox\.unproven: must be one of/],
  ])('%s: %j is in no table', (section, value, expected) => {
    const whole: Record<string, object> = { terminal: { id: 'W01' }, hospital: HOSPITAL }
    const faults = faultsOf({ ...whole, [section]: { ...whole[section], ...value } })
    expect(faults).toEqual([expect.stringMatching(expected)])
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
    process.env['MAQIAO_TEST_TOKEN'] = 'from the environment'
    const file = join(directory, 'settings.json')
    const healthCard = { ...HEALTH_CARD, appSecret: 'file:secret' }
    writeFileSync(file, JSON.stringify({ terminal: { id: 'W01' }, hospital: HOSPITAL, platforms: { healthCard }, api: { token: 'env:MAQIAO_TEST_TOKEN' } }))
    const { api, platforms } = readSettings(file)
    const { appSecret } = platforms['healthCard'] as { appSecret: Secret }
    expect([api.token?.reveal(), appSecret.reveal()]).toEqual(['from the environment', 'from a file'])
    const missing = faultsOf({ terminal: { id: 'W01' }, api: { token: 'env:MAQIAO_TEST_NONE', clients: [{ name: 'x', token: 'file:/nowhere/at/all' }] } })
    expect(missing[0]).toMatch(/^api\.token: environment variable MAQIAO_TEST_NONE is not set/)
    expect(missing[1]).toMatch(/^api\.clients\.0\.token: file cannot be read \(ENOENT\)/)
    rmSync(directory, { recursive: true })
  })

  test('what is no secret is read from nowhere: it would be shown on a screen or sent to a platform', () => {
    const directory = mkdtempSync(join(tmpdir(), 'maqiao-settings-'))
    const secret = join(directory, 'session.key')
    writeFileSync(secret, 'the-key-of-the-sessions')
    process.env['MAQIAO_TEST_SECRET'] = 'the-key-of-the-sessions'
    for (const reference of [`file:${secret}`, 'file:session.key', 'env:MAQIAO_TEST_SECRET']) {
      const settings = {
        terminal: { id: reference, department: reference, cityNo: reference, mode: reference },
        hospital: { ...HOSPITAL, name: reference, insuranceCode: reference },
        devices: { serial: [{ path: reference }] },
        platforms: { healthCard: { ...HEALTH_CARD, appId: reference, baseUrl: reference }, eVoucher: { gatewayUrl: 'https://e.example', codeField: 'x', officeName: reference } },
        recognition: { hospitalCard: reference },
        kiosk: { helpPlace: reference },
        api: { allowedOrigins: [reference], allowedHosts: [reference] },
        network: { caFile: reference, pins: { [reference]: [reference] } },
        nonsense: { of: [reference] },
      }
      try {
        parseSettings(settings, directory)
        expect.unreachable()
      } catch (error) {
        const faults = (error as SettingsError).faults
        expect(JSON.stringify(faults)).not.toContain('the-key-of-the-sessions')
        const told = faults.filter(({ reason }) => reason.startsWith('only a secret may be kept in')).map(({ path }) => path)
        for (const path of ['terminal.id', 'terminal.department', 'terminal.cityNo', 'hospital.name', 'hospital.insuranceCode', 'devices.serial.0.path', 'platforms.healthCard.appId', 'platforms.healthCard.baseUrl', 'platforms.eVoucher.officeName', 'recognition.hospitalCard', 'kiosk.helpPlace', 'api.allowedOrigins.0', 'api.allowedHosts.0', 'network.caFile', 'nonsense.of.0']) {
          expect(told).toContain(path)
        }
      }
    }
    rmSync(directory, { recursive: true })
  })

  test('no secret is read out of the data directory, whichever way leads there', () => {
    const directory = mkdtempSync(join(tmpdir(), 'maqiao-settings-'))
    const dataDir = join(directory, 'data')
    mkdirSync(join(dataDir, 'logs'), { recursive: true })
    mkdirSync(join(directory, 'database'))
    for (const file of ['data/session.key', 'data/logs/of-somebody', 'database/secret']) writeFileSync(join(directory, file), 'a-token-of-sixteen-characters')
    symlinkSync(join(dataDir, 'session.key'), join(directory, 'link'))
    symlinkSync(dataDir, join(directory, 'folder'))
    const faultsFor = (reference: string, at = dataDir) => {
      try {
        parseSettings({ terminal: { id: 'W01' }, api: { token: reference } }, directory, { dataDir: at })
        return []
      } catch (error) {
        return (error as SettingsError).faults.map(({ path, reason }) => `${path}: ${reason}`)
      }
    }
    for (const path of ['data/session.key', `${dataDir}/session.key`, './data/../data/session.key', 'database/../data/session.key', 'link', 'folder/session.key', 'folder/logs/of-somebody', 'data/logs/of-somebody']) {
      expect([path, faultsFor(`file:${path}`)]).toEqual([path, [expect.stringMatching(/^api\.token: must not be in the data directory/)]])
      // The data directory may be given by a link as well.
      expect([path, faultsFor(`file:${path}`, join(directory, 'folder'))]).toEqual([path, [expect.stringMatching(/^api\.token: must not be in the data directory/)]])
    }
    // One that only begins like it is another.
    expect(faultsFor('file:database/secret')).toEqual([])
    // Where the settings file lies in the data directory itself, what is not the terminal's may lie beside it.
    for (const name of ['his-token', 'api-token', 'outbox.key', 'session.key', 'state.db', 'audit.jsonl.head', 'technician.json']) writeFileSync(join(directory, name), 'a-token-of-sixteen-characters')
    expect(faultsFor('file:his-token', directory)).toEqual([])
    for (const name of ['api-token', 'outbox.key', 'session.key', 'state.db', 'audit.jsonl.head', 'technician.json', 'data/session.key', 'link']) expect([name, faultsFor(`file:${name}`, directory).length]).toEqual([name, 1])
    rmSync(directory, { recursive: true })
  })

  test.each([
    ['C:\\ProgramData\\maqiao\\session.key', 'session.key'],
    ['c:\\PROGRAMDATA\\Maqiao\\SESSION.KEY', 'session.key'],
    ['C:/ProgramData/maqiao/../maqiao/session.key', 'session.key'],
    ['\\\\?\\C:\\ProgramData\\maqiao\\session.key', 'session.key'],
    ['\\\\.\\C:\\ProgramData\\maqiao\\session.key', 'session.key'],
    ['C:\\ProgramData\\maqiao\\session.key::$DATA', 'session.key'],
    ['C:\\ProgramData\\maqiao-secrets\\his', undefined],
    ['C:\\ProgramData\\his', undefined],
    ['D:\\ProgramData\\maqiao\\session.key', undefined],
    ['\\\\server\\share\\maqiao\\session.key', undefined],
  ])('Windows: %s in C:\\ProgramData\\maqiao is %s', (file, within) => {
    expect(placeWithin('C:\\ProgramData\\maqiao', file, win32, true)).toBe(within)
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
