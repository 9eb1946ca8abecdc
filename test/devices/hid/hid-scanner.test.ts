import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import iconv from 'iconv-lite'
import { afterEach, describe, expect, it } from 'vitest'
import { hidIds } from '../../../src/devices/device-ids.ts'
import { hidFault, systemHid, usbPortOf } from '../../../src/devices/hid/hid-device.ts'
import { createHidScanner, type HidScannerOptions } from '../../../src/devices/hid/hid-scanner.ts'
import { DeviceError, type Scanner } from '../../../src/devices/scanner.ts'
import { listen } from '../../support/heard.ts'
import { createPlayedHid, POS_DESCRIPTOR, posReports } from '../../support/hid-pos.ts'

const ZEBRA = { vendorId: 0x05e0, productId: 0x1300, usagePage: 0x8c, usage: 2 }
const scanners: Scanner[] = []
afterEach(async () => {
  for (const scanner of scanners.splice(0)) await scanner.close()
})

function setUp(options: Partial<HidScannerOptions> = {}) {
  const hid = createPlayedHid()
  const scanner = createHidScanner({ vendorId: 0x05e0, productId: 0x1300, hid, retryFirstMs: 10, retryMaxMs: 20, ...options })
  scanners.push(scanner)
  return { hid, scanner, heard: listen(scanner) }
}

