/** Everything a hand can try to leave the kiosk by, done with real input in a real Chromium. */
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { startFakeApi, type FakeApi } from './fake-api.ts'
import { KIOSK_SCREEN } from './kiosk-states.ts'

let api: FakeApi
let browser: Browser
let context: BrowserContext
let page: Page
let session: CDPSession
const strayed: string[] = []

beforeAll(async () => {
  api = await startFakeApi(join(import.meta.dirname, '../../out/renderer'))
  browser = await launchChromium()
  context = await browser.newContext({ viewport: { width: 1080, height: 1920 }, hasTouch: true, acceptDownloads: false })
  context.on('page', (opened) => opened !== page && strayed.push(`window ${opened.url()}`))
  page = await context.newPage()
  api.reset(KIOSK_SCREEN)
  await page.goto(api.url)
  page.on('framenavigated', (frame) => strayed.push(`to ${frame.url()}`))
  page.on('filechooser', () => strayed.push('file dialog'))
  page.on('download', () => strayed.push('download'))
  page.on('dialog', (dialog) => void (strayed.push('dialog'), dialog.dismiss()))
  session = await context.newCDPSession(page)
  await page.getByTestId('start').tap()
  await page.locator('[data-state=welcome]').waitFor()
  // What still has its usual effect after the page has had its say.
  await page.evaluate(() => {
    const allowed: string[] = []
    Object.assign(window, { allowed })
    const watched = ['contextmenu', 'dragstart', 'dragover', 'drop', 'selectstart', 'auxclick', 'wheel', 'keydown', 'mousedown', 'mouseup', 'copy', 'paste'] as const
    for (const type of watched) {
      window.addEventListener(type, (event) => {
        const button = event instanceof MouseEvent ? event.button : 0
        // A key that changes others does nothing alone.
        const changes = event instanceof KeyboardEvent && ['Alt', 'Shift', 'Control', 'Meta'].includes(event.key)
        const plain = changes || (event.type === 'wheel' && !(event as WheelEvent).ctrlKey) || (event.type.startsWith('mouse') && button === 0)
        if (!event.defaultPrevented && !plain) allowed.push(`${type} ${event instanceof KeyboardEvent ? event.key : button}`)
      })
    }
  })
  // The ticket went from the address, and the way back was closed.
  strayed.length = 0
})
afterAll(async () => {
  await browser?.close()
  await api?.close()
})

/** Nothing had its effect, and the welcome is there as it was. */
async function stays(): Promise<void> {
  expect(await page.evaluate(() => (window as unknown as { allowed: string[] }).allowed.splice(0))).toEqual([])
  expect(strayed.splice(0)).toEqual([])
  expect(await page.locator('[data-screen=kiosk][data-state=welcome]').count()).toBe(1)
  expect(await page.evaluate(() => ({ scale: visualViewport?.scale, x: scrollX, y: scrollY, selected: String(getSelection()), full: document.fullscreenElement })))
    .toEqual({ scale: 1, x: 0, y: 0, selected: '', full: null })
}
const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: { x: number; y: number }[]) => session.send('Input.dispatchTouchEvent', { type, touchPoints })

it.each([
  ['the right button’s menu', () => page.mouse.click(540, 300, { button: 'right' })],
  ['the wheel’s button', () => page.mouse.click(540, 900, { button: 'middle' })],
  [
    'the buttons at a mouse’s side',
    async () => {
      for (const button of ['back', 'forward'] as const) {
        for (const type of ['mousePressed', 'mouseReleased'] as const) await session.send('Input.dispatchMouseEvent', { type, x: 540, y: 300, button, clickCount: 1 })
      }
    },
  ],
  ['three clicks on a headline', () => page.mouse.click(540, 200, { clickCount: 3 })],
  [
    'dragging a picture and text away',
    async () => {
      for (const [x, y] of [[300, 560], [540, 190]] as const) {
        await page.mouse.move(x, y)
        await page.mouse.down()
        await page.mouse.move(x + 60, y + 400, { steps: 6 })
        await page.mouse.up()
      }
    },
  ],
  [
    'a wheel with Ctrl',
    async () => {
      await page.mouse.move(540, 300)
      await page.keyboard.down('Control')
      for (let turn = 0; turn < 3; turn++) await page.mouse.wheel(0, -240)
      await page.keyboard.up('Control')
    },
  ],
  ['two taps as one zooms', () => page.touchscreen.tap(540, 300).then(() => page.touchscreen.tap(540, 300))],
  [
    'a long press',
    async () => {
      await touch('touchStart', [{ x: 540, y: 200 }])
      await page.waitForTimeout(900)
      await touch('touchEnd', [])
    },
  ],
  [
    'two fingers apart',
    async () => {
      await touch('touchStart', [{ x: 500, y: 300 }, { x: 580, y: 300 }])
      for (let gap = 60; gap < 360; gap += 60) await touch('touchMove', [{ x: 540 - gap, y: 300 }, { x: 540 + gap, y: 300 }])
      await touch('touchEnd', [])
    },
  ],
  [
    'a swipe from the edge, as browsers go back by',
    async () => {
      await touch('touchStart', [{ x: 2, y: 300 }])
      for (let x = 60; x < 1000; x += 120) await touch('touchMove', [{ x, y: 300 }])
      await touch('touchEnd', [])
    },
  ],
  [
    'keys that print, save, open, reload, search, zoom, leave or look behind',
    async () => {
      const keys = ['Control+p', 'Control+s', 'Control+o', 'Control+r', 'Control+Shift+r', 'Control+f', 'Control+l', 'Control+n', 'Control+t', 'Control+w', 'Control+Shift+i']
      for (const key of [...keys, 'Control+u', 'Control+j', 'Control+h', 'Control+a', 'Control+c', 'Control+v', 'Control+=', 'Control+-', 'Control+0']) await page.keyboard.press(key)
      for (let number = 1; number <= 12; number++) await page.keyboard.press(`F${number}`)
      for (const key of ['Alt+ArrowLeft', 'Alt+ArrowRight', 'Alt+Home', 'Alt+F4', 'Alt+d', 'Shift+Escape', 'Escape', 'ContextMenu', 'Meta+r']) await page.keyboard.press(key)
    },
  ],
  ['a window that a script opens', () => page.evaluate(() => void window.open('https://example.invalid/'))],
  ['the browser’s own way back, five times', async () => {
    for (let step = 0; step < 5; step++) await page.evaluate(() => history.back())
    await page.waitForTimeout(200)
    // Steps within the page are no leaving.
    strayed.splice(0, strayed.length, ...strayed.filter((one) => !one.startsWith(`to ${api.origin}`)))
  }],
  [
    'a file dropped on the glass',
    async () => {
      const file = join(tmpdir(), `maqiao-drop-${process.pid}.html`)
      await writeFile(file, '<h1>elsewhere</h1>')
      const data = { items: [], files: [file], dragOperationsMask: 1 }
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, x: 540, y: 900, data })
      await page.waitForTimeout(200)
    },
  ],
] as const)('%s leads nowhere', async (_name, attempt) => {
  await attempt()
  await stays()
})

it('holds no link and no field on any stage that can be reached by touch', async () => {
  for (const testid of ['ready', 'teach', 'tile-ankang', 'back', 'no-code']) {
    await page.getByTestId(testid).tap()
    expect(await page.locator('a, input, textarea, select, iframe, [contenteditable]').count(), testid).toBe(0)
  }
})
