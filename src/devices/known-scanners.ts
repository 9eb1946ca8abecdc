/** Scanners that are told by their USB ids: maker, mode, line settings, commands, set-up sheet. */
import type { SetupSheetId } from './setup/setup-sheets.ts'

export type ScannerMode = 'serial' | 'hid' | 'keyboard' | 'other'

/** What a program may ask of a scanner: pull its trigger, let it go, sound the good-read beep. */
const SCANNER_COMMANDS = ['trigger', 'release', 'beep'] as const
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
  /** The setting codes that it takes, where they are public. */
  readonly sheet?: SetupSheetId
}

const SOH = 0x01
const SYN = 0x16
const BEL = 0x07
const CR = 0x0d

/** Honeywell user's guides, "Trigger Commands": SYN T CR, SYN U CR, in manual or serial trigger mode; SYN BEL CR beeps. */
const HONEYWELL = {
  trigger: Uint8Array.of(SYN, 0x54, CR),
  release: Uint8Array.of(SYN, 0x55, CR),
  beep: Uint8Array.of(SYN, BEL, CR),
}

/** Datalogic product reference guides, "RS-232 Host Commands": 01 forces one good-read beep, in USB-COM too. */
const DATALOGIC = { beep: Uint8Array.of(SOH) }

/**
 * NLS-HR42 and NLS-HR52 user guides, "Use of Programming Command": ~ SOH 0000 command ; ETX, where `#` is not kept.
 * SCNTRG1 reads once and SCNTRG0 stops (Sunmi, scan head interface), in level trigger mode (SCNMOD0).
 */
const newlandCommand = (command: string): Uint8Array => new TextEncoder().encode(`~\u00010000#${command};\u0003`)
const NEWLAND = { trigger: newlandCommand('SCNTRG1'), release: newlandCommand('SCNTRG0') }

/** Newland gives each family one half of the product id and each mode the other (usb.ids; NLS-FM420 integration guide, "VID and PID Table"). */
function newland(family: string, model: string, commands?: KnownScanner['commands']): KnownScanner[] {
  const row = { vendorId: '1eab', model: `Newland ${model}` }
  return [
    { ...row, productId: `${family}03`, mode: 'keyboard' },
    { ...row, productId: `${family}06`, mode: 'serial', baudRate: 9600, ...(commands && { commands }) },
    { ...row, productId: `${family}10`, mode: 'hid' },
  ]
}

