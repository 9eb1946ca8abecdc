/** The serial ports of this computer with their USB ids. */
import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export type PortInfo = {
  /** What is opened, such as `/dev/ttyUSB0` or `COM3`. */
  readonly path: string
  /** Four hexadecimal digits in lower case; absent for a port that is not USB. */
  readonly vendorId?: string
  readonly productId?: string
  readonly serialNumber?: string
  readonly product?: string
  readonly manufacturer?: string
  /** Which USB socket: the same after each plug, also for a scanner without a serial number. Such as `1-1.2`. */
  readonly usbPort?: string
}

export type PortMatch = { readonly vendorId: string; readonly productId?: string; readonly serialNumber?: string; readonly usbPort?: string }

/** Consoles and the like: some 70 of them, and never a scanner. */
const NO_PORT = /^(tty\d*|console|ptmx|pty.*|vcs.*)$/

/**
 * Linux: from sysfs. The list of the serialport package starts `udevadm`, and
 * where that is missing the whole process dies of an unhandled error.
 */
export async function listLinuxPorts(root = '/'): Promise<PortInfo[]> {
  const folder = join(root, 'sys/class/tty')
  const names = (await readdir(folder).catch(() => [])).filter((name) => !NO_PORT.test(name))
  const ports = await Promise.all(names.map((name) => describe(root, folder, name)))
  return ports.filter((port) => port !== undefined).sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }))
}

const WINDOWS_PORT = /^(?:\\\\[.?]\\)?(COM\d+):?$/i

/** One name for a port: `COM5` for each of the names that Windows takes for it (`com5`, `COM5:`, `\\.\COM5`); any other as it is. */
export function portName(path: string): string {
  return WINDOWS_PORT.exec(path)?.[1]?.toUpperCase() ?? path
}

/** Those of the ports that have these USB ids (any case). */
export function matchingPorts(ports: readonly PortInfo[], match: PortMatch): PortInfo[] {
  const same = (wanted: string | undefined, found: string | undefined): boolean =>
    wanted === undefined || wanted.toLowerCase() === found?.toLowerCase()
  return ports.filter(
    (port) =>
      same(match.vendorId, port.vendorId) &&
      same(match.productId, port.productId) &&
      same(match.serialNumber, port.serialNumber) &&
      same(match.usbPort, port.usbPort),
  )
}

async function describe(root: string, folder: string, name: string): Promise<PortInfo | undefined> {
  // Without a device behind it a tty is a console; serial8250 is a placeholder for ports that are not built in.
  const device = await realpath(join(folder, name, 'device')).catch(() => undefined)
  if (device === undefined) return undefined
  if ((await realpath(join(device, 'driver')).catch(() => '')).endsWith('/serial8250')) return undefined
  const path = join(root, 'dev', name)
  const usb = await usbFolder(device)
  if (usb === undefined) return { path }
  const [vendorId, productId, serialNumber, product, manufacturer] = await Promise.all(
    ['idVendor', 'idProduct', 'serial', 'product', 'manufacturer'].map((file) => line(join(usb, file))),
  )
  const found = { vendorId, productId, serialNumber, product, manufacturer, usbPort: basename(usb) }
  return { path, ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) }
}

/** The folder of the USB device, some levels above its interface. */
async function usbFolder(device: string): Promise<string | undefined> {
  for (let at = device, level = 0; level < 6 && at !== dirname(at); at = dirname(at), level++) {
    if ((await line(join(at, 'idVendor'))) !== undefined) return at
  }
  return undefined
}

async function line(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trim() === '' ? undefined : text.trim()
}
