/** Decodes through the insurance gateway: JSON over HTTP. */
import { revealed } from '../../secret.ts'
import { replyJson, type HttpClient } from '../http.ts'
import type { Decoder } from './decoder.ts'
import type { EVoucherSettings } from './settings.ts'

export function createGateway(settings: EVoucherSettings, http: HttpClient): Decoder {
  return {
    async decode(message, { signal }) {
      const reply = await http.send({
        platform: 'e-voucher',
        operation: 'query',
        url: settings.gatewayUrl ?? '',
        headers: { 'content-type': 'application/json;charset=utf-8', accept: 'application/json', ...revealed(settings.headers) },
        body: JSON.stringify(message),
        timeoutMs: settings.requestTimeoutMs,
        signal,
      })
      return replyJson('e-voucher', reply)
    },
  }
}
