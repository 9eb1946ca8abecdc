/** A decoded 医保电子凭证 as a patient in words, and the voucher itself. */
import { identityFacts, idTypeNameFor } from '../../codes/identity-number.ts'
import type { EVoucher, Patient } from '../../outcome.ts'
import { birthdayWord } from '../birthday.ts'
import type { Answer } from '../platform.ts'
import { GENDERS, ID_TYPES } from './dictionaries.ts'
import type { QueryResponse } from './schemas.ts'

export function answerOf(decoded: QueryResponse): Answer {
  const { idNo, idType, userName, ecToken, insuOrg, ecIndexNo, gender, birthday, email, extData } = decoded
  const facts = identityFacts(idNo)
  const patient: Patient = defined({
    name: userName,
    idNumber: facts?.idNumber ?? idNo,
    idType,
    idTypeName: idTypeNameFor(
      facts,
      idType !== undefined && Object.hasOwn(ID_TYPES, idType) ? ID_TYPES[idType as keyof typeof ID_TYPES] : undefined,
    ),
    gender: wordOf(gender) ?? facts?.gender,
    birthday: birthdayWord(birthday) ?? facts?.birthday,
  })
  const eVoucher: EVoucher = defined({ ecToken, insuOrg, ecIndexNo, email, extData: extData ?? undefined })
  return { patient, eVoucher }
}

function wordOf(gender: string | undefined): string | undefined {
  if (gender === undefined) return undefined
  if (gender === '男' || gender === '女') return gender
  return Object.hasOwn(GENDERS, gender) ? GENDERS[gender as keyof typeof GENDERS] : undefined
}

function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}
