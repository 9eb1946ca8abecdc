/** The comparison that the pictures rest on: what it lets pass, and what it does not. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { comparePictures } from './compare-pictures.ts'

const SIZE = { width: 400, height: 120 }
let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

async function picture(words: string, { style = '', size = SIZE, type = 'jpeg' as 'jpeg' | 'png' } = {}): Promise<string> {
  const page = await browser.newPage({ viewport: size })
  await page.setContent(`<body style="margin:20px;font:17px sans-serif;background:#fff;${style}">${words}</body>`)
  const bytes = await page.screenshot(type === 'png' ? { type } : { type, quality: 60 })
  await page.close()
  return bytes.toString('base64')
}

it('takes the same page for the same, however it was compressed', async () => {
  expect(await comparePictures(browser, await picture('Terminal W01'), await picture('Terminal W01', { type: 'png' }))).toBeNull()
})

it.each([
  ['another letter', 'Terminal W07', ''],
  ['another colour', 'Terminal W01', 'color:#a1232b'],
  ['a lighter ground', 'Terminal W01', 'background:#f2f2f2'],
  ['a line that moved by three pixels', 'Terminal W01', 'padding-top:3px'],
])('tells %s, and where', async (_what, words, style) => {
  const difference = await comparePictures(browser, await picture('Terminal W01'), await picture(words, { style }))
  expect(difference?.words).toMatch(/^\d+ tiles differ, from \d+,\d+ to \d+,\d+$/)
  expect(Buffer.from(difference!.picture, 'base64').subarray(8, 12).toString()).toBe('WEBP')
})

it('tells another size', async () => {
  const difference = await comparePictures(browser, await picture('Terminal W01'), await picture('Terminal W01', { size: { width: 401, height: 120 } }))
  expect(difference?.words).toBe('401×120 instead of 400×120')
})
