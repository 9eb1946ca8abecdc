/** The signed and encrypted address that a patient's phone opens (北京 4.1). */
import { aesEncrypt } from '../../crypto/aes.ts'
import { canonicalString } from '../../crypto/canonical.ts'
import { sha256 } from '../../crypto/digests.ts'
import type { EntryUrlRequest } from './schemas.ts'
import type { EntrySettings } from './settings.ts'

/** Builds it; the signature is over the plain values, name and number are encrypted after it. */
export function entryUrl(settings: EntrySettings, request: EntryUrlRequest, now: number): string {
  const plain = {
    hospitalCode: request.hospitalCode ?? settings.hospitalCode,
    userName: request.userName,
    cardType: request.cardType,
    cardNo: request.cardNo,
    timestamp: request.timestamp ?? now,
  }
  const sign = sha256(`${canonicalString(plain)}&appSecret=${settings.appSecret.reveal()}`).toString('hex')
  const key = Buffer.from(settings.aesKey.reveal(), 'utf8')
  const secret = (value: string) => aesEncrypt(key, value).toString('hex')
  const parameters = { ...plain, userName: secret(plain.userName), cardNo: secret(plain.cardNo), sign }
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  // Appended as the document says, behind a hash route too.
  return `${settings.entryUrl}${settings.entryUrl.includes('?') ? '&' : '?'}${query.join('&')}`
}
