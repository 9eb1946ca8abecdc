/** A HID device opened through node-hid: the only file that knows the package. */
import { readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DeviceError } from '../scanner.ts'

export type HidInfo = {
  readonly path: string
  readonly vendorId: number
  readonly productId: number
  readonly serialNumber?: string | undefined
  readonly product?: string | undefined
  readonly usagePage?: number | undefined
  readonly usage?: number | undefined
  /** Which USB socket: the same after each plug, also for a scanner without a serial number. */
  readonly usbPort?: string | undefined
}

export type HidEvents = {
  report(report: Uint8Array): void
  /** Pulled out or broken; `close` is still due. */
  lost(fault: DeviceError): void
}

export type HidDevice = {
  /** First byte: the report's number. */
  sendFeature(report: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** What the scanner needs of HID; tests play it. */
export type HidAccess = {
  /** Rejects with a DeviceError. */
  list(): Promise<readonly HidInfo[]>
  /** Opens exclusively where the system can; rejects with a DeviceError. */
  open(path: string, events: HidEvents): Promise<HidDevice>
  /** The report descriptor, where the system gives it out (Linux). */
  descriptor(path: string): Promise<Uint8Array | undefined>
}

/** HID of this computer. */
export const systemHid: HidAccess = {
  async list() {
    const { devicesAsync } = await loadNodeHid()
    const found = await devicesAsync().catch((error: unknown) => {
      throw hidFault(error)
    })
    const listed = await Promise.all(
      found.map(async ({ path, ...rest }) => path !== undefined && { ...rest, path, usbPort: await usbPortOf(path) }),
    )
    return listed.filter((info) => info !== false)
  },
  async open(path, events) {
    const { HIDAsync } = await loadNodeHid()
    const device = await HIDAsync.open(path).catch((error: unknown) => {
      throw hidFault(error)
    })
    let closed = false
    device.on('error', (error: unknown) => {
      if (!closed) events.lost(new DeviceError('DEVICE_UNPLUGGED', wordsOf(error)))
    })
    device.on('data', (report: Uint8Array) => {
      if (!closed) events.report(report)
    })
    return {
      async sendFeature(report) {
        await device.sendFeatureReport(Buffer.from(report))
      },
      async close() {
        if (closed) return
        closed = true
        // Unclosed, the number of a pulled device stays taken.
        await device.close()
      },
    }
  },
  async descriptor(path) {
    if (process.platform !== 'linux' || !path.startsWith('/dev/hidraw')) return undefined
    return readFile(join('/sys/class/hidraw', basename(path), 'device/report_descriptor')).catch(() => undefined)
  },
}

/** Linux: the socket that the kernel's path names. Windows: the instance that the system gives each socket. */
export async function usbPortOf(path: string, sys = '/sys/class/hidraw'): Promise<string | undefined> {
  const instance = /#([^#]+)#\{/.exec(path)?.[1]
  if (instance !== undefined || !path.startsWith('/dev/hidraw')) return instance
  const device = await realpath(join(sys, basename(path), 'device')).catch(() => '')
  return /\/(\d+-[\d.]+):\d+\.\d+\//.exec(device)?.[1]
}

const REASONS = [
  [/ERR_DLOPEN_FAILED|shared object|no native build|cannot find module/i, 'DEVICE_DRIVER'],
  [/permission denied|EACCES|not permitted/i, 'DEVICE_PERMISSION'],
  [/exclusive|EBUSY|busy|access (is )?denied|sharing violation|being used by another/i, 'DEVICE_BUSY'],
  [/no such (file|device)|ENOENT|ENODEV|not found/i, 'DEVICE_MISSING'],
] as const

/** The stable code for what hidapi says; "cannot open" without a reason is mostly a right that is missing. */
export function hidFault(error: unknown): DeviceError {
  if (error instanceof DeviceError) return error
  const words = wordsOf(error)
  const found = REASONS.find(([pattern]) => pattern.test(words))
  if (found) return new DeviceError(found[1], words)
  const barred = process.platform === 'linux' ? 'DEVICE_PERMISSION' : 'DEVICE_BUSY'
  return new DeviceError(/cannot open|unable to open|failed to open/i.test(words) ? barred : 'DEVICE_FAILED', words)
}

async function loadNodeHid(): Promise<typeof import('node-hid')> {
  try {
    const { default: nodeHid } = (await import('node-hid')) as unknown as { default: typeof import('node-hid') }
    // The binding itself is loaded with the first call, and says then what it lacks.
    nodeHid.getHidapiVersion()
    return nodeHid
  } catch (error) {
    throw new DeviceError('DEVICE_DRIVER', wordsOf(error))
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
