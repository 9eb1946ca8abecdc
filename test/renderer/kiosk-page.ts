/** Opens the built kiosk against the played API, with a clock that a test can move. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { FakeApi } from './fake-api.ts'
import { KIOSK_SCREEN, type Staging } from './kiosk-states.ts'

export type OpenKiosk = { page: Page; context: BrowserContext; complaints: string[] }

/** Resolves where the staging has come to its end and the fonts are there. */
export async function openKiosk(
  browser: Browser,
  api: FakeApi,
  staging: Staging = {},
  viewport = { width: 1080, height: 1920 },
): Promise<OpenKiosk> {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', permissions: ['camera'] })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Vue warn/.test(message.text())) complaints.push(message.text())
  })
  api.reset(KIOSK_SCREEN)
  staging.before?.(api)
  await page.clock.install()
  await page.goto(api.url)
  await page.getByTestId('start').click()
  await page.locator('[data-screen=kiosk][data-state=welcome]').waitFor()
  await staging.after?.(page, api)
  await page.evaluate('document.fonts.ready')
  return { page, context, complaints }
}
