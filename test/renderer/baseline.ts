/** The pictures in test/baselines: how each state should look. `MAQIAO_BASELINES=update` takes those anew that differ. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { findChromium } from '../support/chromium.ts'
import { comparePictures, type Difference } from './compare-pictures.ts'

const root = join(import.meta.dirname, '../..')
export const BASELINES = join(root, 'test/baselines')
const RESULTS = join(root, 'test-results/baselines')
const UPDATE = process.env['MAQIAO_BASELINES'] === 'update'
/** Small in the repository; the same picture gives the same bytes at any quality. */
const QUALITY = 40
const SETTLED_WITHIN_MS = 3000

let told = false

/** Rejects where the page does not look like its baseline; what `varying` selects is left out of both. */
export async function expectPicture(page: Page, id: string, varying: readonly string[] = []): Promise<void> {
  const { bundled, executablePath } = await findChromium()
  if (!bundled) {
    if (!told) process.stderr.write(`no picture is compared: they were made with the packaged Chromium, this is ${executablePath}\n`)
    told = true
    return
  }
  const file = join(BASELINES, `${id}.webp`)
  const expected = existsSync(file) ? readFileSync(file).toString('base64') : null
  const show = await hide(page, varying)
  const { actual, difference } = await settledPicture(page, expected)
  await show()
  if (difference === null) return
  if (UPDATE) {
    mkdirSync(BASELINES, { recursive: true })
    writeFileSync(file, Buffer.from(actual, 'base64'))
    return
  }
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(join(RESULTS, `${id}.actual.webp`), Buffer.from(actual, 'base64'))
  if (difference === 'none kept') throw new Error(`test/baselines/${id}.webp is missing: npm run baselines`)
  writeFileSync(join(RESULTS, `${id}.diff.webp`), Buffer.from(difference.picture, 'base64'))
  throw new Error(
    `${id} does not look like test/baselines/${id}.webp: ${difference.words}; see test-results/baselines/${id}.diff.webp. ` +
      'Where the change is meant: npm run baselines',
  )
}

/** A busy machine takes a few frames to draw what the state has come to. */
async function settledPicture(page: Page, expected: string | null): Promise<{ actual: string; difference: Difference | 'none kept' | null }> {
  const session = await page.context().newCDPSession(page)
  const giveUpAt = performance.now() + SETTLED_WITHIN_MS
  try {
    for (let last: string | undefined; ; ) {
      const { data: actual } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
      if (actual === expected) return { actual, difference: null }
      const late = performance.now() > giveUpAt
      if (actual === last || late) {
        const difference = expected === null ? 'none kept' : await comparePictures(page.context().browser()!, expected, actual)
        if (difference === null || difference === 'none kept' || late) return { actual, difference }
      }
      last = actual
      await new Promise((done) => setTimeout(done, 120))
    }
  } finally {
    await session.detach()
  }
}

/** Hidden elements keep their place; the returned function shows them again. */
async function hide(page: Page, varying: readonly string[]): Promise<() => Promise<void>> {
  const set = (visibility: string) =>
    page.evaluate(
      ({ varying, visibility }) => {
        document.documentElement.style.caretColor = visibility === '' ? '' : 'transparent'
        for (const element of varying.length ? document.querySelectorAll<HTMLElement>(varying.join()) : []) {
          element.style.visibility = visibility
        }
      },
      { varying, visibility },
    )
  await set('hidden')
  return () => set('')
}
