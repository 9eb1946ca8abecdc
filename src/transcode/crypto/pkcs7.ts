/** PKCS#7 padding for blocks of 16 bytes (PKCS#5 is the same thing under its older name). */
import { CryptoError } from './crypto-error.ts'

export const BLOCK_BYTES = 16

/** Adds 1 to 16 bytes, each of them their number. */
export function pad(bytes: Uint8Array): Uint8Array {
  const count = BLOCK_BYTES - (bytes.length % BLOCK_BYTES)
  const padded = new Uint8Array(bytes.length + count).fill(count)
  padded.set(bytes)
  return padded
}

/** Takes the padding off. Throws CryptoError('PADDING') when it is 0, above 16 or inconsistent. */
export function unpad(bytes: Uint8Array): Uint8Array {
  const count = bytes.at(-1) ?? 0
  if (count < 1 || count > BLOCK_BYTES || count > bytes.length) throw new CryptoError('PADDING')
  if (bytes.subarray(-count).some((byte) => byte !== count)) throw new CryptoError('PADDING')
  return bytes.subarray(0, bytes.length - count)
}
