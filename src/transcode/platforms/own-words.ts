/** A platform's own words for staff and the API: short, and without numbers that could be a person's. */
export function ownWords(text: unknown): string {
  if (typeof text !== 'string') return ''
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  // An identity number, a telephone number, a card's id, a token.
  const masked = line.replace(/[0-9A-Za-z]{7,}/g, (run) => (/\d{7}/.test(run) || (run.length >= 16 && /\d/.test(run)) ? '***' : run))
  return masked.length > 100 ? `${masked.slice(0, 100)}…` : masked
}
