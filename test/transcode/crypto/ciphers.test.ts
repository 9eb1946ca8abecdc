import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import legacy from 'sm-crypto-legacy'
import { describe, expect, it } from 'vitest'
import { aesDecrypt, aesEncrypt } from '../../../src/transcode/crypto/aes.ts'
import { CryptoError, bytesOfBase64, bytesOfHex, utf8Of } from '../../../src/transcode/crypto/crypto-error.ts'
import { hmac, md5, sha1, sha256 } from '../../../src/transcode/crypto/digests.ts'
import { javaSeededKey } from '../../../src/transcode/crypto/java-key.ts'
import { sm3 } from '../../../src/transcode/crypto/sm3.ts'
import { sm4Decrypt, sm4Encrypt } from '../../../src/transcode/crypto/sm4.ts'

const bytes = fc.uint8Array({ maxLength: 200 })
const block = fc.uint8Array({ minLength: 16, maxLength: 16 })
const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((value) => value.isWellFormed())
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')

function openssl(mode: string, key: Uint8Array, iv: Uint8Array | null, plain: Uint8Array): Buffer {
  const cipher = createCipheriv(mode, key, iv)
  return Buffer.concat([cipher.update(plain), cipher.final()])
}
function opensslBack(mode: string, key: Uint8Array, iv: Uint8Array | null, secret: Uint8Array): Buffer {
  const decipher = createDecipheriv(mode, key, iv)
  return Buffer.concat([decipher.update(secret), decipher.final()])
}
/** Encrypts blocks as they are, so that a wrong padding can be made. */
function unpadded(mode: string, key: Uint8Array, iv: Uint8Array | null, plain: Uint8Array): Buffer {
  const cipher = createCipheriv(mode, key, iv).setAutoPadding(false)
  return Buffer.concat([cipher.update(plain), cipher.final()])
}
const codeOf = (call: () => unknown) => {
  try {
    call()
  } catch (error) {
    return error instanceof CryptoError ? error.code : String(error)
  }
  return 'no error'
}

describe('SM3', () => {
  it('gives the digests of GB/T 32905 A.1 and A.2', () => {
    expect(hex(sm3('abc'))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')
    expect(hex(sm3('abcd'.repeat(16)))).toBe('debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732')
  })

  it('agrees with OpenSSL and with the old package', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect(sm3(data)).toEqual(createHash('sm3').update(data).digest())
      }),
    )
    fc.assert(
      fc.property(text, (data) => {
        expect(hex(sm3(data))).toBe(legacy.sm3(data))
      }),
    )
  })
})

describe('SM4', () => {
  it('gives the block of GB/T 32907 A.1', () => {
    const key = Buffer.from('0123456789abcdeffedcba9876543210', 'hex')
    expect(hex(sm4Encrypt(key, key)).slice(0, 32)).toBe('681edf34d206965e86b3e94f536e4246')
  })

  it('ECB agrees with OpenSSL in both directions', () => {
    fc.assert(
      fc.property(block, bytes, (key, plain) => {
        const secret = sm4Encrypt(key, plain)
        expect(secret).toEqual(openssl('sm4-ecb', key, null, plain))
        expect(opensslBack('sm4-ecb', key, null, secret)).toEqual(Buffer.from(plain))
        expect(sm4Decrypt(key, openssl('sm4-ecb', key, null, plain))).toEqual(Buffer.from(plain))
      }),
    )
  })

  it('CBC agrees with OpenSSL in both directions', () => {
    fc.assert(
      fc.property(block, block, bytes, (key, iv, plain) => {
        const secret = sm4Encrypt(key, plain, iv)
        expect(secret).toEqual(openssl('sm4-cbc', key, iv, plain))
        expect(opensslBack('sm4-cbc', key, iv, secret)).toEqual(Buffer.from(plain))
        expect(sm4Decrypt(key, openssl('sm4-cbc', key, iv, plain), iv)).toEqual(Buffer.from(plain))
      }),
    )
  })

  it('agrees with the old package in both directions', () => {
    fc.assert(
      fc.property(block, block, text, (key, iv, plain) => {
        const cbc = { mode: 'cbc', iv: hex(iv) } as const
        expect(legacy.sm4.decrypt(hex(sm4Encrypt(key, plain)), hex(key))).toBe(plain)
        expect(legacy.sm4.decrypt(hex(sm4Encrypt(key, plain, iv)), hex(key), cbc)).toBe(plain)
        expect(sm4Decrypt(key, Buffer.from(legacy.sm4.encrypt(plain, hex(key)), 'hex')).toString()).toBe(plain)
        expect(sm4Decrypt(key, Buffer.from(legacy.sm4.encrypt(plain, hex(key), cbc), 'hex'), iv).toString()).toBe(plain)
      }),
    )
  })

  it('does not change what it was given', () => {
    fc.assert(
      fc.property(block, block, bytes, (key, iv, plain) => {
        const before = [hex(key), hex(iv), hex(plain)]
        sm4Decrypt(key, sm4Encrypt(key, plain, iv), iv)
        expect([hex(key), hex(iv), hex(plain)]).toEqual(before)
      }),
    )
  })

  it.each([0, 17, 32, 255])('refuses a padding of %i', (last) => {
    const key = Buffer.alloc(16, 7)
    const plain = Buffer.alloc(48, last)
    expect(codeOf(() => sm4Decrypt(key, unpadded('sm4-ecb', key, null, plain)))).toBe('PADDING')
    expect(codeOf(() => sm4Decrypt(key, unpadded('sm4-cbc', key, key, plain), key))).toBe('PADDING')
    expect(codeOf(() => aesDecrypt(key, unpadded('aes-128-ecb', key, null, plain)))).toBe('PADDING')
  })

  it('refuses a padding whose bytes differ', () => {
    const key = Buffer.alloc(16, 7)
    const plain = Buffer.concat([Buffer.alloc(13, 1), Buffer.from([9, 3, 3])])
    expect(codeOf(() => sm4Decrypt(key, unpadded('sm4-ecb', key, null, plain)))).toBe('PADDING')
    expect(codeOf(() => aesDecrypt(key, unpadded('aes-128-ecb', key, null, plain)))).toBe('PADDING')
  })

  it('refuses keys and ciphertexts of a wrong length', () => {
    const key = Buffer.alloc(16)
    expect(codeOf(() => sm4Encrypt(Buffer.alloc(15), 'x'))).toBe('KEY')
    expect(codeOf(() => sm4Encrypt(key, 'x', Buffer.alloc(8)))).toBe('KEY')
    expect(codeOf(() => sm4Decrypt(key, Buffer.alloc(0)))).toBe('CIPHERTEXT')
    expect(codeOf(() => sm4Decrypt(key, Buffer.alloc(17)))).toBe('CIPHERTEXT')
    expect(codeOf(() => aesEncrypt(Buffer.alloc(24), 'x'))).toBe('KEY')
    expect(codeOf(() => aesDecrypt(key, Buffer.alloc(15)))).toBe('CIPHERTEXT')
  })
})

