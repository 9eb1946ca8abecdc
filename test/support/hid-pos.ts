/** A HID POS scanner, played: its descriptor, its reports, and the HID access it hangs on. */
import type { HidAccess, HidEvents, HidInfo } from '../../src/devices/hid/hid-device.ts'
import { DeviceError } from '../../src/devices/scanner.ts'

/** Input report 2 of 64 bytes: length, AIM identifier, 56 bytes of data, two of the maker, the flag. */
export const POS_DESCRIPTOR = Uint8Array.of(
  0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, // Bar Code Scanner, application
  0x09, 0x12, 0xa1, 0x02, 0x85, 0x02, // Scanned Data Report, id 2
  0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08,
  0x95, 0x01, 0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, // Byte Count
  0x95, 0x03, 0x05, 0x8c, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02, // Symbology Identifier 1 to 3
  0x95, 0x38, 0x09, 0xfe, 0x82, 0x02, 0x01, // Decoded Data
  0x06, 0x66, 0xff, 0x95, 0x02, 0x09, 0x04, 0x09, 0x00, 0x81, 0x02, // the maker's two
  0x05, 0x8c, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x09, 0xff, 0x81, 0x02, // Decode Data Continued
  0xc0, 0xc0,
)

/** The reports of one code, all but the last with the flag. */
export function posReports(text: string | Uint8Array, aim = ']Q1'): Uint8Array[] {
  const bytes = Buffer.from(text)
  const count = Math.max(1, Math.ceil(bytes.length / 56))
  return Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(index * 56, index * 56 + 56)
    const report = Buffer.alloc(64)
    report[0] = 2
    report[1] = part.length
    report.write(aim, 2, 'latin1')
    part.copy(report, 5)
    report[63] = index < count - 1 ? 1 : 0
    return new Uint8Array(report)
  })
}

export type PlayedHid = HidAccess & {
  readonly features: { readonly path: string; readonly bytes: string }[]
  plug(info: HidInfo, descriptor?: Uint8Array): void
  /** Reports the loss as hidapi does, and takes the device off the list. */
  unplug(path: string): void
  /** What opening the path answers from now on; undefined opens again. */
  refuse(path: string, fault: DeviceError | undefined): void
  send(path: string, reports: readonly Uint8Array[]): void
  isOpen(path: string): boolean
}

export function createPlayedHid(): PlayedHid {
  const plugged = new Map<string, { info: HidInfo; descriptor: Uint8Array | undefined }>()
  const opened = new Map<string, HidEvents>()
  const refusals = new Map<string, DeviceError>()
  const features: { path: string; bytes: string }[] = []
  return {
    features,
    plug: (info, descriptor) => void plugged.set(info.path, { info, descriptor }),
    unplug(path) {
      plugged.delete(path)
      opened.get(path)?.lost(new DeviceError('DEVICE_UNPLUGGED'))
    },
    refuse: (path, fault) => void (fault ? refusals.set(path, fault) : refusals.delete(path)),
    send(path, reports) {
      for (const report of reports) opened.get(path)?.report(report)
    },
    isOpen: (path) => opened.has(path),
    list: async () => [...plugged.values()].map(({ info }) => info),
    async open(path, events) {
      const refusal = refusals.get(path)
      if (refusal) throw refusal
      if (opened.has(path)) throw new DeviceError('DEVICE_BUSY')
      opened.set(path, events)
      return {
        sendFeature: async (bytes) => void features.push({ path, bytes: Buffer.from(bytes).toString('hex') }),
        close: async () => void opened.delete(path),
      }
    },
    descriptor: async (path) => plugged.get(path)?.descriptor,
  }
}
