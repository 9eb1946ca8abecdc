/** The sealer against OpenSSL's SM4 and SM3, and against change. */
import { createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSealer } from '../../src/outbox/sealer.ts'

const key = Buffer.alloc(32, 7)
const sealer = createSealer(key)

test('opens what it sealed, of any length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.string(), (plain, aad) => {
      expect(Buffer.from(sealer.open(sealer.seal(plain, aad), aad)).equals(Buffer.from(plain))).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('is SM4-CBC and HMAC-SM3 as OpenSSL computes them', () => {
  const plain = randomBytes(333)
  const sealed = Buffer.from(sealer.seal(plain, 'row 1'))
  const derive = (label: string) => createHmac('sm3', key).update(`maqiao ${label}`).digest()
  expect(sealed.subarray(1, 5)).toEqual(derive('key id').subarray(0, 4))
  const [header, cipher, given] = [sealed.subarray(0, 21), sealed.subarray(21, -32), sealed.subarray(-32)]
  const length = Buffer.from([0, 0, 0, 5])
  const mac = createHmac('sm3', derive('hmac-sm3')).update(length).update('row 1').update(header).update(cipher).digest()
  expect(given.equals(mac)).toBe(true)
  const decipher = createDecipheriv('sm4-cbc', derive('sm4').subarray(0, 16), header.subarray(5))
  expect(Buffer.concat([decipher.update(cipher), decipher.final()]).equals(plain)).toBe(true)
  expect(sealer.digest('T1')).toBe(createHmac('sm3', derive('digest')).update('T1').digest('hex'))
})

test('refuses every changed bit, another row, another key and a cut', () => {
  const sealed = sealer.seal(Buffer.from('{"n":1}'), 'row 1')
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => sealer.open(changed, 'row 1')).toThrow()
  }
  for (let length = 0; length < sealed.length; length++) expect(() => sealer.open(sealed.subarray(0, length), 'row 1')).toThrow()
  expect(() => sealer.open(sealed, 'row 2')).toThrow()
  expect(() => createSealer(Buffer.alloc(32, 8)).open(sealed, 'row 1')).toThrow()
})

test('never uses an initial vector twice', () => {
  const seen = new Set(Array.from({ length: 500 }, () => Buffer.from(sealer.seal(Buffer.of(1), '')).toString('hex', 5, 21)))
  expect(seen.size).toBe(500)
})

test('after a rotation opens the old, seals under the new, and tells them apart', () => {
  const rotated = createSealer(Buffer.alloc(32, 9), [key])
  const old = sealer.seal(Buffer.from('old'), 'x')
  expect(Buffer.from(rotated.open(old, 'x')).toString()).toBe('old')
  expect(rotated.isCurrent(old)).toBe(false)
  const fresh = rotated.seal(Buffer.from('new'), 'x')
  expect(rotated.isCurrent(fresh)).toBe(true)
  expect(() => sealer.open(fresh, 'x')).toThrow()
})

test('takes keys of 32 bytes only', () => {
  expect(() => createSealer(Buffer.alloc(16))).toThrow(RangeError)
})
