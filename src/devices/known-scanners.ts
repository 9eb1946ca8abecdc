/** Scanners that are told by their USB ids: maker, mode, line settings, commands. */

export type ScannerMode = 'serial' | 'hid' | 'keyboard' | 'other'

/** What a program may ask of a scanner: pull its trigger, let it go, sound the good-read beep. */
export const SCANNER_COMMANDS = ['trigger', 'release', 'beep'] as const
export type ScannerCommand = (typeof SCANNER_COMMANDS)[number]

export type KnownScanner = {
  /** Four hexadecimal digits in lower case. */
  readonly vendorId: string
  /** Absent: any product of the maker. */
  readonly productId?: string
  readonly model: string
  /** Where the product id tells it: the same scanner has another one in each mode. */
  readonly mode?: ScannerMode
  readonly baudRate?: number
  /** Bytes of the maker's manual, for a serial port. */
  readonly commands?: Partial<Record<ScannerCommand, Uint8Array>>
}

const SYN = 0x16
const BEL = 0x07
const CR = 0x0d

/** Honeywell user's guides, "Trigger Commands": SYN T CR, SYN U CR, in manual or serial trigger mode; SYN BEL CR beeps. */
const HONEYWELL = {
  trigger: Uint8Array.of(SYN, 0x54, CR),
  release: Uint8Array.of(SYN, 0x55, CR),
  beep: Uint8Array.of(SYN, BEL, CR),
}

/** Products before their maker: the first row that fits is taken. */
export const KNOWN_SCANNERS: readonly KnownScanner[] = [
  // Symbol's integration guides give one product id to each mode of every model.
  { vendorId: '05e0', productId: '0600', model: 'Zebra/Symbol (COM emulation over HID)', mode: 'other' },
  { vendorId: '05e0', productId: '1200', model: 'Zebra/Symbol', mode: 'keyboard' },
  { vendorId: '05e0', productId: '1300', model: 'Zebra/Symbol', mode: 'hid' },
  { vendorId: '05e0', productId: '1400', model: 'Zebra/Symbol (IBM table-top)', mode: 'other' },
  { vendorId: '05e0', productId: '1701', model: 'Zebra/Symbol', mode: 'serial', baudRate: 9600 },
  { vendorId: '05e0', productId: '1900', model: 'Zebra/Symbol (SNAPI)', mode: 'other' },
  { vendorId: '05e0', model: 'Zebra/Symbol' },
  { vendorId: '0c2e', model: 'Honeywell', commands: HONEYWELL },
  { vendorId: '0536', model: 'Honeywell (Hand Held Products)', commands: HONEYWELL },
  { vendorId: '05f9', model: 'Datalogic' },
  { vendorId: '067e', model: 'Intermec' },
  { vendorId: '1eab', productId: '8306', model: 'Newland', mode: 'serial', baudRate: 9600 },
  { vendorId: '1eab', productId: '0c06', model: 'Newland', mode: 'serial', baudRate: 9600 },
  { vendorId: '1eab', productId: '0010', model: 'Newland', mode: 'hid' },
  { vendorId: '1eab', model: 'Newland' },
  { vendorId: '065a', model: 'Opticon' },
  // Chips that many makers put between a scanner and USB: they say nothing about what hangs behind them.
  { vendorId: '0403', model: 'USB 转串口 (FTDI)', mode: 'serial', baudRate: 9600 },
  { vendorId: '067b', model: 'USB 转串口 (Prolific)', mode: 'serial', baudRate: 9600 },
  { vendorId: '10c4', productId: 'ea60', model: 'USB 转串口 (CP210x)', mode: 'serial', baudRate: 9600 },
  { vendorId: '1a86', productId: '7523', model: 'USB 转串口 (CH340)', mode: 'serial', baudRate: 9600 },
]

/** The row of the table for the USB ids (hexadecimal, any case). */
export function knownScanner(vendorId: string | undefined, productId?: string): KnownScanner | undefined {
  return KNOWN_SCANNERS.find(
    (row) =>
      row.vendorId === vendorId?.toLowerCase() && (row.productId === undefined || row.productId === productId?.toLowerCase()),
  )
}
