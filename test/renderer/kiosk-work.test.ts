/** Patients at the kiosk, by touch, in a real Chromium: what is said, what is forgotten, what cannot be left. */
import type { BrowserContext, Page, Route } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { typeAsScanner } from '../support/type-as-scanner.ts'
import type { FakeApi } from './fake-api.ts'
import { TARGETS, ZHOU_MASKED, faultOf, outcome } from './fake-screen.ts'
import type { StaffCall } from '../../src/renderer/api/screen-types.ts'
import { kioskZhCn } from '../../src/renderer/messages/kiosk-zh-cn.ts'
import { answerOffers, KIOSK_SCREEN, knock } from './kiosk-states.ts'
import { listenToVoice } from './kiosk-voice.ts'
import { playPages } from './played-screens.ts'

let api: FakeApi
let context: BrowserContext
let page: Page

playPages((played) => ({ api, context, page } = played), { viewport: { width: 1080, height: 1920 }, hasTouch: true, reducedMotion: 'reduce' })

async function open(change: object = {}): Promise<void> {
  api.reset({ ...KIOSK_SCREEN, ...change })
  await page.clock.install()
  await page.goto(api.url)
  await state('attract')
  await page.getByTestId('drift').waitFor()
  await page.touchscreen.tap(540, 300)
  await state('welcome')
  await expect.poll(() => api.calls.some(({ path }) => path === 'outcomes')).toBe(true)
}
const state = (name: string) => page.locator(`[data-screen=kiosk][data-state=${name}]`).waitFor()
const tap = (testid: string) => page.getByTestId(testid).tap()
const seconds = async () => Number(await page.getByTestId('seconds').getAttribute('data-seconds'))
const lastSound = () => page.evaluate(() => document.documentElement.dataset['lastSound'])
const zhou = (more = {}) => outcome('health-card-dynamic', 'accepted', { patient: ZHOU_MASKED, ...more })
const calls = (end: string) => api.calls.filter(({ path }) => path.endsWith(end)).length

/** Scanned now, by the page's own clock. */
async function show(told = zhou()): Promise<void> {
  api.tell('outcome', { ...told, scannedAt: await page.evaluate(() => new Date().toISOString()) })
  await state(told.status)
}

describe('coming and going', () => {
  it('goes to rest after a minute, moves there, and is as new for the next patient', async () => {
    await open()
    await tap('tool-elder')
    await tap('tool-language')
    await page.locator('[data-language=en][data-elder]').waitFor()
    // The elderly get twice the time.
    await page.clock.fastForward(90_000)
    await state('welcome')
    await page.clock.fastForward(35_000)
    await state('attract')
    expect(await page.locator('[data-elder], [data-language=en]').count()).toBe(0)
    const place = () => page.getByTestId('drift').getAttribute('style')
    const seen = new Set<string | null>()
    for (let i = 0; i < 4; i++) {
      seen.add(await place())
      await page.clock.fastForward(9000)
    }
    expect(seen.size).toBe(4)
  })

  it('reads a code even while it rests', async () => {
    await open()
    await page.clock.fastForward(61_000)
    await state('attract')
    await show()
  })

  it('counts down where all can see, starts anew at a touch, asks at the end, and goes back', async () => {
    await open()
    await show()
    expect(await seconds()).toBeGreaterThan(28)
    await page.clock.fastForward(15_000)
    await expect.poll(seconds).toBeLessThanOrEqual(15)
    await tap('more-time')
    expect(await seconds()).toBeGreaterThan(28)
    await page.clock.fastForward(21_000)
    await page.locator('[data-soon]').waitFor()
    // Any touch will do, not the button alone.
    await page.touchscreen.tap(540, 200)
    expect(await seconds()).toBeGreaterThan(28)
    await page.clock.fastForward(31_000)
    await state('welcome')
  })

  it('shows a choice as large buttons and takes the one that is touched', async () => {
    await open()
    const asked = outcome('ankang', 'choose', { targets: TARGETS })
    api.answerChoice((_id, targetId) => ({ ...asked, status: 'accepted', patient: ZHOU_MASKED, targets: TARGETS.filter(({ id }) => id === targetId) }))
    await show(asked)
    await page.getByTestId('option').nth(1).tap()
    await state('accepted')
    expect(api.calls.find(({ path }) => path.endsWith('/choice'))?.body).toEqual({ targetId: '#2' })
  })

  it('says so where the terminal stands still with its socket open', async () => {
    await open()
    let beats = 0
    const unanswered = async (route: Route) => {
      await route.abort()
      beats++
    }
    await page.route('**/health', unanswered)
    for (const beat of [1, 2]) {
      await page.clock.fastForward(5000)
      await expect.poll(() => beats).toBe(beat)
    }
    await state('offline')
    await page.unroute('**/health', unanswered)
    await page.clock.fastForward(5000)
    await state('welcome')
  })

  it('says when the terminal is away, and is back by itself', async () => {
    await open()
    api.fall()
    await state('offline')
    api.rise()
    await page.clock.fastForward(6000)
    await state('welcome')
  })
})

