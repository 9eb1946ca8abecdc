/** Addresses in the settings: whom this terminal talks to. */
import { plainHttpPaths } from '../../transcode/platforms/setting-fields.ts'

/** Every distinct origin among a section's addresses. */
export function originsIn(section: unknown): URL[] {
  const found = new Map<string, URL>()
  const walk = (value: unknown): void => {
    if (typeof value === 'string' && /^https?:/i.test(value) && URL.canParse(value)) {
      const url = new URL(value)
      if (!found.has(url.origin)) found.set(url.origin, url)
    } else if (value !== null && typeof value === 'object') Object.values(value).forEach(walk)
  }
  walk(section)
  return [...found.values()]
}

/** Origins that are reached unencrypted on another machine. */
export function plainOriginsIn(section: unknown): string[] {
  const addresses = plainHttpPaths(section).map((path) => path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], section))
  return originsIn(addresses).map((url) => url.origin)
}
