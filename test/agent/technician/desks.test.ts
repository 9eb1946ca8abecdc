/** What the technician's desks are made of: marks for secrets, masks, times, places, plugs. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DeviceError } from '../../../src/devices/scanner.ts'
import { TEST_SHEET_TEXT } from '../../../src/devices/scanner-doctor.ts'
import type { RawChunk } from '../../../src/devices/hub.ts'
import { parseSettings } from '../../../src/agent/settings-file.ts'
import { settingsJsonSchema } from '../../../src/agent/settings.ts'
import { hexOf, namedText } from '../../../src/agent/technician/byte-words.ts'
import { keyPlaces } from '../../../src/agent/technician/key-places.ts'
import { fieldsOf, maskPayload } from '../../../src/agent/technician/masked-payload.ts'
import { pluggedIn } from '../../../src/agent/technician/plugged-in.ts'
import { createExaminations } from '../../../src/agent/technician/scanner-examinations.ts'
import {
  changesBetween,
  withoutSecrets,
  withSecrets,
  type SchemaNode,
} from '../../../src/agent/technician/settings-marks.ts'
import { createStageTimes } from '../../../src/agent/technician/stage-times.ts'

const schema = settingsJsonSchema() as SchemaNode

describe('marks for secrets', () => {
  test('every field of the schema that sounds like a secret is one', () => {
    const open: string[] = []
    const walk = (node: SchemaNode, path: string[]): void => {
      for (const form of [node, ...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]) {
        for (const [key, child] of Object.entries(form.properties ?? {})) {
          const secret = child.secret === true || (child.anyOf ?? []).some((each) => each.secret === true)
          if (
            /(secret|token|passphrase|password|salt|privatekey|(aes|sm4|biz|app)key)$/i.test(key) &&
            !secret &&
            !child.properties
          )
            open.push([...path, key].join('.'))
          walk(child, [...path, key])
        }
        if (form.items) walk(form.items, [...path, '[]'])
      }
    }
    walk(schema, [])
    expect(open).toEqual([])
  })

  test('what the schema does not know is not shown', () => {
    const shown = withoutSecrets(
      {
        terminal: { id: 'W01', pasword: 'typed wrong' },
        platforms: { ankang: { headers: { 'x-key': 'abc' } }, nobody: { deep: ['x'] } },
      },
      schema,
    )
    expect(shown).toEqual({
      terminal: { id: 'W01', pasword: { set: true } },
      platforms: { ankang: { headers: { 'x-key': { set: true } } }, nobody: { deep: [{ set: true }] } },
    })
  })

  test('a mark takes what stands at its place, by name in a list; one without anything is told', () => {
    const before = {
      api: {
        token: 'T',
        clients: [
          { name: 'a', token: 'A' },
          { name: 'b', token: 'B' },
        ],
      },
    }
    const faults: { path: string; reason: string }[] = []
    const given = {
      api: {
        token: { set: true },
        clients: [
          { name: 'b', token: { set: true } },
          { name: 'c', token: { set: true } },
        ],
      },
    }
    expect(withSecrets(given, before, faults)).toEqual({
      api: {
        token: 'T',
        clients: [
          { name: 'b', token: 'B' },
          { name: 'c', token: undefined },
        ],
      },
    })
    expect(faults.map(({ path }) => path)).toEqual(['api.clients.1.token'])
    expect(withSecrets({ x: { set: true, from: 'env:X' } }, {}, faults)).toEqual({ x: 'env:X' })
  })

  test('changes are told leaf by leaf', () => {
    const changes = changesBetween(
      { terminal: { id: 'A' }, devices: { serial: [] } },
      { terminal: { id: 'B' }, devices: { serial: [{ path: 'COM3' }] } },
      schema,
    )
    expect(changes).toEqual([
      { path: 'devices.serial', before: [], after: null, secret: false },
      { path: 'devices.serial.0.path', before: null, after: 'COM3', secret: false },
      { path: 'terminal.id', before: 'A', after: 'B', secret: false },
    ])
  })
})

test('a payload is masked unless a member is known to be harmless', () => {
  const payload = {
    name: '林安和',
    idcardNo: '349901198810221029',
    mystery: 'anything at all',
    scene: '010101',
    nested: [{ phone: 13800000000, count: 3 }],
    ok: true,
    none: null,
  }
  expect(maskPayload(payload)).toEqual({
    name: '林*和',
    idcardNo: '349***********1029',
    mystery: 'any******** all',
    scene: '010101',
    nested: [{ phone: '138****0000', count: 3 }],
    ok: true,
    none: null,
  })
  expect(fieldsOf(payload, false).every(({ masked }) => !masked)).toBe(true)
  expect(
    fieldsOf(payload, true)
      .filter(({ masked }) => masked)
      .map(({ path }) => path),
  ).toEqual(['name', 'idcardNo', 'mystery', 'nested.0.phone'])
})

test('no member’s name makes a value harmless, and no form of a number does', () => {
  const ID = '349901198810221029'
  const personal = {
    time: '林安和', state: ID, status: { status: ID }, flag: '林安和', count: '13800000105', hospitalName: '林安和', department: '林安和', certtype: ID, total: 19881022, page: '19881022',
    birthday: 19881022, birth: '1988-10-22', patid: 1234567, tel: 62345678, landline: '62345678', cardNo: 12345678, idCard: '12345678', address: '安徽省合肥市示例路1号', addr2: '合肥市路1号3栋', city: '林安和',
    ecToken: 'abcdefghijklmnop', code: 'Li', nested: [{ name: '林安和' }, ID], [ID]: { x: 1 }, [`of ${ID}`]: 2,
  }
  const text = JSON.stringify(maskPayload(personal))
  for (const value of ['林安和', ID, '19881022', '1988-10-22', '1234567', '62345678', '12345678', '1号', '3栋', '13800000105', 'abcdefghijklmnop', 'Li']) expect([value, text.includes(value)]).toEqual([value, false])
  for (const { path, value } of fieldsOf(personal, true)) expect(`${path} ${value}`).not.toContain(ID)
  const harmless = {
    anything: '010101', scene: '01002', sex: '女', nation: '汉族', idType: '居民身份证', targetType: '3401003', cityNo: '340100000000', code: 0, count: 999, flag: '200', ratio: 0.87, score: '0.87', message: 'success', empty: '', none: null, yes: true,
  }
  expect(maskPayload(harmless)).toEqual(harmless)
})

test('bytes are named as a technician reads them', () => {
  const bytes = Uint8Array.of(2, 0x41, 0xe7, 0xa0, 0x81, 0x1d, 0x7f, 0xff, 0x0d, 0x0a)
  expect(hexOf(bytes)).toBe('02 41 e7 a0 81 1d 7f ff 0d 0a')
  expect(namedText(bytes)).toBe('␂A码␝␡�␍␊')
})

describe('times of stages', () => {
  test('are those of the last 500 scans', () => {
    let clock = 0
    const times = createStageTimes(() => clock)
    const scan = (platformMs: number) => {
      times.onBytes('d')
      clock += 10
      times.onBytes('d')
      clock += 50
      const stages = times.begin('d')
      clock += 1
      stages.lap('recognise')
      clock += platformMs
      stages.lap('platform')
      stages.end()
      clock += 5000
    }
    for (let count = 0; count < 100; count++) scan(9000)
    for (let count = 0; count < 500; count++) scan(count < 495 ? 30 : 400)
    const { scans, stages } = times.histograms()
    const of = (stage: string) => stages.find((each) => each.stage === stage)!
    expect(scans).toBe(500)
    expect(of('platform')).toMatchObject({ count: 500, p50Ms: 30, p90Ms: 30, p99Ms: 400, maxMs: 400 })
    expect(of('platform').buckets.filter(({ count }) => count > 0)).toEqual([
      { fromMs: 20, toMs: 50, count: 495 },
      { fromMs: 200, toMs: 500, count: 5 },
    ])
    expect(of('read')).toMatchObject({ p50Ms: 10, maxMs: 10 })
    expect(of('frame')).toMatchObject({ p50Ms: 50 })
    expect(of('total')).toMatchObject({ p50Ms: 91 })
    expect(of('store')).toMatchObject({ count: 0, p50Ms: null, maxMs: null })
  })

  test('noise of an hour ago is not the beginning of a code', () => {
    let clock = 0
    const times = createStageTimes(() => clock)
    times.onBytes('d')
    clock += 3_600_000
    times.onBytes('d')
    clock += 7
    times.begin('d').end()
    expect(times.histograms().stages.find(({ stage }) => stage === 'total')?.maxMs).toBe(7)
  })
})

describe('where keys are kept', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'maqiao-keys-'))
  const settingsFile = join(dataDir, 'settings.json')
  const placesOf = (secrets: { path: string; value: string }[]) =>
    keyPlaces({ dataDir, settingsFile, secrets, tokenInSettings: false })

  test('files by who can read them, key stores, environment, systemd', async () => {
    writeFileSync(settingsFile, '{}', { mode: 0o600 })
    writeFileSync(join(dataDir, 'open.txt'), 'x', { mode: 0o644 })
    writeFileSync(join(dataDir, 'outbox.key'), 'x', { mode: 0o600 })
    mkdirSync(join(dataDir, 'secrets'))
    writeFileSync(join(dataDir, 'secrets', 'STORED'), 'x')
    const { secrets, outbox, apiToken } = await placesOf([
      { path: 'a', value: 'plain' },
      { path: 'b', value: 'env:LOOSE' },
      { path: 'c', value: 'env:STORED' },
      { path: 'd', value: 'file:open.txt' },
      { path: 'e', value: 'file:gone.txt' },
    ])
    expect(secrets.map(({ path, where, sound }) => [path, where, sound])).toEqual([
      ['a', 'settings', true],
      ['b', 'env', true],
      ['c', 'key-store', true],
      ['d', 'file', false],
      ['e', 'file', false],
    ])
    expect([outbox.where, outbox.sound, apiToken.sound]).toEqual(['file', true, false])
    writeFileSync(join(dataDir, 'maqiao-outbox-key'), 'ab'.repeat(32))
    process.env['CREDENTIALS_DIRECTORY'] = dataDir
    expect((await placesOf([])).outbox).toMatchObject({ where: 'systemd', sound: true })
    delete process.env['CREDENTIALS_DIRECTORY']
  })
})

describe('what is plugged in', () => {
  const { devices } = parseSettings({
    terminal: { id: 'W' },
    devices: { serial: [{ path: '/dev/ttyS0' }, { match: { vendorId: '0C2E' } }] },
  })

  test('with the model that the ids tell and who uses it', async () => {
    const found = await pluggedIn(devices, {
      ports: async () => [{ path: '/dev/ttyS0' }, { path: '/dev/ttyACM0', vendorId: '0c2e', productId: '0b61' }],
      hid: {
        list: async () => [
          { path: 'x', vendorId: 0x05e0, productId: 0x1300, usagePage: 0x8c, product: 'Scanner' },
          { path: 'y', vendorId: 1, productId: 2, usagePage: 1 },
        ],
      },
    })
    expect(found.serial).toEqual([
      { path: '/dev/ttyS0', knownModel: null, mode: null, usedBy: 'serial:/dev/ttyS0' },
      {
        path: '/dev/ttyACM0',
        vendorId: '0c2e',
        productId: '0b61',
        knownModel: 'Honeywell Vuquest 3310g',
        mode: null,
        usedBy: 'serial:0c2e',
      },
    ])
    expect(found.hid).toEqual([
      {
        vendorId: '05e0',
        productId: '1300',
        product: 'Scanner',
        scanner: true,
        knownModel: 'Zebra/Symbol',
        mode: null,
      },
      { vendorId: '0001', productId: '0002', scanner: false, knownModel: null, mode: null },
    ])
  })

  test('and a fault in words where the system does not tell', async () => {
    const found = await pluggedIn(devices, {
      ports: async () => [],
      hid: { list: async () => Promise.reject(new DeviceError('DEVICE_DRIVER', 'libusb')) },
    })
    expect(found).toMatchObject({
      serial: [],
      serialFault: null,
      hid: [],
      hidFault: { code: 'DEVICE_DRIVER', advice: expect.any(String) },
    })
  })
})

describe('an examination', () => {
  function played(kind: 'hid' | 'serial') {
    const listeners = new Set<(chunk: RawChunk) => void>()
    const onBytes = (listener: (chunk: RawChunk) => void) => (
      listeners.add(listener),
      () => void listeners.delete(listener)
    )
    const examinations = createExaminations({ onBytes }, { silenceMs: 20, patienceMs: 60 })
    const status = { id: 'd', kind, state: 'open', since: '' } as const
    return {
      examinations,
      status,
      listeners,
      send: (bytes: Uint8Array) => listeners.forEach((listener) => listener({ device: 'd', bytes, at: 0 })),
    }
  }
  const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

  test('unpacks the reports of a HID scanner', async () => {
    const { examinations, status, send } = played('hid')
    examinations.start(status)
    const report = Buffer.alloc(64)
    const text = Buffer.from(TEST_SHEET_TEXT)
    for (let from = 0; from < text.length; from += 56) {
      const part = text.subarray(from, from + 56)
      report.fill(0)
      report.set([2, part.length, ...Buffer.from(']Q1')])
      report.set(part, 5)
      report[63] = from + 56 < text.length ? 1 : 0
      send(report)
    }
    await wait(80)
    expect(examinations.of('d')).toMatchObject({ state: 'done', report: { mode: 'hid', intact: true, aim: ']Q1' } })
  })

  test('ends by itself where nobody scans, and leaves nothing listening', async () => {
    const { examinations, status, listeners } = played('serial')
    expect(examinations.start(status).state).toBe('waiting')
    await wait(120)
    expect(examinations.of('d')).toMatchObject({ state: 'off', report: null })
    expect(listeners.size).toBe(0)
  })

  test('refuses a device that is not open', () => {
    const { examinations, status } = played('serial')
    expect(() => examinations.start({ ...status, state: 'missing' })).toThrow(
      expect.objectContaining({ code: 'DEVICE_MISSING' }),
    )
  })
})