describe('a patient who has left', () => {
  it('leaves nothing on the page and nothing in its memory', async () => {
    await open()
    answerOffers(api)
    await show({ ...zhou(), offers: ['dynamic-code'] } as never)
    expect(await inMemory(ZHOU_MASKED.idNumber!)).toBe(true)
    await tap('offer-dynamic-code')
    await page.locator('[data-testid=card-qr] path').waitFor()
    expect(await inMemory('8A41B2C3D4E5F6078A41B2C3D4E5F607')).toBe(true)
    await tap('done')
    await tap('done')
    await state('welcome')
    expect(await page.content()).not.toContain(ZHOU_MASKED.name)
    expect(await page.locator('.qr-picture').count()).toBe(0)
    // Until the next screen is drawn and its first frames are over, the browser itself holds on to the button touched last.
    await page.screenshot()
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    await page.screenshot()
    await page.waitForTimeout(400)
    expect(await inMemory(ZHOU_MASKED.idNumber!)).toBe(false)
    expect(await inMemory('8A41B2C3D4E5F6078A41B2C3D4E5F607')).toBe(false)
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain('*')
  })

  it('is not shown by an answer that comes late', async () => {
    await open()
    const scannedAt = await page.evaluate(() => new Date().toISOString())
    api.tell('progress', { scanId: 'late', format: 'ankang', formatName: '', asking: [] })
    await page.clock.fastForward(200)
    await state('working')
    await tap('leave')
    await state('welcome')
    api.tell('outcome', { ...zhou(), id: 'late', scannedAt })
    await page.waitForTimeout(300)
    expect(await page.locator('[data-state=welcome]').count()).toBe(1)
  })

  it('is waited for no more where a second platform is asked about their scan', async () => {
    await open()
    const progress = { scanId: 'late', format: 'ankang', formatName: '', asking: [] }
    api.tell('progress', progress)
    await page.clock.fastForward(200)
    await state('working')
    await tap('leave')
    await state('welcome')
    api.tell('progress', progress)
    await page.waitForTimeout(200)
    await page.clock.fastForward(200)
    await page.waitForTimeout(100)
    await state('welcome')
    expect(await page.locator('[data-state=working]').count()).toBe(0)
  })

  it('is not waited for where they left before a platform was asked', async () => {
    await open()
    const scannedAt = await page.evaluate(() => new Date(Date.now() - 60_000).toISOString())
    api.tell('progress', { scanId: 'late', format: 'ankang', formatName: '', asking: [] })
    await page.clock.fastForward(200)
    await state('working')
    api.tell('outcome', { ...zhou(), id: 'late', scannedAt })
    await state('welcome')
  })

  it('is not shown again by a page that starts anew, but one who is still there is', async () => {
    await open()
    await page.clock.fastForward(1000)
    const scannedAt = await page.evaluate(() => new Date().toISOString())
    api.keep([zhou({ scannedAt })])
    await page.reload()
    await state('accepted')
    await tap('done')
    await state('welcome')
    await page.clock.fastForward(1000)
    await page.reload()
    await state('attract')
    await page.waitForTimeout(300)
    expect(await page.content()).not.toContain(ZHOU_MASKED.name)
  })
})

