/** 粤健通's user as a patient in words. */
import { identityFacts, idTypeNameFor } from '../../codes/identity-number.ts'
import type { Patient } from '../../outcome.ts'
import { CERTIFICATE_TYPES, GENDERS, NATIONS, wordOf } from './dictionaries.ts'
import type { ExchangeResponse } from './schemas.ts'

export function patientOf(data: ExchangeResponse): Patient {
  const given = data.certificateNo
  const facts = identityFacts(given)
  const idType = data.certificateType
  const idTypeName = idTypeNameFor(facts, wordOf(CERTIFICATE_TYPES, idType))
  const all = {
    name: data.name,
    idNumber: facts?.idNumber ?? given,
    idType,
    idTypeName,
    gender: wordOf(GENDERS, data.gender === undefined ? undefined : String(data.gender)),
    nation: wordOf(NATIONS, data.nation),
    phone: data.phone,
    birthday: facts?.idTypeName === idTypeName ? facts?.birthday : undefined,
    healthCardId: data.healthCardNo,
    userId: data.userId,
    channel: data.channel,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Patient
}
