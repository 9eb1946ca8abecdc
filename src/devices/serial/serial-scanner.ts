/** A scanner on a serial port, real or USB: found, opened, read, found again after an unplug. */
import { realpath } from 'node:fs/promises'
import { claim, inTurn } from '../claims.ts'
import { createCodeReader, type ReadingOptions } from '../code-reader.ts'
import { serialIds, type DeviceId, type SerialAddress } from '../device-ids.ts'
import { keepOpen, type KeptOpen } from '../keep-open.ts'
import { knownScanner, type ScannerCommand } from '../known-scanners.ts'
import { DeviceError, type Scanner, type ScannerEvents } from '../scanner.ts'
import { matchingPorts, portName, type PortInfo } from './port-list.ts'
import { listPorts, openPort, type LineSettings, type Port, type PortEvents } from './serial-port.ts'
import { watchDevices } from '../watch-folder.ts'
import { watchForReturn, watchWhileOpen } from './watch-port.ts'

export type SerialScannerOptions = ReadingOptions & Partial<LineSettings> & {
  /** Exactly one of `path` and `match`. */
  readonly path?: string | undefined
  /** USB ids in hexadecimal: found again when the port's name has changed. */
  readonly match?: SerialAddress['match']
  /** Its id, and how many scanners before it are found alike; told apart by these where there are several. */
  readonly named?: DeviceId
  /** Answers each whole code with ACK, and what could not be read with NAK. Default false. */
  readonly ack?: boolean | undefined
  /** Wait before the first try to open again, ms; doubles up to `retryMaxMs`. Default 250. */
  readonly retryFirstMs?: number
  /** Default 5000. */
  readonly retryMaxMs?: number
  /** How often the presence of the open port is checked, ms. Default 1000 (Windows 3000). */
  readonly presencePollMs?: number
  /** Replaced in tests. */
  readonly ports?: { readonly open: typeof openPort; readonly list: typeof listPorts; readonly watch?: typeof watchWhileOpen }
}

const ACK = 0x06
const NAK = 0x15
const PORTS_ARE_FILES = process.platform !== 'win32'

/** A scanner on a serial port, 9600 8N1 unless told otherwise; nothing is opened before `open`. */
export function createSerialScanner(options: SerialScannerOptions): Scanner {
  const { ports = { open: openPort, list: listPorts } } = options
  const { watch = watchWhileOpen } = ports
  const { match } = options
  const { id, place } = options.named ?? serialIds([options])[0]!
  const line: LineSettings = {
    baudRate: options.baudRate ?? 9600,
    dataBits: options.dataBits ?? 8,
    parity: options.parity ?? 'none',
    stopBits: options.stopBits ?? 1,
    dtr: options.dtr,
    rts: options.rts,
  }
  let kept: KeptOpen | undefined
  let port: Port | undefined
  /** What hangs on the port, as far as its USB ids say. */
  let info: Omit<PortInfo, 'path'> = { ...match }

  const candidates = async (): Promise<PortInfo[]> => {
    if (options.path === undefined) return match ? inTurn(matchingPorts(await ports.list(), match), place) : []
    const path = portName(options.path)
    const name = await realpath(path).catch(() => path)
    const listed = (await ports.list().catch(() => [])).find((each) => portName(each.path) === name)
    return [{ ...listed, path }]
  }

  /** The first that opens and that no twin of ours has. */
  const openFirst = async (events: PortEvents): Promise<{ opened: Port; path: string; letGo: () => void }> => {
    let fault = new DeviceError('DEVICE_MISSING')
    for (const candidate of await candidates()) {
      const letGo = options.path === undefined ? claim(ports.open, candidate.path) : () => {}
      if (!letGo) continue
      try {
        const opened = await ports.open(candidate.path, line, events)
        info = candidate
        return { opened, path: candidate.path, letGo }
      } catch (error) {
        letGo()
        fault = error as DeviceError
      }
    }
    throw fault
  }

  const connect = async (events: ScannerEvents, lost: (fault: DeviceError) => void) => {
    let faulty = false
    // A scanner that is not listened to any more needs no answer.
    const answer = (byte: number): void => void (options.ack && port?.write(Uint8Array.of(byte)).catch(() => {}))
    const reader = createCodeReader(options, {
      text(reading) {
        if (faulty) events.state('open')
        faulty = false
        answer(ACK)
        events.text(reading)
      },
      fault(fault) {
        faulty = true
        answer(NAK)
        events.state('open', fault)
      },
    })
    const { opened, path, letGo } = await openFirst({
      bytes(chunk) {
        events.bytes?.(chunk)
        reader.push(chunk)
      },
      lost,
    })
    port = opened
    const unwatch = watch(path, () => lost(new DeviceError('DEVICE_UNPLUGGED', 'the port is gone')), {
      ...(options.presencePollMs !== undefined && { pollMs: options.presencePollMs }),
      ...(!PORTS_ARE_FILES && { list: ports.list }),
    })
    return {
      async close() {
        port = undefined
        unwatch()
        reader.reset()
        await opened.close().finally(letGo)
      },
    }
  }

  return {
    source: { device: id, kind: 'serial' },
    get model() {
      return knownScanner(info.vendorId, info.productId)?.model ?? info.product
    },
    open(events) {
      kept ??= keepOpen({
        connect: (lost) => connect(events, lost),
        state: (state, fault) => events.state(state, fault),
        watch: (mayBeBack) =>
          options.path === undefined ? watchDevices(/^(tty|cu)/, mayBeBack) : watchForReturn(options.path, mayBeBack),
        retryFirstMs: options.retryFirstMs ?? 250,
        retryMaxMs: options.retryMaxMs ?? 5000,
      })
    },
    async close() {
      const closing = kept
      kept = undefined
      await closing?.close()
    },
    async lend() {
      if (!kept) throw new DeviceError('DEVICE_MISSING', 'not opened')
      return kept.lend()
    },
    async command(command: ScannerCommand) {
      if (!port) throw new DeviceError('DEVICE_MISSING', 'not open')
      const bytes = knownScanner(info.vendorId, info.productId)?.commands?.[command]
      if (!bytes) throw new DeviceError('DEVICE_WRONG_MODE', `no command ${command} is known for this model`)
      await port.write(bytes)
    },
  }
}
