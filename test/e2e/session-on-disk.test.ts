/** What a real Chromium profile keeps of a screen's session, and what it is good for after the browser's end. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { findChromium } from '../support/chromium.ts'
import { startTestTerminal } from '../support/terminal.ts'

test.each(['its own browser', 'one opened by hand'] as const)('the profile of %s holds no token, though the page is reloaded; what it holds opens nothing', async (kind) => {
  const t = await startTestTerminal()
  const profile = mkdtempSync(join(tmpdir(), 'maqiao-profile-'))
  onTestFinished(async () => {
    await t.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  })
  const { executablePath, env } = await findChromium()
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: ['--no-sandbox', '--disable-gpu'], env: { ...process.env, ...env } as Record<string, string> })
  onTestFinished(() => context.close())
  const page = context.pages()[0] ?? (await context.newPage())
  const tokens = new Set<string>()
  page.on('request', (request) => {
    const token = /^Bearer (.+)$/.exec(request.headers()['authorization'] ?? '')?.[1]
    if (token !== undefined) tokens.add(token)
  })
  const isGood = async (token: string) => (await t.request('GET', '/api/v1/screen', undefined, { authorization: `Bearer ${token}` })).status

  await page.goto(kind === 'its own browser' ? t.terminal.hosted.newUrl() : t.terminal.newUiUrl())
  await page.locator('[data-screen=desk]').waitFor()
  await page.reload()
  await page.locator('[data-screen=desk]').waitFor()
  expect(tokens.size).toBe(2)
  for (const token of tokens) expect(await isGood(token)).toBe(200)

  await context.close()
  const kept = files(profile).map((file) => readFileSync(file, 'latin1'))
  expect(kept.length).toBeGreaterThan(5)
  // Strings of a store may lie in either width.
  for (const token of tokens) for (const text of [token, [...token].join('\0')]) expect(kept.some((bytes) => bytes.includes(text))).toBe(false)
  t.terminal.hosted.endRun()
  for (const token of tokens) expect(await isGood(token)).toBe(kind === 'its own browser' ? 401 : 200)
})

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
}