describe('codes on the screen', () => {
  it('shows the patient’s own card code within 3 s, renews it by itself, and stops when they leave', async () => {
    await open()
    answerOffers(api, 20_000)
    await show({ ...zhou(), offers: ['dynamic-code'] } as never)
    const from = performance.now()
    await tap('offer-dynamic-code')
    await page.locator('[data-testid=card-qr] path').waitFor()
    expect(performance.now() - from).toBeLessThan(3000)
    await page.getByText('居民健康卡').waitFor()
    expect(calls('dynamic-code')).toBe(1)
    await page.clock.fastForward(20_500)
    await expect.poll(() => calls('dynamic-code')).toBe(2)
    await page.clock.fastForward(61_000)
    await state('welcome')
    const then = calls('dynamic-code')
    await page.clock.fastForward(60_000)
    expect(calls('dynamic-code')).toBe(then)
  })

  it('shows no code that has run out, and tries again', async () => {
    await open()
    answerOffers(api, 5000)
    await show({ ...zhou(), offers: ['dynamic-code'] } as never)
    await tap('offer-dynamic-code')
    await page.locator('[data-testid=card-qr] path').waitFor()
    api.answerCall(({ path }) => (path.endsWith('dynamic-code') ? { status: 503, json: { error: faultOf('health-card', '-1', '', '') } } : undefined))
    await page.clock.fastForward(5500)
    await page.locator('[data-testid=card-qr]').waitFor({ state: 'detached' })
    answerOffers(api)
    await page.clock.fastForward(2500)
    await page.locator('[data-testid=card-qr] path').waitFor()
  })

  it('offers what the outcome offers, and takes back what cannot be had', async () => {
    await open()
    await show()
    expect(await page.locator('[data-testid^=offer-]').count()).toBe(0)
    await show({ ...zhou(), offers: ['beijing-entry'] } as never)
    await tap('offer-beijing-entry')
    await page.getByTestId('offer-beijing-entry').waitFor({ state: 'detached' })
    answerOffers(api)
    await show({ ...zhou(), offers: ['beijing-entry'] } as never)
    await tap('offer-beijing-entry')
    await page.locator('[data-testid=entry-qr] path').waitFor()
    await tap('done')
    await state('accepted')
    expect(await page.locator('.qr-picture').count()).toBe(0)
  })
})

describe('scanners in the page', () => {
  it('takes a keyboard scanner’s keys, and none of them presses a button', async () => {
    await open({ keyboard: true })
    api.answerScan(() => zhou())
    await tap('ready')
    await state('scan')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY')
    await typeAsScanner(page, 'MZ2020000101')
    await state('accepted')
    expect(api.calls.find(({ path }) => path === 'scans')?.body).toEqual({ text: 'MZ2020000101', kind: 'keyboard' })
  })

  it('says of keys that came in part that they did', async () => {
    await open({ keyboard: true })
    await page.evaluate(() => {
      for (const [at, key] of [...'1234567890123456789012345678'].entries()) {
        const code = at === 9 ? '' : `Digit${key}`
        for (const type of ['keydown', 'keyup']) window.dispatchEvent(new KeyboardEvent(type, { key: at === 9 ? 'Unidentified' : key, code, bubbles: true, cancelable: true }))
      }
      window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter' }))
    })
    await page.clock.fastForward(2000)
    await page.locator('[data-family=incomplete]').waitFor()
  })

  it('has patients’ words for a reading that the terminal did not take', async () => {
    await open({ keyboard: true })
    api.answerScan(() => ({ status: 500, json: { error: faultOf('maqiao', 'TERMINAL_FAULT', '终端内部出错', '') } }))
    await typeAsScanner(page, 'MZ2020000101')
    await page.locator('[data-family=terminal]').waitFor()
    expect(await page.content()).not.toContain('终端内部出错')
  })
})

describe('a voice', () => {
  it('is a Chinese one of this machine, slower for the elderly, and never says a name', async () => {
    const voice = await listenToVoice(page, [
      { lang: 'zh-CN', name: 'cloud', localService: false },
      { lang: 'en-US', name: 'here-en', localService: true },
      { lang: 'zh-CN', name: 'here-zh', localService: true },
    ])
    await open()
    await show()
    await expect.poll(() => voice().then((said) => said.at(-1))).toMatchObject({ text: '核对好了', voice: 'here-zh', rate: 1 })
    await tap('tool-elder')
    await show(zhou({ patient: { ...ZHOU_MASKED, isSelf: false } }))
    await tap('done')
    await expect.poll(() => voice().then((said) => said.at(-1)?.rate)).toBe(0.8)
    const said = await voice()
    expect(said.some(({ text }) => text.includes('请先打开您的就诊码') && text.includes('二维码'))).toBe(true)
    expect(said.map(({ text }) => text).join()).not.toContain('*')
    expect(said.map(({ voice }) => voice)).not.toContain('cloud')
    await tap('tool-language')
    await expect.poll(() => voice().then((all) => all.at(-1))).toMatchObject({ voice: 'here-en' })
  })

  it('of the network is left alone: recordings and tones do', async () => {
    const voice = await listenToVoice(page, [{ lang: 'zh-CN', name: 'cloud', localService: false }])
    await open()
    await show()
    await expect.poll(lastSound).toBe('accepted')
    await show(outcome('payment', 'unrecognised'))
    await expect.poll(lastSound).toBe('refused')
    expect(await voice()).toEqual([])
  })

  it('can be turned off', async () => {
    const voice = await listenToVoice(page, [{ lang: 'zh-CN', name: 'here-zh', localService: true }])
    await open()
    await tap('tool-sound')
    const before = (await voice()).length
    await show()
    await page.waitForTimeout(200)
    expect((await voice()).length).toBe(before)
  })
})

