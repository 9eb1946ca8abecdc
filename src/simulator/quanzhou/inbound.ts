/** The platform calling the hospital: 获取医院收费信息, asked, opened and checked. */
import { isMembers, parseMembers } from '../play.ts'
import type { ChannelKeys, Profile } from './profile.ts'
import { isSignedBy, locked, opened, signatureOf, withoutInnerBlanks } from './wire.ts'

type Members = Record<string, unknown>

export type InboundOptions = {
  profile: Profile
  /** How far the platform's clock is off, ms. */
  skewMs?: number
  badSignature?: boolean
  /** An inner member that is "", signed as it stands or left out of the signature. */
  blanks?: 'signed' | 'left-out'
  institution: string
  now: number
}

/** What came back: HTTP status, whether the hospital's signature holds, and the answer's members in the clear. */
export type InboundAnswer = { status: number; signed: boolean; answer: Members | undefined; data: Members | undefined }

/** Asks one hospital. Rejects when it cannot be reached within 10 s. */
export async function callInbound(url: string, hospMdtrtId: string, keys: ChannelKeys, options: InboundOptions): Promise<InboundAnswer> {
  const { profile } = options
  const business = { fixmedins_code: options.institution, hosp_mdtrt_id: hospMdtrtId, ...(options.blanks && { memo: '' }) }
  const body = profile.envelope === 'chs' ? chsLetter(business, keys, options) : ecLetter(business, keys, options)
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json;charset=utf-8' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  const reply = parseMembers(await response.text())
  if (reply === undefined) return { status: response.status, signed: false, answer: undefined, data: undefined }
  const clear = profile.envelope === 'chs' ? openedChs(reply, keys, profile) : openedEc(reply, keys, profile)
  const signature = profile.envelope === 'chs' ? clear?.['chs_fjs_sign'] : clear?.['signData']
  const data = clear?.['data']
  return {
    status: response.status,
    signed: clear !== undefined && isSignedBy(profile, clear, keys, 'terminal', signature),
    answer: clear,
    data: isMembers(data) ? data : undefined,
  }
}

function chsLetter(business: Members, keys: ChannelKeys, options: InboundOptions): Members {
  const { profile } = options
  const head: Members = {
    chs_fjs_appid: keys.appId,
    ...(profile.auth === 'user' ? { chs_fjs_appsecret: keys.appSecret } : {}),
    chs_fjs_timestamp: String(options.now + (options.skewMs ?? 0)),
  }
  const chs_fjs_sign = signed({ ...head, ...business }, keys, options)
  if (profile.encType === 'none') return { ...head, ...business, chs_fjs_sign }
  return { ...head, chs_fjs_encdata: locked(profile, JSON.stringify(business), keys), chs_fjs_sign }
}

function ecLetter(business: Members, keys: ChannelKeys, options: InboundOptions): Members {
  const { profile } = options
  const at = new Date(options.now + (options.skewMs ?? 0) + 8 * 3600_000)
  const clear: Members = {
    appId: keys.appId,
    ...(profile.encType === 'none' ? {} : { encType: profile.encType }),
    signType: profile.signType,
    timestamp: at.toISOString().replace(/[-T:.Z]/g, '').slice(0, 14),
    version: '1.0.0',
  }
  const signData = signed({ ...clear, data: business }, keys, options)
  if (profile.encType === 'none') return { ...clear, data: business, signData }
  return { ...clear, encData: locked(profile, JSON.stringify(business), keys), signData }
}

function signed(members: Members, keys: ChannelKeys, options: InboundOptions): string {
  const signature = signatureOf(options.profile, options.blanks === 'left-out' ? withoutInnerBlanks(members) : members, keys, 'platform')
  return options.badSignature === true ? (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1) : signature
}

function openedChs(reply: Members, keys: ChannelKeys, profile: Profile): Members | undefined {
  if (profile.encType === 'none') return reply
  const text = typeof reply['chs_fjs_encdata'] === 'string' ? opened(profile, reply['chs_fjs_encdata'], keys) : undefined
  return text === undefined ? undefined : parseMembers(text)
}

function openedEc(reply: Members, keys: ChannelKeys, profile: Profile): Members | undefined {
  if (profile.encType === 'none' || reply['encData'] === undefined) return reply
  const text = typeof reply['encData'] === 'string' ? opened(profile, reply['encData'], keys) : undefined
  const data = text === undefined ? undefined : parseMembers(text)
  return data === undefined ? undefined : { ...reply, data }
}
