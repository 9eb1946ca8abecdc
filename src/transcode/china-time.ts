/** The documents' times are China's, eight hours ahead of UTC all year, whatever the host's zone is. */

const OFFSET_MS = 8 * 3_600_000
const DAY_MS = 86_400_000

/** ms since 1970 -> `yyyy-MM-dd HH:mm:ss` in China. */
export function chinaDateTime(at: number): string {
  return new Date(at + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')
}

/** ms since 1970 -> `yyyyMMddHHmmss` in China. */
export function chinaCompactTime(at: number): string {
  return chinaDateTime(at).replace(/\D/g, '')
}

/** ms since 1970 of the next midnight in China. */
export function nextChinaMidnight(at: number): number {
  return (Math.floor((at + OFFSET_MS) / DAY_MS) + 1) * DAY_MS - OFFSET_MS
}

/**
 * ISO 8601 (its seconds may be left out), `yyyy-MM-dd HH:mm:ss` or `yyyyMMddHHmmss`
 * -> ms since 1970; without an offset it is China's time. Undefined where it is none of these or no such time exists.
 */
export function parseTime(text: string): number | undefined {
  const whole = text.trim().replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?=$|Z|[+-])/, '$1:00')
  const parts = /^(\d{4})-?(\d\d)-?(\d\d)[T ]?(\d\d):?(\d\d):?(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/.exec(whole)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone = '+08:00'] = parts
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  // Date.parse takes the 31st of February for the 3rd of March.
  const asUtc = Date.parse(`${written}Z`)
  if (Number.isNaN(asUtc) || new Date(asUtc).toISOString().slice(0, 19) !== written) return undefined
  const at = Date.parse(`${written}${fraction.slice(0, 4)}${zone}`)
  return Number.isNaN(at) ? undefined : at
}
