/** What a screen may offer a patient it has just recognised: their own code to show, an entry for their phone. */
import { idTypeNameOf, isIdentityNumber } from '../transcode/codes/identity-number.ts'
import type { Outcome, PlatformId } from '../transcode/outcome.ts'

/** 居民身份证 in the code table of the platform that named the patient; the two documents and 粤健通 agree on 01. */
const IDENTITY_CARD = '01'

export type Offer = 'dynamic-code' | 'beijing-entry'
type Call = { platform: PlatformId; operation: string; body: Record<string, string> }

/** The card's static code (3.2.2), or undefined where the patient has no card. */
export function staticCodeOf({ status, patient }: Outcome): string | undefined {
  return status === 'accepted' && patient?.healthCardId ? `${patient.healthCardId.slice(0, 64)}:1` : undefined
}

/** The call that an offer makes, or undefined where the patient or the settings lack what it needs. */
export function offerCall(offer: Offer, outcome: Outcome, isOffered: (platform: PlatformId, operation: string) => boolean): Call | undefined {
  const { patient } = outcome
  if (outcome.status !== 'accepted' || !patient?.idNumber) return undefined
  // A number that is one says more than a code: 电子健康卡 3.2.11 prints "0", which is in no table.
  const idType = isIdentityNumber(patient.idNumber) && idTypeNameOf(patient.idNumber) === '居民身份证' ? IDENTITY_CARD : (patient.idType ?? IDENTITY_CARD)
  switch (offer) {
    case 'dynamic-code':
      if (!patient.healthCardId || !isOffered('health-card', 'getDynamicQRCode')) return undefined
      return {
        platform: 'health-card',
        operation: 'getDynamicQRCode',
        body: { healthCardId: patient.healthCardId, idType, idNumber: patient.idNumber },
      }
    case 'beijing-entry':
      if (!patient.name || idType !== IDENTITY_CARD || !isOffered('beijing', 'entryUrl')) return undefined
      return { platform: 'beijing', operation: 'entryUrl', body: { userName: patient.name, cardNo: patient.idNumber } }
  }
}

/** What may be offered: `show` is the setting `kiosk.cardCode.show`. */
export function offersOf(outcome: Outcome, show: 'dynamic' | 'static' | 'off', isOffered: (platform: PlatformId, operation: string) => boolean): Offer[] {
  const hasCode = { dynamic: () => offerCall('dynamic-code', outcome, isOffered), static: () => staticCodeOf(outcome), off: () => undefined }[show]()
  const hasEntry = offerCall('beijing-entry', outcome, isOffered)
  return [...(hasCode === undefined ? [] : (['dynamic-code'] as const)), ...(hasEntry === undefined ? [] : (['beijing-entry'] as const))]
}
