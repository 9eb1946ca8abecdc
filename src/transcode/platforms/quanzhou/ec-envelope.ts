/** The envelope of the security appendix (泉州 附录1 1.3, 1.4): appId, data, encData, signData … */
import { chinaCompactTime, parseTime } from '../../china-time.ts'
import { canonicalString, compactJson } from '../../crypto/canonical.ts'
import { parseExactJson } from '../../crypto/exact-json.ts'
import { codeText } from '../reply-fields.ts'
import { hintOf, ownError } from './codes.ts'
import { decryptedMembers, isSigned, membersOf, type Envelope, type EnvelopeParts, type Members } from './envelope.ts'

const VERSION = '1.0.0'
const UNSIGNED = ['signData', 'encData', 'extra']

export function createEcEnvelope(parts: EnvelopeParts): Envelope {
  const { settings, signer, cipher } = parts
  const stringOf = (message: Members) => `${canonicalString(message, UNSIGNED)}&key=${settings.appSecret?.reveal() ?? ''}`

  function sealed(head: Members, data: Members | undefined): string {
    const message: Members = {
      ...head,
      signType: settings.signType,
      ...(cipher && { encType: settings.encType }),
      ...(data && { data }),
    }
    const signData = signer.sign(stringOf(message))
    if (cipher === undefined || data === undefined) return compactJson({ ...message, signData })
    const { data: _clear, ...rest } = message
    return compactJson({ ...rest, encData: cipher.encrypt(compactJson(data)), signData })
  }

  /** The clear message, once its signature holds. */
  function opened(message: Members, kind: 'request' | 'response'): Members {
    const clear = { ...message }
    // The text puts the ciphertext into `data`, the sample beside it.
    const payload = [message['encData'], message['data']].find((value) => typeof value === 'string' && value !== '')
    if (
      cipher !== undefined &&
      payload === undefined &&
      typeof message['data'] === 'object' &&
      message['data'] !== null
    ) {
      throw ownError('REPLY_DECRYPT', hintOf(message))
    }
    if (cipher !== undefined && typeof payload === 'string') clear['data'] = decryptedMembers(cipher.decrypt, payload)
    else if (typeof clear['data'] === 'string' && clear['data'] !== '') clear['data'] = jsonOf(clear['data'])
    const signature = message['signData']
    if (typeof signature !== 'string' || signature.trim() === '') throw ownError('REPLY_UNSIGNED', hintOf(message))
    if (!isSigned(clear, stringOf, (text) => signer.verify(text, signature, kind))) throw ownError('REPLY_SIGNATURE', hintOf(message))
    return clear
  }

  return {
    sealRequest: (functionId, business, at) =>
      sealed(
        { appId: settings.appId, timestamp: chinaCompactTime(at), transType: functionId, version: VERSION },
        business,
      ),

    openResponse(answer) {
      const { respCode, respMsg, data, timestamp } = opened(answer, 'response')
      return { accepted: true, code: codeText(respCode), words: respMsg, data, at: millisOf(timestamp) }
    },

    openRequest(request) {
      const { appId, data, timestamp } = opened(request, 'request')
      return { business: membersOf(data), at: millisOf(timestamp), appId: codeText(appId) }
    },

    sealResponse: ({ code, words, data }, at) =>
      sealed(
        {
          respCode: String(code),
          respMsg: words,
          timestamp: `${chinaCompactTime(at)}${String(at % 1000).padStart(3, '0')}`,
        },
        data,
      ),
  }
}

function jsonOf(text: string): Members {
  try {
    return membersOf(parseExactJson(text))
  } catch {
    throw ownError('REPLY_SHAPE')
  }
}

/** yyyyMMddHHmmss, in answers with milliseconds behind it, of China's time. */
function millisOf(timestamp: unknown): number | undefined {
  if (timestamp === undefined || timestamp === null || timestamp === '') return undefined
  const parts = /^(\d{14})(\d{3})?$/.exec(codeText(timestamp))
  const at = parts?.[1] === undefined ? undefined : parseTime(parts[1])
  return at === undefined ? NaN : at + Number(parts?.[2] ?? 0)
}
