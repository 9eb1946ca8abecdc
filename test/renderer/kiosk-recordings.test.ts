/** Recorded prompts at the kiosk, really played by a real Chromium that has no Chinese voice. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { FakeApi } from './fake-api.ts'
import { outcome } from './fake-screen.ts'
import { listenToAudio, type Heard } from './kiosk-heard.ts'
import { KIOSK_SCREEN } from './kiosk-states.ts'
import { playScreens } from './played-screens.ts'

const root = join(import.meta.dirname, '../..')
let api: FakeApi
let browser: Browser
let context: BrowserContext
let page: Page
let heard: () => Promise<{ plays: Heard[]; mostVoices: number }>

playScreens((played) => ({ api, browser } = played))
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1080, height: 1920 }, hasTouch: true, reducedMotion: 'reduce' })
  page = await context.newPage()
  heard = await listenToAudio(page)
  api.reset(KIOSK_SCREEN)
})
afterEach(() => context.close())

const open = async () => {
  await page.goto(api.url)
  await page.getByTestId('start').tap()
  await page.locator('[data-state=welcome]').waitFor()
}
const voices = async () => (await heard()).plays.filter(({ file }) => !file.includes('.wav'))
/** Of one prompt, by the name that its file begins with. */
const voice = async (name: string) => (await voices()).find(({ file }) => file.startsWith(`${name}-`) || file.startsWith(`${name}.`))

it('are heard to their end, at the volume that is set', async () => {
  api.setKiosk({ volume: 0.4 })
  await open()
  await expect.poll(() => voice('welcome.headline'), { timeout: 6000 }).toMatchObject({ volume: 0.4, rate: 1, moved: true, ended: true })
  await page.getByTestId('ready').tap()
  await expect.poll(() => voice('scan.headline'), { timeout: 6000 }).toMatchObject({ moved: true, ended: true })
})

it('come after their tone, one at a time: the next silences the one before', async () => {
  await open()
  await expect.poll(() => voice('welcome.headline').then((one) => one?.moved)).toBe(true)
  api.tell('outcome', outcome('payment', 'unrecognised'))
  await expect.poll(() => voice('endings.payment.headline').then((one) => one?.moved), { timeout: 6000 }).toBe(true)
  expect(await voice('welcome.headline')).toMatchObject({ stopped: true, ended: false })
  const files = (await heard()).plays.map(({ file }) => file.replace(/-.*/, ''))
  expect(files.slice(-2)).toEqual(['refused', 'endings.payment.headline'])
  await page.getByTestId('teach').tap()
  await expect.poll(() => voice('guide.pickHeadline').then((one) => one?.moved), { timeout: 6000 }).toBe(true)
  expect((await heard()).mostVoices).toBe(1)
})

it('are slower for the elderly and say the second line too, one after the other', async () => {
  await open()
  await page.getByTestId('tool-elder').tap()
  await page.getByTestId('ready').tap()
  await expect.poll(() => voice('scan.scannerLead').then((one) => one?.moved), { timeout: 10_000 }).toBe(true)
  expect(await voice('scan.headline')).toMatchObject({ rate: 0.8, ended: true })
  expect((await heard()).mostVoices).toBe(1)
})

it('stop where the patient mutes them, and stay away', async () => {
  await open()
  await expect.poll(() => voice('welcome.headline').then((one) => one?.moved)).toBe(true)
  await page.getByTestId('tool-sound').tap()
  await expect.poll(() => voice('welcome.headline')).toMatchObject({ stopped: true, ended: false })
  const before = (await voices()).length
  await page.getByTestId('ready').tap()
  await page.locator('[data-state=scan]').waitFor()
  await page.waitForTimeout(300)
  expect((await voices()).length).toBe(before)
})

it('end with the visit', async () => {
  await page.clock.install()
  await open()
  await page.clock.fastForward(59_000)
  await page.getByTestId('tool-call').tap()
  await expect.poll(() => voice('call.spokenPlain').then((one) => one?.moved), { timeout: 8000 }).toBe(true)
  await page.getByTestId('call-stop').tap()
  await expect.poll(() => voice('call.spokenPlain')).toMatchObject({ stopped: true, ended: false })
})

it('speak English to who asks for it', async () => {
  await open()
  await page.getByTestId('tool-language').tap()
  await page.getByTestId('no-code').tap()
  await expect.poll(() => voice('noCode.headline'), { timeout: 8000 }).toMatchObject({ moved: true, ended: true })
})

it('of the hospital come first, fetched once, even where the machine has a voice', async () => {
  api.setKiosk({ recordings: { zh: { 'scan.headline': 'scan.headline.ogg' }, en: {} } })
  let fetched = 0
  await page.route('**/api/v1/kiosk/recordings/zh/scan.headline', (route) => {
    fetched++
    return route.fulfill({ contentType: 'audio/ogg', body: readFileSync(join(root, 'resources/voice/zh/choose.headline.ogg')) })
  })
  await open()
  for (let turn = 1; turn <= 2; turn++) {
    await page.getByTestId('ready').tap()
    await page.locator('[data-state=scan]').waitFor()
    await expect.poll(async () => (await voices()).filter(({ file, ended }) => ended && !file.includes('.ogg')).length, { timeout: 6000 }).toBe(turn)
    await page.getByTestId('back').tap()
  }
  expect(await voice('scan.headline')).toBeUndefined()
  expect(fetched).toBe(1)
})
