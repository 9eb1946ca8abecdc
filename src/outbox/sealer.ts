/** Seals bytes with SM4-CBC and HMAC-SM3, encrypt-then-MAC under separate keys. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { sm3, sm4 } from 'sm-crypto'
import type { Sealer } from './outbox.ts'

const FORMAT = 1
const KEY_ID_BYTES = 4
const IV_BYTES = 16
const MAC_BYTES = 32
const HEADER_BYTES = 1 + KEY_ID_BYTES + IV_BYTES

type Keys = { id: Buffer; cipher: Uint8Array; mac: Uint8Array; digest: Uint8Array }

/**
 * Makes a sealer.
 * @param key 32 bytes; everything new is sealed under it
 * @param older keys of 32 bytes that may still open what was sealed before a rotation
 */
export function createSealer(key: Uint8Array, older: readonly Uint8Array[] = []): Sealer {
  const current = keysOf(key)
  const known = [current, ...older.map(keysOf)]

  return {
    seal(plain, aad) {
      const iv = nextIv()
      const header = Buffer.concat([Buffer.of(FORMAT), current.id, iv])
      const cipher = sm4.encrypt(plain, current.cipher, { mode: 'cbc', iv, output: 'array' })
      return Buffer.concat([header, cipher, mac(current, header, cipher, aad)])
    },
    open(sealed, aad) {
      if (sealed.length < HEADER_BYTES + 16 + MAC_BYTES || sealed[0] !== FORMAT) throw new Error('not a sealed text')
      const keys = known.find((candidate) => hasId(sealed, candidate))
      if (!keys) throw new Error('sealed under another key')
      const header = sealed.subarray(0, HEADER_BYTES)
      const cipher = sealed.subarray(HEADER_BYTES, sealed.length - MAC_BYTES)
      const given = sealed.subarray(sealed.length - MAC_BYTES)
      if (!timingSafeEqual(given, mac(keys, header, cipher, aad))) throw new Error('sealed text was changed')
      return sm4.decrypt(cipher, keys.cipher, { mode: 'cbc', iv: header.subarray(1 + KEY_ID_BYTES), output: 'array' })
    },
    digest(text) {
      return sm3(Buffer.from(text, 'utf8'), { key: current.digest })
    },
    isCurrent: (sealed) => hasId(sealed, current),
  }
}

// One system call for many vectors: on a busy machine each costs as much as the cipher. None is given out twice.
let ivs = Buffer.alloc(0)
function nextIv(): Buffer {
  if (ivs.length === 0) ivs = randomBytes(64 * IV_BYTES)
  const iv = ivs.subarray(0, IV_BYTES)
  ivs = ivs.subarray(IV_BYTES)
  return iv
}

function keysOf(key: Uint8Array): Keys {
  if (key.length !== 32) throw new RangeError('a key has 32 bytes')
  const derive = (label: string) => Buffer.from(sm3(Buffer.from(`maqiao ${label}`), { key }), 'hex')
  return {
    id: derive('key id').subarray(0, KEY_ID_BYTES),
    cipher: derive('sm4').subarray(0, 16),
    mac: derive('hmac-sm3'),
    digest: derive('digest'),
  }
}

function hasId(sealed: Uint8Array, keys: Keys): boolean {
  return keys.id.equals(sealed.subarray(1, 1 + KEY_ID_BYTES))
}

// The length in front keeps bytes from moving between the bound text and the ciphertext.
function mac(keys: Keys, header: Uint8Array, cipher: Uint8Array, aad: string): Buffer {
  const bound = Buffer.from(aad, 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bound.length)
  return Buffer.from(sm3(Buffer.concat([length, bound, header, cipher]), { key: keys.mac }), 'hex')
}
