/** 粤健通's user as a patient in words. */
import { birthdayOf, isIdentityNumber } from '../../codes/identity-number.ts'
import type { Patient } from '../../outcome.ts'
import { CERTIFICATE_TYPES, GENDERS, NATIONS, wordOf } from './dictionaries.ts'
import type { ExchangeResponse } from './schemas.ts'

/** `unreadable` members are left out: a ciphertext is nobody's number. */
export function patientOf(data: ExchangeResponse, unreadable: readonly string[]): Patient {
  const known = (name: 'certificateNo' | 'name' | 'phone') => (unreadable.includes(name) ? undefined : data[name])
  const given = known('certificateNo')
  const idNumber = given !== undefined && isIdentityNumber(given) ? given.toUpperCase() : given
  const idType = data.certificateType
  const idTypeName = wordOf(CERTIFICATE_TYPES, idType)
  const isResidentId = idTypeName === CERTIFICATE_TYPES['01'] && idNumber !== undefined && isIdentityNumber(idNumber)
  const all = {
    name: known('name'),
    idNumber,
    idType,
    idTypeName,
    gender: wordOf(GENDERS, data.gender === undefined ? undefined : String(data.gender)),
    nation: wordOf(NATIONS, data.nation),
    phone: known('phone'),
    birthday: isResidentId ? birthdayOf(idNumber) : undefined,
    healthCardId: data.healthCardNo,
    userId: data.userId,
    channel: data.channel,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Patient
}
