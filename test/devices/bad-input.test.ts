/** What no scanner should send, and some do: each is explained, none stalls or grows, and the next code is read. */
import iconv from 'iconv-lite'
import { expect, it } from 'vitest'
import { createHub } from '../../src/devices/hub.ts'
import type { Scan } from '../../src/devices/scan.ts'
import type { DeviceStatus } from '../../src/devices/scanner.ts'
import { createHidScanner } from '../../src/devices/hid/hid-scanner.ts'
import { createVirtualScanner } from '../../src/devices/serial/virtual-scanner.ts'
import { createWedge } from '../../src/devices/keyboard/wedge.ts'
import type { WedgeFault } from '../../src/devices/keyboard/reading.ts'
import { createPlayedHid, POS_DESCRIPTOR, posReports } from '../support/hid-pos.ts'
import { scannerKeys } from './keyboard/play.ts'

const GOOD = '4240000000000000000000000001'

async function setUp() {
  const one = createVirtualScanner({ id: 'serial:one' })
  const two = createVirtualScanner({ id: 'serial:two' })
  const hid = createPlayedHid()
  hid.plug({ path: '/dev/hidraw0', vendorId: 0x05e0, productId: 0x1300, usagePage: 0x8c, usage: 2 }, POS_DESCRIPTOR)
  const hub = createHub({ scanners: [one, two, createHidScanner({ vendorId: 0x05e0, hid })] })
  const scans: Scan[] = []
  const statuses: DeviceStatus[] = []
  hub.onScan((scan) => scans.push(scan))
  hub.onStatus((status) => statuses.push(status))
  hub.start()
  await expect.poll(() => hub.status()[2]?.state).toBe('open')
  const texts = () => scans.map(({ text }) => text)
  const explained = (id: string) => statuses.filter((status) => status.id === id).flatMap(({ fault }) => (fault ? [fault] : []))
  return { one, two, hid, hub, texts, explained, statuses }
}

it('a HID report that lies about its length: explained, the next code read', async () => {
  const { hid, hub, texts, explained } = await setUp()
  for (const length of [0, 57, 200, 255]) {
    const [lying] = posReports('x'.repeat(40))
    lying![1] = length
    hid.send('/dev/hidraw0', [lying!])
  }
  hid.send('/dev/hidraw0', [new Uint8Array(0), Uint8Array.of(2), Uint8Array.of(2, 5)])
  expect(explained('hid:05e0')[0]).toMatchObject({ code: 'DEVICE_GARBLED', advice: expect.stringContaining('重新扫码') })
  hid.send('/dev/hidraw0', posReports(GOOD))
  expect(texts()).toEqual([GOOD])
  await hub.stop()
})

it('a code of 7000 bytes: refused with its reason by a serial or keyboard scanner, whole through HID, the next code read', async () => {
  const { one, hid, hub, texts, explained } = await setUp()
  const long = '7'.repeat(7000)
  one.feed(long)
  expect(explained('serial:one')).toMatchObject([{ code: 'DEVICE_OVERFLOW', message: expect.stringContaining('超过上限'), advice: expect.stringContaining('重新扫码') }])
  one.feed(GOOD)
  hid.send('/dev/hidraw0', posReports(long))
  expect(texts()).toEqual([GOOD, long])
  await hub.stop()

  const faults: WedgeFault[] = []
  const typed: string[] = []
  const wedge = createWedge({ onReading: ({ text }) => typed.push(text), onUnreadable: (fault) => faults.push(fault) })
  for (const stroke of [...scannerKeys('0123456789'.repeat(700), { msPerKey: 2 }), ...scannerKeys(GOOD, { msPerKey: 2 }, 100_000)]) wedge.press(stroke)
  expect(faults).toMatchObject([{ code: 'WEDGE_OVERFLOW', advice: expect.stringContaining('重新扫码') }])
  expect(typed).toEqual([GOOD])
})

it('control characters alone: explained; among a code: taken out', async () => {
  const { one, hub, texts, explained } = await setUp()
  one.feed(Buffer.from('\u0001\u0002\u0005\u0006\u0007\u0008\u0010\u0011\u0012\u0005\u0006\u0007\r', 'latin1'))
  expect(texts()).toEqual([])
  expect(explained('serial:one')[0]?.code).toBe('DEVICE_GARBLED')
  one.feed(Buffer.from(`\u0000${GOOD}\u0000\u0007\r`, 'latin1'))
  expect(texts()).toEqual([GOOD])
  await hub.stop()
})

it('mixed encodings, from code to code and within one: each code by its own; half a character explained', async () => {
  const { one, hub, texts, explained } = await setUp()
  one.feed(Buffer.concat([Buffer.from('姓名:李小国\r'), iconv.encode('科室:内科\r', 'gbk'), Buffer.from('姓名:王芳\r')]))
  expect(texts()).toEqual(['姓名:李小国', '科室:内科', '姓名:王芳'])
  one.feed(Buffer.concat([Buffer.from('李'), Uint8Array.of(0xff, 0xfe), iconv.encode('国', 'gbk'), Buffer.from('\r')]))
  expect(explained('serial:one')[0]?.code).toBe('DEVICE_GARBLED')
  expect(texts()).toHaveLength(3)
  await hub.stop()
})

it('two scanners at once, byte by byte between each other: both codes whole', async () => {
  const { one, two, hub, texts } = await setUp()
  for (let at = 0; at < GOOD.length; at++) {
    one.feed(Buffer.from(GOOD[at]!))
    two.feed(Buffer.from('0123456789ABCDEFGHIJKLMNOPQR'[at]!))
  }
  one.feed(Buffer.from('\r'))
  two.feed(Buffer.from('\r'))
  expect(texts()).toEqual([GOOD, '0123456789ABCDEFGHIJKLMNOPQR'])
  await hub.stop()
})

it('the same code on two scanners, and through HID as well: one scan', async () => {
  const { one, two, hid, hub, texts } = await setUp()
  one.feed(GOOD)
  two.feed(Buffer.from(`]Q1${GOOD}\r\n`))
  hid.send('/dev/hidraw0', posReports(GOOD))
  expect(texts()).toEqual([GOOD])
  await hub.stop()
})

it('a scanner that floods: the other is heard in between, and nothing is kept', async () => {
  const { one, two, hub, texts, statuses } = await setUp()
  const before = statuses.length
  for (let part = 0; part < 20; part++) {
    one.feed(Buffer.from(Array.from({ length: 500 }, (_, index) => `F${part}-${index}\r`).join('')))
    two.feed(`TWO${part}`)
  }
  expect(texts().filter((text) => text.startsWith('TWO'))).toHaveLength(20)
  expect(texts()).toHaveLength(10_020)
  // The same code without end is one scan, and noise one explanation.
  one.feed(Buffer.from('AGAIN\r'.repeat(5000)))
  expect(texts().filter((text) => text === 'AGAIN')).toHaveLength(1)
  one.feed(Buffer.alloc(1_000_000, 0xff))
  expect(statuses.length - before).toBeLessThan(5)
  await hub.stop()
})
