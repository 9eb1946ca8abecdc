/** What makers of HID POS scanners do beside the standard. */

export type VendorVariant = {
  readonly vendorId: number
  /** A feature report to send after opening, its number first. */
  readonly afterOpen?: Uint8Array
}

/**
 * Report layouts need no row: they are read from the descriptor, and all makers
 * share the fallback (length, AIM identifier, 56 bytes, two of the maker, flag).
 */
const VENDOR_VARIANTS: readonly VendorVariant[] = [
  // Honeywell's scanners go on typing until "Output Redirection" (page 0xFF66) points to HID POS.
  { vendorId: 0x0c2e, afterOpen: Uint8Array.of(0xfe, 0x01) },
]

export function vendorVariant(vendorId: number): VendorVariant | undefined {
  return VENDOR_VARIANTS.find((row) => row.vendorId === vendorId)
}
