import { expect, it } from 'vitest'
import { DeviceError } from '../../../src/devices/scanner.ts'
import type { openPort } from '../../../src/devices/serial/serial-port.ts'
import { parseSettings } from '../../../src/agent/settings-file.ts'
import type { Check } from '../../../src/agent/technician/check.ts'
import { deviceChecks } from '../../../src/agent/technician/device-checks.ts'
import type { PluggedIn } from '../../../src/agent/technician/plugged-in.ts'

const NOTHING: PluggedIn = { serial: [], serialFault: null, hid: [], hidFault: null }
const known = { knownModel: null, mode: null }

async function checks(devices: object, look: () => Promise<PluggedIn>, open?: typeof openPort): Promise<Check[]> {
  const found: Check[] = []
  for await (const each of deviceChecks(parseSettings({ terminal: { id: 'W' }, devices }).devices, look, open)) found.push(each)
  return found
}
const seeing = (seen: Partial<PluggedIn>) => async () => ({ ...NOTHING, ...seen })

it('says of each scanner whether it is plugged in', async () => {
  const devices = {
    serial: [{ path: '/dev/null' }, { path: '/dev/not-there' }, { match: { vendorId: '0403' } }, { match: { vendorId: '1a86' } }],
    hid: [{ vendorId: 1504, productId: 4864 }, { vendorId: 1504, productId: 4864 }, { vendorId: 3118 }],
  }
  const hid = { vendorId: '05e0', productId: '1300', scanner: true, ...known }
  const seen: Partial<PluggedIn> = {
    serial: [{ path: '/dev/ttyUSB3', vendorId: '0403', productId: '6001', ...known, usedBy: 'serial:0403' }],
    // Two interfaces of one scanner are not two scanners.
    hid: [{ ...hid, usbPort: '1-1' }, { ...hid, usbPort: '1-1' }],
  }
  const found = await checks(devices, seeing(seen))
  expect(found.map(({ ok, detail }) => [ok, detail])).toEqual([
    [true, '/dev/null'],
    [false, '/dev/not-there 不存在'],
    [true, 'serial:0403 → /dev/ttyUSB3'],
    [false, 'serial:1a86 没有插入'],
    [true, 'hid:05e0:1300'],
    [false, 'hid:05e0:1300#2 没有插入'],
    [false, 'hid:0c2e 没有插入'],
  ])
  for (const { ok, advice } of found) expect(advice === undefined).toBe(ok)
})

it('passes on why devices cannot be listed', async () => {
  const fault = { code: 'DEVICE_FAILED', message: '不能列出设备', advice: '请安装驱动。' } as const
  expect(await checks({ hid: [{ vendorId: 1504 }] }, seeing({ hidFault: fault }))).toMatchObject([{ ok: false, detail: '不能列出设备', advice: '请安装驱动。' }])
})

it('looks at no USB where only paths are named', async () => {
  const asked = checks({ serial: [{ path: '/dev/null' }] }, () => Promise.reject(new Error('not to be asked')))
  expect(await asked).toMatchObject([{ ok: true }])
})

it('passes no COM port that is neither listed nor can be opened', async () => {
  const serial = ['COM3', 'com4', '\\\\.\\COM5', 'COM6', 'COM7', 'COM98', 'COM99'].map((path) => ({ path }))
  const tried: string[] = []
  const open: typeof openPort = async (path) => {
    tried.push(path)
    if (path === 'COM6') return { write: async () => {}, setBaudRate: async () => {}, close: async () => {} }
    throw new DeviceError(path === 'COM7' ? 'DEVICE_BUSY' : path === 'COM98' ? 'DEVICE_DRIVER' : 'DEVICE_MISSING')
  }
  const listed = ['COM3', 'COM4', 'COM5'].map((path) => ({ path, ...known, usedBy: null }))
  const found = await checks({ serial }, seeing({ serial: listed }), open)
  expect(found.map(({ ok, detail }) => [ok, detail])).toEqual([
    [true, 'COM3'],
    [true, 'com4'],
    [true, '\\\\.\\COM5'],
    [true, 'COM6'],
    [true, 'COM7'],
    [false, 'COM98 扫码枪驱动没有加载'],
    [false, 'COM99 不存在'],
  ])
  expect(tried).toEqual(['COM6', 'COM7', 'COM98', 'COM99'])
})

it('finds a COM port that does not exist by really opening it', async () => {
  expect(await checks({ serial: [{ path: 'COM99' }] }, seeing({}))).toMatchObject([{ ok: false, detail: 'COM99 不存在' }])
})