describe('HID scanner', () => {
  it('reads codes over several reports, with the identifier, in either encoding', async () => {
    const { hid, scanner, heard } = setUp()
    hid.plug({ path: '/dev/hidraw0', ...ZEBRA }, POS_DESCRIPTOR)
    await heard.until(() => heard.state() === 'open')
    hid.send('/dev/hidraw0', posReports(`https://a.example/?id=${'x'.repeat(150)}`))
    hid.send('/dev/hidraw0', posReports('张三'))
    hid.send('/dev/hidraw0', posReports(iconv.encode('鲁班', 'gbk')))
    hid.send('/dev/hidraw0', posReports(']C0CODE\r', '\0\0\0'))
    hid.send('/dev/hidraw0', posReports('\\000026C:\\\\X', ']Q2'))
    expect(heard.texts).toEqual([`https://a.example/?id=${'x'.repeat(150)}`, '张三', '鲁班', 'CODE', 'C:\\X'])
    expect(heard.aims).toEqual([']Q1', ']Q1', ']Q1', ']C0', ']Q2'])
    expect(scanner.source).toEqual({ device: 'hid:05e0:1300', kind: 'hid' })
    expect(scanner.model).toContain('Zebra')
  })

  it('reads by the usual layout where the system gives no descriptor', async () => {
    const { hid, heard } = setUp()
    hid.plug({ path: '\\\\?\\hid#1', ...ZEBRA })
    await heard.until(() => heard.state() === 'open')
    hid.send('\\\\?\\hid#1', posReports('CODE'))
    expect(heard.texts).toEqual(['CODE'])
  })

  it('is missing, comes, is pulled in the middle of a code, and comes back under another number', async () => {
    const { hid, heard } = setUp()
    await heard.until(() => heard.state() === 'missing')
    hid.plug({ path: '/dev/hidraw0', ...ZEBRA }, POS_DESCRIPTOR)
    await heard.until(() => heard.state() === 'open')
    hid.send('/dev/hidraw0', posReports('x'.repeat(100)).slice(0, 1))
    hid.unplug('/dev/hidraw0')
    await heard.until(() => heard.state() === 'missing')
    expect(hid.isOpen('/dev/hidraw0')).toBe(false)
    hid.plug({ path: '/dev/hidraw5', ...ZEBRA }, POS_DESCRIPTOR)
    await heard.until(() => heard.state() === 'open')
    hid.send('/dev/hidraw5', posReports('CODE'))
    expect(heard.texts).toEqual(['CODE'])
  })

  it('joins reports over a pause, and tells a half whose rest never came', async () => {
    const { hid, heard } = setUp()
    hid.plug({ path: '/dev/hidraw0', ...ZEBRA }, POS_DESCRIPTOR)
    await heard.until(() => heard.state() === 'open')
    const code = `https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=${'A1b2'.repeat(8)}&cityNo=340000000000`
    const [first, ...rest] = posReports(code)
    hid.send('/dev/hidraw0', [first!])
    await heard.until(() => heard.states.at(-1)?.fault?.code === 'DEVICE_CUT')
    hid.send('/dev/hidraw0', posReports(code))
    hid.send('/dev/hidraw0', [first!])
    await sleep(450)
    hid.send('/dev/hidraw0', rest)
    expect(heard.texts).toEqual([code, code])
  })

  it('names a scanner in keyboard mode, and one in a mode of its maker', async () => {
    const { hid, heard } = setUp({ productId: undefined })
    hid.plug({ path: '/dev/hidraw0', vendorId: 0x05e0, productId: 0x1200, usagePage: 1, usage: 6 })
    await heard.until(() => heard.states.at(-1)?.fault?.code === 'DEVICE_KEYBOARD_MODE')
    expect(heard.states.at(-1)?.fault?.advice).toContain('设置单')
    hid.unplug('/dev/hidraw0')
    hid.plug({ path: '/dev/hidraw1', vendorId: 0x05e0, productId: 0x1900, usagePage: 0xff45, usage: 1 })
    await heard.until(() => heard.states.at(-1)?.fault?.code === 'DEVICE_WRONG_MODE')
    hid.unplug('/dev/hidraw1')
    hid.plug({ path: '/dev/hidraw2', ...ZEBRA })
    await heard.until(() => heard.state() === 'open')
  })

  it.each([
    ['DEVICE_PERMISSION', 'failed'],
    ['DEVICE_BUSY', 'busy'],
    ['DEVICE_DRIVER', 'failed'],
  ] as const)('shows %s as %s and opens when it is over', async (code, state) => {
    const { hid, heard } = setUp()
    hid.refuse('/dev/hidraw0', new DeviceError(code))
    hid.plug({ path: '/dev/hidraw0', ...ZEBRA })
    await heard.until(() => heard.states.at(-1)?.fault?.code === code)
    expect(heard.state()).toBe(state)
    hid.refuse('/dev/hidraw0', undefined)
    await heard.until(() => heard.state() === 'open')
  })

  it('says so when reports lie, and when the data is no text', async () => {
    const { hid, heard } = setUp()
    hid.plug({ path: '/dev/hidraw0', ...ZEBRA }, POS_DESCRIPTOR)
    await heard.until(() => heard.state() === 'open')
    const [lying] = posReports('x')
    lying![1] = 255
    hid.send('/dev/hidraw0', [lying!])
    expect(heard.states.at(-1)).toMatchObject({ state: 'open', fault: { code: 'DEVICE_GARBLED' } })
    hid.send('/dev/hidraw0', posReports('GOOD'))
    expect(heard.states.at(-1)).toMatchObject({ state: 'open', fault: undefined })
    hid.send('/dev/hidraw0', posReports(Uint8Array.of(0x41, 0x81, 0x20)))
    hid.send('/dev/hidraw0', posReports('x'.repeat(20_000)))
    expect(heard.states.at(-1)?.fault?.code).toBe('DEVICE_OVERFLOW')
    expect(heard.texts).toEqual(['GOOD'])
  })

  it('tells a Honeywell to send HID POS instead of keys', async () => {
    const { hid, heard } = setUp({ vendorId: 0x0c2e, productId: 0x0b8f })
    hid.plug({ path: '/dev/hidraw0', vendorId: 0x0c2e, productId: 0x0b8f, usagePage: 0x8c, usage: 2 }, POS_DESCRIPTOR)
    await heard.until(() => heard.state() === 'open')
    expect(hid.features).toEqual([{ path: '/dev/hidraw0', bytes: 'fe01' }])
  })

  it('opens also where its descriptor could not be read the first time', async () => {
    const hid = createPlayedHid()
    let asked = 0
    const descriptor = async (path: string) => {
      if (++asked === 1) throw new Error('unplugged just now')
      return hid.descriptor(path)
    }
    const { heard } = setUp({ hid: { ...hid, descriptor } })
    hid.plug({ path: '/dev/hidraw0', ...ZEBRA }, POS_DESCRIPTOR)
    await heard.until(() => heard.state() === 'open')
    hid.send('/dev/hidraw0', posReports('CODE'))
    expect(heard.texts).toEqual(['CODE'])
  })

  it('keeps two alike apart by their sockets, each with an id of its own', async () => {
    const one = setUp()
    const address = { vendorId: 0x05e0, productId: 0x1300 }
    const two = createHidScanner({ ...address, hid: one.hid, named: hidIds([address, address])[1]!, retryFirstMs: 10, retryMaxMs: 20 })
    scanners.push(two)
    const heard = listen(two)
    one.hid.plug({ path: '/dev/hidraw5', ...ZEBRA, usbPort: '1-1' })
    one.hid.plug({ path: '/dev/hidraw4', ...ZEBRA, usbPort: '1-2' })
    await Promise.all([one.heard.until(() => one.heard.state() === 'open'), heard.until(() => heard.state() === 'open')])
    one.hid.send('/dev/hidraw5', posReports('FIRST'))
    one.hid.send('/dev/hidraw4', posReports('SECOND'))
    expect({ ids: [one.scanner.source.device, two.source.device], texts: [one.heard.texts, heard.texts] }).toEqual({
      ids: ['hid:05e0:1300', 'hid:05e0:1300#2'],
      texts: [['FIRST'], ['SECOND']],
    })
    one.hid.unplug('/dev/hidraw5')
    await one.heard.until(() => one.heard.states.at(-1)?.fault?.code === 'DEVICE_MISSING')
    expect(heard.state()).toBe('open')
    const byPort = setUp({ usbPort: '1-2' })
    byPort.hid.plug({ path: '/dev/hidraw5', ...ZEBRA, usbPort: '1-1' })
    byPort.hid.plug({ path: '/dev/hidraw4', ...ZEBRA, usbPort: '1-2' })
    await byPort.heard.until(() => byPort.heard.state() === 'open')
    expect(byPort.hid.isOpen('/dev/hidraw4')).toBe(true)
  })

  it('takes the one with the serial number, or the free one of two', async () => {
    const one = setUp()
    one.hid.plug({ path: '/dev/hidraw0', ...ZEBRA, serialNumber: 'A1' })
    one.hid.plug({ path: '/dev/hidraw1', ...ZEBRA, serialNumber: 'B2' })
    await one.heard.until(() => one.heard.state() === 'open')
    const two = createHidScanner({ vendorId: 0x05e0, hid: one.hid, retryFirstMs: 10 })
    scanners.push(two)
    const heard = listen(two)
    await heard.until(() => heard.state() === 'open')
    const named = setUp({ serialNumber: 'B2' })
    named.hid.plug({ path: '/dev/hidraw0', ...ZEBRA, serialNumber: 'A1' })
    named.hid.plug({ path: '/dev/hidraw1', ...ZEBRA, serialNumber: 'B2' })
    await named.heard.until(() => named.heard.state() === 'open')
    expect([named.hid.isOpen('/dev/hidraw0'), named.hid.isOpen('/dev/hidraw1')]).toEqual([false, true])
  })

  it('is lent and taken back', async () => {
    const { hid, scanner, heard } = setUp()
    hid.plug({ path: '/dev/hidraw0', ...ZEBRA })
    await heard.until(() => heard.state() === 'open')
    const giveBack = await scanner.lend!()
    expect(hid.isOpen('/dev/hidraw0')).toBe(false)
    expect(heard.state()).toBe('lent')
    giveBack()
    await heard.until(() => heard.state() === 'open')
  })
})

