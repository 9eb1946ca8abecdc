/** The few DER forms that SM2 signatures and ciphertexts come in (GB/T 35276). */
import { CryptoError, type CryptoFault } from './crypto-error.ts'

const INTEGER = 0x02
const OCTETS = 0x04
const SEQUENCE = 0x30
const COORDINATE_BYTES = 32

/** r‖s (64 bytes) -> SEQUENCE of two INTEGERs. */
export function signatureToDer(raw: Uint8Array): Buffer {
  if (raw.length !== 2 * COORDINATE_BYTES) throw new CryptoError('SIGNATURE')
  return element(SEQUENCE, integer(raw.subarray(0, COORDINATE_BYTES)), integer(raw.subarray(COORDINATE_BYTES)))
}

/** SEQUENCE of two INTEGERs -> r‖s (64 bytes). Throws CryptoError('SIGNATURE') on any other form. */
export function signatureFromDer(der: Uint8Array): Buffer {
  const body = createReader(der, 'SIGNATURE').only(SEQUENCE)
  const reader = createReader(body, 'SIGNATURE')
  const raw = Buffer.concat([reader.coordinate(), reader.coordinate()])
  reader.end()
  return raw
}

/** C1‖C3‖C2 (C1 without its leading 04) -> SEQUENCE of x, y, hash, cipher. */
export function cipherToDer(raw: Uint8Array): Buffer {
  return element(
    SEQUENCE,
    integer(raw.subarray(0, 32)),
    integer(raw.subarray(32, 64)),
    element(OCTETS, raw.subarray(64, 96)),
    element(OCTETS, raw.subarray(96)),
  )
}

/** SEQUENCE of x, y, hash, cipher -> C1‖C3‖C2. Throws CryptoError('CIPHERTEXT') on any other form. */
export function cipherFromDer(der: Uint8Array): Buffer {
  const body = createReader(der, 'CIPHERTEXT').only(SEQUENCE)
  const reader = createReader(body, 'CIPHERTEXT')
  const raw = Buffer.concat([reader.coordinate(), reader.coordinate(), reader.take(OCTETS), reader.take(OCTETS)])
  reader.end()
  return raw
}

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

function lengthOf(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size])
  const bytes = Buffer.from(
    size.toString(16).padStart(size > 0xffffff ? 8 : size > 0xffff ? 6 : size > 0xff ? 4 : 2, '0'),
    'hex',
  )
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

function integer(bytes: Uint8Array): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const short = bytes.subarray(start)
  // A first bit of 1 would read as a negative number.
  return element(INTEGER, (short[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), short]) : short)
}

function createReader(bytes: Uint8Array, fault: CryptoFault) {
  let at = 0

  function length(): number {
    const first = bytes[at++] ?? 0
    if (first < 0x80) return first
    const count = first & 0x7f
    if (count < 1 || count > 4) throw new CryptoError(fault, 'not DER')
    let size = 0
    for (let i = 0; i < count; i++) size = size * 256 + (bytes[at++] ?? 0)
    return size
  }

  function take(tag: number): Uint8Array {
    if (bytes[at++] !== tag) throw new CryptoError(fault, 'not DER')
    const size = length()
    const body = bytes.subarray(at, at + size)
    at += size
    if (body.length !== size) throw new CryptoError(fault, 'not DER')
    return body
  }

  function end(): void {
    if (at !== bytes.length) throw new CryptoError(fault, 'not DER')
  }

  function coordinate(): Uint8Array {
    const value = take(INTEGER)
    const short = value.length > 1 && value[0] === 0 ? value.subarray(1) : value
    if (short.length === 0 || short.length > COORDINATE_BYTES) throw new CryptoError(fault, 'not DER')
    return Buffer.concat([Buffer.alloc(COORDINATE_BYTES - short.length), short])
  }

  return {
    take,
    end,
    coordinate,
    only(tag: number): Uint8Array {
      const body = take(tag)
      end()
      return body
    },
  }
}
