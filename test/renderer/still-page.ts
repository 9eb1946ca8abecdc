/** A page as the pictures see it: nothing moves, chance and time zone are fixed, what the page complains of is kept. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { startClock, STILL_AT, stopClock } from './fake-clock.ts'

export type Size = { width: number; height: number }
export type StillPage = { page: Page; complaints: string[] }

const contexts = new WeakMap<Browser, Promise<BrowserContext>>()

/**
 * A new page of the browser's one context, which `page.close()` ends. All of a browser's pages take the first one's
 * options. An empty page of `origin` stays open: so its process does, with the scripts that it has compiled. The page's
 * and the played terminal's date stand still with `stopped`; else they start there and go on.
 */
export async function openStill(
  browser: Browser,
  viewport: Size,
  { stopped, origin, ...more }: BrowserContextOptions & { stopped: boolean; origin?: string },
): Promise<StillPage> {
  if (!contexts.has(browser)) contexts.set(browser, stillContext(browser, origin, more))
  const page = await (await contexts.get(browser)!).newPage()
  await page.setViewportSize(viewport)
  if (stopped) {
    stopClock()
    await page.clock.setFixedTime(STILL_AT)
  } else {
    startClock()
    await page.clock.install({ time: STILL_AT })
  }
  return { page, complaints: await complaintsOf(page) }
}

async function stillContext(browser: Browser, origin: string | undefined, options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
  await context.addInitScript(() => {
    // What an earlier page kept.
    if (location.protocol === 'http:') localStorage.clear()
    let seed = 1
    Math.random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  })
  if (origin) await (await context.newPage()).goto(`${origin}/none`)
  return context
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
