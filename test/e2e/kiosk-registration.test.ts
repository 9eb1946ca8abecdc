/** 自助建卡 at the built kiosk in a real Chromium with a camera: from the picture to the card's own code, and nothing left behind. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { kioskZhCn } from '../../src/renderer/messages/kiosk-zh-cn.ts'
import { personOf } from '../../src/simulator/people.ts'
import { launchChromium } from '../support/chromium.ts'
import { startTestTerminal, type TestTerminal } from '../support/terminal.ts'

const lin = personOf('lin')
const PHONE = '19900000105'
const said = kioskZhCn.register

let browser: Browser
let t: TestTerminal
beforeAll(async () => {
  browser = await launchChromium({ fakeCamera: true })
  t = await startTestTerminal({
    settings: {
      terminal: { mode: 'kiosk' },
      devices: { camera: { enabled: true } },
      kiosk: { registration: true },
      platforms: { healthCard: { offlineWechatCode: 'OFFLINE-CODE-0001' } },
    },
  })
})
afterAll(async () => {
  await browser?.close()
  await t?.close()
})
beforeEach(() => t.simulator.control.reset())

/** At the page that asks whom the card is for, with a clock that a test may move. */
async function open(): Promise<Page> {
  const { body } = await t.request('POST', '/api/v1/tickets', {})
  const context = await browser.newContext({ viewport: { width: 1080, height: 1920 }, hasTouch: true, permissions: ['camera'] })
  const page = await context.newPage()
  await page.clock.install()
  await page.goto(`${t.terminal.ready.api}/?ticket=${body.ticket}`)
  await page.getByTestId('start').tap()
  await page.getByTestId('no-code').tap()
  await page.getByTestId('register').tap()
  return page
}
async function takePicture(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0)
  await page.getByTestId('take').tap()
}
async function enterPhone(page: Page): Promise<void> {
  await page.getByTestId('field-phone1').tap()
  for (const digit of PHONE) await page.getByTestId(`key-${digit}`).tap()
  await page.getByTestId('entry-done').tap()
}
const headline = (page: Page) => page.getByTestId('headline').innerText()
const holds = async (page: Page, texts: readonly string[]) => {
  const html = await page.content()
  return texts.filter((text) => html.includes(text))
}

test('for oneself: photographed, checked, registered, and its code shown', async () => {
  const page = await open()
  await page.getByTestId('who-self').tap()
  await takePicture(page)
  await page.locator('[data-sub=check]').waitFor()
  expect(await holds(page, [lin.name, lin.idNumber, '1988-10-22'])).toHaveLength(3)
  await enterPhone(page)
  await page.getByTestId('send').tap()
  await page.waitForSelector('[data-state=accepted]')
  expect(await holds(page, [lin.name, lin.idNumber, PHONE])).toEqual([])
  await page.getByTestId('offer-dynamic-code').tap()
  await page.locator('[data-testid=card-qr] path').waitFor()
  const sent = t.simulator.control.requests().map(({ operation }) => operation)
  expect(sent).toEqual(expect.arrayContaining(['ocrInfo', 'registerHealthCard', 'getDynamicQRCode']))
  await page.context().close()
})

test('for a newborn: no picture, the certificate’s number, every field by hand', async () => {
  const page = await open()
  await page.getByTestId('who-newborn').tap()
  const write = async (field: string, text: string) => {
    await page.getByTestId(`field-${field}`).tap()
    await page.getByTestId('entry').fill(text)
    await page.getByTestId('entry-done').tap()
  }
  await write('name', '林小满')
  await write('idNumber', 'V340000001')
  await page.getByTestId('field-gender').tap()
  await page.getByTestId('gender-女').tap()
  await page.getByTestId('field-birthday').tap()
  for (const digit of '20261120') await page.getByTestId(`key-${digit}`).tap()
  await page.getByTestId('entry-done').tap()
  await enterPhone(page)
  await page.getByTestId('send').tap()
  await page.waitForSelector('[data-state=accepted]')
  const { body } = await t.request('GET', '/api/v1/outcomes?newest=1')
  expect(body.outcomes[0].patient).toMatchObject({ name: '林小满', idType: '08', idNumber: 'V340000001' })
  await page.context().close()
})

test('a refusal says what to correct, and what was filled in is gone when nobody touches the screen', async () => {
  const page = await open()
  await page.getByTestId('who-family').tap()
  await takePicture(page)
  await page.locator('[data-sub=check]').waitFor()
  await enterPhone(page)
  t.simulator.control.fault({ platform: 'health-card', operation: 'registerHealthCard', mode: 'code', code: '-10022', times: 1 })
  await page.getByTestId('send').tap()
  await page.locator('[data-problem=phone]').waitFor()
  expect(await headline(page)).toBe(said.problems.phone.headline)
  expect(await holds(page, [lin.name])).toEqual([lin.name])
  await page.clock.fastForward(121_000)
  await page.waitForSelector('[data-state=welcome]')
  expect(await holds(page, [lin.name, lin.idNumber, PHONE])).toEqual([])
  await page.getByTestId('no-code').tap()
  await page.getByTestId('register').tap()
  await page.getByTestId('who-newborn').tap()
  expect(await holds(page, [lin.name, lin.idNumber, PHONE])).toEqual([])
  await page.context().close()
})
