/** The gateway's request headers (粤健通 3.2.2). */
import { sha256 } from '../../crypto/digests.ts'
import type { YuejiantongSettings } from './settings.ts'

/**
 * The gateway's signature: not in the document, but what public code of that
 * gateway family has. `timestamp` in seconds.
 */
const gatewaySignature = (timestamp: string, token: string, nonce: string): string =>
  sha256(`${timestamp}${token}${nonce}${timestamp}`).toString('hex').toUpperCase()

/** All of them; `now` in ms. */
export function gatewayHeaders(settings: YuejiantongSettings, now: number, nonce: string): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  return {
    'content-type': 'application/json;charset=utf-8',
    'x-tsp-nonce': nonce,
    'x-tsp-signature': gatewaySignature(timestamp, settings.token.reveal(), nonce),
    'x-tsp-appSecret': settings.appSecret.reveal(),
    'x-tsp-paasid': settings.paasId,
    'x-tsp-serviceid': settings.serviceId,
    'x-tsp-timestamp': timestamp,
  }
}
