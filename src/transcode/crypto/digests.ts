/** MD5, SHA-1, SHA-256 and HMAC of text (as UTF-8) or bytes. */
import { createHash, createHmac } from 'node:crypto'

/** MD5, 16 bytes. */
export const md5 = (data: string | Uint8Array): Buffer => createHash('md5').update(data).digest()

/** SHA-1, 20 bytes. */
export const sha1 = (data: string | Uint8Array): Buffer => createHash('sha1').update(data).digest()

/** SHA-256, 32 bytes. */
export const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()

/** HMAC over one of the three (RFC 2104). */
export const hmac = (
  algorithm: 'md5' | 'sha1' | 'sha256',
  key: string | Uint8Array,
  data: string | Uint8Array,
): Buffer => createHmac(algorithm, key).update(data).digest()
