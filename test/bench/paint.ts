/** The desk in a real Chromium on a real agent: from the code at the tty to the headline on the glass. */
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { weighDesk, type FirstScreen } from '../support/first-screen.ts'
import { sampleText, SCREENS, startTestTerminal, type TestTerminal } from '../support/terminal.ts'

export type PaintFigures = {
  /** ms from the code's last byte at the tty until the frame with its headline is drawn. */
  readonly scanToPaint: number[]
  /** ms of it after the agent published the outcome. */
  readonly outcomeToPaint: number[]
  /** ms from a change of the page by itself until its frame is drawn: what no screen is below. */
  readonly frame: number[]
  /** ms from the navigation to the first content, with nothing cached, and again in the same browser. */
  readonly coldPaint: number[]
  readonly warmPaint: number[]
  readonly first: FirstScreen
}

/** Time that Node and the page agree on, ms. */
const now = (): number => performance.timeOrigin + performance.now()
const SIZE = { width: 1366, height: 768 }

export async function benchPaint({ scans = 60, opens = 7 } = {}): Promise<PaintFigures> {
  const t = await startTestTerminal({ settings: { recognition: { repeatWithinMs: 0 }, log: { level: 'error' } } })
  const browser = await launchChromium()
  try {
    const { coldPaint, warmPaint, first } = await openings(browser, t, opens)
    const page = await browser.newPage({ viewport: SIZE })
    await page.goto(await ticketed(t))
    await page.locator('[data-screen=desk][data-state=waiting]').waitFor()
    return { coldPaint, warmPaint, first, frame: await frames(page, scans), ...(await paints(page, t, scans)) }
  } finally {
    await browser.close()
    await t.close()
  }
}

async function ticketed(t: TestTerminal): Promise<string> {
  const { body } = await t.request('POST', '/api/v1/tickets')
  return `${t.terminal.ready.api}/?ticket=${(body as { ticket: string }).ticket}`
}

async function openings(browser: Browser, t: TestTerminal, opens: number): Promise<Pick<PaintFigures, 'coldPaint' | 'warmPaint' | 'first'>> {
  const [coldPaint, warmPaint]: [number[], number[]] = [[], []]
  let first: FirstScreen = { scripts: 0, gzipBytes: 0 }
  for (let round = 0; round < opens; round++) {
    const context = await browser.newContext({ viewport: SIZE })
    const page = await context.newPage()
    first = await weighDesk(page, await ticketed(t), SCREENS)
    coldPaint.push(await firstPaint(page))
    await page.goto(await ticketed(t))
    await page.locator('[data-screen=desk][data-state=waiting]').waitFor()
    warmPaint.push(await firstPaint(page))
    await context.close()
  }
  return { coldPaint, warmPaint, first }
}

const firstPaint = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((done) => {
        new PerformanceObserver((list, observer) => {
          const [entry] = list.getEntriesByName('first-contentful-paint')
          if (!entry) return
          observer.disconnect()
          done(entry.startTime)
        }).observe({ type: 'paint', buffered: true })
      }),
  )

/** A frame after the next has begun, what was written before it is on the glass. */
async function frames(page: Page, rounds: number): Promise<number[]> {
  return page.evaluate(async (rounds) => {
    const mark = document.body.appendChild(document.createElement('i'))
    const found: number[] = []
    for (let round = 0; round < rounds; round++) {
      const from = performance.now()
      mark.textContent = String(round)
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
      found.push(performance.now() - from)
      await new Promise((done) => setTimeout(done, 7))
    }
    mark.remove()
    return found
  }, rounds)
}

async function paints(page: Page, t: TestTerminal, scans: number): Promise<Pick<PaintFigures, 'scanToPaint' | 'outcomeToPaint'>> {
  const text = sampleText(t.simulator, 'card-static')
  const [scanToPaint, outcomeToPaint]: [number[], number[]] = [[], []]
  let publishedAt = 0
  const stop = t.terminal.agent.events.subscribe(({ type }) => {
    if (type === 'outcome') publishedAt = now()
  })
  for (let round = -5; round < scans; round++) {
    const drawn = page.evaluate(
      () =>
        new Promise<number>((done) => {
          const watch = new MutationObserver(() => {
            if (!document.querySelector('[data-screen=desk][data-state=accepted] [data-testid=headline]')) return
            watch.disconnect()
            requestAnimationFrame(() => requestAnimationFrame(() => done(performance.timeOrigin + performance.now())))
          })
          watch.observe(document.body, { subtree: true, childList: true, attributes: true })
        }),
    )
    // The page watches before the code comes.
    await page.evaluate('0')
    const from = now()
    await t.pty.write(`${text}\r`)
    const at = await drawn
    if (round >= 0) {
      scanToPaint.push(at - from)
      outcomeToPaint.push(at - publishedAt)
    }
    await page.keyboard.press('Escape')
    await page.locator('[data-state=waiting]').waitFor()
  }
  stop()
  return { scanToPaint, outcomeToPaint }
}
