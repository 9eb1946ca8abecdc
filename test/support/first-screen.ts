/** What a page asks for before it shows its first screen. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'

export type FirstScreen = { scripts: number; gzipBytes: number }

/** Opens `url` and counts the scripts of `out` that it loads until the desk waits for a code. */
export async function weighDesk(page: Page, url: string, out: string): Promise<FirstScreen> {
  const scripts = new Set<string>()
  page.on('request', (request) => request.resourceType() === 'script' && scripts.add(new URL(request.url()).pathname))
  await page.goto(url)
  await page.locator('[data-screen=desk][data-state=waiting]').waitFor()
  const gzipBytes = [...scripts].reduce((sum, path) => sum + gzipSync(readFileSync(join(out, path))).length, 0)
  return { scripts: scripts.size, gzipBytes }
}