describe('help', () => {
  it('is called with a number that grows, rings, and leaves the result where it was', async () => {
    await open()
    await show()
    await tap('tool-call')
    expect(await page.getByTestId('call-number').innerText()).toContain('1')
    expect(await page.getByTestId('call-sign').innerText()).toContain('K03')
    expect(await lastSound()).toBe('call')
    expect(await page.getByTestId('call-sign').innerText()).not.toContain('*')
    // The countdown of the page below stands still meanwhile.
    await page.clock.fastForward(60_000)
    await tap('call-stop')
    await state('accepted')
    await expect.poll(() => calls('staff-call/withdrawal')).toBe(1)
    await tap('tool-call')
    expect(await page.getByTestId('call-number').innerText()).toContain('2')
    await page.clock.fastForward(181_000)
    await page.getByTestId('call-sign').waitFor({ state: 'detached' })
  })
})

describe('a call for help says what became of it', () => {
  const sign = () => page.getByTestId('call-sign').innerText()
  const become = (state: StaffCall['state']) => api.tell('staff-call', { call: { id: 'call-1', at: new Date().toISOString(), reason: 'help', state } })
  const shows = (state: StaffCall['state']) => page.locator(`[data-call=${state}]`).waitFor()

  it('rings alone where the terminal can tell nobody, and says so', async () => {
    await open()
    api.setKiosk({ helpPlace: '一楼服务台' })
    api.cut()
    await page.clock.fastForward(1000)
    await expect.poll(() => api.calls.filter(({ path }) => path === 'kiosk').length).toBe(2)
    await tap('tool-call')
    await shows('local')
    expect(await sign()).toContain(kioskZhCn.call.states.local.headline)
    expect(await sign()).toContain('一楼服务台')
    expect(api.calls.find(({ path }) => path === 'staff-call')?.body).toEqual({ reason: 'help' })
  })

  it('is told, seen, or not told, in words and aloud', async () => {
    const voice = await listenToVoice(page, [{ lang: 'zh-CN', name: 'here-zh', localService: true }])
    await open()
    await show(outcome('ankang', 'unavailable', { error: faultOf('ankang', 'NETWORK_TIMEOUT', '', '') }))
    await tap('call')
    await shows('local')
    expect(api.calls.find(({ path }) => path === 'staff-call')?.body).toEqual({ reason: 'ending' })
    for (const state of ['sending', 'told', 'seen', 'failed'] as const) {
      become(state)
      await shows(state)
      expect(await page.getByTestId('call-state').innerText()).toBe(kioskZhCn.call.states[state].headline)
      if (state !== 'sending') await expect.poll(() => voice().then((said) => said.at(-1)?.text)).toContain(kioskZhCn.call.states[state].headline)
    }
    expect(await sign()).toContain('人工窗口')
  })

  it('is said not to have been told where the terminal is away', async () => {
    await open()
    api.fall()
    await state('offline')
    await tap('call')
    await shows('failed')
  })
})

