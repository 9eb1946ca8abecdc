/** The states of the diagnostic screen, in a real Chromium. */
import { DIAGNOSTICS_SIZE, openDiagnosticsState } from './diagnostics-open.ts'
import { STATES } from './diagnostics-states.ts'
import { checkStates } from './state-suite.ts'

/** A camera's figures and how long a call took are never twice the same. */
const VARYING: Record<string, readonly string[]> = {
  'diagnostics-camera-watching': ['[data-testid=headline]', '.camera-view', '.camera-side'],
  'diagnostics-operation': ['.facts-title .num'],
}

checkStates({
  screen: 'diagnostics',
  staged: Object.keys(STATES),
  chromium: { fakeCamera: true },
  sizes: () => [DIAGNOSTICS_SIZE, { width: 1366, height: 768 }],
  least: { target: 44, headline: 32 },
  open: openDiagnosticsState,
  async arrive(page, { section, dialog }) {
    await page.locator(`[data-screen=diagnostics][data-section=${section}]`).waitFor()
    if (dialog) await page.getByRole('dialog').and(page.getByTestId(dialog)).waitFor()
  },
  varying: (id) => VARYING[id] ?? [],
  isPattern: (id) => id === 'diagnostics-camera-watching',
})
