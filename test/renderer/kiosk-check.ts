/** The states of the kiosk, in a real Chromium: large, legible, touchable, one thing to do, nothing covered. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { startFakeApi, type FakeApi } from './fake-api.ts'
import { collisions, smallText } from './kiosk-measure.ts'
import { openKiosk } from './kiosk-page.ts'
import { STATES } from './kiosk-states.ts'
import { fontsOf, outOfBounds, smallTargets } from './measure.ts'

type State = { id: string; screen: string; state: string; headline: string; overlay?: string }

const root = join(import.meta.dirname, '../..')
const shots = join(root, 'test-results/kiosk')
const states = (JSON.parse(readFileSync(join(root, 'docs/states.json'), 'utf8')) as State[]).filter(({ id }) => id.startsWith('kiosk-'))
const SIZES = [
  { width: 1080, height: 1920 },
  { width: 768, height: 1366 },
  { width: 1920, height: 1080 },
]
const LEAST = { target: 60, text: 18, leading: 1.3, contrast: 4.5, headline: 36 }

/** Elder, contrast and English variants are the same stages in other sizes and words. */
const VARIANT = /^kiosk-(elder|contrast|en)-/

let api: FakeApi
let browser: Browser
let context: BrowserContext | undefined

/** `all`: every variant in every size; else the stages themselves, at the kiosk's own size and in landscape. */
export function checkKioskStates({ all }: { all: boolean }): void {
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true })
    api = await startFakeApi(join(root, 'out/renderer'))
    browser = await launchChromium({ fakeCamera: true })
  })
  afterAll(async () => {
    await browser?.close()
    await api?.close()
  })
  afterEach(() => context?.close())

  it('stages each state of docs/states.json and no other', () => {
    expect(Object.keys(STATES).sort()).toEqual(states.map(({ id }) => id).sort())
  })

  describe.each(states.filter(({ id }) => all || !VARIANT.test(id)))('$id', ({ id, state, headline, overlay }) => {
    it('says one thing, leads to one action, fits, and can be read and touched by all', async () => {
      const opened = await openKiosk(browser, api, STATES[id])
      context = opened.context
      const { page, complaints } = opened
      await page.locator(`[data-screen=kiosk][data-state=${state}]`).waitFor()
      const title = page.getByTestId('headline')
      await expect.poll(() => title.innerText()).toBe(headline)
      expect(await title.count()).toBe(1)
      if (overlay) await page.locator(`[data-overlay=${overlay}] [role=dialog]`).waitFor()
      expect(await page.locator('[data-primary]:visible:not([inert] *)').count()).toBe(1)
      expect((await fontsOf(page)).filter((family) => !family.startsWith('Noto Sans SC'))).toEqual([])

      const { violations, passes } = await new AxeBuilder({ page }).analyze()
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(serious.map(({ id: rule, nodes }) => `${rule}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([])
      // axe lets large text off with 3:1; this screen does not.
      const faint = passes
        .filter(({ id: rule }) => rule === 'color-contrast')
        .flatMap(({ nodes }) => nodes)
        .filter(({ any }) => any.some(({ data }) => (data as { contrastRatio?: number } | null)?.contrastRatio! < LEAST.contrast))
      expect(faint.map(({ html }) => html)).toEqual([])

      for (const size of all ? SIZES : SIZES.filter(({ width }) => width !== 768)) {
        await page.setViewportSize(size)
        await settle(page, size.width)
        const place = `at ${size.width}×${size.height}`
        expect(await title.evaluate((element) => parseFloat(getComputedStyle(element).fontSize)), place).toBeGreaterThanOrEqual(LEAST.headline)
        expect(await outOfBounds(page), place).toEqual([])
        expect(await collisions(page), place).toEqual([])
        expect(await smallTargets(page, LEAST.target), place).toEqual([])
        expect(await smallText(page, LEAST.text, LEAST.leading), place).toEqual([])
        if (size === SIZES[0]) await page.screenshot({ path: join(shots, `${id}.png`) })
      }
      expect(complaints).toEqual([])
    })
  })
}

/** The new size has been laid out and drawn. */
async function settle(page: Page, width: number): Promise<void> {
  await page.waitForFunction((wanted) => innerWidth === wanted && document.querySelector('.kiosk')?.clientWidth === wanted, width)
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}
