/** The states of the desk, in a real Chromium. */
import { DESK_SIZE, openDesk } from './desk-open.ts'
import { STATES } from './desk-states.ts'
import { checkStates } from './state-suite.ts'

const SIZES = [DESK_SIZE, { width: 1024, height: 768 }, { width: 1280, height: 720 }, { width: 1920, height: 1080 }]
const STRIP_HEIGHT = 84
const HANGING_HEIGHT = 600

checkStates({
  screen: 'desk',
  staged: Object.keys(STATES),
  sizes: ({ mode, overlay }) => (mode === 'strip' ? SIZES.map(({ width }) => ({ width, height: overlay ? HANGING_HEIGHT : STRIP_HEIGHT })) : SIZES),
  least: { target: 44, headline: 32 },
  open: openDesk,
  async arrive(page, { screen, state, alert, overlay, mode }) {
    await page.locator(`[data-screen=${screen}][data-state=${state}]`).waitFor()
    if (alert) await page.getByTestId(`alert-${alert}`).waitFor()
    if (overlay) await page.locator(`[data-overlay=${overlay}] [role=dialog]`).waitFor()
    if (mode) await page.locator(`[data-mode=${mode}]`).waitFor()
  },
})
