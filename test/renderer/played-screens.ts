/** The built screens behind the played API, and a browser, for the tests of one file. */
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { launchChromium, type ChromiumOptions } from '../support/chromium.ts'
import { startFakeApi, type FakeApi } from './fake-api.ts'

export type PlayedScreens = { api: FakeApi; browser: Browser }

/** Where the screens were built; `MAQIAO_SCREENS` names another build. */
export const SCREENS = process.env['MAQIAO_SCREENS'] ?? join(import.meta.dirname, '../../out/renderer')

/** Starts both before the file's tests, tells `started`, and closes them afterwards. */
export function playScreens(started: (played: PlayedScreens) => void, chromium?: ChromiumOptions): void {
  let api: FakeApi
  let browser: Browser
  beforeAll(async () => {
    api = await startFakeApi(SCREENS)
    browser = await launchChromium(chromium)
    started({ api, browser })
  })
  afterAll(async () => {
    await browser?.close()
    await api?.close()
  })
}

export type PlayedPage = PlayedScreens & { context: BrowserContext; page: Page }

/** The same, and for each test a page of its own, of which `opened` is told. */
export function playPages(opened: (played: PlayedPage) => void, options: BrowserContextOptions): void {
  let played: PlayedScreens
  let context: BrowserContext
  playScreens((started) => (played = started))
  beforeEach(async () => {
    played.api.reset()
    context = await played.browser.newContext(options)
    opened({ ...played, context, page: await context.newPage() })
  })
  afterEach(() => context.close())
}
