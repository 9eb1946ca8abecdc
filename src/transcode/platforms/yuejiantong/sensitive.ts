/** 粤健通 4: values that may be SM4-ECB in hex or Base64. */
import { bytesOfBase64, bytesOfHex, utf8Of } from '../../crypto/crypto-error.ts'
import { sm4Decrypt } from '../../crypto/sm4.ts'
import type { ExchangeResponse } from './schemas.ts'

/** 3.2.4 encrypts the first two, 4.1 lists the others as well. */
const SENSITIVE = ['certificateNo', 'phone', 'name', 'healthCardNo'] as const

/** The plain text, or undefined where the value does not decrypt cleanly. */
export function decrypted(key: Uint8Array, value: string): string | undefined {
  for (const read of [(text: string) => bytesOfHex(text, 'CIPHERTEXT'), bytesOfBase64]) {
    try {
      const plain = utf8Of(sm4Decrypt(key, read(value.trim())))
      if (plain !== '' && !/[\p{Cc}\uFFFD]/u.test(plain)) return plain
    } catch {
      continue
    }
  }
  return undefined
}

/** Whether a value that did not decrypt is still a ciphertext, of another key then. */
export function looksEncrypted(value: string): boolean {
  const text = value.trim()
  if (/^([0-9a-f]{32})+$/i.test(text)) return true
  return (
    text.length >= 24 &&
    text.length % 4 === 0 &&
    /^[0-9a-z+/]+={0,2}$/i.test(text) &&
    Buffer.from(text, 'base64').length % 16 === 0
  )
}

/** Decrypts what decrypts cleanly; `unreadable` names what another key would open, and is left out: a ciphertext is nobody's number. */
export function readable(data: ExchangeResponse, appKey: string): { data: ExchangeResponse; unreadable: string[] } {
  const key = Buffer.from(appKey, 'hex')
  const result = { ...data }
  const unreadable: string[] = []
  for (const name of SENSITIVE) {
    const value = data[name]
    if (value === undefined) continue
    const plain = decrypted(key, value)
    if (plain !== undefined) result[name] = plain
    // A health card number is 64 hex characters by itself.
    else if (name !== 'healthCardNo' && looksEncrypted(value)) {
      unreadable.push(name)
      delete result[name]
    }
  }
  return { data: result, unreadable }
}
