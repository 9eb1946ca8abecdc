/** GB 11643 as someone types: what is still wrong with an identity number, in words. */
import { deskZhCn } from '../messages/desk-zh-cn.ts'

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'

export type IdentityCheck =
  | { state: 'empty' }
  | { state: 'open' | 'wrong'; message: string }
  | { state: 'ok'; text: string; message: string }

/** Full-width characters, blanks and a small x are put right. */
function tidyIdentityNumber(typed: string): string {
  return typed.normalize('NFKC').replace(/\s/g, '').toUpperCase()
}

/** Checks letters, length, date and check digit, in this order; `today` is the last day of birth. */
export function checkIdentityNumber(typed: string, today = new Date()): IdentityCheck {
  const words = deskZhCn.manual
  const text = tidyIdentityNumber(typed)
  if (text === '') return { state: 'empty' }
  if (!/^(\d{1,17}|\d{17}[\dX].*)$/.test(text)) return { state: 'wrong', message: words.letters }
  if (text.length >= 14 && !birthDate(text, today)) return { state: 'wrong', message: words.date }
  if (text.length < 18) return { state: 'open', message: words.left(18 - text.length) }
  if (text.length > 18) return { state: 'wrong', message: words.long }
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(text[i]), 0)
  if (CHECKS[sum % 11] !== text[17]) return { state: 'wrong', message: words.check }
  const gender = Number(text[16]) % 2 === 1 ? words.male : words.female
  return { state: 'ok', text, message: `${words.ok} · ${words.born(birthDate(text, today) ?? '', gender)}` }
}

function birthDate(text: string, today: Date): string | null {
  const [year, month, day] = [text.slice(6, 10), text.slice(10, 12), text.slice(12, 14)].map(Number)
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day))
  const real = date.getUTCMonth() + 1 === month && date.getUTCDate() === day && (year ?? 0) >= 1900
  return real && date <= today ? date.toISOString().slice(0, 10) : null
}
