import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchChromium } from '../../support/chromium.ts'
import { servePage } from '../../support/serve-page.ts'
import { typeAsScanner } from '../../support/type-as-scanner.ts'
import type { ScannerPlay } from './play.ts'

const CODE = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=6F9E2C41D0B84A7A&cityNo=340100000000'
const PAGE = `<!doctype html><meta charset="utf-8"><body>
<form id="form"><input id="field" value="内科"><button id="button">转码</button></form>
<script type="module">
import { listenToKeyboard } from '/src/devices/keyboard/listen.ts'
window.seen = { readings: [], faults: [], typed: [], pageKeys: [], clicks: 0, submits: 0, inputs: 0 }
window.stop = listenToKeyboard({
  onReading: (reading) => seen.readings.push(reading),
  onUnreadable: (fault) => seen.faults.push(fault),
  onTyped: (keys) => seen.typed.push(...keys),
})
document.addEventListener('keydown', (event) => seen.pageKeys.push(event.code))
button.addEventListener('click', () => seen.clicks++)
field.addEventListener('input', () => seen.inputs++)
form.addEventListener('submit', (event) => { event.preventDefault(); seen.submits++ })
window.ready = true
</script>`

type Seen = {
  readings: { text: string; msPerCharacter: number; evidence: Record<string, boolean> }[]
  faults: unknown[]
  typed: string[]
  pageKeys: string[]
  clicks: number
  submits: number
  inputs: number
}

let browser: Browser
let page: Page
let server: Awaited<ReturnType<typeof servePage>>

beforeAll(async () => {
  ;[browser, server] = await Promise.all([launchChromium(), servePage(PAGE)])
  page = await browser.newPage()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

beforeEach(async () => {
  await page.goto(server.url)
  await page.waitForFunction('window.ready')
})

describe('a scanner in keyboard mode, in a real browser', () => {
  test('is read with the focus nowhere, and most of its keys never reach the page', async () => {
    await play(CODE, { msPerKey: 5 })
    const { readings, pageKeys, typed } = await seen(1)
    expect(readings.map(({ text }) => text)).toEqual([CODE])
    expect(pageKeys).not.toContain('Enter')
    expect(pageKeys.filter((code) => !code.startsWith('Shift'))).toEqual(['KeyH', 'KeyT', 'KeyT', 'KeyP', 'KeyS'])
    expect(typed).toEqual([])
  })

  test('is read with an input method on, Enter swallowed: keyCode 229, key Process', async () => {
    await play(CODE, { msPerKey: 6, inputMethod: true, terminator: 'none' })
    const { readings } = await seen(1)
    expect(readings).toMatchObject([{ text: CODE, evidence: { inputMethod: true, terminated: false } }])
  })

  test('is read with CapsLock on', async () => {
    await play(CODE, { msPerKey: 4, capsLock: true })
    expect((await seen(1)).readings.map(({ text }) => text)).toEqual([CODE])
  })

  test('is read at 80 ms a key in a field, and the field keeps what it held', async () => {
    await page.focus('#field')
    await play(CODE.slice(0, 60), { msPerKey: 80 })
    const { readings, submits } = await seen(1)
    expect(readings.map(({ text }) => text)).toEqual([CODE.slice(0, 60)])
    expect(readings[0]?.msPerCharacter).toBeCloseTo(80 * 1.01, -1)
    expect(await page.inputValue('#field')).toBe('内科')
    expect(submits).toBe(0)
  })

  test('typed into a field leaves it as it was and submits nothing', async () => {
    await page.focus('#field')
    await play(CODE, { msPerKey: 5 })
    expect((await seen(1)).submits).toBe(0)
    expect(await page.inputValue('#field')).toBe('内科')
  })

  test('on a focused button presses nothing', async () => {
    await page.focus('#button')
    await play(CODE, { msPerKey: 5 })
    const { clicks, submits } = await seen(1)
    expect({ clicks, submits }).toEqual({ clicks: 0, submits: 0 })
  })

  test('in Alt+numpad mode gives Chinese, and NumLock off does not leave the page', async () => {
    await play('姓名李小国内科', { msPerKey: 4, numLockOff: true, numpad: (character) => [character.codePointAt(0) ?? 0] })
    expect((await seen(1)).readings.map(({ text }) => text)).toEqual(['姓名李小国内科'])
  }, 20_000)

  test('is no longer read after the listener was taken away', async () => {
    await page.evaluate('stop()')
    await play(CODE, { msPerKey: 5 })
    await page.waitForTimeout(300)
    expect((await seen(0)).readings).toEqual([])
  })
})

describe('a person, in a real browser', () => {
  test('types into a field and submits: every key arrives, nothing is a scan', async () => {
    await page.focus('#field')
    await page.keyboard.press('End')
    for (const [index, key] of [...'Ward 12, bed 7'].entries()) {
      await page.keyboard.press(key, { delay: 40 })
      await page.waitForTimeout([60, 35, 120, 80][index % 4] ?? 60)
    }
    await page.keyboard.press('Enter')
    await page.waitForTimeout(400)
    const { readings, faults, submits } = await seen(0)
    expect(await page.inputValue('#field')).toBe('内科Ward 12, bed 7')
    expect({ readings, faults, submits }).toEqual({ readings: [], faults: [], submits: 1 })
  })

  test('gives a shortcut outside a field', async () => {
    await page.keyboard.press('3')
    await page.waitForFunction('seen.typed.length > 0')
    expect((await seen(0)).typed).toEqual(['3'])
  })
})

const play = (text: string, options: ScannerPlay) => typeAsScanner(page, text, options)

async function seen(readings: number): Promise<Seen> {
  await page.waitForFunction(`seen.readings.length >= ${readings}`, undefined, { timeout: 5000 })
  return page.evaluate<Seen>('seen')
}
