/** Opens the built kiosk against the played API, with a clock that a test can move. */
import type { Browser } from 'playwright-core'
import type { FakeApi } from './fake-api.ts'
import { KIOSK_SCREEN, type Staging } from './kiosk-states.ts'
import { openStill, type Size, type StillPage } from './still-page.ts'

export const KIOSK_SIZE = { width: 1080, height: 1920 }

/** Resolves where the staging has come to its end and the fonts are there. */
export async function openKiosk(browser: Browser, api: FakeApi, staging: Staging = {}, size: Size = KIOSK_SIZE): Promise<StillPage> {
  const opened = await openStill(browser, size, { stopped: false, origin: api.origin, permissions: ['camera'] })
  const { page } = opened
  api.reset(KIOSK_SCREEN)
  staging.before?.(api)
  await page.goto(api.url)
  await page.getByTestId('start').click()
  await page.locator('[data-screen=kiosk][data-state=welcome]').waitFor()
  await staging.after?.(page, api)
  await page.evaluate('document.fonts.ready')
  return opened
}
