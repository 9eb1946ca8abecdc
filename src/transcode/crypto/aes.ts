/** AES-128 and AES-256 in ECB with PKCS#7 padding, chosen by the key's length. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { CryptoError } from './crypto-error.ts'
import { BLOCK_BYTES, pad, unpad } from './pkcs7.ts'

/** Encrypts. `key` has 16 or 32 bytes; throws CryptoError('KEY') otherwise. */
export function aesEncrypt(key: Uint8Array, plain: string | Uint8Array): Buffer {
  const cipher = createCipheriv(modeFor(key), key, null).setAutoPadding(false)
  const bytes = pad(typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain)
  return Buffer.concat([cipher.update(bytes), cipher.final()])
}

/** Decrypts. Throws CryptoError when the length is no whole number of blocks (CIPHERTEXT) or the padding is wrong (PADDING). */
export function aesDecrypt(key: Uint8Array, cipher: Uint8Array): Buffer {
  if (cipher.length === 0 || cipher.length % BLOCK_BYTES !== 0) throw new CryptoError('CIPHERTEXT', 'not whole blocks')
  const decipher = createDecipheriv(modeFor(key), key, null).setAutoPadding(false)
  return Buffer.from(unpad(Buffer.concat([decipher.update(cipher), decipher.final()])))
}

function modeFor(key: Uint8Array): 'aes-128-ecb' | 'aes-256-ecb' {
  if (key.length === 16) return 'aes-128-ecb'
  if (key.length === 32) return 'aes-256-ecb'
  throw new CryptoError('KEY', `${key.length} bytes instead of 16 or 32`)
}
