import { afterEach, describe, expect, it } from 'vitest'
import type { PortInfo } from '../../../src/devices/serial/port-list.ts'
import type { PortEvents } from '../../../src/devices/serial/serial-port.ts'
import { serialIds } from '../../../src/devices/device-ids.ts'
import { createSerialScanner } from '../../../src/devices/serial/serial-scanner.ts'
import { DeviceError, type Scanner } from '../../../src/devices/scanner.ts'
import { listen } from '../../support/heard.ts'

/** A computer's ports, played: who is plugged in where, and what opening answers. */
function createPlayedPorts() {
  const plugged = new Map<string, PortInfo>()
  const opened = new Map<string, PortEvents>()
  const refusals = new Map<string, DeviceError>()
  const tried: string[] = []
  const written: string[] = []
  return {
    tried,
    written,
    opened,
    refusals,
    plug: (port: PortInfo) => void plugged.set(port.path, port),
    unplug(path: string) {
      plugged.delete(path)
      opened.get(path)?.lost(new DeviceError('DEVICE_UNPLUGGED'))
    },
    ports: {
      list: async () => [...plugged.values()],
      async open(path: string, _line: unknown, events: PortEvents) {
        tried.push(path)
        const refusal = refusals.get(path) ?? (opened.has(path) ? new DeviceError('DEVICE_BUSY') : undefined)
        if (refusal) throw refusal
        if (!plugged.has(path)) throw new DeviceError('DEVICE_MISSING')
        opened.set(path, events)
        return { write: async (bytes: Uint8Array) => void written.push(Buffer.from(bytes).toString('hex')), setBaudRate: async () => {}, close: async () => void opened.delete(path) }
      },
    },
  }
}

const scanners: Scanner[] = []
afterEach(async () => {
  for (const scanner of scanners.splice(0)) await scanner.close()
})

const HONEYWELL = { vendorId: '0c2e', productId: '0b6a' }
// The played paths are no files: only the played ports say when they are gone.
const options = { retryFirstMs: 10, retryMaxMs: 20, presencePollMs: 60_000 }

function scannerOf(
  played: ReturnType<typeof createPlayedPorts>,
  match: { vendorId: string; productId?: string; serialNumber?: string; usbPort?: string },
  named = serialIds([{ match }])[0]!,
) {
  const scanner = createSerialScanner({ match, named, ports: { ...played.ports, watch: () => () => {} }, ...options })
  scanners.push(scanner)
  return { scanner, heard: listen(scanner) }
}

