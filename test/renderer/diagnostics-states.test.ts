/** Every state of the diagnostic screen, in a real Chromium: it says what it should, fits, is legible, and leads to one action. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { openDiagnostics } from './diagnostics-open.ts'
import { STATES } from './diagnostics-states.ts'
import { startFakeApi, type FakeApi } from './fake-api.ts'
import { fontsOf, outOfBounds, smallTargets } from './measure.ts'

type State = { id: string; screen: string; section: string; headline: string; dialog?: string }

const root = join(import.meta.dirname, '../..')
const states = (JSON.parse(readFileSync(join(root, 'docs/states.json'), 'utf8')) as State[]).filter(({ id }) => id.startsWith('diagnostics-'))
const SIZES = [
  { width: 1920, height: 1080 },
  { width: 1366, height: 768 },
]

let api: FakeApi
let browser: Browser
let context: BrowserContext | undefined

beforeAll(async () => {
  api = await startFakeApi(process.env['MAQIAO_SCREENS'] ?? join(root, 'out/renderer'))
  browser = await launchChromium({ fakeCamera: true })
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
  await openDiagnostics(page, api, staging)
  return { page, complaints }
}

it('stages each state of docs/states.json and no other', () => {
  expect(Object.keys(STATES).sort()).toEqual(states.map(({ id }) => id).sort())
})

describe.each(states)('$id', ({ id, section, headline, dialog }) => {
  it('says one thing, leads to one action, fits, and can be read by all', async () => {
    const { page, complaints } = await open(id)
    await page.locator(`[data-screen=diagnostics][data-section=${section}]`).waitFor()
    const title = page.getByTestId('headline')
    await expect.poll(() => title.innerText()).toMatch(new RegExp(`^${headline}$`))
    if (dialog) await page.getByRole('dialog').and(page.getByTestId(dialog)).waitFor()
    expect(await page.locator('[data-primary]:visible:not([inert] *)').count()).toBe(1)
    await page.evaluate('document.fonts.ready')
    expect((await fontsOf(page)).filter((family) => !family.startsWith('Noto Sans SC'))).toEqual([])

    const { violations } = await new AxeBuilder({ page }).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id: rule, nodes }) => `${rule}: ${nodes.map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary).join(' | ')}`)).toEqual([])

    for (const size of SIZES) {
      await page.setViewportSize(size)
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
      const place = `at ${size.width}×${size.height}`
      expect(await title.evaluate((element) => parseFloat(getComputedStyle(element).fontSize)), place).toBeGreaterThanOrEqual(32)
      expect(await outOfBounds(page), place).toEqual([])
      expect(await smallTargets(page, 44), place).toEqual([])
    }
    expect(complaints).toEqual([])
  })
})
