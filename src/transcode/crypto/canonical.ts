/** The string that is signed: sorted `k=v` joined by `&`, as all five documents have it. */
import { sourceOf } from './exact-json.ts'

/**
 * JSON without spaces, keys sorted by code unit at every depth, null members
 * left out (电子健康卡 3.1.3.1: nested fields are sorted too; 泉州 附录1 1.3.2.3).
 */
export function compactJson(value: unknown): string {
  // Written out here: a JavaScript object puts keys such as "10" before all others, whatever their order was.
  if (value === null || value === undefined) return 'null'
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(compactJson).join(',')}]`
  const source = sourceOf(value)
  if (source !== undefined) return source
  const members = sortedMembers(value as Record<string, unknown>).filter(
    ([, item]) => item !== null && item !== undefined,
  )
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${compactJson(item)}`).join(',')}}`
}

/**
 * Sorted `k=v` joined by `&`. Null, undefined and "" are left out, as are the
 * names in `omit`; objects and arrays become `compactJson`.
 */
export function canonicalString(members: Readonly<Record<string, unknown>>, omit: readonly string[] = []): string {
  return sortedMembers(members)
    .filter(([key, value]) => !omit.includes(key) && value !== null && value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${typeof value === 'object' ? compactJson(value) : String(value)}`)
    .join('&')
}

function sortedMembers(members: Readonly<Record<string, unknown>>): [string, unknown][] {
  // No two names are the same.
  return Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))
}
