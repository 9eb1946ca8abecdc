/** From a tty and from a camera's frames to the patients' screen: the played platforms, the built kiosk, a real browser. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endingFamily } from '../../src/renderer/kiosk/ending-family.ts'
import { kioskZhCn } from '../../src/renderer/messages/kiosk-zh-cn.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import type { Outcome } from '../../src/transcode/outcome.ts'
import { launchChromium } from '../support/chromium.ts'
import { blankPicture, render, type Picture, type Scene } from '../support/qr-pictures.ts'
import { nextOutcome, sampleText, startTestTerminal, type TestTerminal } from '../support/terminal.ts'
import { writeY4m } from '../support/y4m.ts'

const KIOSK = { viewport: { width: 1080, height: 1920 }, hasTouch: true }
const FAST = Object.fromEntries(['ankang', 'healthCard', 'quanzhou', 'yuejiantong', 'eVoucher'].map((key) => [key, { requestTimeoutMs: 1800 }]))

const kioskTerminal = (camera: boolean) =>
  startTestTerminal({
    settings: {
      terminal: { mode: 'kiosk' },
      devices: { camera: { enabled: camera } },
      recognition: { repeatWithinMs: 0 },
      platforms: FAST,
    },
  })

async function openKiosk(browser: Browser, t: TestTerminal): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.newPage(KIOSK)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  await page.goto(t.terminal.ready.ui)
  await page.getByTestId('start').tap()
  await page.waitForSelector('[data-screen=kiosk][data-state=welcome]')
  return { page, faults }
}

/** What no screen may ever hold. */
async function expectMasked(page: Page, outcome: Outcome): Promise<void> {
  const html = await page.content()
  const secrets = [outcome.patient?.idNumber, outcome.patient?.phone, outcome.patient?.name, ...outcome.targets.map(({ qrCode }) => qrCode)]
  for (const secret of secrets) if (secret) expect(html).not.toContain(secret)
}

/** What the sample list promises; read from a simulator that listens, since codes name their platform. */
async function samplesOf() {
  const simulator = createSimulator()
  await simulator.listen(0)
  const list = simulator.samples().map(({ id, format, ending }) => ({ id, format, ending }))
  await simulator.close()
  return list
}

describe('every sample, scanned at the kiosk’s tty', async () => {
  const samples = await samplesOf()
  let browser: Browser
  let t: TestTerminal
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    browser = await launchChromium()
    t = await kioskTerminal(false)
    ;({ page, faults } = await openKiosk(browser, t))
  })
  afterAll(async () => {
    await browser?.close()
    await t?.close()
  })

  test.each(samples)('$id: $format ends as $ending, in a patient’s words', async ({ id, format, ending }) => {
    const outcome = await t.scanAtTty(sampleText(t.simulator, id))
    expect(outcome).toMatchObject({ status: ending, code: { format } })
    await page.waitForSelector(`[data-screen=kiosk][data-state=${ending}]`)
    await expectMasked(page, outcome)
    if (outcome.error) {
      const { headline, todo } = kioskZhCn.endings[endingFamily(outcome)]
      expect(await page.getByTestId('headline').innerText()).toBe(headline)
      expect(await page.getByTestId('todo').innerText()).toBe(todo)
      const text = await page.innerText('body')
      expect(text).not.toContain(outcome.error.advice)
      expect(text).not.toContain('信息科')
    }
    // The last button that every ending has: away.
    await page.locator('[data-testid=done], [data-testid=back]').first().tap()
    await page.waitForSelector('[data-screen=kiosk][data-state=welcome]')
  })

  test('a choice by touch', async () => {
    const asked = await t.scanAtTty(sampleText(t.simulator, 'ankang-several'))
    await page.getByTestId('option').nth(1).tap()
    await page.waitForSelector('[data-state=accepted]')
    expect(t.terminal.agent.outcome(asked.id).targets).toEqual([asked.targets[1]])
    await page.getByTestId('done').tap()
  })

  test('the patient’s own card code, within 3 s, and gone with them', async () => {
    await t.scanAtTty(sampleText(t.simulator, 'card-static'))
    await page.waitForSelector('[data-state=accepted]')
    const from = performance.now()
    await page.getByTestId('offer-dynamic-code').tap()
    await page.locator('[data-testid=card-qr] path').waitFor()
    expect(performance.now() - from).toBeLessThan(3000)
    await page.getByText(kioskZhCn.card.mark).waitFor()
    await page.getByTestId('done').tap()
    await page.getByTestId('done').tap()
    await page.waitForSelector('[data-state=welcome]')
    expect(await page.locator('.qr-picture').count()).toBe(0)
  })

  test('a page that dies in the middle of a scan shows its answer when it is back', async () => {
    const coming = t.scanAtTty(sampleText(t.simulator, 'ankang-slow'))
    await page.waitForSelector('[data-state=working]')
    await page.reload()
    await coming
    await page.waitForSelector('[data-state=accepted]', { timeout: 5000 })
    await page.getByTestId('done').tap()
  })

  test('the technician’s PIN leads to the diagnostics, a wrong one nowhere', async () => {
    await t.request('POST', '/api/v1/technician/pin', { pin: '246802' })
    const token = await page.evaluate(() => sessionStorage.getItem('maqiao.token'))
    const set = await fetch(`${t.terminal.ready.api}/api/v1/technician/pin`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ pin: '246802' }),
    })
    expect(set.status).toBe(200)
    for (let tap = 0; tap < 5; tap++) await page.touchscreen.tap(12, 12)
    const enter = async (pin: string) => {
      for (const digit of pin) await page.getByTestId(`pin-${digit}`).tap()
      await page.getByTestId('pin-enter').tap()
    }
    await enter('135791')
    await page.getByText(kioskZhCn.pin.wrong).waitFor()
    // The refusal of a wrong PIN is an answer, not a fault of the page.
    expect(faults.filter((fault) => !/403/.test(fault))).toEqual([])
    await enter('246802')
    await page.waitForURL('**/?screen=diagnostics')
    expect(await page.evaluate(() => sessionStorage.getItem('maqiao.technician'))).toMatch(/^technician\./)
  })
})

