/** Signs and checks the strings of both envelopes with MD5, SM3 or SM2. */
import { timingSafeEqual } from 'node:crypto'
import { signatureFromDer } from '../../crypto/der.ts'
import { md5 } from '../../crypto/digests.ts'
import { sm2PrivateKey, sm2PublicKey, sm2Sign, sm2Verify } from '../../crypto/sm2.ts'
import { sm3 } from '../../crypto/sm3.ts'
import type { QuanzhouSettings } from './settings.ts'

export type Signer = {
  sign(text: string): string
  /** @param kind a request must be signed as agreed; the document's answers may carry a digest instead */
  verify(text: string, signature: string, kind: 'request' | 'response'): boolean
}

/** Keys are prepared this long after the start unless they are needed sooner, one by one with a pause between, ms. */
const PREPARE_AFTER_MS = 2000
const PREPARE_PAUSE_MS = 100

type Digest = 'MD5' | 'SM3'
const upperHex = (digest: Digest, text: string) =>
  (digest === 'MD5' ? md5(text) : sm3(text)).toString('hex').toUpperCase()

/**
 * `chs` writes a digest as upper-case hex; `ec` writes Base64 of that hex. An
 * SM2 signature is Base64 of r‖s in both (附录1 1.3.2.4).
 */
export function createSigner(settings: QuanzhouSettings): Signer {
  const wrap = (text: string) => (settings.envelope === 'ec' ? Buffer.from(text, 'ascii').toString('base64') : text)
  const { signType } = settings
  if (signType !== 'SM2') {
    return {
      sign: (text) => wrap(upperHex(signType, text)),
      verify: (text, signature) =>
        sameText(
          wrap(upperHex(signType, text)),
          settings.envelope === 'chs' ? signature.trim().toUpperCase() : signature.trim(),
        ),
    }
  }
  const ours = once(() => sm2PrivateKey(settings.privateKey?.reveal() ?? ''))
  const theirs = once(() => sm2PublicKey(settings.platformPublicKey ?? ''))
  // Their tables take some 80 ms: the start does not wait for them, and the first patient need not either.
  setTimeout(() => {
    ours()
    setTimeout(theirs, PREPARE_PAUSE_MS).unref()
  }, PREPARE_AFTER_MS).unref()
  return {
    sign: (text) => Buffer.from(sm2Sign(ours(), text), 'hex').toString('base64'),
    verify(text, signature, kind) {
      const bytes = bytesOf(signature.trim())
      // The document's own answer says SM2 and carries an SM3 digest in hex.
      if (kind === 'response' && settings.envelope === 'ec' && /^[0-9A-F]{64}$/.test(bytes.toString('latin1'))) {
        return sameText(upperHex('SM3', text), bytes.toString('latin1'))
      }
      return sm2Verify(theirs(), text, rawOf(bytes).toString('hex'))
    },
  }
}

/** Base64 as the document has it; hex as some libraries write it. */
function bytesOf(signature: string): Buffer {
  return /^([0-9a-f]{2}){64,72}$/i.test(signature) ? Buffer.from(signature, 'hex') : Buffer.from(signature, 'base64')
}

/** r‖s, also of the DER form that most libraries give (GB/T 35276); whatever is neither stays as it is and is no signature. */
function rawOf(bytes: Buffer): Buffer {
  if (bytes.length === 64 || bytes[0] !== 0x30) return bytes
  try {
    return signatureFromDer(bytes)
  } catch {
    return bytes
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
