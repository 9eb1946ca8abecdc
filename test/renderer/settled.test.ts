/** A screen with reduced motion is laid out anew at once: no element reaches its size, place or colour a frame later. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { STATES as DESK } from './desk-states.ts'
import { openDiagnostics } from './diagnostics-open.ts'
import { STATES as DIAGNOSTICS } from './diagnostics-states.ts'
import type { FakeApi } from './fake-api.ts'
import { KIOSK_SCREEN, STATES as KIOSK } from './kiosk-states.ts'
import { playPages } from './played-screens.ts'
import { complaintsOf, type Size } from './still-page.ts'

let api: FakeApi
let page: Page
playPages((played) => ({ api, page } = played), { viewport: { width: 1080, height: 1920 }, reducedMotion: 'reduce' })

/** What moves at all has moved by then. */
const FRAMES = 4
const KIOSK_SIZES = [{ width: 768, height: 1366 }, { width: 1920, height: 1080 }, { width: 1080, height: 1920 }]
const WINDOW_SIZES = [{ width: 1024, height: 768 }, { width: 1920, height: 1080 }, { width: 1366, height: 768 }]

let complaints: string[]
beforeEach(async () => {
  complaints = await complaintsOf(page)
})
afterEach(() => expect(complaints).toEqual([]))

async function openKiosk(id: string): Promise<void> {
  const { before, after } = KIOSK[id]!
  api.reset(KIOSK_SCREEN)
  before?.(api)
  await page.goto(api.url)
  await page.getByTestId('start').click()
  await page.locator('[data-screen=kiosk][data-state=welcome]').waitFor()
  await after?.(page, api)
  await page.evaluate('document.fonts.ready')
}

async function openDesk(id: string): Promise<void> {
  const { before, after } = DESK[id]!
  before?.(api)
  await page.goto(api.url)
  await page.getByTestId('rail-outbox').waitFor()
  await after?.(page, api)
  await page.evaluate('document.fonts.ready')
}

/** What is drawn otherwise some frames after the first in which `shown` is there in the new size. */
async function unsettledAfter(change: () => Promise<unknown>, shown: string, size?: Size): Promise<string[]> {
  const settled = page.evaluate(async ({ shown, size, frames }) => {
    const nextFrame = () => new Promise((done) => requestAnimationFrame(done))
    const drawn = () => [...document.querySelectorAll('body *')].map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect()
      const { fontSize, color, backgroundColor } = getComputedStyle(element)
      // Figures that count by themselves are none of it.
      return element.closest('[data-testid=seconds], .clock-time') ? '' : [element.className || element.tagName, x, y, width, height, fontSize, color, backgroundColor].join(' ')
    })
    const arrived = () => {
      const { clientWidth, clientHeight } = document.documentElement
      return document.querySelector(shown) && (!size || (clientWidth === size.width && clientHeight === size.height))
    }
    while (!arrived()) await nextFrame()
    const first = drawn()
    for (let frame = 0; frame < frames; frame++) await nextFrame()
    const last = drawn()
    return first.length === last.length ? first.filter((line, at) => line !== last[at]) : [`${first.length} elements, then ${last.length}`]
  }, { shown, size, frames: FRAMES })
  const [found] = await Promise.all([settled, change()])
  return found
}

const resized = (size: Size, screen: string) => unsettledAfter(() => page.setViewportSize(size), screen, size)

test.each(['kiosk-guide-voucher-alipay', 'kiosk-accepted', 'kiosk-elder-choose'])('%s after a new size', async (id) => {
  await openKiosk(id)
  for (const size of KIOSK_SIZES) expect(await resized(size, '.kiosk'), `${id} at ${size.width}×${size.height}`).toEqual([])
})

test.each([
  ['tool-elder', '[data-elder]'],
  ['tool-contrast', '[data-contrast=high]'],
  ['tool-language', '[data-language=en]'],
])('the kiosk after %s', async (tool, shown) => {
  for (const id of ['kiosk-welcome', 'kiosk-guide-ankang']) {
    await openKiosk(id)
    const click = () => page.evaluate((tool) => document.querySelector<HTMLElement>(`[data-testid=${tool}]`)!.click(), tool)
    expect(await unsettledAfter(click, shown), id).toEqual([])
  }
})

test.each(['desk-accepted-partial', 'desk-choose'])('%s after a new size', async (id) => {
  await openDesk(id)
  for (const size of WINDOW_SIZES) expect(await resized(size, '.desk'), `${id} at ${size.width}×${size.height}`).toEqual([])
})

test.each(['diagnostics-overview', 'diagnostics-settings'])('%s after a new size', async (id) => {
  await openDiagnostics(page, api, DIAGNOSTICS[id]!)
  for (const size of WINDOW_SIZES) expect(await resized(size, '.diag-page'), `${id} at ${size.width}×${size.height}`).toEqual([])
})
