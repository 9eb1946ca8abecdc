/** What is plugged into this computer, whether the settings name it or not. */
import { systemHid, type HidAccess } from '../../devices/hid/hid-device.ts'
import { inTurn } from '../../devices/claims.ts'
import { hex, serialIds } from '../../devices/device-ids.ts'
import { knownScanner, type ScannerMode } from '../../devices/known-scanners.ts'
import { DeviceError, type DeviceStatus } from '../../devices/scanner.ts'
import { matchingPorts, portName, type PortInfo } from '../../devices/serial/port-list.ts'
import { listPorts } from '../../devices/serial/serial-port.ts'
import type { Settings } from '../settings.ts'

type Known = { knownModel: string | null; mode: ScannerMode | null }
type Fault = DeviceStatus['fault'] | null

export type PluggedIn = {
  serial: (PortInfo & Known & { usedBy: string | null })[]
  serialFault: Fault
  hid: ({ vendorId: string; productId: string; product?: string; serialNumber?: string; usbPort?: string; scanner: boolean } & Known)[]
  hidFault: Fault
}

const POS_PAGE = 0x8c

/** @param access replaced in tests */
export async function pluggedIn(
  settings: Settings['devices'],
  access: { ports: typeof listPorts; hid: Pick<HidAccess, 'list'> } = { ports: listPorts, hid: systemHid },
): Promise<PluggedIn> {
  const [ports, devices] = await Promise.all([orFault(access.ports()), orFault(access.hid.list())])
  const users = new Map<string, string>()
  serialIds(settings.serial).forEach(({ id, place }, index) => {
    const { path, match } = settings.serial[index]!
    if (path !== undefined) return users.set(portName(path), id)
    // Each in its turn, as the scanners themselves take them.
    const free = inTurn(matchingPorts(ports.found, match!), place).filter((port) => !users.has(portName(port.path)))
    if (free[0]) users.set(portName(free[0].path), id)
  })
  return {
    serial: ports.found.map((port) => ({
      ...port,
      ...known(port.vendorId, port.productId),
      usedBy: users.get(portName(port.path)) ?? null,
    })),
    serialFault: ports.fault,
    hid: devices.found.map((device) => {
      const [vendorId, productId] = [hex(device.vendorId), hex(device.productId)]
      return {
        vendorId,
        productId,
        ...(device.product && { product: device.product }),
        ...(device.serialNumber && { serialNumber: device.serialNumber }),
        ...(device.usbPort && { usbPort: device.usbPort }),
        scanner: device.usagePage === POS_PAGE,
        ...known(vendorId, productId),
      }
    }),
    hidFault: devices.fault,
  }
}

async function orFault<T>(list: Promise<readonly T[]>): Promise<{ found: readonly T[]; fault: Fault }> {
  try {
    return { found: await list, fault: null }
  } catch (error) {
    const { code, message, advice } = error instanceof DeviceError ? error : new DeviceError('DEVICE_FAILED')
    return { found: [], fault: { code, message, advice } }
  }
}

function known(vendorId: string | undefined, productId: string | undefined): Known {
  const row = knownScanner(vendorId, productId)
  return { knownModel: row?.model ?? null, mode: row?.mode ?? null }
}
