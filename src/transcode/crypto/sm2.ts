/** SM2 (GB/T 32918): signatures with SM3, encryption in both orders and DER. Keys are prepared once and used often. */
import { sm2 } from 'sm-crypto'
import { bytesOfHex, CryptoError } from './crypto-error.ts'
import { cipherFromDer, cipherToDer } from './der.ts'
import { sm3 } from './sm3.ts'

/** The user id that everybody signs under unless told otherwise (GM/T 0009 10). */
const DEFAULT_USER_ID = '1234567812345678'
const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n

/** Bits at a time of a key's table: 6 costs some 15 ms once and verifies five times faster than none; 8 costs 65 ms for a tenth more. */
const TABLE_WINDOW = 6

/** A public key with its table and its Z value. */
export type Sm2PublicKey = {
  /** Uncompressed, with the leading 04. */
  readonly hex: string
  readonly point: ReturnType<typeof sm2.precomputePublicKey>
  readonly z: Uint8Array
}
export type Sm2PrivateKey = {
  readonly hex: string
  readonly z: Uint8Array
  /** Prepared when it is first asked for: signing does without its table. */
  readonly publicKey: Sm2PublicKey
}

/** How a ciphertext is laid out; the first is GM/T 0003's order since 2012, the second the older one. */
export type Sm2CipherForm = 'C1C3C2' | 'C1C2C3' | 'DER'

/** A public key's text with its 04, or undefined where it is no point of the curve. */
function publicHex(hex: string): string | undefined {
  const bare = hex.trim().toLowerCase()
  const full = /^[0-9a-f]{128}$/.test(bare) ? `04${bare}` : bare
  if (!/^(04[0-9a-f]{128}|0[23][0-9a-f]{64})$/.test(full)) return undefined
  try {
    return sm2.verifyPublicKey(full) ? full : undefined
  } catch {
    return undefined
  }
}

/** Whether hex is a public key: 64 bytes with or without the leading 04, or 33 compressed; a point of the curve. */
export const isSm2PublicKey = (hex: string): boolean => publicHex(hex) !== undefined

/** Whether hex is a private key: 32 bytes in range. */
export function isSm2PrivateKey(hex: string): boolean {
  const bare = hex.trim()
  // n - 1 has no inverse of 1 + d.
  return /^[0-9a-f]{64}$/i.test(bare) && BigInt(`0x${bare}`) !== 0n && BigInt(`0x${bare}`) < ORDER - 1n
}

/** Prepares a public key. Throws CryptoError('KEY') when it is none. */
export function sm2PublicKey(hex: string, userId = DEFAULT_USER_ID): Sm2PublicKey {
  const full = publicHex(hex)
  if (full === undefined) throw new CryptoError('KEY', 'not an SM2 public key')
  const point = sm2.precomputePublicKey(full, TABLE_WINDOW)
  const uncompressed = point.toHex(false)
  return { hex: uncompressed, point, z: sm2.getZ(uncompressed, userId) }
}

/** Prepares a private key. Throws CryptoError('KEY') when it is none. */
export function sm2PrivateKey(hex: string, userId = DEFAULT_USER_ID): Sm2PrivateKey {
  if (!isSm2PrivateKey(hex)) throw new CryptoError('KEY', 'not an SM2 private key')
  const bare = hex.trim().toLowerCase()
  const own = sm2.getPublicKeyFromPrivateKey(bare)
  let prepared: Sm2PublicKey | undefined
  return {
    hex: bare,
    z: sm2.getZ(own, userId),
    get publicKey() {
      return (prepared ??= sm2PublicKey(own, userId))
    },
  }
}

/**
 * Signs text (as UTF-8) or bytes: raw r‖s as 128 lower-case hex characters.
 * @param nonce k as hex, for published samples only: it must never be used twice
 */
export function sm2Sign(key: Sm2PrivateKey, message: string | Uint8Array, nonce?: string): string {
  const pool = nonce === undefined ? {} : { pointPool: [{ k: BigInt(`0x${nonce}`), x1: xOf(nonce) }] }
  return sm2.doSignature(digestFor(key, message), key.hex, pool)
}

/** Whether raw r‖s hex is this key's signature of the message; anything malformed is not. */
export function sm2Verify(key: Sm2PublicKey, message: string | Uint8Array, signature: string): boolean {
  if (!/^[0-9a-f]{128}$/i.test(signature)) return false
  const r = BigInt(`0x${signature.slice(0, 64)}`)
  const s = BigInt(`0x${signature.slice(64)}`)
  if (r === 0n || s === 0n || r >= ORDER || s >= ORDER) return false
  try {
    return sm2.doVerifySignature(digestFor(key, message), signature.toLowerCase(), key.point)
  } catch {
    // The library throws where the sum is the point at infinity.
    return false
  }
}

/** Encrypts: lower-case hex; C1 without its leading 04 unless the form is DER. */
export function sm2Encrypt(key: Sm2PublicKey, plain: string | Uint8Array, form: Sm2CipherForm = 'C1C3C2'): string {
  const bytes = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain
  const order = form === 'C1C2C3' ? 0 : 1
  let raw = sm2.doEncrypt(bytes, key.point, order)
  // A key stream of zeros, likely only for a message of a byte or two, would send it in the clear (GB/T 32918.4 6.1).
  while (bytes.length > 0 && clearIn(raw, bytes, form)) raw = sm2.doEncrypt(bytes, key.point, order)
  return form === 'DER' ? cipherToDer(Buffer.from(raw, 'hex')).toString('hex') : raw
}

/**
 * Decrypts hex, with or without the leading 04. Throws CryptoError('CIPHERTEXT')
 * when a bit of it was changed or it was meant for another key.
 */
export function sm2Decrypt(key: Sm2PrivateKey, cipher: string, form: Sm2CipherForm = 'C1C3C2'): Buffer {
  const given = bytesOfHex(cipher.trim(), 'CIPHERTEXT')
  const raw = form === 'DER' ? cipherFromDer(given) : given
  // A first byte of 04 may also be the x coordinate's own; the digest inside tells which.
  const readings = form !== 'DER' && raw[0] === 0x04 ? [raw.subarray(1), raw] : [raw]
  for (const reading of readings) {
    const plain = decryptOnce(key, reading, form)
    if (plain !== undefined) return plain
  }
  throw new CryptoError('CIPHERTEXT')
}

function clearIn(raw: string, plain: Uint8Array, form: Sm2CipherForm): boolean {
  const cipher = form === 'C1C2C3' ? raw.slice(128, -64) : raw.slice(192)
  return cipher === Buffer.from(plain).toString('hex')
}

function decryptOnce(key: Sm2PrivateKey, raw: Uint8Array, form: Sm2CipherForm): Buffer | undefined {
  if (raw.length < 96) return undefined
  try {
    const hex = Buffer.from(raw).toString('hex')
    const plain: unknown = sm2.doDecrypt(hex, key.hex, form === 'C1C2C3' ? 0 : 1, { output: 'array' })
    // A failed check is an empty Array, an empty message an empty Uint8Array.
    return plain instanceof Uint8Array ? Buffer.from(plain) : undefined
  } catch {
    return undefined
  }
}

function digestFor(key: { readonly z: Uint8Array }, message: string | Uint8Array): Buffer {
  const bytes = typeof message === 'string' ? Buffer.from(message, 'utf8') : message
  return sm3(Buffer.concat([key.z, bytes]))
}

function xOf(nonce: string): bigint {
  return BigInt(`0x${sm2.getPublicKeyFromPrivateKey(nonce).slice(2, 66)}`)
}
