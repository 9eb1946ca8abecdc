/**
 * The text that is signed, written a second time and without a look at the
 * terminal's own: a platform that shared it would forgive every mistake in it.
 */

/** `k=v&k=v` in the order of the names; members that are null, "" or listed in `without` do not take part. */
export function signingText(members: ReadonlyMap<string, unknown>, without: ReadonlySet<string>): string {
  let text = ''
  for (const name of [...members.keys()].sort()) {
    const value = members.get(name)
    if (without.has(name) || value === undefined || value === null || value === '') continue
    text += (text === '' ? '' : '&') + name + '=' + (typeof value === 'object' ? jsonInOrder(value) : `${value as string}`)
  }
  return text
}

/** JSON without spaces, members in the order of their names at every depth, those that are null left out. */
export function jsonInOrder(value: unknown): string {
  if (value === null || typeof value !== 'object' || isExactNumber(value)) return JSON.stringify(value ?? null)
  if (Array.isArray(value)) return `[${value.map((item) => jsonInOrder(item)).join(',')}]`
  const members = Object.entries(value as Record<string, unknown>)
    .filter(([, member]) => member !== null && member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${jsonInOrder(member)}`).join(',')}}`
}

/** The members of several objects in one map, later ones first in precedence. */
export function mergedMembers(...objects: readonly Record<string, unknown>[]): Map<string, unknown> {
  const merged = new Map<string, unknown>()
  for (const object of objects) for (const [name, value] of Object.entries(object)) merged.set(name, value)
  return merged
}

/** A decimal that is written into JSON with every digit it was given, such as 5000.10. */
export function exactNumber(digits: string): object {
  return RAW_JSON.rawJSON(digits)
}

function isExactNumber(value: unknown): boolean {
  return RAW_JSON.isRawJSON(value)
}

// In V8 since 11.4; the compiler's library does not know it yet.
const RAW_JSON = JSON as unknown as { rawJSON(text: string): object; isRawJSON(value: unknown): boolean }
