/** Opens the diagnostic screen in one of its states. */
import type { Browser, Page } from 'playwright-core'
import { STATES, type Staging } from './diagnostics-states.ts'
import type { FakeApi } from './fake-api.ts'
import { newWorld, playDiagnostics, type World } from './fake-diagnostics.ts'
import { openStill, type Size, type StillPage } from './still-page.ts'

export const PIN = '246810'
export const DIAGNOSTICS_SIZE = { width: 1920, height: 1080 }

export async function openDiagnosticsState(browser: Browser, api: FakeApi, id: string, size: Size = DIAGNOSTICS_SIZE): Promise<StillPage> {
  const staging = STATES[id]
  if (!staging) throw new Error(`nothing stages ${id}`)
  const opened = await openStill(browser, size, { stopped: true, origin: api.origin })
  api.reset()
  await openDiagnostics(opened.page, api, staging)
  return opened
}

export async function openDiagnostics(page: Page, api: FakeApi, { atDoor, before, after }: Staging): Promise<World> {
  const world = newWorld()
  before?.(world)
  await playDiagnostics(page, world)
  await page.goto(`${api.url}&screen=diagnostics`)
  await page.locator('[data-screen=diagnostics][data-section=door] [data-state=closed], [data-state=first]').first().waitFor()
  if (!atDoor) {
    await page.getByTestId('pin').fill(PIN)
    await page.keyboard.press('Enter')
    await page.locator('[data-section=overview]').waitFor()
    await page.getByTestId('checks').waitFor()
  }
  await after?.(page, api, world)
  return world
}
