/**
 * A platform's own words for staff and the API: short, without numbers that could be
 * a person's, and with the `personal` values of the request that it repeats starred out.
 */
export function ownWords(text: unknown, personal: readonly (string | undefined)[] = []): string {
  // Words of which characters were lost say nothing.
  if (typeof text !== 'string' || text.includes('\uFFFD')) return ''
  const starred = personal.reduce<string>((left, value) => (value === undefined || value.length < 2 ? left : left.replaceAll(value, '***')), text)
  const line = starred.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  // An identity number, a telephone number, a card's id, a token.
  const masked = line.replace(/[0-9A-Za-z]{7,}/g, (run) => (/\d{7}/.test(run) || (run.length >= 16 && /\d/.test(run)) ? '***' : run))
  return masked.length > 100 ? `${masked.slice(0, 100)}…` : masked
}