describe('a scanner matched by its USB ids', () => {
  it('is found whatever its port is called, also after it came back under another name', async () => {
    const played = createPlayedPorts()
    played.plug({ path: '/dev/ttyS0' })
    played.plug({ path: '/dev/ttyUSB0', vendorId: '0403', productId: '6001' })
    const { scanner, heard } = scannerOf(played, { vendorId: '0C2E' })
    await heard.until(() => heard.state() === 'missing')
    played.plug({ path: '/dev/ttyACM0', ...HONEYWELL })
    await heard.until(() => heard.state() === 'open')
    expect(scanner.source.device).toBe('serial:0c2e')
    expect(scanner.model).toContain('Honeywell')
    played.unplug('/dev/ttyACM0')
    await heard.until(() => heard.state() === 'missing')
    played.plug({ path: '/dev/ttyACM7', ...HONEYWELL })
    await heard.until(() => heard.state() === 'open')
    played.opened.get('/dev/ttyACM7')!.bytes(Buffer.from('CODE\r'))
    expect(heard.texts).toEqual(['CODE'])
    expect(new Set(played.tried)).toEqual(new Set(['/dev/ttyACM0', '/dev/ttyACM7']))
  })

  it('takes the second of two alike where the first is in use', async () => {
    const played = createPlayedPorts()
    played.plug({ path: 'COM3', ...HONEYWELL })
    played.plug({ path: 'COM4', ...HONEYWELL })
    const one = scannerOf(played, { vendorId: '0c2e' })
    await one.heard.until(() => one.heard.state() === 'open')
    const two = scannerOf(played, { vendorId: '0c2e' })
    await two.heard.until(() => two.heard.state() === 'open')
    expect([...played.opened.keys()].sort()).toEqual(['COM3', 'COM4'])
  })

  it('keeps two alike apart by their sockets, each with an id of its own, from one start to the next', async () => {
    const match = { vendorId: '0c2e' }
    const ids = serialIds([{ match }, { match }])
    for (const names of [['/dev/ttyACM0', '/dev/ttyACM1'], ['/dev/ttyACM1', '/dev/ttyACM0']] as const) {
      const played = createPlayedPorts()
      played.plug({ path: names[0], ...HONEYWELL, usbPort: '1-1.1' })
      played.plug({ path: names[1], ...HONEYWELL, usbPort: '1-1.2' })
      const [one, two] = ids.map((named) => scannerOf(played, match, named))
      await Promise.all([one!.heard.until(() => one!.heard.state() === 'open'), two!.heard.until(() => two!.heard.state() === 'open')])
      expect([one!.scanner.source.device, two!.scanner.source.device]).toEqual(['serial:0c2e', 'serial:0c2e#2'])
      played.opened.get(names[0])!.bytes(Buffer.from('FIRST\r'))
      played.opened.get(names[1])!.bytes(Buffer.from('SECOND\r'))
      expect([one!.heard.texts, two!.heard.texts]).toEqual([['FIRST'], ['SECOND']])
      // Pulled, it is missing, not in use by another program: the other is its twin.
      played.unplug(names[0])
      await one!.heard.until(() => one!.heard.state() === 'missing')
      await one!.heard.until(() => one!.heard.states.at(-1)?.fault?.code === 'DEVICE_MISSING')
      expect(two!.heard.state()).toBe('open')
      played.plug({ path: '/dev/ttyACM7', ...HONEYWELL, usbPort: '1-1.1' })
      await one!.heard.until(() => one!.heard.state() === 'open')
      played.opened.get('/dev/ttyACM7')!.bytes(Buffer.from('FIRST AGAIN\r'))
      expect(one!.heard.texts).toEqual(['FIRST', 'FIRST AGAIN'])
    }
  })

  it('is found by its socket where the settings name one', async () => {
    const played = createPlayedPorts()
    played.plug({ path: 'COM3', ...HONEYWELL, usbPort: 'Port_#0001.Hub_#0002' })
    played.plug({ path: 'COM4', ...HONEYWELL, usbPort: 'Port_#0002.Hub_#0002' })
    const { scanner, heard } = scannerOf(played, { vendorId: '0c2e', usbPort: 'Port_#0002.Hub_#0002' })
    await heard.until(() => heard.state() === 'open')
    expect(played.tried).toEqual(['COM4'])
    expect(scanner.source.device).toBe('serial:0c2e@Port_#0002.Hub_#0002')
  })

  it('tells two alike apart by the serial number', async () => {
    const played = createPlayedPorts()
    played.plug({ path: 'COM3', ...HONEYWELL, serialNumber: 'A1' })
    played.plug({ path: 'COM4', ...HONEYWELL, serialNumber: 'B2' })
    const { scanner, heard } = scannerOf(played, { vendorId: '0c2e', productId: '0b6a', serialNumber: 'B2' })
    await heard.until(() => heard.state() === 'open')
    expect(played.tried).toEqual(['COM4'])
    expect(scanner.source.device).toBe('serial:0c2e:0b6a:B2')
  })

  it('takes the commands of its maker', async () => {
    const played = createPlayedPorts()
    played.plug({ path: 'COM3', ...HONEYWELL })
    const { scanner, heard } = scannerOf(played, { vendorId: '0c2e' })
    await expect(scanner.command!('trigger')).rejects.toMatchObject({ code: 'DEVICE_MISSING' })
    await heard.until(() => heard.state() === 'open')
    for (const command of ['trigger', 'release', 'beep'] as const) await scanner.command!(command)
    expect(played.written).toEqual(['16540d', '16550d', '16070d'])
  })

  it.each([
    ['DEVICE_BUSY', 'busy'],
    ['DEVICE_PERMISSION', 'failed'],
    ['DEVICE_DRIVER', 'failed'],
  ] as const)('shows %s as %s and goes on trying', async (code, state) => {
    const played = createPlayedPorts()
    played.plug({ path: 'COM3', ...HONEYWELL })
    played.refusals.set('COM3', new DeviceError(code))
    const { heard } = scannerOf(played, { vendorId: '0c2e' })
    await heard.until(() => heard.state() === state)
    expect(heard.states.at(-1)?.fault?.code).toBe(code)
    played.refusals.clear()
    await heard.until(() => heard.state() === 'open')
  })
})