/** Products before their maker: the first row that fits is taken. Ids and modes are those of usb.ids (2025.07.26) unless a row says otherwise. */
export const KNOWN_SCANNERS: readonly KnownScanner[] = [
  { vendorId: '05e0', productId: '1200', model: 'Zebra/Symbol', mode: 'keyboard' },
  { vendorId: '05e0', productId: '1701', model: 'Zebra/Symbol', mode: 'serial', baudRate: 9600 },
  { vendorId: '05e0', productId: '1900', model: 'Zebra/Symbol (SNAPI)', mode: 'other' },
  { vendorId: '05e0', productId: '1a00', model: 'Zebra CS4070' },
  { vendorId: '05e0', model: 'Zebra/Symbol' },
  // Metrologic's own models: they know none of Honeywell's commands.
  { vendorId: '0c2e', productId: '0007', model: 'Metrologic MS7120 (IBM)', mode: 'other' },
  { vendorId: '0c2e', productId: '0200', model: 'Metrologic MS7120' },
  { vendorId: '0c2e', productId: '0204', model: 'Metrologic MS7120', mode: 'keyboard' },
  { vendorId: '0c2e', productId: '0206', model: 'Metrologic MS4980' },
  { vendorId: '0c2e', productId: '0700', model: 'Metrologic MS7120', mode: 'serial', baudRate: 9600 },
  { vendorId: '0c2e', productId: '0720', model: 'Metrologic MS7120', mode: 'serial', baudRate: 9600 },
  { vendorId: '0c2e', productId: '0b61', model: 'Honeywell Vuquest 3310g', commands: HONEYWELL, sheet: 'honeywell' },
  { vendorId: '0c2e', productId: '0b6a', model: 'Honeywell Vuquest 3310g', commands: HONEYWELL, sheet: 'honeywell' },
  { vendorId: '0c2e', productId: '0b81', model: 'Honeywell Voyager 1400g', commands: HONEYWELL, sheet: 'honeywell' },
  { vendorId: '0c2e', model: 'Honeywell', commands: HONEYWELL, sheet: 'honeywell' },
  { vendorId: '0536', model: 'Honeywell (Hand Held Products)', commands: HONEYWELL },
  { vendorId: '05f9', productId: '1206', model: 'Datalogic Gryphon (OEM)', mode: 'other', sheet: 'datalogic' },
  { vendorId: '05f9', productId: '120c', model: 'Datalogic Gryphon GD4430', sheet: 'datalogic' },
  { vendorId: '05f9', productId: '2206', model: 'Datalogic Gryphon', mode: 'keyboard', sheet: 'datalogic' },
  { vendorId: '05f9', productId: '220c', model: 'Datalogic Gryphon GD4430', sheet: 'datalogic' },
  { vendorId: '05f9', productId: '4204', model: 'Datalogic Gryphon', mode: 'serial', baudRate: 9600, commands: DATALOGIC, sheet: 'datalogic' },
  { vendorId: '05f9', productId: '5204', model: 'Datalogic Gryphon GFS4170 (service port)', mode: 'other', sheet: 'datalogic' },
  { vendorId: '05f9', productId: '1104', model: 'Datalogic Magellan 2200VS' },
  { vendorId: '05f9', productId: '2601', model: 'Datalogic Magellan 1000i' },
  { vendorId: '05f9', productId: '2602', model: 'Datalogic Magellan 1100i' },
  { vendorId: '05f9', model: 'Datalogic', commands: DATALOGIC, sheet: 'datalogic' },
  { vendorId: '080c', productId: '0300', model: 'Datalogic Gryphon D120' },
  { vendorId: '080c', productId: '0400', model: 'Datalogic Gryphon D120' },
  { vendorId: '080c', productId: '0500', model: 'Datalogic Gryphon D120' },
  { vendorId: '080c', productId: '0600', model: 'Datalogic Gryphon M100' },
  { vendorId: '067e', productId: '0801', model: 'Intermec', mode: 'keyboard' },
  { vendorId: '067e', productId: '0803', model: 'Intermec', mode: 'serial', baudRate: 9600 },
  { vendorId: '067e', productId: '0805', model: 'Intermec', mode: 'serial', baudRate: 9600 },
  { vendorId: '067e', model: 'Intermec' },
  ...newland('01', 'HR200'),
  ...newland('02', 'EM2027'),
  ...newland('0c', 'HR100 / HR3260 / HR3290 / BS80'),
  ...newland('0d', 'EM2028 / FM420'),
  ...newland('13', 'EM30xx / EM20xx / HR3260 / HR200C'),
  ...newland('14', 'HR15'),
  ...newland('16', 'FM100-M / FM3250'),
  ...newland('19', 'EM1300'),
  ...newland('1a', 'HR3290 / HR22'),
  ...newland('1c', 'HR2150'),
  ...newland('1d', 'FM430'),
  ...newland('1e', 'HR42', NEWLAND),
  ...newland('1f', 'HR11+'),
  ...newland('20', 'EM2037v2'),
  ...newland('80', 'HR12 / HR15-70 / HR100-70 / EM13x5-LD'),
  ...newland('82', 'FR20 / FM30 / EM3080 / EM3095'),
  ...newland('83', 'HR2160'),
  { vendorId: '1eab', model: 'Newland' },
  { vendorId: '065a', productId: '0001', model: 'Opticon', mode: 'keyboard' },
  { vendorId: '065a', productId: '0009', model: 'Opticon', mode: 'serial', baudRate: 9600 },
  { vendorId: '065a', model: 'Opticon' },
  { vendorId: '27dd', productId: '0002', model: 'Mindeo（民德）', mode: 'serial', baudRate: 9600 },
  { vendorId: '27dd', model: 'Mindeo（民德）' },
  { vendorId: '0db5', productId: '0139', model: 'Access IS', mode: 'serial', baudRate: 9600 },
  { vendorId: '0db5', productId: '013a', model: 'Access IS', mode: 'keyboard' },
  { vendorId: '0db5', productId: '013b', model: 'Access IS' },
  { vendorId: '24ea', productId: '0197', model: 'Meva' },
  { vendorId: '0581', productId: '0107', model: 'Tera' },
  { vendorId: '0581', productId: '0115', model: 'Tera 5100' },
  { vendorId: '0581', productId: '011c', model: 'Tera 5100' },
  { vendorId: '0581', productId: '020c', model: 'Tera' },
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

/** The set-up sheet for a model as the table names it. */
export function sheetOfModel(model: string | undefined): SetupSheetId | undefined {
  return KNOWN_SCANNERS.find((row) => row.model === model)?.sheet
}
