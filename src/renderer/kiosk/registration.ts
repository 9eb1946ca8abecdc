/** What is filled in for a card, what is still wrong with it, and what a refusal means for the patient (电子健康卡 3.2.12). */
import { ApiError } from '../api/api-error.ts'
import type { RegisteredPerson } from '../api/screen-types.ts'
import { CARD_WORDS, type Problem } from '../messages/kiosk-register-zh-cn.ts'

export type Whom = 'self' | 'family' | 'newborn'
export const FIELDS = ['name', 'idNumber', 'gender', 'nation', 'birthday', 'phone1'] as const
export type Field = (typeof FIELDS)[number]

export const nobody = (): RegisteredPerson => ({ name: '', idNumber: '', gender: '', nation: '', birthday: '', phone1: '' })

/** Whether a value can be sent; the terminal and the platform judge the rest. */
export function isFilled(field: Field, value: string, whom: Whom): boolean {
  if (field === 'idNumber' && whom !== 'newborn') return /^\d{17}[\dX]$/.test(value)
  if (field === 'birthday') return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
  if (field === 'phone1') return /^1\d{10}$/.test(value)
  return value.trim() !== ''
}

/** A field as it was typed, with what an identity number says besides. */
export function filledIn(field: Field, typed: string, whom: Whom): Partial<RegisteredPerson> {
  const value = field === 'birthday' ? dayOf(typed) : typed.trim()
  if (field !== 'idNumber' || whom === 'newborn' || !isFilled(field, value, whom)) return { [field]: value }
  return { idNumber: value, birthday: dayOf(value.slice(6, 14)), gender: Number(value[16]) % 2 === 1 ? CARD_WORDS.male : CARD_WORDS.female }
}

/** yyyy-MM-dd of 19880102 or of 1988/1/2, as 3.2.5 has it. */
export function dayOf(text: string): string {
  const [, year, month = '', day = ''] = /^(\d{4})[/-]?(\d{1,2})[/-]?(\d{1,2})$/.exec(text) ?? []
  return year === undefined ? text : [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-')
}

const FIELDS_WRONG = ['10013', '10014', '10015', '10042', '10043', '10051', '10056', '-10025', '-10026', '-10027', '20001', '20002', 'REQUEST_INVALID', 'BAD_REQUEST']
const PROBLEMS: Readonly<Record<string, Problem>> = {
  ...Object.fromEntries(FIELDS_WRONG.map((code) => [code, 'fields' as const])),
  '-10022': 'phone',
  '-10023': 'hasCard',
  '-10032': 'hasCard',
  '-10031': 'frozen',
  '10057': 'full',
}
/** The picture is at fault, not the reading of it. */
const PICTURE_WRONG = new Set(['-10039', '10041', '20004', 'REQUEST_INVALID'])

export function problemOf(error: unknown): Problem {
  if (!(error instanceof ApiError)) throw error
  const { code, retryable } = error.fault
  return Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code]! : retryable ? 'later' : 'counter'
}

export function pictureProblemOf(error: unknown): Problem {
  if (!(error instanceof ApiError)) throw error
  return PICTURE_WRONG.has(error.fault.code) ? 'photo' : 'photoLater'
}
