/** From the tty to the screen: the real serialport, the played platforms, the built desk in a real browser. */
import { createServer, type Server } from 'node:http'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { startTerminal } from '../../src/terminal/terminal.ts'
import { launchChromium } from '../support/chromium.ts'
import { render } from '../support/qr-pictures.ts'
import { typeAsScanner } from '../support/type-as-scanner.ts'
import { writeY4m } from '../support/y4m.ts'
import { sampleText, SCREENS, startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

const DESK = { viewport: { width: 1366, height: 768 } }
/** What can be seen of it, its clauses joined again. */
const readable = async (page: Page, id: string) => (await page.innerText(`[data-testid=${id}]`)).replaceAll('\n', '')
const stateOf = (page: Page) => page.getAttribute('[data-screen=desk]', 'data-state')

/** What the sample list promises; read from a simulator that listens, since codes name their platform. */
async function samplesOf() {
  const simulator = createSimulator()
  await simulator.listen(0)
  const list = simulator.samples().map(({ id, format, ending }) => ({ id, format, ending }))
  await simulator.close()
  return list
}

describe('every sample, scanned at the tty', async () => {
  const samples = await samplesOf()
  let t: TestTerminal
  let page: Page
  const faults: string[] = []

  beforeAll(async () => {
    const platforms = Object.fromEntries(
      ['ankang', 'healthCard', 'quanzhou', 'yuejiantong', 'eVoucher'].map((key) => [key, { requestTimeoutMs: 1800 }]),
    )
    t = await startTestTerminal({ settings: { recognition: { repeatWithinMs: 0 }, platforms } })
    page = await browser.newPage(DESK)
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    await page.goto(t.terminal.ready.ui)
    await page.waitForSelector('[data-state=waiting]')
  })
  afterAll(async () => {
    await page.close()
    await t.close()
  })

  test.each(samples)('$id: $format ends as $ending', async ({ id, format, ending }) => {
    const outcome = await t.scanAtTty(sampleText(t.simulator, id))
    expect(outcome).toMatchObject({ status: ending, code: { format }, source: { kind: 'serial' } })
    await page.waitForSelector(`[data-state=${ending}]`)
    await page.waitForTimeout(30)
    expect(await stateOf(page)).toBe(ending)
    const text = await page.innerText('main, [data-screen=desk]')
    for (const secret of [outcome.patient?.idNumber, outcome.patient?.phone, ...outcome.targets.map((target) => target.qrCode)]) {
      if (secret) expect(text).not.toContain(secret)
    }
    if (outcome.error && ending !== 'unrecognised') {
      expect(await readable(page, 'reason')).toContain(outcome.error.message)
      expect(await readable(page, 'advice')).toContain(outcome.error.advice)
    }
  })

  test('the address bar holds no ticket, the page kept no fault', async () => {
    expect(page.url()).toBe(`${t.terminal.ready.api}/`)
    expect(faults).toEqual([])
  })

  test('a choice by key, the full number only while F2 is held', async () => {
    const asked = await t.scanAtTty(sampleText(t.simulator, 'ankang-several'))
    await page.waitForSelector('[data-state=choose]')
    await page.keyboard.press('2')
    await page.waitForSelector('[data-state=accepted]')
    expect(t.terminal.agent.outcome(asked.id).targets).toEqual([asked.targets[1]])

    const card = await t.scanAtTty(sampleText(t.simulator, 'card-static'))
    const number = card.patient!.idNumber!
    const shown = async () => (await page.innerText('[data-testid=field-idNumber]')).replace(/\s/g, '')
    await until(shown, (text) => text.startsWith(number.slice(0, 3)) && text.includes('*'))
    await page.keyboard.down('F2')
    await until(shown, (text) => text.includes(number))
    await page.keyboard.up('F2')
    await until(shown, (text) => !text.includes(number))
  })

  test('the cable: pulled it is said, plugged in again the next scan comes', async () => {
    await t.pty.unplug()
    await page.waitForSelector('[data-testid^="rail-device-serial"][data-health=bad]')
    await t.pty.plug()
    await page.waitForSelector('[data-testid^="rail-device-serial"][data-health=good]')
    await t.scanAtTty(sampleText(t.simulator, 'hospital-card'))
    await page.waitForSelector('[data-state=accepted]')
  })

  test('the terminal goes away and comes back: the screen says so and goes on', async () => {
    const { port } = new URL(t.terminal.ready.api)
    ;(t.settings['api'] as { port: number }).port = Number(port)
    await t.terminal.stop()
    await page.waitForSelector('[data-state=offline]')
    const again = await startTerminal({
      config: settingsWithPort(t, Number(port)),
      dataDir: t.dataDir,
      screensDir: SCREENS,
      version: '0.0.0-test',
      host: 'none',
      writeLog: () => {},
    })
    try {
      await page.waitForSelector('[data-state=waiting], [data-state=accepted]', { timeout: 15_000 })
    } finally {
      await again.stop()
    }
  })
})

function settingsWithPort(t: TestTerminal, port: number): string {
  const file = join(t.dataDir, 'again.json')
  writeFileSync(file, JSON.stringify({ ...t.settings, api: { port, token: TOKEN } }))
  return file
}

describe('a day at the desk, by keyboard alone', () => {
  let t: TestTerminal
  let page: Page
  const headline = () => page.innerText('[data-testid=headline]')
  const at = (state: string) => page.waitForSelector(`[data-screen=desk][data-state=${state}]`)
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const toast = (text: string) => page.waitForFunction((text) => document.querySelector('[data-testid=toast]')?.textContent?.includes(text), text)
  const terminalNow = () => ({ ...t.terminal.agent.site.terminal }) as Record<string, string>
  const played = () => page.evaluate('window.played') as Promise<{ file: string; volume: number }[]>

  beforeAll(async () => {
    t = await startTestTerminal({ settings: { recognition: { repeatWithinMs: 0 } } })
    const context = await browser.newContext({ ...DESK, permissions: ['clipboard-read', 'clipboard-write'] })
    page = await context.newPage()
    await page.addInitScript(() => {
      const played: { file: string; volume: number }[] = []
      Object.assign(window, { played })
      HTMLMediaElement.prototype.play = function () {
        played.push({ file: new URL(this.src).pathname.replace(/^.*\/(\w+)-.*$/, '$1'), volume: this.volume })
        return Promise.resolve()
      }
    })
    await page.goto(t.terminal.ready.ui)
    await at('waiting')
    await page.waitForSelector('[data-testid^="rail-device-serial"]')
  })
  afterAll(async () => {
    await page.context().close()
    await t.close()
  })

  test('Enter goes on to the next patient, though scanners may type as well', async () => {
    await t.scanAtTty(sampleText(t.simulator, 'card-static'))
    await at('accepted')
    await press('Enter')
    await at('waiting')
  })

  test('arrows and Enter choose a card', async () => {
    const asked = await t.scanAtTty(sampleText(t.simulator, 'ankang-several'))
    await at('choose')
    await press('ArrowRight')
    await until(() => page.getAttribute('[data-testid=option] >> nth=1', 'aria-current'), (current) => current === 'true')
    await press('Enter')
    await at('accepted')
    expect(t.terminal.agent.outcome(asked.id).targets).toEqual([asked.targets[1]])
  })

  test('each field is copied by its digit, whole, and the screen shows none of it', async () => {
    await press('Escape')
    const { patient } = await t.scanAtTty(sampleText(t.simulator, 'card-static'))
    await at('accepted')
    for (const [digit, value] of [['1', patient!.name], ['2', patient!.idNumber]] as const) {
      await press(digit)
      await until(() => page.evaluate(() => navigator.clipboard.readText()), (text) => text === value)
      expect(await page.innerText('body')).not.toContain(value)
    }
  })

  test('a reason shows the whole number, Esc takes the patient off the screen', async () => {
    const [{ patient } = { patient: undefined }] = t.terminal.agent.latestOutcomes(1)
    await press('Shift+F2')
    await page.waitForSelector('[data-overlay=reasons]')
    await press('1')
    await until(async () => (await page.innerText('[data-testid=field-idNumber]')).replace(/\s/g, ''), (text) => text === patient!.idNumber)
    await press('Escape')
    await at('waiting')
    const text = await page.innerText('body')
    for (const secret of [patient!.name!, patient!.idNumber!, patient!.phone!]) expect(text).not.toContain(secret)
  })

  test.each([
    ['F3', 'sceneCode', '3'],
    ['F5', 'medicalStep', '2'],
  ] as const)('%s and a digit change the %s, which stays to be seen', async (key, setting, digit) => {
    const before = terminalNow()
    await press(key)
    await page.waitForSelector('[data-testid=switcher]')
    const name = await page.innerText(`[data-testid=switch-entry] >> nth=${Number(digit) - 1} >> span >> nth=0`)
    await press(digit)
    await toast(name)
    expect(terminalNow()[setting]).not.toBe(before[setting])
    expect(await page.innerText(`[data-testid=set-${key === 'F3' ? 'scene' : 'step'}]`)).toContain(name)
  })

  test('a department is typed once and a digit afterwards', async () => {
    await press('F4')
    await page.waitForSelector('[data-testid=switcher]')
    await page.keyboard.insertText('心血管内科一病区')
    await press('Enter')
    await toast('心血管内科一病区')
    expect(terminalNow()['department']).toBe('心血管内科一病区')
    await press('F4', 'Escape')
    expect(await page.innerText('[data-testid=set-department]')).toContain('心血管内科一病区')
  })

  test('an identity number by hand', async () => {
    await press('F6')
    await page.keyboard.insertText('340111198810221235')
    await press('Enter')
    await at('accepted')
    expect(await headline()).toBe('已录入身份')
    await press('Enter')
    await at('waiting')
  })

  test('F7 finds among the recent scans, Tab and Enter open one', async () => {
    await press('F7')
    await page.keyboard.insertText('1235')
    await until(() => page.locator('[data-testid=recent-item]').count(), (count) => count === 1)
    await press('Tab', 'Enter')
    await at('accepted')
    await press('F7', 'Control+A', 'Delete', 'Escape', 'Escape')
    await at('waiting')
  })

  test('three endings, three sounds; F8 makes them softer to mute, and a reload keeps that', async () => {
    await page.evaluate('window.played.length = 0')
    for (const id of ['card-static', 'ankang-several', 'payment-wechat']) await t.scanAtTty(sampleText(t.simulator, id))
    await at('unrecognised')
    await until(played, (list) => list.length === 3)
    expect((await played()).map(({ file }) => file)).toEqual(['accepted', 'choose', 'refused'])
    const usual = (await played())[0]!.volume
    await press('F8')
    await until(played, (list) => list.length === 4)
    expect((await played())[3]!.volume).toBeLessThan(usual)
    await press('F8')
    await toast('静音')
    await page.reload()
    await at('waiting')
    await t.scanAtTty(sampleText(t.simulator, 'payment-wechat'))
    await at('unrecognised')
    expect(await played()).toEqual([])
    expect(await page.innerText('[data-testid=sound]')).toContain('静音')
  })

  test('F9 makes the strip, where the scene changes in two keys as well, and F9 the whole screen again', async () => {
    await press('Escape', 'F9')
    await page.waitForSelector('[data-mode=strip]')
    await press('F3')
    await page.waitForSelector('[data-testid=switcher]')
    await press('1')
    await page.waitForSelector('[data-testid=switcher]', { state: 'detached' })
    const { sceneCode } = terminalNow()
    expect(sceneCode).toBe('01001')
    expect(await page.innerText('[data-mode=strip]')).toContain('药店购药')
    await press('F7')
    await page.waitForSelector('[data-mode=full]')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('search')
    await press('F9', 'F9')
    await page.waitForSelector('[data-mode=full]')
  })
})

describe('a keyboard scanner and a camera at the desk', () => {
  test('a code typed by a scanner is one scan, also where it is sent twice', async () => {
    const t = await startTestTerminal()
    const page = await browser.newPage(DESK)
    try {
      await page.goto(t.terminal.ready.ui)
      await page.waitForSelector('[data-state=waiting]')
      // The desk knows its settings, keyboard scanners among them, once it shows the devices.
      await page.waitForSelector('[data-testid^="rail-device-serial"]')
      const text = sampleText(t.simulator, 'card-static')
      for (let times = 0; times < 2; times++) await typeAsScanner(page, text)
      await page.waitForSelector('[data-state=accepted]')
      const outcomes = await until(() => t.terminal.agent.latestOutcomes(5), (list) => list.length > 0)
      expect(outcomes).toHaveLength(1)
      expect(outcomes[0]).toMatchObject({ source: { device: 'keyboard:screen', kind: 'keyboard' }, code: { format: 'health-card-static' } })
    } finally {
      await page.close()
      await t.close()
    }
  }, 40_000)

  test('a code before the camera is scanned', async () => {
    const t = await startTestTerminal({ settings: { devices: { camera: { enabled: true } } } })
    const place = mkdtempSync(join(tmpdir(), 'maqiao-camera-'))
    const shown = sampleText(t.simulator, 'card-static')
    await writeY4m(join(place, 'code.y4m'), [render({ text: shown, width: 640, height: 480 })])
    const withCamera = await launchChromium({ camera: join(place, 'code.y4m') })
    try {
      const page = await withCamera.newPage(DESK)
      await page.goto(t.terminal.ready.ui)
      await page.waitForSelector('[data-state=accepted]', { timeout: 20_000 })
      expect(t.terminal.agent.latestOutcomes(1)).toMatchObject([{ source: { device: 'camera:screen', kind: 'camera' }, code: { format: 'health-card-static' } }])
    } finally {
      await withCamera.close()
      await t.close()
    }
  }, 60_000)
})

describe('the demo', () => {
  test('the rehearsal tray scans through the virtual scanner with one click', async () => {
    const terminal = await startTerminal({ dataDir: mkdtempSync(join(tmpdir(), 'maqiao-demo-')), screensDir: SCREENS, version: '0.0.0-test', host: 'none', writeLog: () => {}, port: 0 })
    const page = await browser.newPage(DESK)
    try {
      await page.goto(terminal.ready.ui)
      await page.waitForSelector('[data-state=waiting]')
      if (!(await page.isVisible('[data-testid=tray]'))) await page.click('[data-testid=open-tray]')
      await page.click('[data-testid=sample][data-sample=card-static]')
      await page.waitForSelector('[data-state=accepted]')
      const [outcome] = terminal.agent.latestOutcomes(1)
      expect(outcome).toMatchObject({ source: { device: 'serial:virtual', kind: 'serial' }, code: { format: 'health-card-static' } })
      // The patients' screen may be looked at too, in the same session.
      await page.goto(`${terminal.ready.api}/?screen=kiosk`)
      await page.click('[data-testid=start]')
      await page.waitForSelector('[data-screen=kiosk][data-state=welcome]')
    } finally {
      await page.close()
      await terminal.stop()
    }
  })

  test('in earnest a window has no patients’ screen, whatever the address asks for', async () => {
    const t = await startTestTerminal()
    const page = await browser.newPage(DESK)
    try {
      await page.goto(`${t.terminal.ready.ui}&screen=kiosk`)
      await page.waitForSelector('[data-screen=desk][data-state=waiting]')
    } finally {
      await page.close()
      await t.close()
    }
  })
})

const EXAMPLES = join(import.meta.dirname, '../../docs/examples')

describe("the sample page of a HIS", () => {
  let his: Server
  let origin: string
  let t: TestTerminal

  beforeAll(async () => {
    his = createServer(({ url }, response) => {
      const file = url === '/his-client.js' ? url : '/his.html'
      response.writeHead(200, { 'content-type': file.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8' }).end(readFileSync(EXAMPLES + file))
    })
    await new Promise<void>((done) => his.listen(0, '127.0.0.1', done))
    origin = `http://localhost:${(his.address() as { port: number }).port}`
    t = await startTestTerminal({ settings: { api: { allowedOrigins: [origin, 'null'] }, recognition: { repeatWithinMs: 0 } } })
  })
  afterAll(async () => {
    his.close()
    await t.close()
  })

  test.each([
    ['of another origin', () => origin],
    ['opened from disk', () => pathToFileURL(`${EXAMPLES}/his.html`).href],
  ])('%s waits for outcomes, shows each, and posts the result of an accepted one, which is reported', async (_which, address) => {
    const uses = () => t.simulator.books()['health-card']?.['uses'] as object[]
    const before = uses().length
    const page = await browser.newPage()
    await page.goto(address())
    await page.fill('#api', `${t.terminal.ready.api}/api/v1`)
    await page.fill('#token', TOKEN)
    await page.click('#wait')
    await page.waitForFunction(() => document.getElementById('state')?.textContent === '等待扫码')
    await t.scanAtTty('https://example.invalid/poster')
    await page.waitForFunction(() => document.getElementById('outcomes')?.textContent?.includes('不是就诊码'))
    const outcome = await t.scanAtTty(sampleText(t.simulator, 'card-static'))
    await page.waitForFunction(() => document.getElementById('state')?.textContent === '已提交结果')
    expect(await page.innerText('#outcomes')).toContain(outcome.patient!.idNumber)
    await until(() => t.terminal.agent.outbox.status().pending === 0, Boolean, 30_000)
    expect(uses().slice(before)).toMatchObject([{ by: 'reportHISData', scene: '010101' }])
    await page.close()
  })

  test('a page that is not listed gets nothing', async () => {
    const page = await browser.newPage()
    await page.goto(origin.replace('localhost', '127.0.0.1'))
    await page.fill('#api', `${t.terminal.ready.api}/api/v1`)
    await page.fill('#token', TOKEN)
    await page.click('#wait')
    await page.waitForFunction(() => document.getElementById('state')?.textContent?.startsWith('没有连上'))
    await page.close()
  })
})
