/** From a tty and from a camera's frames to the patients' screen: the played platforms, the built kiosk, a real browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDecoder, type Decoder } from '../../src/devices/camera/decode.ts'
import { endingFamily } from '../../src/renderer/messages/ending-family.ts'
import { kioskZhCn } from '../../src/renderer/messages/kiosk-zh-cn.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import type { Outcome } from '../../src/transcode/outcome.ts'
import { listenToAudio } from '../renderer/kiosk-heard.ts'
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
      const { headline, remedy } = kioskZhCn.endings[endingFamily(outcome)]
      expect(await page.getByTestId('headline').innerText()).toBe(headline)
      expect(await page.getByTestId('remedy').innerText()).toBe(remedy)
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
    const asking = page.waitForRequest((request) => request.url().endsWith('/api/v1/screen'))
    await page.reload()
    const { authorization = '' } = (await asking).headers()
    const set = await fetch(`${t.terminal.ready.api}/api/v1/technician/pin`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ pin: '246802' }),
    })
    expect(set.status).toBe(200)
    await page.waitForSelector('[data-screen=kiosk]')
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
    const kept = await page.evaluate(() => JSON.parse(sessionStorage.getItem('maqiao.technician') ?? '{}') as { token: string })
    expect(kept.token).toMatch(/^technician\./)
    // Who gave the PIN is not asked for it again.
    await page.locator('[data-screen=diagnostics][data-section=overview]').waitFor()
  })
})

describe('what the kiosk shows and says', () => {
  let browser: Browser
  let t: TestTerminal
  let decoder: Decoder

  beforeAll(async () => {
    const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
    decoder = await createDecoder({ wasm: Uint8Array.from(wasm).buffer })
    browser = await launchChromium()
    t = await kioskTerminal(false)
  })
  afterAll(async () => {
    await browser?.close()
    await t?.close()
  })

  /** A page of its own, whose clock a test may move; `search` asks for another screen. */
  async function open(search = '', before?: (page: Page) => Promise<unknown>): Promise<Page> {
    const { body } = await t.request('POST', '/api/v1/tickets', {})
    const context = await browser.newContext(KIOSK)
    const page = await context.newPage()
    await before?.(page)
    await page.clock.install()
    await page.goto(`${t.terminal.ready.api}/?ticket=${body.ticket}${search}`)
    return page
  }
  async function start(before?: (page: Page) => Promise<unknown>): Promise<Page> {
    const page = await open('', before)
    await page.getByTestId('start').tap()
    await page.waitForSelector('[data-state=welcome]')
    return page
  }
  /** What the code on the glass says, read back from its picture by the camera's own decoder. */
  async function drawn(page: Page, testid: string): Promise<string> {
    await page.locator(`[data-testid=${testid}] path`).waitFor()
    const sight = await decoder.picture(PNG.sync.read(await page.getByTestId(testid).screenshot()))
    return sight.kind === 'read' ? sight.text : sight.kind
  }
  const seconds = async (page: Page) => Number(await page.getByTestId('seconds').getAttribute('data-seconds'))

  test('the patient’s own card code: within 3 s, with its mark, one that the platform takes, renewed by itself, gone with them', async () => {
    const page = await start()
    const asked = await t.scanAtTty(sampleText(t.simulator, 'card-static'))
    await page.waitForSelector('[data-state=accepted]')
    const from = performance.now()
    await page.getByTestId('offer-dynamic-code').tap()
    const first = await drawn(page, 'card-qr')
    expect(performance.now() - from).toBeLessThan(3000)
    expect(await page.getByTestId('card-code').innerText()).toContain(kioskZhCn.card.mark)
    expect(await page.locator('.health-card-mark').count()).toBe(1)
    // A patient who stays: a touch at half time, and the code is another before it ends.
    await page.clock.fastForward(35_000)
    await page.getByTestId('more-time').tap()
    await page.clock.fastForward(26_000)
    await expect.poll(() => drawn(page, 'card-qr'), { timeout: 5000 }).not.toBe(first)
    const second = await drawn(page, 'card-qr')
    await page.clock.fastForward(61_000)
    await page.waitForSelector('[data-state=welcome]')
    expect(await page.locator('.qr-picture').count()).toBe(0)
    await page.context().close()
    // At another machine it is this patient's.
    const shown = await t.scan(second)
    expect(shown).toMatchObject({ status: 'accepted', code: { format: 'health-card-dynamic' } })
    expect(shown.patient?.idNumber).toBe(t.terminal.agent.outcome(asked.id).patient?.idNumber)
  }, 40_000)

  test('北京’s entry: within 3 s, an address that the platform lets in, gone with them', async () => {
    const page = await start()
    await t.scanAtTty(sampleText(t.simulator, 'card-static'))
    await page.waitForSelector('[data-state=accepted]')
    const from = performance.now()
    await page.getByTestId('offer-beijing-entry').tap()
    const address = await drawn(page, 'entry-qr')
    expect(performance.now() - from).toBeLessThan(3000)
    const entered = await fetch(address)
    expect([entered.status, await entered.text()]).toEqual([200, expect.stringContaining('医保电子凭证')])
    await page.clock.fastForward(61_000)
    await page.waitForSelector('[data-state=welcome]')
    expect(await page.locator('.qr-picture').count()).toBe(0)
    await page.context().close()
  }, 30_000)

  test('an elderly patient’s whole visit by touch: slower, spoken in order, with twice the time, and as new after it', async () => {
    let heard!: Awaited<ReturnType<typeof listenToAudio>>
    const page = await start(async (page) => void (heard = await listenToAudio(page)))
    const spoken = async () => (await heard()).plays.map(({ file }) => file.replace(/-[^-]{8}\.ogg$/, '')).filter((file) => !file.includes('.wav'))
    const hears = (name: string) => expect.poll(spoken, { timeout: 15_000 }).toContain(name)
    await hears('welcome.headline')
    await page.getByTestId('tool-elder').tap()
    await page.getByTestId('teach').tap()
    await hears('guide.pickHeadline')
    await page.getByTestId('tile-card-wechat').tap()
    for (const step of [1, 2, 3]) {
      await hears(`guide.steps.card-wechat.${step}`)
      expect(await page.getByTestId('guide-step').count()).toBe(1)
      await page.getByTestId(step < 3 ? 'next-step' : 'opened').tap()
    }
    await page.waitForSelector('[data-state=scan]')
    await hears('scan.headline')
    const outcome = await t.scanAtTty(sampleText(t.simulator, 'card-static'))
    await page.waitForSelector('[data-state=accepted]')
    await expectMasked(page, outcome)
    await hears('accepted.headline')
    await hears('accepted.lead')
    const order = ['welcome.headline', 'guide.pickHeadline', ...[1, 2, 3].map((step) => `guide.steps.card-wechat.${step}`), 'scan.headline', 'accepted.headline', 'accepted.lead']
    expect((await spoken()).filter((name) => order.includes(name))).toEqual(order)
    const { plays, mostVoices } = await heard()
    expect(mostVoices).toBe(1)
    expect(plays.filter(({ file }) => /^(guide|scan|accepted)\./.test(file) && file.endsWith('.ogg')).every(({ rate }) => rate === 0.8)).toBe(true)
    // 30 s for others.
    expect(await seconds(page)).toBeGreaterThan(45)
    await page.clock.fastForward(52_000)
    await page.waitForSelector('[data-soon]')
    await page.getByTestId('more-time').tap()
    expect(await seconds(page)).toBeGreaterThan(55)
    await page.getByTestId('done').tap()
    await page.waitForSelector('[data-state=welcome][data-elder]')
    await page.clock.fastForward(121_000)
    await page.waitForSelector('[data-state=attract]:not([data-elder])')
    await page.context().close()
  }, 90_000)

  test('a call for help rings at a desk of the same terminal, and the patient sees that somebody comes', async () => {
    const kiosk = await start()
    const desk = await open('&screen=desk')
    await desk.waitForSelector('[data-screen=desk]')
    await kiosk.getByTestId('tool-call').tap()
    // No address is set: until a desk answers, nobody has been told.
    await kiosk.waitForSelector('[data-call=local]')
    await desk.getByTestId('staff-call').waitFor()
    expect(await desk.evaluate(() => document.documentElement.dataset['lastSound'])).toBe('call')
    await desk.getByTestId('staff-call-see').tap()
    await kiosk.waitForSelector('[data-call=seen]')
    expect(await kiosk.getByTestId('call-state').innerText()).toBe(kioskZhCn.call.states.seen.headline)
    await desk.getByTestId('staff-call').waitFor({ state: 'detached' })
    await kiosk.getByTestId('call-stop').tap()
    // One who no longer needs anybody is taken off the desk.
    await kiosk.getByTestId('tool-call').tap()
    await desk.getByTestId('staff-call').waitFor()
    await kiosk.getByTestId('call-stop').tap()
    await desk.getByTestId('staff-call').waitFor({ state: 'detached' })
    await kiosk.context().close()
    await desk.context().close()
  }, 30_000)
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
    ['far', () => scene('https://example.invalid/'.padEnd(130, 'a1'), { size: 0.18, blur: 0.8, damage: 2, width: 1280, height: 720 })],
    ['searching', () => blankPicture(5, 640, 480)],
  ] as const)('of nothing to be read tell what to do: %s', async (hint, picture) => {
    const { page } = await film(hint, () => [picture()])
    await page.getByTestId('ready').tap()
    await page.waitForSelector(`[data-hint=${hint}]`, { timeout: 20_000 })
    expect(await page.getByTestId('guidance').innerText()).toBe(kioskZhCn.scan.guidance[hint])
  }, 60_000)
})
