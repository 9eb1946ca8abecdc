/** Serial and HID scanners: from the last byte to the Scan, a burst, and codes over several reports. */
import { SerialPort } from 'serialport'
import { createHidScanner } from '../../src/devices/hid/hid-scanner.ts'
import { createHub } from '../../src/devices/hub.ts'
import { createSerialScanner } from '../../src/devices/serial/serial-scanner.ts'
import { createPlayedHid, POS_DESCRIPTOR, posReports } from '../support/hid-pos.ts'
import { createPty } from '../support/pty.ts'
import { percentile } from './outbox.ts'

const CODE = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=6F9E2C41D0B84A7A9C53E1F02B7D8A64&cityNo=340100000000'

export type ScannerFigures = {
  /** From the write at the tty to the Scan, and to a bare serialport's bytes; ms at the median. */
  readonly scanMs: number
  readonly bareMs: number
  readonly burst: { readonly codes: number; readonly read: number; readonly ms: number }
  readonly hid: { readonly codes: number; readonly reports: number; readonly read: number; readonly ms: number }
}

export async function benchScanners(rounds = 500): Promise<ScannerFigures> {
  const [pty, other] = [await createPty(), await createPty()]
  const bare = new SerialPort({ path: other.path, baudRate: 9600 })
  await new Promise<void>((resolve, reject) => bare.once('open', () => resolve()).once('error', reject))
  const hub = createHub({ scanners: [createSerialScanner({ path: pty.path })], repeatWithinMs: 0 })
  const opened = new Promise<void>((resolve) => hub.onStatus(({ state }) => state === 'open' && resolve()))
  let onText = (_text: string): void => {}
  hub.onScan(({ text }) => onText(text))
  hub.start()
  await opened

  const scan = (): Promise<number> => {
    const startedAt = performance.now()
    const done = new Promise<number>((resolve) => (onText = () => resolve(performance.now() - startedAt)))
    return pty.write(`${CODE}\r`).then(() => done)
  }
  const read = (): Promise<number> => {
    let size = 0
    const startedAt = performance.now()
    const done = new Promise<number>((resolve) => {
      const take = (data: Buffer): void => {
        size += data.length
        if (size < CODE.length + 1) return
        bare.off('data', take)
        resolve(performance.now() - startedAt)
      }
      bare.on('data', take)
    })
    return other.write(`${CODE}\r`).then(() => done)
  }
  // By turns: what else the machine does meets both alike.
  const scans: number[] = []
  const reads: number[] = []
  for (let round = -50; round < rounds; round++) {
    const [mine, floor] = round % 2 === 0 ? [await scan(), await read()] : [await read(), await scan()].reverse()
    if (round < 0) continue
    scans.push(mine!)
    reads.push(floor!)
  }

  const codes = Array.from({ length: 2000 }, (_, index) => `${CODE}&n=${index}`)
  const texts: string[] = []
  const startedAt = performance.now()
  const all = new Promise<void>((resolve) => (onText = (text) => texts.push(text) === codes.length && resolve()))
  await pty.write(codes.map((code) => `${code}\r`).join(''))
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 20_000))])
  const burst = { codes: codes.length, read: texts.filter((text, index) => text === codes[index]).length, ms: performance.now() - startedAt }

  await hub.stop()
  await new Promise((resolve) => bare.close(resolve))
  await Promise.all([pty.close(), other.close()])
  return { scanMs: percentile(scans, 0.5), bareMs: percentile(reads, 0.5), burst, hid: await benchHid() }
}

/** 1000 codes of 300 characters, six reports each, the reports handed over one after the other. */
async function benchHid(count = 1000): Promise<ScannerFigures['hid']> {
  const hid = createPlayedHid()
  hid.plug({ path: '/dev/hidraw0', vendorId: 0x05e0, productId: 0x1300, usagePage: 0x8c, usage: 2 }, POS_DESCRIPTOR)
  const hub = createHub({ scanners: [createHidScanner({ vendorId: 0x05e0, hid })], repeatWithinMs: 0 })
  const texts: string[] = []
  const opened = new Promise<void>((resolve) => hub.onStatus(({ state }) => state === 'open' && resolve()))
  hub.onScan(({ text }) => void texts.push(text))
  hub.start()
  await opened
  const codes = Array.from({ length: count }, (_, index) => `${index}:${'码桥x1'.repeat(38)}`)
  const reports = codes.map((code) => posReports(code))
  const startedAt = performance.now()
  for (const each of reports) hid.send('/dev/hidraw0', each)
  const ms = performance.now() - startedAt
  await hub.stop()
  return { codes: count, reports: reports.reduce((sum, each) => sum + each.length, 0), read: texts.filter((text, index) => text === codes[index]).length, ms }
}
