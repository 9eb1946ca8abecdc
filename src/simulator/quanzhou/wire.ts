/** Signing, checking, locking and opening for both 泉州 envelopes, as the platform does it. */
import { createHash } from 'node:crypto'
import { aesDecrypt, aesEncrypt } from '../../transcode/crypto/aes.ts'
import { sm2Sign, sm2Verify } from '../../transcode/crypto/sm2.ts'
import { sm3 } from '../../transcode/crypto/sm3.ts'
import { sm4Decrypt, sm4Encrypt } from '../../transcode/crypto/sm4.ts'
import { signingText } from '../signing-text.ts'
import { rehearsalKey, type ChannelKeys, type Profile } from './profile.ts'

type Members = Record<string, unknown>
/** Whose signature it is. */
export type Signer = 'terminal' | 'platform'

const UNSIGNED = { chs: new Set(['chs_fjs_sign', 'chs_fjs_encdata']), ec: new Set(['signData', 'encData', 'extra']) }

/** The text that is signed: with the bizkey in envelope chs, with the appSecret in envelope ec. */
export function textToSign(envelope: Profile['envelope'], members: Members, keys: ChannelKeys): string {
  const text = signingText(new Map(Object.entries(members)), UNSIGNED[envelope])
  return `${text}&key=${envelope === 'chs' ? keys.bizKey : keys.appSecret}`
}

/** Inner members that are "" left out, as one reading of 附录1 1.3.2.3 has it. */
export function withoutInnerBlanks(members: Members): Members {
  const bare = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(bare)
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === null) return value
    return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== '').map(([name, item]) => [name, bare(item)]))
  }
  return bare(members) as Members
}

export function signatureOf(profile: Profile, members: Members, keys: ChannelKeys, signer: Signer): string {
  const text = textToSign(profile.envelope, members, keys)
  if (profile.signType === 'SM2') return Buffer.from(sm2Sign(rehearsalKey(signer), text), 'hex').toString('base64')
  const digest = profile.signType === 'MD5' ? createHash('md5').update(text).digest() : sm3(text)
  const hex = digest.toString('hex').toUpperCase()
  // Envelope ec carries Base64 of the digest's hex letters, as the document's answer sample does.
  return profile.envelope === 'chs' ? hex : Buffer.from(hex, 'ascii').toString('base64')
}

export function isSignedBy(profile: Profile, members: Members, keys: ChannelKeys, signer: Signer, signature: unknown): boolean {
  if (typeof signature !== 'string') return false
  if (profile.signType !== 'SM2') return signature === signatureOf(profile, members, keys, signer)
  const bytes = Buffer.from(signature, 'base64')
  if (bytes.length !== 64 || bytes.toString('base64') !== signature) return false
  return sm2Verify(rehearsalKey(signer).publicKey, textToSign(profile.envelope, members, keys), bytes.toString('hex'))
}

/** chs: Base64; ec: upper-case hex. */
export function locked(profile: Profile, text: string, keys: ChannelKeys): string {
  const bytes = profile.encType === 'AES' ? aesEncrypt(lockKey(profile, keys), text) : sm4Encrypt(lockKey(profile, keys), text)
  return profile.envelope === 'chs' ? bytes.toString('base64') : bytes.toString('hex').toUpperCase()
}

/** The text inside, or undefined where it cannot be opened. */
export function opened(profile: Profile, cipher: string, keys: ChannelKeys): string | undefined {
  const isHex = profile.envelope === 'ec'
  if (isHex ? !/^([0-9A-F]{32})+$/.test(cipher) : !/^[0-9A-Za-z+/]+={0,2}$/.test(cipher)) return undefined
  const bytes = Buffer.from(cipher, isHex ? 'hex' : 'base64')
  try {
    const key = lockKey(profile, keys)
    return (profile.encType === 'AES' ? aesDecrypt(key, bytes) : sm4Decrypt(key, bytes)).toString('utf8')
  } catch {
    return undefined
  }
}

function lockKey(profile: Profile, keys: ChannelKeys): Buffer {
  if (profile.encType === 'AES') return seededKey(keys.salt)
  return profile.envelope === 'chs' ? Buffer.from(keys.sm4Key, 'hex') : derivedKey(keys)
}

/** Java's KeyGenerator from a SHA1PRNG that was seeded with the salt. */
function seededKey(salt: string): Buffer {
  const once = createHash('sha1').update(salt, 'ascii').digest()
  return createHash('sha1').update(once).digest().subarray(0, 16)
}

/** 附录1 1.4.2 step 3: the appSecret under the appId. */
function derivedKey(keys: ChannelKeys): Buffer {
  const hex = sm4Encrypt(Buffer.from(keys.appId.slice(0, 16), 'ascii'), keys.appSecret).toString('hex').toUpperCase()
  return Buffer.from(hex.slice(0, 16), 'ascii')
}