describe('ways out', () => {
  it('are closed: menu, drag, drop, selection, copy, pinch, zoom, print, reload, the browser’s keys', async () => {
    await open()
    const left = await page.evaluate(() => {
      const { body } = document
      const events: Event[] = [
        ...['contextmenu', 'dragstart', 'dragover', 'drop', 'selectstart', 'copy', 'auxclick', 'gesturestart'].map(
          (type) => new Event(type, { bubbles: true, cancelable: true }),
        ),
        new WheelEvent('wheel', { ctrlKey: true, bubbles: true, cancelable: true }),
        ...[
          { key: 'p', ctrlKey: true },
          { key: 's', ctrlKey: true },
          { key: 'o', ctrlKey: true },
          { key: 'r', ctrlKey: true },
          { key: 't', ctrlKey: true },
          { key: 'w', ctrlKey: true },
          { key: 'I', ctrlKey: true, shiftKey: true },
          { key: '+', ctrlKey: true },
          { key: '0', metaKey: true },
          { key: 'F1' },
          { key: 'F5' },
          { key: 'F11' },
          { key: 'F12' },
          { key: 'ArrowLeft', altKey: true },
          { key: 'Home', altKey: true },
          { key: 'F4', altKey: true },
          { key: 'Escape' },
          { key: 'BrowserBack' },
        ].map((init) => new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })),
      ]
      return events.filter((event) => body.dispatchEvent(event)).map((event) => `${event.type} ${(event as KeyboardEvent).key ?? ''}`)
    })
    expect(left).toEqual([])
    const style = await page.locator('.kiosk').evaluate((element) => {
      const { userSelect, touchAction } = getComputedStyle(element)
      return { userSelect, touchAction }
    })
    expect(style).toEqual({ userSelect: 'none', touchAction: 'none' })
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.kiosk').isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen' })
  })

  it('are closed to two fingers', async () => {
    await open()
    const session = await context.newCDPSession(page)
    const points = (gap: number) => [{ x: 540 - gap, y: 900 }, { x: 540 + gap, y: 900 }]
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points(50) })
    for (let gap = 60; gap < 400; gap += 40) await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: points(gap) })
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    expect(await page.evaluate(() => visualViewport?.scale)).toBe(1)
  })

  it('are closed backwards', async () => {
    await open()
    await page.evaluate(() => history.back())
    await page.waitForTimeout(200)
    expect(page.url()).toContain(api.origin)
    await state('welcome')
  })
})

describe('the technician’s knock', () => {
  const answer = (code?: string) =>
    api.answerCall(({ path }) => {
      if (path === 'technician') return { json: { pinSet: true, lockedMs: code === 'PIN_LOCKED' ? 118_000 : 0 } }
      if (path !== 'technician/session') return undefined
      return code ? { status: 403, json: { error: faultOf('maqiao', code, '', '') } } : { json: { token: 'session-of-the-fake', expiresInMs: 600_000 } }
    })
  const enter = async (pin: string) => {
    for (const digit of pin) await tap(`pin-${digit}`)
    await tap('pin-enter')
  }

  it('is five taps in the corner within 3 s, no fewer and no slower', async () => {
    await open()
    answer()
    for (let i = 0; i < 4; i++) await page.touchscreen.tap(12, 12)
    await page.clock.fastForward(3500)
    for (let i = 0; i < 3; i++) await page.touchscreen.tap(12, 12)
    await page.touchscreen.tap(600, 1900)
    for (let i = 0; i < 2; i++) await page.touchscreen.tap(12, 12)
    expect(await page.getByTestId('pin-pad').count()).toBe(0)
    await knock(page)
    await tap('pin-close')
    await page.getByTestId('pin-pad').waitFor({ state: 'detached' })
  })

  it('is a long press as well, and the pad left alone closes', async () => {
    await open()
    answer()
    await page.mouse.move(20, 20)
    await page.mouse.down()
    await page.clock.fastForward(5100)
    await page.getByTestId('pin-pad').waitFor()
    await page.mouse.up()
    await page.clock.fastForward(31_000)
    await page.getByTestId('pin-pad').waitFor({ state: 'detached' })
  })

  it('says that a PIN is wrong or locked, and leads the right one to the diagnostics', async () => {
    await open()
    answer('PIN_WRONG')
    await knock(page)
    await enter('135790')
    await page.getByText('口令不对').waitFor()
    answer('PIN_LOCKED')
    await enter('135790')
    await page.getByText('请 2 分钟后再试').waitFor()
    answer()
    await enter('246802')
    await page.waitForURL('**/?screen=diagnostics')
    expect(api.calls.filter(({ path }) => path === 'technician/session').at(-1)?.body).toEqual({ pin: '246802' })
    expect(await page.evaluate(() => JSON.parse(sessionStorage.getItem('maqiao.technician') ?? 'null') as object)).toEqual({ token: 'session-of-the-fake', expiresAt: expect.any(Number) })
    // Who gave the PIN is not asked for it again.
    await page.locator('[data-screen=diagnostics][data-section=overview]').waitFor()
  })
})

/** Whether a text stands anywhere in the page's JavaScript memory after a collection. */
async function inMemory(text: string): Promise<boolean> {
  const session = await context.newCDPSession(page)
  let found = false
  let tail = ''
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => {
    const piece = tail + chunk
    found ||= piece.includes(text)
    tail = chunk.slice(-text.length)
  })
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await session.detach()
  return found
}
