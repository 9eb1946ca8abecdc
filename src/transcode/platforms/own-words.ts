/** A platform's own words for staff and the API: short, and without numbers that could be a person's. */
export function ownWords(text: unknown): string {
  if (typeof text !== 'string') return ''
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  const masked = line.replace(/[0-9A-Za-z]*\d{7,}[0-9A-Za-z]*/g, '***')
  return masked.length > 100 ? `${masked.slice(0, 100)}…` : masked
}
