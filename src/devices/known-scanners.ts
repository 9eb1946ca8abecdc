/** Scanners that are told by their USB ids: model, how they present themselves, and their line settings. */

export type KnownScanner = {
  /** Four hexadecimal digits in lower case. */
  readonly vendorId: string
  /** Absent: any product of the vendor. */
  readonly productId?: string
  readonly model: string
  readonly mode?: 'serial' | 'hid' | 'keyboard'
  readonly baudRate?: number
}

/** Products before their vendor: the first row that fits is taken. */
export const KNOWN_SCANNERS: readonly KnownScanner[] = [
  { vendorId: '05e0', productId: '1200', model: 'Zebra/Symbol', mode: 'keyboard' },
  { vendorId: '05e0', productId: '1300', model: 'Zebra/Symbol', mode: 'hid' },
  { vendorId: '05e0', productId: '1701', model: 'Zebra/Symbol', mode: 'serial', baudRate: 9600 },
  { vendorId: '05e0', model: 'Zebra/Symbol' },
  { vendorId: '0c2e', model: 'Honeywell' },
  { vendorId: '0536', model: 'Honeywell (Hand Held Products)' },
  { vendorId: '05f9', model: 'Datalogic' },
  { vendorId: '1eab', model: 'Newland' },
  { vendorId: '065a', model: 'Opticon' },
]

/** The model behind the USB ids (hexadecimal, any case), as far as it is known. */
export function modelOf(vendorId: string | undefined, productId?: string): string | undefined {
  return knownScanner(vendorId, productId)?.model
}

/** The row of the table for the USB ids (hexadecimal, any case). */
export function knownScanner(vendorId: string | undefined, productId?: string): KnownScanner | undefined {
  return KNOWN_SCANNERS.find(
    (row) =>
      row.vendorId === vendorId?.toLowerCase() && (row.productId === undefined || row.productId === productId?.toLowerCase()),
  )
}
