/** Addresses in the settings: whom this terminal talks to. */
import { plainHttpPaths } from '../../transcode/platforms/setting-fields.ts'

/** Addresses that are opened on a patient's phone and never by the terminal. */
const ON_THE_PHONE = new Set(['entryUrl', 'pageUrl'])

/** Every distinct origin among a section's addresses. */
export function originsIn(section: unknown): URL[] {
  const found = new Map<string, URL>()
  const walk = (value: unknown): void => {
    if (typeof value === 'string' && /^https?:/i.test(value) && URL.canParse(value)) {
      const url = new URL(value)
      if (!found.has(url.origin)) found.set(url.origin, url)
    } else if (value !== null && typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) if (!ON_THE_PHONE.has(key)) walk(item)
    }
  }
  walk(section)
  return [...found.values()]
}

/** Origins that are reached unencrypted on another machine. */
export function plainOriginsIn(section: unknown): string[] {
  const addresses = plainHttpPaths(section).map((path) =>
    path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], section),
  )
  return originsIn(addresses).map((url) => url.origin)
}
