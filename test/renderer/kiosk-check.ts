/** The states of the kiosk, in a real Chromium: large, touchable, nothing covered. */
import { expect } from 'vitest'
import { collisions, smallText } from './kiosk-measure.ts'
import { KIOSK_SIZE, openKiosk } from './kiosk-page.ts'
import { STATES } from './kiosk-states.ts'
import { checkStates } from './state-suite.ts'

const NARROW = { width: 768, height: 1366 }
const LYING = { width: 1920, height: 1080 }
const LEAST = { text: 18, leading: 1.3 }

/** The time of day and what is left of a countdown. */
const TIMES = ['.clock-time', '[data-testid=seconds]', '[data-testid=refresh-in]']

/** Every state in every size, and its `pictures`, the dearest part of it. */
export function checkKioskStates({ pictures }: { pictures: boolean }): void {
  checkStates({
    screen: 'kiosk',
    staged: Object.keys(STATES),
    chromium: { fakeCamera: true },
    pictures,
    sizes: () => [KIOSK_SIZE, NARROW, LYING],
    // axe lets large text off with 3:1; this screen does not.
    least: { target: 60, headline: 36, largeContrast: 4.5 },
    open: (browser, api, id) => openKiosk(browser, api, STATES[id]),
    async arrive(page, { state, overlay }) {
      await page.locator(`[data-screen=kiosk][data-state=${state}]`).waitFor()
      if (overlay) await page.locator(`[data-overlay=${overlay}] [role=dialog]`).waitFor()
    },
    varying: () => [...TIMES, 'video', 'canvas', '[data-hint]'],
    async everySize(page, place) {
      expect(await collisions(page), place).toEqual([])
      expect(await smallText(page, LEAST.text, LEAST.leading), place).toEqual([])
    },
  })
}
