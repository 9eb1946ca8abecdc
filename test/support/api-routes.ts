/** Every call that src/api serves, the screens' own included, as it is written there. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Such as `GET /api/v1/outcomes/:id/reveal`. Throws where a file writes one in another way, so that none is left out. */
export function servedRoutes(): string[] {
  return globSync(join(import.meta.dirname, '../../src/api/*-routes.ts')).flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const found = [...text.matchAll(/method: '(\w+)',\s+url: '([^']+)'/g)].map(([, method, url]) => `${method} ${url}`)
    if (found.length !== text.split(' route({').length - 1) throw new Error(`${file}: a route without method and url side by side`)
    return found
  })
}
