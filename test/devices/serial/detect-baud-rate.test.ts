import { describe, expect, it } from 'vitest'
import { DeviceError } from '../../../src/devices/scanner.ts'
import { detectBaudRate } from '../../../src/devices/serial/detect-baud-rate.ts'
import type { LineSettings, PortEvents } from '../../../src/devices/serial/serial-port.ts'
import { createPty } from '../../support/pty.ts'

/** A scanner that is scanned with as soon as the port is open: readable at its own rate only. */
function playedScanner(baudRate: number, code: string) {
  const tried: number[] = []
  let closed = 0
  return {
    tried,
    closed: () => closed,
    async open(_path: string, line: LineSettings, events: PortEvents) {
      tried.push(line.baudRate)
      const bytes = Buffer.from(`${code}\r`)
      // A UART at another rate samples other bits: high ones among them.
      setTimeout(() => events.bytes(line.baudRate === baudRate ? bytes : bytes.map((byte) => (byte * 7) ^ 0xe5)), 1)
      return { write: async () => {}, setBaudRate: async () => {}, close: async () => void closed++ }
    },
  }
}

describe('detectBaudRate', () => {
  it.each([9600, 115_200, 4800])('finds %i and closes the port each time', async (baudRate) => {
    const scanner = playedScanner(baudRate, 'MaQiao 12345')
    expect(await detectBaudRate({ path: 'COM3', open: scanner.open, waitMs: 500 })).toBe(baudRate)
    expect(scanner.tried.at(-1)).toBe(baudRate)
    expect(scanner.closed()).toBe(scanner.tried.length)
  })

  it('takes a half of a code without a terminator for readable', async () => {
    const open = async (_path: string, _line: LineSettings, events: PortEvents) => {
      setTimeout(() => events.bytes(Buffer.from('https://akm.ahzwfw.gov.cn/akm-sj-mgr/')), 1)
      return { write: async () => {}, setBaudRate: async () => {}, close: async () => {} }
    }
    expect(await detectBaudRate({ path: 'COM3', open, waitMs: 5000, rates: [9600] })).toBe(9600)
  })

  it('asks for the text of the test sheet where it is known', async () => {
    const scanner = playedScanner(9600, 'another code')
    expect(await detectBaudRate({ path: 'COM3', open: scanner.open, waitMs: 200, rates: [9600], expected: 'MaQiao' })).toBeUndefined()
  })

  it('gives up where nobody scans, and when it is told to', async () => {
    const pty = await createPty()
    const asked: number[] = []
    const trying = (rate: number): void => void asked.push(rate)
    expect(await detectBaudRate({ path: pty.path, waitMs: 20, rates: [9600, 19_200], trying })).toBeUndefined()
    expect(asked).toEqual([9600, 19_200])
    const stop = new AbortController()
    const running = detectBaudRate({ path: pty.path, waitMs: 60_000, signal: stop.signal })
    stop.abort()
    expect(await running).toBeUndefined()
    await pty.close()
  })

  it('rejects where the port cannot be opened or is pulled', async () => {
    await expect(detectBaudRate({ path: '/dev/no-such-port', waitMs: 20 })).rejects.toMatchObject({ code: 'DEVICE_MISSING' })
    const open = async (_path: string, _line: LineSettings, events: PortEvents) => {
      setTimeout(() => events.lost(new DeviceError('DEVICE_UNPLUGGED')), 1)
      return { write: async () => {}, setBaudRate: async () => {}, close: async () => {} }
    }
    await expect(detectBaudRate({ path: 'COM3', open })).rejects.toMatchObject({ code: 'DEVICE_UNPLUGGED' })
  })
})
