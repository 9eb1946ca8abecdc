import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import legacy from 'sm-crypto-legacy'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CryptoError } from '../../../src/transcode/crypto/crypto-error.ts'
import { signatureFromDer, signatureToDer } from '../../../src/transcode/crypto/der.ts'
import {
  sm2Decrypt,
  sm2Encrypt,
  sm2PrivateKey,
  sm2PublicKey,
  sm2Sign,
  sm2Verify,
  type Sm2CipherForm,
  type Sm2PrivateKey,
} from '../../../src/transcode/crypto/sm2.ts'

/** GB/T 32918.5 A.2. */
const SAMPLE = {
  d: '3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8',
  k: '59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21',
  x: '09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020',
  y: 'CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13',
  r: 'F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3',
  s: 'B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA',
}
const FORMS = ['C1C3C2', 'C1C2C3', 'DER'] as const satisfies readonly Sm2CipherForm[]
const FEW = { numRuns: 20 }

const key = sm2PrivateKey(SAMPLE.d)
const message = fc.string({ unit: 'grapheme', maxLength: 80 }).filter((value) => value.isWellFormed())
const content = fc.uint8Array({ maxLength: 120 })

/** PKCS#8 and SPKI by hand: OpenSSL takes SM2 keys in DER only. */
function derKeys(from: Sm2PrivateKey) {
  const algorithm = '301306072a8648ce3d020106082a811ccf5501822d'
  const publicDer = Buffer.from(`3059${algorithm}034200${from.publicKey.hex}`, 'hex')
  const inner = `306b0201010420${from.hex}a144034200${from.publicKey.hex}`
  const privateDer = Buffer.from(`308187020100${algorithm}046d${inner}`, 'hex')
  return { publicDer, privateDer }
}

const der = derKeys(key)
const nodePrivate = createPrivateKey({ key: der.privateDer, format: 'der', type: 'pkcs8' })
const nodePublic = createPublicKey({ key: der.publicDer, format: 'der', type: 'spki' })

const opensslVersion = (() => {
  try {
    return execFileSync('openssl', ['version'], { encoding: 'utf8' })
  } catch {
    return undefined
  }
})()

describe('SM2 signatures', () => {
  it('are those of GB/T 32918.5 A.2', () => {
    expect(key.publicKey.hex).toBe(`04${SAMPLE.x}${SAMPLE.y}`.toLowerCase())
    expect(sm2Sign(key, 'message digest', SAMPLE.k)).toBe((SAMPLE.r + SAMPLE.s).toLowerCase())
    expect(sm2Verify(key.publicKey, 'message digest', SAMPLE.r + SAMPLE.s)).toBe(true)
  })

  it('agree with the old package in both directions', () => {
    fc.assert(
      fc.property(message, (text) => {
        const hash = { hash: true }
        expect(legacy.sm2.doVerifySignature(text, sm2Sign(key, text), key.publicKey.hex, hash)).toBe(true)
        expect(sm2Verify(key.publicKey, text, legacy.sm2.doSignature(text, key.hex, hash))).toBe(true)
      }),
      FEW,
    )
  })

  it('agree with OpenSSL in node, which signs under an empty user id', () => {
    const empty = sm2PrivateKey(SAMPLE.d, '')
    fc.assert(
      fc.property(content, (bytes) => {
        const ours = signatureToDer(Buffer.from(sm2Sign(empty, bytes), 'hex'))
        expect(verify('sm3', bytes, nodePublic, ours)).toBe(true)
        const theirs = signatureFromDer(sign('sm3', bytes, nodePrivate)).toString('hex')
        expect(sm2Verify(empty.publicKey, bytes, theirs)).toBe(true)
        expect(sm2Verify(key.publicKey, bytes, theirs)).toBe(false)
      }),
    )
  })

  it('do not hold when a bit of message, signature or key is changed', () => {
    const other = sm2PrivateKey('1'.repeat(64))
    fc.assert(
      fc.property(content, fc.nat(511), (bytes, bit) => {
        const signature = sm2Sign(key, bytes)
        const changed = Buffer.from(signature, 'hex')
        changed[bit >> 3]! ^= 1 << (bit & 7)
        expect(sm2Verify(key.publicKey, bytes, changed.toString('hex'))).toBe(false)
        expect(sm2Verify(key.publicKey, Buffer.concat([bytes, Buffer.from([0])]), signature)).toBe(false)
        expect(sm2Verify(other.publicKey, bytes, signature)).toBe(false)
      }),
      FEW,
    )
  })

  it('are false, and raise nothing, for anything malformed or out of range', () => {
    const n = 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123'
    const zero = '0'.repeat(64)
    for (const bad of [
      '',
      'zz',
      zero + zero,
      SAMPLE.r + zero,
      zero + SAMPLE.s,
      n + SAMPLE.s,
      SAMPLE.r + n,
      SAMPLE.r,
      `${SAMPLE.r}${SAMPLE.s}00`,
    ]) {
      expect(sm2Verify(key.publicKey, 'message digest', bad)).toBe(false)
    }
    // r + s = n: their sum is zero.
    const one = '1'.padStart(64, '0')
    expect(sm2Verify(key.publicKey, 'x', one + (BigInt(`0x${n}`) - 1n).toString(16))).toBe(false)
  })

  it('survive DER and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (raw) => {
        expect(signatureFromDer(signatureToDer(raw))).toEqual(Buffer.from(raw))
      }),
    )
    for (const bad of ['', '30', '3000', '3006020101020101ff', '300602010102020102']) {
      expect(() => signatureFromDer(Buffer.from(bad, 'hex'))).toThrow(CryptoError)
    }
  })
})

