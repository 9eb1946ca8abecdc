/** A page as the pictures see it: nothing moves, chance and time zone are fixed, what the page complains of is kept. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { startClock, STILL_AT, stopClock } from './fake-clock.ts'

export type Size = { width: number; height: number }
export type StillPage = { context: BrowserContext; page: Page; complaints: string[] }

/** The page's and the played terminal's date stand still with `stopped`; else it starts there and goes on. */
export async function openStill(
  browser: Browser,
  viewport: Size,
  { stopped, ...more }: BrowserContextOptions & { stopped: boolean },
): Promise<StillPage> {
  const context = await browser.newContext({
    viewport,
    reducedMotion: 'reduce',
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    ...more,
  })
  await context.addInitScript(() => {
    let seed = 1
    Math.random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  })
  const page = await context.newPage()
  if (stopped) {
    stopClock()
    await page.clock.setFixedTime(STILL_AT)
  } else {
    startClock()
    await page.clock.install({ time: STILL_AT })
  }
  return { context, page, complaints: await complaintsOf(page) }
}

/** What is wrong with the page from now on; where motion is reduced, every transition as well. */
export async function complaintsOf(page: Page): Promise<string[]> {
  const complaints: string[] = []
  await page.addInitScript(() => {
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) return
    addEventListener('transitionrun', ({ propertyName, target }) => console.error(`unsettled: ${propertyName} of ${(target as Element).outerHTML.slice(0, 80)}`))
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Vue warn|^unsettled/.test(message.text())) complaints.push(message.text())
  })
  return complaints
}