describe('AES', () => {
  it.each([16, 32])('agrees with OpenSSL for keys of %i bytes', (size) => {
    const mode = size === 16 ? 'aes-128-ecb' : 'aes-256-ecb'
    fc.assert(
      fc.property(fc.uint8Array({ minLength: size, maxLength: size }), bytes, (key, plain) => {
        expect(aesEncrypt(key, plain)).toEqual(openssl(mode, key, null, plain))
        expect(aesDecrypt(key, openssl(mode, key, null, plain))).toEqual(Buffer.from(plain))
      }),
    )
  })
})

describe('digests', () => {
  it('give the published values for abc and the HMACs of RFC 2202 and RFC 4231, case 2', () => {
    expect(hex(md5('abc'))).toBe('900150983cd24fb0d6963f7d28e17f72')
    expect(hex(sha1('abc'))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
    expect(hex(sha256('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    const said = 'what do ya want for nothing?'
    expect(hex(hmac('md5', 'Jefe', said))).toBe('750c783e6ab0b503eaa86e310a5db738')
    expect(hex(hmac('sha1', 'Jefe', said))).toBe('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79')
    expect(hex(hmac('sha256', 'Jefe', said))).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
    fc.assert(
      fc.property(bytes, bytes, (key, data) => {
        expect(hmac('sha256', key, data)).toEqual(createHmac('sha256', key).update(data).digest())
      }),
    )
  })

  it("makes Java's key of a seed", () => {
    // KeyGenerator.getInstance("AES").init(128, SecureRandom.getInstance("SHA1PRNG") seeded with "123456").
    expect(hex(javaSeededKey('123456'))).toBe('6bb4837eb74329105ee4568dda7dc67e')
  })
})

describe('reading bytes', () => {
  it('refuses what is neither hex nor Base64 nor UTF-8', () => {
    expect(codeOf(() => bytesOfHex('0g', 'KEY'))).toBe('KEY')
    expect(codeOf(() => bytesOfHex('abc', 'CIPHERTEXT'))).toBe('CIPHERTEXT')
    expect(codeOf(() => bytesOfBase64('a*b='))).toBe('CIPHERTEXT')
    expect(codeOf(() => bytesOfBase64('abcde'))).toBe('CIPHERTEXT')
    expect(codeOf(() => utf8Of(Buffer.from([0xff, 0xfe])))).toBe('CIPHERTEXT')
  })

  it('reads back every Base64 and hex', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect(bytesOfBase64(Buffer.from(data).toString('base64'))).toEqual(Buffer.from(data))
        expect(bytesOfHex(hex(data).toUpperCase(), 'KEY')).toEqual(Buffer.from(data))
      }),
    )
  })
})
