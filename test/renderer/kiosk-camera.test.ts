/** What the kiosk tells a patient to do better, from real video before a real Chromium; and a camera's light and focus. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { kioskZhCn } from '../../src/renderer/messages/kiosk-zh-cn.ts'
import { launchChromium } from '../support/chromium.ts'
import { blankPicture, render, seeded, type Picture, type Scene } from '../support/qr-pictures.ts'
import { writeY4m } from '../support/y4m.ts'
import { startFakeApi, type FakeApi } from './fake-api.ts'
import { outcome } from './fake-screen.ts'
import { listenToAudio } from './kiosk-heard.ts'
import { KIOSK_SCREEN } from './kiosk-states.ts'

const SIZE = { width: 640, height: 480 }
const TEXT = 'https://example.invalid/'.padEnd(130, 'a1')
const scene = (more: Partial<Scene>) => render({ ...SIZE, text: TEXT, size: 0.6, noise: 4, ...more })

/** A phone with too weak a screen in a lit room. */
function weakScreen(): Picture {
  const picture = blankPicture(5, SIZE.width, SIZE.height)
  for (let y = 60; y < 420; y++) {
    for (let x = 190; x < 450; x++) picture.data.fill((x >> 3) % 3 === (y >> 3) % 2 ? 60 : 25, 4 * (y * SIZE.width + x), 4 * (y * SIZE.width + x) + 3)
  }
  return picture
}

/** Dark, yet not black: video counts from 16. */
function darkRoom(): Picture {
  const picture = blankPicture(7, SIZE.width, SIZE.height)
  return { ...picture, data: picture.data.map((value) => value * 0.4) }
}

/** A code to be seen and not to be read: its three corners, and chance between them. */
function spoiledCode(): Picture {
  const picture = scene({})
  const [modules, side, random] = [49, 0.6 * SIZE.height, seeded(3)]
  const [left, top, step] = [(SIZE.width - side) / 2, (SIZE.height - side) / 2, side / modules]
  for (let row = 0; row < modules; row++) {
    for (let column = 0; column < modules; column++) {
      if (row < 9 ? column < 9 || column > 39 : row > 39 && column < 9) continue
      const value = random() < 0.5 ? 30 : 225
      for (let y = Math.round(top + row * step); y < Math.round(top + (row + 1) * step); y++) {
        const from = Math.round(left + column * step)
        const to = Math.round(left + (column + 1) * step)
        for (let x = from; x < to; x++) picture.data.fill(value, 4 * (y * SIZE.width + x), 4 * (y * SIZE.width + x) + 3)
      }
    }
  }
  return picture
}

const PICTURES = {
  dark: darkRoom,
  dim: weakScreen,
  // The lamp hides what a reading would need.
  bright: () => scene({ glare: 2.2, damage: 2 }),
  unclear: spoiledCode,
} satisfies Partial<Record<keyof typeof kioskZhCn.scan.guidance, () => Picture>>

let api: FakeApi
let directory: string
let browser: Browser | undefined

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maqiao-hints-'))
  api = await startFakeApi(join(import.meta.dirname, '../../out/renderer'))
})
afterAll(async () => {
  await api?.close()
  await rm(directory, { recursive: true, force: true })
})
afterEach(() => browser?.close())

/** The kiosk before a camera that plays `pictures`, each for 4 s, over and over. */
async function open(pictures: Picture[], before?: (page: Page) => Promise<unknown>): Promise<Page> {
  const camera = join(directory, 'film.y4m')
  await writeY4m(camera, pictures, { fps: 5, repeat: pictures.length === 1 ? 2 : 20 })
  browser = await launchChromium({ camera })
  const context = await browser.newContext({ viewport: { width: 1080, height: 1920 }, hasTouch: true, permissions: ['camera'], reducedMotion: 'reduce' })
  const page = await context.newPage()
  await before?.(page)
  api.reset({ ...KIOSK_SCREEN, camera: true })
  api.answerScan(() => outcome('unknown', 'unrecognised'))
  await page.goto(api.url)
  await page.getByTestId('start').tap()
  return page
}

const hinted = (page: Page, hint: keyof typeof PICTURES) => page.waitForSelector(`[data-hint=${hint}]`, { timeout: 20_000 })
const guidance = (page: Page) => page.getByTestId('guidance').innerText()
const scans = () => api.calls.filter(({ path }) => path === 'scans')

describe('video of', () => {
  it.each(['dim', 'unclear'] as const)('%s brings its hint, in its words, and is not read', async (hint) => {
    const page = await open([PICTURES[hint]()])
    await page.getByTestId('ready').tap()
    await hinted(page, hint)
    expect(await guidance(page)).toBe(kioskZhCn.scan.guidance[hint])
    expect(scans()).toEqual([])
  }, 40_000)

  it('a code that is for something else tells so', async () => {
    const page = await open([scene({ text: 'https://example.invalid/menu' })])
    await page.getByTestId('ready').tap()
    await page.waitForSelector('[data-family=unknown]', { timeout: 20_000 })
  }, 40_000)

  it('a dark place, then a lamp in the glass: lit where the camera can, not where it shines back, and said aloud to the elderly', async () => {
    let heard!: Awaited<ReturnType<typeof listenToAudio>>
    const page = await open([PICTURES.dark(), PICTURES.bright()], async (page) => {
      heard = await listenToAudio(page)
      // What this machine's camera has not; and what is asked of it is kept.
      await page.addInitScript(() => {
        const asked: object[] = []
        Object.assign(window, { asked })
        MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true, focusMode: ['manual', 'continuous'] }) as MediaTrackCapabilities
        MediaStreamTrack.prototype.applyConstraints = async (constraints) => void asked.push(...(constraints?.advanced ?? []))
      })
    })
    const asked = () => page.evaluate(() => JSON.stringify((window as unknown as { asked: object[] }).asked))
    const lit = [{ focusMode: 'continuous' }, { torch: true }]
    await page.getByTestId('tool-elder').tap()
    await page.getByTestId('ready').tap()
    await hinted(page, 'dark')
    expect(await guidance(page)).toBe(kioskZhCn.scan.guidance.dark)
    await expect.poll(asked, { timeout: 10_000 }).toBe(JSON.stringify(lit))
    await hinted(page, 'bright')
    expect(await guidance(page)).toBe(kioskZhCn.scan.guidance.bright)
    await expect.poll(asked, { timeout: 10_000 }).toBe(JSON.stringify([...lit, { torch: false }]))
    const hints = async () => (await heard()).plays.filter(({ file }) => /^scan\.guidance\.(dark|bright)-/.test(file))
    await expect.poll(hints, { timeout: 20_000 }).toContainEqual(expect.objectContaining({ rate: 0.8, moved: true }))
    expect((await heard()).mostVoices).toBe(1)
    expect(scans()).toEqual([])
  }, 70_000)
})
