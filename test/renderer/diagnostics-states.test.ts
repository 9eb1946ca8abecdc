/** Every state of the diagnostic screen, in a real Chromium. */
import { DIAGNOSTICS_SIZE, openDiagnosticsState } from './diagnostics-open.ts'
import { STATES } from './diagnostics-states.ts'
import { checkStates } from './state-suite.ts'

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
  // A camera's figures are never twice the same.
  varying: (id) => (id === 'diagnostics-camera-watching' ? ['[data-testid=headline]', '.camera-view', '.camera-side'] : []),
})
