/** The two envelopes behind one port: a message is sealed for the wire, and opened only if its signature holds. */
import { parseExactJson, sourceOf } from '../../crypto/exact-json.ts'
import type { PayloadCipher } from './cipher.ts'
import { ownError } from './codes.ts'
import type { QuanzhouSettings } from './settings.ts'
import type { Signer } from './signer.ts'

export type Members = Record<string, unknown>

/** What both envelopes are made of; without a cipher the payload goes in the clear. */
export type EnvelopeParts = { settings: QuanzhouSettings; signer: Signer; cipher: PayloadCipher | undefined }

/** A verified answer: protocol part, business code and data. */
export type Opened = {
  /** True where the protocol field says success (chs `type`; ec has none beside respCode). */
  accepted: boolean
  /** Business code as text; "0" is success. */
  code: string
  words: unknown
  data: unknown
  /** The sender's clock, ms since 1970, where it says; NaN where it says what is no time. */
  at: number | undefined
}

export type Envelope = {
  /** The body of a request. `at` in ms; `token` only with auth oauth2. */
  sealRequest(functionId: string, business: Members, at: number, token?: string): string
  /** Throws PlatformError (REPLY_UNSIGNED, REPLY_SIGNATURE, REPLY_DECRYPT, REPLY_SHAPE): nothing of it is believed. */
  openResponse(answer: Members): Opened
  /** The same for a request that the platform sends to the hospital. */
  openRequest(request: Members): { business: Members; at: number | undefined; appId: string; /** Where the request carries one. */ appSecret?: string }
  /** The body of the hospital's answer; "0" is success. */
  sealResponse(answer: { code: number; words: string; data?: Members }, at: number): string
}

/**
 * Whether a signature is over the message, with or without the members of inner
 * objects that are "": the text leaves 空值 out (附录1 1.3.2.3), its samples have none.
 */
export function isSigned(message: Members, stringOf: (message: Members) => string, verify: (text: string) => boolean): boolean {
  const whole = stringOf(message)
  if (verify(whole)) return true
  const bare = stringOf(withoutBlanks(message) as Members)
  return bare !== whole && verify(bare)
}

function withoutBlanks(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || sourceOf(value) !== undefined) return value
  if (Array.isArray(value)) return value.map(withoutBlanks)
  return Object.fromEntries(Object.entries(value).flatMap(([name, item]) => (item === '' ? [] : [[name, withoutBlanks(item)]])))
}

/** Decrypts a payload and parses it as a JSON object. Throws PlatformError(REPLY_DECRYPT). */
export function decryptedMembers(decrypt: (cipher: string) => string, cipher: string): Members {
  try {
    return membersOf(parseExactJson(decrypt(cipher)))
  } catch {
    throw ownError('REPLY_DECRYPT')
  }
}

/** The value as a JSON object. Throws PlatformError(REPLY_SHAPE). */
export function membersOf(value: unknown): Members {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw ownError('REPLY_SHAPE')
  return value as Members
}