describe('SM2 encryption', () => {
  it('opens what it closed, in every form, empty messages included', () => {
    fc.assert(
      fc.property(content, fc.constantFrom(...FORMS), (bytes, form) => {
        expect(sm2Decrypt(key, sm2Encrypt(key.publicKey, bytes, form), form)).toEqual(Buffer.from(bytes))
      }),
      { numRuns: 40 },
    )
  })

  it('agrees with the old package in both orders and directions, with and without the leading 04', () => {
    fc.assert(
      // The old package cannot tell an empty message from a damaged one.
      fc.property(
        message.filter((text) => text !== ''),
        fc.constantFrom('C1C3C2', 'C1C2C3'),
        fc.constantFrom('', '04'),
        (text, form, lead) => {
          const mode = form === 'C1C3C2' ? 1 : 0
          expect(legacy.sm2.doDecrypt(sm2Encrypt(key.publicKey, text, form), key.hex, mode)).toBe(text)
          expect(sm2Decrypt(key, lead + legacy.sm2.doEncrypt(text, key.publicKey.hex, mode), form).toString()).toBe(
            text,
          )
        },
      ),
      FEW,
    )
  })

  it('opens a ciphertext whose x coordinate itself begins with 04', () => {
    let secret = sm2Encrypt(key.publicKey, 'ab')
    for (let i = 0; i < 5000 && !secret.startsWith('04'); i++) secret = sm2Encrypt(key.publicKey, 'ab')
    expect(secret.startsWith('04')).toBe(true)
    expect(sm2Decrypt(key, secret).toString()).toBe('ab')
    expect(sm2Decrypt(key, `04${secret}`).toString()).toBe('ab')
  }, 30_000)

  it('is an error, never an empty text, when any bit is changed', () => {
    fc.assert(
      fc.property(content, fc.constantFrom(...FORMS), fc.nat(), (bytes, form, at) => {
        const secret = Buffer.from(sm2Encrypt(key.publicKey, bytes, form), 'hex')
        const bit = at % (secret.length * 8)
        secret[bit >> 3]! ^= 1 << (bit & 7)
        expect(() => sm2Decrypt(key, secret.toString('hex'), form)).toThrow(CryptoError)
      }),
      { numRuns: 40 },
    )
  })

  it('is an error for another key, for a stump and for what is no hex', () => {
    const secret = sm2Encrypt(key.publicKey, '甲')
    expect(() => sm2Decrypt(sm2PrivateKey('2'.repeat(64)), secret)).toThrow(CryptoError)
    expect(() => sm2Decrypt(key, secret.slice(0, 190))).toThrow(CryptoError)
    expect(() => sm2Decrypt(key, '')).toThrow(CryptoError)
    expect(() => sm2Decrypt(key, `zz${secret}`)).toThrow(CryptoError)
  })
})

