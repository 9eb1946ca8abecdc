/** One message to the hospital's own call system: a time limit, no redirect, no proxy, nothing of the answer kept. */
import { request } from 'undici'
import { revealed } from '../transcode/secret.ts'
import type { KioskSettings } from './kiosk-settings.ts'
import { createDispatcher } from './network.ts'
import type { Settings } from './settings.ts'
import type { CallMessage, Delivered } from './staff-call.ts'

/** Answers that another attempt may change. */
const AGAIN = new Set([408, 425, 429])

/** undefined where no address is set. Throws SettingsError where a certificate cannot be read. */
export function createSendStaffCall(settings: KioskSettings['staffCall'], network: Settings['network']) {
  if (!settings) return undefined
  const { url, headers, timeoutMs } = settings
  // The call system stands in the hospital; the proxy leads out of it.
  const dispatcher = createDispatcher({ ...network, proxy: undefined })
  return {
    async send(message: CallMessage, signal: AbortSignal): Promise<Delivered> {
      try {
        const { statusCode, body } = await request(url, {
          method: 'POST',
          headers: { ...revealed(headers), 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify(message),
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
          dispatcher,
        })
        await body.dump({ limit: 64 * 1024 }).catch(() => undefined)
        if (statusCode >= 200 && statusCode < 300) return 'taken'
        return statusCode < 500 && !AGAIN.has(statusCode) ? 'refused' : 'lost'
      } catch {
        return 'lost'
      }
    },
    close: () => dispatcher.destroy(),
  }
}
