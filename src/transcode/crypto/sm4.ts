/** SM4 (GB/T 32907) in ECB and CBC with PKCS#7 padding. */
import { sm4 } from 'sm-crypto'
import { CryptoError } from './crypto-error.ts'
import { BLOCK_BYTES, pad, unpad } from './pkcs7.ts'

/** Encrypts. `key` has 16 bytes; with `iv` (16 bytes) it is CBC, without ECB. Throws CryptoError('KEY'). */
export function sm4Encrypt(key: Uint8Array, plain: string | Uint8Array, iv?: Uint8Array): Buffer {
  const bytes = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain
  return Buffer.from(sm4.encrypt(pad(bytes), checked(key), options(iv)))
}

/**
 * Decrypts. With `iv` it is CBC, without ECB. Throws CryptoError when the length
 * is no whole number of blocks (CIPHERTEXT) or the padding is wrong (PADDING).
 */
export function sm4Decrypt(key: Uint8Array, cipher: Uint8Array, iv?: Uint8Array): Buffer {
  if (cipher.length === 0 || cipher.length % BLOCK_BYTES !== 0) throw new CryptoError('CIPHERTEXT', 'not whole blocks')
  return Buffer.from(unpad(sm4.decrypt(cipher, checked(key), options(iv))))
}

// The library's own unpadding lets a padding of 0 and of more than 16 pass.
function options(iv: Uint8Array | undefined) {
  const plain = { padding: 'none', output: 'array' } as const
  return iv === undefined ? plain : { ...plain, mode: 'cbc' as const, iv: checked(iv) }
}

function checked(key: Uint8Array): Uint8Array {
  if (key.length !== BLOCK_BYTES) throw new CryptoError('KEY', `${key.length} bytes instead of ${BLOCK_BYTES}`)
  return key
}
