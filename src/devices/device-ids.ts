/** The ids of configured devices: by what finds them, and no two alike. */
import type { PortMatch } from './serial/port-list.ts'

export type SerialAddress = { readonly path?: string | undefined; readonly match?: PortMatch | undefined }
export type HidAddress = {
  readonly vendorId: number
  readonly productId?: number | undefined
  readonly serialNumber?: string | undefined
  readonly usbPort?: string | undefined
}

/** An id, and how many before it in the settings are found alike: that many candidates are left to them. */
export type DeviceId = { readonly id: string; readonly place: number }

export function serialIds(addresses: readonly SerialAddress[]): DeviceId[] {
  return distinct(
    addresses.map(({ path, match }) =>
      path === undefined
        ? `serial:${named([match?.vendorId.toLowerCase(), match?.productId?.toLowerCase(), match?.serialNumber], match?.usbPort)}`
        : `serial:${path}`,
    ),
  )
}

export function hidIds(addresses: readonly HidAddress[]): DeviceId[] {
  return distinct(
    addresses.map(({ vendorId, productId, serialNumber, usbPort }) => `hid:${named([hex(vendorId), hex(productId), serialNumber], usbPort)}`),
  )
}

/** Whether an address of the settings finds a HID device. */
export function findsHid({ vendorId, productId, serialNumber, usbPort }: HidAddress, device: HidAddress): boolean {
  return (
    vendorId === device.vendorId &&
    (productId === undefined || productId === device.productId) &&
    (serialNumber === undefined || serialNumber === device.serialNumber) &&
    (usbPort === undefined || usbPort.toLowerCase() === device.usbPort?.toLowerCase())
  )
}

/** USB ids as the tables have them: four hexadecimal digits in lower case. */
export function hex(id: number): string
export function hex(id: number | undefined): string | undefined
export function hex(id: number | undefined): string | undefined {
  return id?.toString(16).padStart(4, '0')
}

function named(parts: readonly (string | undefined)[], usbPort: string | undefined): string {
  return parts.filter((part) => part !== undefined).join(':') + (usbPort === undefined ? '' : `@${usbPort}`)
}

function distinct(ids: readonly string[]): DeviceId[] {
  const seen = new Map<string, number>()
  return ids.map((id) => {
    const place = seen.get(id) ?? 0
    seen.set(id, place + 1)
    return { id: place === 0 ? id : `${id}#${place + 1}`, place }
  })
}
