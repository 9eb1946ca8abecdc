/** How a 泉州 site has been set up: its envelope, signature, encryption and authentication; and the keys. */
import { createHash } from 'node:crypto'
import { sm2PrivateKey, type Sm2PrivateKey } from '../../transcode/crypto/sm2.ts'

export type Profile = {
  readonly envelope: 'chs' | 'ec'
  readonly signType: 'MD5' | 'SM3' | 'SM2'
  readonly encType: 'AES' | 'SM4' | 'none'
  readonly auth: 'user' | 'oauth2' | 'anonymous'
}

export const DEFAULT_PROFILE: Profile = { envelope: 'chs', signType: 'MD5', encType: 'AES', auth: 'user' }

/** What both sides of a channel hold; `sm4Key` is 32 hex characters. */
export type ChannelKeys = { readonly appId: string; readonly appSecret: string; readonly bizKey: string; readonly salt: string; readonly sm4Key: string }

/** The path that speaks a profile, such as `/quanzhou/chs/MD5/AES/user`. */
export function profilePath(profile: Profile): string {
  return `/quanzhou/${profile.envelope}/${profile.signType}/${profile.encType}/${profile.auth}`
}

const PATH = /^\/quanzhou\/(chs|ec)\/(MD5|SM3|SM2)\/(AES|SM4|none)\/(user|oauth2|anonymous)(?:\/.*)?$/

/** The profile of a path; `/quanzhou` alone speaks the default one. */
export function profileOf(pathname: string): Profile | undefined {
  if (pathname === '/quanzhou' || pathname === '/quanzhou/') return DEFAULT_PROFILE
  const found = PATH.exec(pathname)
  if (found === null) return undefined
  const [, envelope, signType, encType, auth] = found
  return { envelope, signType, encType, auth } as Profile
}

/** A private key of the rehearsal, the same at every start. */
export function rehearsalKeyHex(owner: 'terminal' | 'platform'): string {
  return createHash('sha256').update(`maqiao rehearsal ${owner}`).digest('hex')
}

/** Prepared when first used: the tables take some 20 ms. */
export function rehearsalKey(owner: 'terminal' | 'platform'): Sm2PrivateKey {
  const held = prepared.get(owner)
  if (held !== undefined) return held
  const key = sm2PrivateKey(rehearsalKeyHex(owner))
  prepared.set(owner, key)
  return key
}
const prepared = new Map<string, Sm2PrivateKey>()
