/** The envelope of the chs_fjs_* members (泉州 3.2.1, 附录1). */
import { canonicalString, compactJson } from '../../crypto/canonical.ts'
import { codeText } from '../reply-fields.ts'
import { hintOf, ownError } from './codes.ts'
import { decryptedMembers, isSigned, type Envelope, type EnvelopeParts, type Members } from './envelope.ts'

const SIGN = 'chs_fjs_sign'
const PAYLOAD = 'chs_fjs_encdata'
const UNSIGNED = [SIGN, PAYLOAD]

export function createChsEnvelope(parts: EnvelopeParts): Envelope {
  const { settings, signer, cipher } = parts
  const stringOf = (message: Members) => `${canonicalString(message, UNSIGNED)}&key=${settings.bizKey?.reveal() ?? ''}`

  /** The clear message, once its signature holds. */
  function opened(message: Members, kind: 'request' | 'response'): Members {
    const payload = message[PAYLOAD]
    const encrypted = cipher !== undefined && typeof payload === 'string' && payload !== ''
    // A refusal has nothing to hide; data in the clear is not what was agreed on.
    if (cipher !== undefined && !encrypted && message['data'] !== undefined)
      throw ownError('REPLY_DECRYPT', hintOf(message))
    const inner = encrypted ? decryptedMembers(cipher.decrypt, payload) : message
    // In the document's sample the encrypted text holds the signature once more; the clear copy is the fallback.
    const signature = inner[SIGN] ?? message[SIGN]
    if (typeof signature !== 'string' || signature === '') throw ownError('REPLY_UNSIGNED', hintOf(message))
    // A request's protocol members stay in the clear, and its signature is over both.
    const candidates = encrypted ? [inner, { ...message, ...inner }] : [inner]
    const clear = candidates.find((candidate) => isSigned(candidate, stringOf, (text) => signer.verify(text, signature, kind)))
    if (clear === undefined) throw ownError('REPLY_SIGNATURE', hintOf(message))
    return clear
  }

  return {
    sealRequest(functionId, business, at, token) {
      const protocol: Members = {
        chs_fjs_appid: settings.appId,
        ...(settings.auth === 'user' && { chs_fjs_appsecret: settings.appSecret?.reveal() }),
        ...(settings.auth === 'oauth2' && { chs_fjs_token: token }),
        chs_fjs_funid: functionId,
        chs_fjs_timestamp: String(at),
      }
      const signature = signer.sign(stringOf({ ...protocol, ...business }))
      const carried = cipher === undefined ? business : { [PAYLOAD]: cipher.encrypt(compactJson(business)) }
      return compactJson({ ...protocol, ...carried, [SIGN]: signature })
    },

    openResponse(answer) {
      const { code, type, message, data, chs_fjs_timestamp: time } = opened(answer, 'response')
      return {
        accepted: type === undefined || type === null || type === '' || type === 'success',
        code: codeText(code),
        words: message,
        data,
        at: millisOf(time),
      }
    },

    openRequest(request) {
      const clear = opened(request, 'request')
      const business = Object.fromEntries(Object.entries(clear).filter(([name]) => !name.startsWith('chs_fjs_')))
      return {
        business,
        at: millisOf(clear['chs_fjs_timestamp']),
        ...(clear['chs_fjs_appsecret'] ? { appSecret: codeText(clear['chs_fjs_appsecret']) } : {}),
        appId: codeText(clear['chs_fjs_appid']),
      }
    },

    sealResponse({ code, words, data }, at) {
      const type = code === 0 ? 'success' : 'error'
      const clear: Members = { code, type, message: words, chs_fjs_timestamp: String(at), ...(data && { data }) }
      const signature = signer.sign(stringOf(clear))
      if (cipher === undefined) return compactJson({ ...clear, [SIGN]: signature })
      return compactJson({
        code,
        type,
        [SIGN]: signature,
        [PAYLOAD]: cipher.encrypt(compactJson({ ...clear, [SIGN]: signature })),
      })
    },
  }
}

function millisOf(time: unknown): number | undefined {
  if (time === undefined || time === null || time === '') return undefined
  const text = codeText(time)
  return /^\d{13}$/.test(text) ? Number(text) : NaN
}
