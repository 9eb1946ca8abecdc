/** Opens the desk in one of its states. */
import type { Browser } from 'playwright-core'
import { STATES } from './desk-states.ts'
import type { FakeApi } from './fake-api.ts'
import { openStill, type Size, type StillPage } from './still-page.ts'

export const DESK_SIZE = { width: 1366, height: 768 }

export async function openDesk(browser: Browser, api: FakeApi, id: string, size: Size = DESK_SIZE): Promise<StillPage> {
  const staging = STATES[id]
  if (!staging) throw new Error(`nothing stages ${id}`)
  const opened = await openStill(browser, size, { stopped: true, origin: api.origin })
  api.reset()
  staging.before?.(api)
  await opened.page.goto(api.url)
  await opened.page.getByTestId('rail-outbox').waitFor()
  await staging.after?.(opened.page, api)
  return opened
}
