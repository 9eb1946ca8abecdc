import { defineCode } from './code-definition.ts'

/**
 * 居民身份证号: 18 characters, a birth date and the check character of GB 11643.
 * The 15-digit numbers of before 1999 are not taken: they end without a check
 * digit, went out of use in 2013, and any 15 digits could be one.
 */
export const identityNumber = defineCode({
  format: 'identity-number',
  label: '身份证号',
  recognise: (text) => isIdentityNumber(together(text)),
  normalise: (text) => together(text).toUpperCase(),
  samples: [
    { title: '女', text: '340101199003077427' },
    { title: '校验码为 X', text: '34010119850612004X' },
    { title: '小写 x', text: '34010119850612004x' },
    { title: '按四位一组录入', text: '340101 1990 0307 7427' },
    { title: '以 13 开头，与微信付款码同形', text: '130101196802290010' },
  ],
})

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const
const CHECK_CHARACTERS = '10X98765432'

/** Whether a text is an 18-character identity number of GB 11643, whichever document it is of: its date exists and is past, its check character holds; x or X. */
export function isIdentityNumber(text: string, now = Date.now()): boolean {
  if (!/^\d{17}[\dXx]$/.test(text)) return false
  return isPastDate(text.slice(6, 14), now) && checkCharacterOf(text) === text[17]?.toUpperCase()
}

/** People type such numbers in groups. */
function together(text: string): string {
  return text.length > 32 ? text : text.replace(/ +/g, '')
}

/** The check character that the first 17 digits call for (GB 11643-1999, ISO 7064 MOD 11-2). */
export function checkCharacterOf(text: string): string {
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(text[at]), 0)
  return CHECK_CHARACTERS[sum % 11] ?? ''
}

/** yyyy-MM-dd, from a number that `isIdentityNumber` takes. */
export function birthdayOf(idNumber: string): string {
  return `${idNumber.slice(6, 10)}-${idNumber.slice(10, 12)}-${idNumber.slice(12, 14)}`
}

/** 男 where the 17th digit is odd, else 女; from a number that `isIdentityNumber` takes. */
export function genderOf(idNumber: string): '男' | '女' {
  return Number(idNumber[16]) % 2 === 1 ? '男' : '女'
}

/**
 * The document's own name: 外国人永久居留身份证 begins with 9 (2023 form, the same date, sequence and
 * check character), 港澳台居民居住证 with 81, 82 or 83; from a number that `isIdentityNumber` takes.
 */
export function idTypeNameOf(idNumber: string): (typeof ID_TYPE_NAMES)[number] {
  if (idNumber.startsWith('9')) return ID_TYPE_NAMES[1]
  return /^8[123]/.test(idNumber) ? ID_TYPE_NAMES[2] : ID_TYPE_NAMES[0]
}

const ID_TYPE_NAMES = ['居民身份证', '外国人永久居留身份证', '港澳台居民居住证'] as const

export type IdentityFacts = { idNumber: string; idTypeName: string; birthday: string; gender?: '男' | '女' }

/**
 * What a number says by itself: also that of a 外国人永久居留身份证 in its 2017 form, three letters and
 * 12 digits, the 5th to 10th of them a birth date of six digits. Its check digit is not public and
 * its sequence names no gender: it is not recognised as a code, only read where a platform gives it.
 */
export function identityFacts(text: string | undefined, now = Date.now()): IdentityFacts | undefined {
  const idNumber = text?.trim().toUpperCase() ?? ''
  if (isIdentityNumber(idNumber, now)) {
    return { idNumber, idTypeName: idTypeNameOf(idNumber), birthday: birthdayOf(idNumber), gender: genderOf(idNumber) }
  }
  const date = /^[A-Z]{3}\d{4}(\d{6})\d{2}$/.exec(idNumber)?.[1]
  const day = date && ['20', '19'].map((century) => century + date).find((each) => isPastDate(each, now))
  if (!day) return undefined
  return { idNumber, idTypeName: ID_TYPE_NAMES[1], birthday: `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}` }
}

/** The name of a document that the platforms' tables do not have, by its number; else what the platform's code for it says in words. */
export function idTypeNameFor(facts: IdentityFacts | undefined, label: string | undefined): string | undefined {
  const isOther = facts !== undefined && facts.idTypeName !== ID_TYPE_NAMES[0]
  return isOther && (label === undefined || label === ID_TYPE_NAMES[0] || /^其[他它]/.test(label)) ? facts.idTypeName : label
}

/** Nobody born before is alive. */
export const FIRST_BIRTH_YEAR = 1900
const DAY_MS = 86_400_000

function isPastDate(yyyymmdd: string, now: number): boolean {
  const year = Number(yyyymmdd.slice(0, 4))
  const month = Number(yyyymmdd.slice(4, 6))
  const day = Number(yyyymmdd.slice(6, 8))
  const at = Date.UTC(year, month - 1, day)
  const date = new Date(at)
  // One day of grace: it is tomorrow in China before it is in UTC.
  return year >= FIRST_BIRTH_YEAR && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && at <= now + DAY_MS
}
