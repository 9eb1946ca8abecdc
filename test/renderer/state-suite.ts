/** What is asked of every state of docs/states.json, whichever screen it belongs to. */
import { readdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChromiumOptions } from '../support/chromium.ts'
import { seriousFaults } from './axe.ts'
import { BASELINES, expectPicture } from './baseline.ts'
import type { FakeApi } from './fake-api.ts'
import { fontsOf, outOfBounds, smallTargets } from './measure.ts'
import { playScreens } from './played-screens.ts'
import { STATES, type State } from './states.ts'
import type { Size, StillPage } from './still-page.ts'

export type Suite = {
  screen: 'desk' | 'kiosk' | 'diagnostics'
  /** Ids that can be staged. */
  staged: readonly string[]
  chromium?: ChromiumOptions
  /** Whether each is compared with its picture; default true. */
  pictures?: boolean
  /** The first is the screen's own. */
  sizes(state: State): readonly Size[]
  /** px; `largeContrast` is a ratio, of large text alone. */
  least: { target: number; headline: number; largeContrast?: number }
  open(browser: Browser, api: FakeApi, id: string): Promise<StillPage>
  /** Resolves once the page shows what the entry says beside its headline. */
  arrive(page: Page, state: State): Promise<void>
  /** Whether the headline that stands in the list is a regular expression for the whole of it. */
  isPattern?(id: string): boolean
  /** Selects what is never twice the same: a camera's picture, a countdown. */
  varying?(id: string): readonly string[]
  /** What this screen asks besides in every size. */
  everySize?(page: Page, place: string): Promise<void>
}

export function checkStates(suite: Suite): void {
  const states = STATES.filter(({ id }) => id.startsWith(`${suite.screen}-`))
  let api: FakeApi
  let browser: Browser
  let page: Page | undefined

  playScreens((played) => ({ api, browser } = played), suite.chromium)
  afterEach(() => page?.close())

  it('stages each state of docs/states.json and no other', () => {
    expect([...suite.staged].sort()).toEqual(states.map(({ id }) => id).sort())
  })

  describe.each(states)('$id', (state) => {
    it('says one thing, leads to one action, fits, can be read and reached by all, and looks as it should', async () => {
      const opened = await suite.open(browser, api, state.id)
      const { complaints } = opened
      page = opened.page
      await suite.arrive(page, state)
      const title = page.getByTestId('headline')
      if (suite.isPattern?.(state.id)) await expect.poll(() => title.innerText()).toMatch(new RegExp(`^${state.headline}$`))
      else await expect.poll(() => title.innerText()).toBe(state.headline)
      expect(await title.count()).toBe(1)
      expect(await page.locator('[data-primary]:visible:not([inert] *)').count()).toBe(1)
      await page.evaluate('document.fonts.ready')
      expect((await fontsOf(page)).filter((family) => !family.startsWith('Noto Sans SC'))).toEqual([])
      if (suite.pictures ?? true) await expectPicture(page, state.id, suite.varying?.(state.id))

      expect(await seriousFaults(page, { url: api.axeUrl, largeContrast: suite.least.largeContrast })).toEqual([])

      for (const size of suite.sizes(state)) {
        await page.setViewportSize(size)
        await laidOut(page, size.width)
        const place = `at ${size.width}×${size.height}`
        const headlinePx = await title.evaluate((element) => parseFloat(getComputedStyle(element).fontSize))
        expect(headlinePx, place).toBeGreaterThanOrEqual(suite.least.headline)
        expect(await outOfBounds(page), place).toEqual([])
        expect(await smallTargets(page, suite.least.target), place).toEqual([])
        await suite.everySize?.(page, place)
      }
      expect(complaints).toEqual([])
    })
  })

  it('keeps a picture of each state and of no other', () => {
    const kept = readdirSync(BASELINES).filter((name) => name.startsWith(`${suite.screen}-`))
    expect(kept.sort()).toEqual(states.map(({ id }) => `${id}.webp`).sort())
  })
}

/** The new size has been laid out and drawn. */
async function laidOut(page: Page, width: number): Promise<void> {
  await page.waitForFunction((wanted) => innerWidth === wanted && (document.querySelector('.kiosk')?.clientWidth ?? wanted) === wanted, width)
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}
