/** SM3 (GB/T 32905). */
import { sm3 as digest } from 'sm-crypto'

/** SM3 of text (as UTF-8) or bytes, 32 bytes. */
export function sm3(data: string | Uint8Array): Buffer {
  return Buffer.from(digest(typeof data === 'string' ? Buffer.from(data, 'utf8') : data), 'hex')
}