describe.skipIf(opensslVersion === undefined)(
  `SM2 and the openssl command (${opensslVersion?.trim() ?? 'skipped: not installed'})`,
  () => {
    let folder: string
    const path = (name: string) => join(folder, name)
    const run = (...args: string[]) =>
      execFileSync('openssl', ['pkeyutl', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const distid = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678']

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'maqiao-sm2-'))
      const pem = (label: string, body: Buffer) =>
        `-----BEGIN ${label}-----\n${body.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`
      writeFileSync(path('private.pem'), pem('PRIVATE KEY', der.privateDer))
      writeFileSync(path('public.pem'), pem('PUBLIC KEY', der.publicDer))
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    it('sign and verify each other under the usual user id', () => {
      for (const bytes of fc.sample(fc.uint8Array({ minLength: 1, maxLength: 100 }), 5)) {
        writeFileSync(path('message'), bytes)
        run('-sign', '-inkey', path('private.pem'), '-in', path('message'), ...distid, '-out', path('signature'))
        const theirs = signatureFromDer(execFileSync('cat', [path('signature')])).toString('hex')
        expect(sm2Verify(key.publicKey, bytes, theirs)).toBe(true)
        writeFileSync(path('signature'), signatureToDer(Buffer.from(sm2Sign(key, bytes), 'hex')))
        const said = run(
          '-verify',
          '-pubin',
          '-inkey',
          path('public.pem'),
          '-in',
          path('message'),
          '-sigfile',
          path('signature'),
          ...distid,
        )
        expect(said.toString()).toContain('Signature Verified Successfully')
      }
    })

    it('encrypt and decrypt for each other in DER', () => {
      for (const bytes of fc.sample(fc.uint8Array({ minLength: 1, maxLength: 100 }), 5)) {
        writeFileSync(path('secret'), Buffer.from(sm2Encrypt(key.publicKey, bytes, 'DER'), 'hex'))
        expect(run('-decrypt', '-inkey', path('private.pem'), '-in', path('secret'))).toEqual(Buffer.from(bytes))
        writeFileSync(path('message'), bytes)
        const theirs = run('-encrypt', '-pubin', '-inkey', path('public.pem'), '-in', path('message'))
        expect(sm2Decrypt(key, theirs.toString('hex'), 'DER')).toEqual(Buffer.from(bytes))
      }
    })
  },
)

describe('SM2 keys', () => {
  it('may be given with or without 04, compressed, and in either case', () => {
    const bare = SAMPLE.x + SAMPLE.y
    const compressed = `0${BigInt(`0x${SAMPLE.y}`) % 2n === 0n ? 2 : 3}${SAMPLE.x}`
    for (const form of [bare, `04${bare}`, bare.toLowerCase(), compressed]) {
      expect(sm2PublicKey(form).hex).toBe(key.publicKey.hex)
      expect(sm2Verify(sm2PublicKey(form), 'message digest', SAMPLE.r + SAMPLE.s)).toBe(true)
    }
  })

  it('are refused when they are none', () => {
    for (const bad of ['', 'abc', `04${'1'.repeat(128)}`, SAMPLE.x])
      expect(() => sm2PublicKey(bad)).toThrow(CryptoError)
    const order = 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123'
    for (const bad of ['', '0'.repeat(64), order, order.replace(/3$/, '2'), 'g'.repeat(64)]) {
      expect(() => sm2PrivateKey(bad)).toThrow(CryptoError)
    }
  })
})
