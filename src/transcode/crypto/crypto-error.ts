/** What went wrong with a key or a ciphertext; never holds either. */
const CRYPTO_FAULTS = {
  KEY: 'key has the wrong form',
  CIPHERTEXT: 'ciphertext is damaged or from another key',
  PADDING: 'padding is not PKCS#7',
  SIGNATURE: 'signature has the wrong form',
} as const satisfies Record<string, string>
export type CryptoFault = keyof typeof CRYPTO_FAULTS

/** Raised by every primitive of this folder. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError'
  readonly code: CryptoFault
  constructor(code: CryptoFault, detail?: string) {
    super(detail === undefined ? CRYPTO_FAULTS[code] : `${CRYPTO_FAULTS[code]}: ${detail}`)
    this.code = code
  }
}

/** Hex of either case -> bytes. Throws CryptoError of the given code on anything else, odd lengths included. */
export function bytesOfHex(hex: string, fault: CryptoFault): Buffer<ArrayBuffer> {
  if (hex.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(hex)) throw new CryptoError(fault, 'not hex')
  return Buffer.from(hex, 'hex')
}

/** Base64 with or without its padding -> bytes. Throws CryptoError('CIPHERTEXT') on anything else. */
export function bytesOfBase64(text: string): Buffer<ArrayBuffer> {
  const compact = text.replace(/\s+/g, '')
  if (!/^[0-9a-z+/]*={0,2}$/i.test(compact) || compact.replace(/={1,2}$/, '').length % 4 === 1) {
    throw new CryptoError('CIPHERTEXT', 'not Base64')
  }
  return Buffer.from(compact, 'base64')
}

/** Bytes -> text. Throws CryptoError('CIPHERTEXT') when they are not UTF-8. */
export function utf8Of(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CryptoError('CIPHERTEXT', 'not UTF-8')
  }
}
