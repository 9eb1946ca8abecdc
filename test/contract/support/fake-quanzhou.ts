/** 泉州 医保信用就医 by its document: both envelopes, with formulas of this file's own. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { sorted } from './fake-health-card.ts'

export const CHS = { appId: 'ldxt', appSecret: '67b082f9d58045619a4ef05147b87659', bizKey: 'testkey', salt: 'f2313d85601342b8b15c872286c6aaff' }
export const EC = { appId: '43AF047BBA47FC8A1AE8EFB232BDBBCB', appSecret: '4117E877F5FA0A0188891283E4B617D5' }

const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(sorted(value)) : String(value))
const joined = (message: Record<string, unknown>, without: readonly string[]) =>
  Object.keys(message)
    .filter((key) => !without.includes(key) && message[key] !== '' && message[key] !== null && message[key] !== undefined)
    .sort()
    .map((key) => `${key}=${text(message[key])}`)
    .join('&')

export function chsSign(message: Record<string, unknown>, algorithm: 'md5' | 'sm3' = 'md5'): string {
  const plain = `${joined(message, ['chs_fjs_sign', 'chs_fjs_encdata'])}&key=${CHS.bizKey}`
  return createHash(algorithm).update(plain).digest('hex').toUpperCase()
}

const sha1 = (bytes: Uint8Array | string) => createHash('sha1').update(bytes).digest()
const aesKey = () => sha1(sha1(CHS.salt)).subarray(0, 16)

export function chsEncrypt(plain: string): string {
  const cipher = createCipheriv('aes-128-ecb', aesKey(), null)
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64')
}
export function chsDecrypt(encdata: string): string {
  const decipher = createDecipheriv('aes-128-ecb', aesKey(), null)
  return Buffer.concat([decipher.update(encdata, 'base64'), decipher.final()]).toString('utf8')
}

function sm4(key: Buffer, plain: Buffer): string {
  const cipher = createCipheriv('sm4-ecb', key, null)
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('hex').toUpperCase()
}
export const ecKey = () => Buffer.from(sm4(Buffer.from(EC.appId.slice(0, 16)), Buffer.from(EC.appSecret)).slice(0, 16))
export const ecEncrypt = (data: unknown) => sm4(ecKey(), Buffer.from(JSON.stringify(data)))
export function ecDecrypt(encData: string): any {
  const decipher = createDecipheriv('sm4-ecb', ecKey(), null)
  return JSON.parse(Buffer.concat([decipher.update(encData, 'hex'), decipher.final()]).toString('utf8'))
}
export const ecToSign = (message: Record<string, unknown>) => `${joined(message, ['signData', 'encData', 'extra'])}&key=${EC.appSecret}`
export const ecSm3 = (message: Record<string, unknown>) =>
  Buffer.from(createHash('sm3').update(ecToSign(message)).digest('hex').toUpperCase()).toString('base64')

// SM2 in affine coordinates, as the standard writes it down: slow, and nobody else's.
const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn
const A = P - 3n
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n
const G: Point = [0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n, 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n]
type Point = [bigint, bigint] | null

const mod = (value: bigint, by: bigint) => ((value % by) + by) % by
function inverse(value: bigint, by: bigint): bigint {
  let [r, next, s, t] = [mod(value, by), by, 1n, 0n]
  while (next !== 0n) [r, next, s, t] = [next, r % next, t, s - (r / next) * t]
  return mod(s, by)
}
function add(one: Point, other: Point): Point {
  if (one === null || other === null) return one ?? other
  const [x1, y1] = one
  const [x2, y2] = other
  if (x1 === x2 && mod(y1 + y2, P) === 0n) return null
  const slope = x1 === x2 ? mod((3n * x1 * x1 + A) * inverse(2n * y1, P), P) : mod((y2 - y1) * inverse(x2 - x1, P), P)
  const x = mod(slope * slope - x1 - x2, P)
  return [x, mod(slope * (x1 - x) - y1, P)]
}
function times(scalar: bigint, point: Point): Point {
  let sum: Point = null
  for (let bit = scalar, run = point; bit > 0n; bit >>= 1n, run = add(run, run)) if (bit & 1n) sum = add(sum, run)
  return sum
}
const hex64 = (value: bigint) => value.toString(16).padStart(64, '0')
const sm3 = (hex: string) => createHash('sm3').update(Buffer.from(hex, 'hex')).digest('hex')

export function keyPair(): { privateKey: string; publicKey: string } {
  const d = (BigInt(`0x${randomBytes(32).toString('hex')}`) % (N - 2n)) + 1n
  const [x, y] = times(d, G)!
  return { privateKey: hex64(d), publicKey: `04${hex64(x)}${hex64(y)}` }
}
function digest(message: string, publicKey: string): bigint {
  const id = Buffer.from('1234567812345678').toString('hex')
  const za = sm3(`0080${id}${hex64(A)}${hex64(B)}${hex64(G![0])}${hex64(G![1])}${publicKey.slice(2)}`)
  return BigInt(`0x${sm3(za + Buffer.from(message).toString('hex'))}`)
}
export function sm2Sign(message: string, { privateKey, publicKey }: { privateKey: string; publicKey: string }): string {
  const d = BigInt(`0x${privateKey}`)
  const e = digest(message, publicKey)
  const k = (BigInt(`0x${randomBytes(32).toString('hex')}`) % (N - 1n)) + 1n
  const r = mod(e + times(k, G)![0], N)
  const s = mod(inverse(1n + d, N) * (k - r * d), N)
  return Buffer.from(hex64(r) + hex64(s), 'hex').toString('base64')
}
export function sm2Verify(message: string, signature: string, publicKey: string): boolean {
  const raw = Buffer.from(signature, 'base64').toString('hex')
  if (raw.length !== 128) return false
  const [r, s] = [BigInt(`0x${raw.slice(0, 64)}`), BigInt(`0x${raw.slice(64)}`)]
  const point: Point = [BigInt(`0x${publicKey.slice(2, 66)}`), BigInt(`0x${publicKey.slice(66)}`)]
  const sum = add(times(s, G), times(mod(r + s, N), point))
  return sum !== null && mod(digest(message, publicKey) + sum[0], N) === r
}
