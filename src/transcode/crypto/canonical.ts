/** The string that is signed: sorted `k=v` joined by `&`, as all five documents have it. */

/**
 * JSON without spaces, keys sorted by code unit at every depth, null members
 * left out (电子健康卡 3.1.3.1: nested fields are sorted too; 泉州 附录1 1.3.2.3).
 */
export function compactJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

/**
 * Sorted `k=v` joined by `&`. Null, undefined and "" are left out, as are the
 * names in `omit`; objects and arrays become `compactJson`.
 */
export function canonicalString(members: Readonly<Record<string, unknown>>, omit: readonly string[] = []): string {
  const parts: string[] = []
  for (const key of Object.keys(members).sort(byCodeUnit)) {
    const value = members[key]
    if (omit.includes(key) || value === null || value === undefined || value === '') continue
    parts.push(`${key}=${typeof value === 'object' ? compactJson(value) : String(value)}`)
  }
  return parts.join('&')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  // A null prototype, so that a member named __proto__ stays a member.
  const result: Record<string, unknown> = Object.create(null)
  const members = value as Record<string, unknown>
  for (const key of Object.keys(members).sort(byCodeUnit)) {
    if (members[key] !== null && members[key] !== undefined) result[key] = sorted(members[key])
  }
  return result
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