describe('a camera’s frames', () => {
  const opened: { close(): Promise<void> }[] = []
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'maqiao-kiosk-'))
  })
  afterAll(async () => {
    for (const one of opened) await one.close()
    await rm(directory, { recursive: true, force: true })
  })

  const size = { width: 640, height: 480 }
  const scene = (text: string, more: Partial<Scene> = {}) => render({ ...size, text, size: 0.6, noise: 4, ...more })

  /** A terminal of its own, whose camera plays what `frames` makes of it. */
  async function film(name: string, frames: (t: TestTerminal) => Picture[]): Promise<{ t: TestTerminal; page: Page }> {
    const t = await kioskTerminal(true)
    const camera = join(directory, `${name}.y4m`)
    await writeY4m(camera, frames(t), { fps: 20, repeat: 20 })
    const browser = await launchChromium({ camera })
    opened.push(browser, t)
    const { page } = await openKiosk(browser, t)
    return { t, page }
  }

  test('of a patient’s code end as an accepted result, and the camera is let go', async () => {
    const { t, page } = await film('card', ({ simulator }) => [
      blankPicture(3, 640, 480),
      scene(sampleText(simulator, 'card-static'), { degrees: 8 }),
    ])
    const coming = nextOutcome(t.terminal, 20_000)
    expect(await page.locator('video').count()).toBe(0)
    await page.getByTestId('ready').tap()
    const outcome = await coming
    expect(outcome).toMatchObject({ status: 'accepted', source: { kind: 'camera' }, code: { format: 'health-card-static' } })
    await page.waitForSelector('[data-screen=kiosk][data-state=accepted]')
    expect(await page.getByTestId('field-name').innerText()).toContain('*')
    await expectMasked(page, outcome)
    expect(await page.locator('video').count()).toBe(0)
  }, 60_000)

  test('of a payment code say so', async () => {
    const { page } = await film('payment', ({ simulator }) => [scene(sampleText(simulator, 'payment-wechat'))])
    await page.getByTestId('ready').tap()
    await page.waitForSelector('[data-family=payment]', { timeout: 20_000 })
  }, 60_000)

  test.each([
    ['far', () => scene('https://example.invalid/'.padEnd(130, 'a1'), { size: 0.18, blur: 0.8, damage: 2, width: 1280, height: 720 }), ['far']],
    ['dark', () => scene('', { dark: 2, light: 8 }), ['dark', 'dim']],
    ['searching', () => blankPicture(5, 640, 480), ['searching']],
  ] as const)('of nothing to be read tell what to do: %s', async (name, picture, hints) => {
    const shown = picture()
    const dimmed = name === 'dark' ? { ...shown, data: shown.data.map((value) => value / 12) as typeof shown.data } : shown
    const { page } = await film(name, () => [dimmed])
    await page.getByTestId('ready').tap()
    await page.waitForSelector(hints.map((hint) => `[data-hint=${hint}]`).join(', '), { timeout: 20_000 })
    const hint = (await page.getAttribute('[data-hint]', 'data-hint')) as keyof typeof kioskZhCn.scan.guidance
    expect(await page.getByTestId('guidance').innerText()).toBe(kioskZhCn.scan.guidance[hint])
  }, 60_000)
})