describe('HID of this computer', () => {
  it('knows the socket of a device, on Linux and on Windows', async () => {
    const root = mkdtempSync(join(tmpdir(), 'maqiao-hid-'))
    const device = join(root, 'devices/usb1/1-1/1-1.2/1-1.2:1.0/0003:05E0:1300.0001')
    mkdirSync(device, { recursive: true })
    mkdirSync(join(root, 'hidraw/hidraw0'), { recursive: true })
    symlinkSync(device, join(root, 'hidraw/hidraw0/device'))
    expect(await usbPortOf('/dev/hidraw0', join(root, 'hidraw'))).toBe('1-1.2')
    expect(await usbPortOf('/dev/hidraw9', join(root, 'hidraw'))).toBeUndefined()
    expect(await usbPortOf('\\\\?\\hid#vid_05e0&pid_1300#7&1a2b3c&0&0000#{4d1e55b2-f16f-11cf-88cb-001111000030}')).toBe('7&1a2b3c&0&0000')
    rmSync(root, { recursive: true })
  })

  it('lists devices, or says that the driver is missing', async () => {
    const answer = await systemHid.list().then(
      (list) => (Array.isArray(list) ? 'list' : 'no list'),
      (error: DeviceError) => error.code,
    )
    expect(['list', 'DEVICE_DRIVER']).toContain(answer)
  })

  it.each([
    ['libusb-1.0.so.0: cannot open shared object file', 'DEVICE_DRIVER'],
    ['cannot open device with path /dev/hidraw0: Permission denied', 'DEVICE_PERMISSION'],
    ['hid_open_path: (0xE00002C5) (iokit/common) exclusive access and device already open', 'DEVICE_BUSY'],
    ['Access is denied', 'DEVICE_BUSY'],
    ['No such file or directory', 'DEVICE_MISSING'],
    ['could not do it', 'DEVICE_FAILED'],
  ])('%s -> %s', (words, code) => {
    expect(hidFault(new Error(words)).code).toBe(code)
  })
})
