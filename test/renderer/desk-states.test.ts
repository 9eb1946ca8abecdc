/** Every state of the desk, in a real Chromium: it says what it should, fits, is legible, and leads to one action. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { STATES } from './desk-states.ts'
import { startFakeApi, type FakeApi } from './fake-api.ts'
import { fontsOf, outOfBounds, smallTargets } from './measure.ts'

type State = { id: string; screen: string; state: string; headline: string; alert?: string; overlay?: string; mode?: string }

const root = join(import.meta.dirname, '../..')
const states = (JSON.parse(readFileSync(join(root, 'docs/states.json'), 'utf8')) as State[]).filter(({ id }) => id.startsWith('desk-'))
const SIZES = [
  { width: 1366, height: 768 },
  { width: 1024, height: 768 },
  { width: 1920, height: 1080 },
]
const STRIP_HEIGHT = 84

let api: FakeApi
let browser: Browser
let context: BrowserContext | undefined

beforeAll(async () => {
  api = await startFakeApi(join(root, 'out/renderer'))
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await api?.close()
})
afterEach(() => context?.close())

async function open(id: string): Promise<{ page: Page; complaints: string[] }> {
  const staging = STATES[id]
  if (!staging) throw new Error(`nothing stages ${id}`)
  context = await browser.newContext({ viewport: SIZES[0]!, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Vue warn/.test(message.text())) complaints.push(message.text())
  })
  api.reset()
  staging.before?.(api)
  await page.goto(api.url)
  await page.getByTestId('rail-outbox').waitFor()
  await staging.after?.(page, api)
  return { page, complaints }
}

it('stages each state of docs/states.json and no other', () => {
  expect(Object.keys(STATES).sort()).toEqual(states.map(({ id }) => id).sort())
})

describe.each(states)('$id', ({ id, screen, state, headline, alert, overlay, mode }) => {
  it('says one thing, leads to one action, fits, and can be read by all', async () => {
    const { page, complaints } = await open(id)
    await page.locator(`[data-screen=${screen}][data-state=${state}]`).waitFor()
    const title = page.getByTestId('headline')
    await expect.poll(() => title.innerText()).toBe(headline)
    expect(await title.count()).toBe(1)
    if (alert) await page.getByTestId(`alert-${alert}`).waitFor()
    if (overlay) await page.locator(`[data-overlay=${overlay}] [role=dialog]`).waitFor()
    if (mode) await page.locator(`[data-mode=${mode}]`).waitFor()
    expect(await page.locator('[data-primary]:visible:not([inert] *)').count()).toBe(1)
    await page.evaluate('document.fonts.ready')
    expect((await fontsOf(page)).filter((family) => !family.startsWith('Noto Sans SC'))).toEqual([])

    const { violations } = await new AxeBuilder({ page }).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id: rule, nodes }) => `${rule}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([])

    for (const { width, height } of SIZES) {
      await page.setViewportSize({ width, height: mode === 'strip' ? STRIP_HEIGHT : height })
      const place = `at ${width}×${height}`
      expect(await title.evaluate((element) => parseFloat(getComputedStyle(element).fontSize)), place).toBeGreaterThanOrEqual(32)
      // A busy machine takes a few frames to lay the page out anew.
      await expect.poll(() => outOfBounds(page), { message: place, timeout: 3000 }).toEqual([])
      expect(await smallTargets(page, 44), place).toEqual([])
    }
    expect(complaints).toEqual([])
  })
})
