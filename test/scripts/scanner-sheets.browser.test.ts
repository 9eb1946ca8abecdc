import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader'
import { code128 } from '../../scripts/code-128.ts'
import { TEST_SHEET_TEXT } from '../../src/devices/scanner-doctor.ts'
import { launchChromium } from '../support/chromium.ts'

const ROOT = join(import.meta.dirname, '..', '..')
let browser: Browser
let page: Page

beforeAll(async () => {
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  await prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(wasm).buffer }, fireImmediately: true })
  browser = await launchChromium()
  page = await browser.newPage({ deviceScaleFactor: 2 })
  await page.setContent(await readFile(join(ROOT, 'resources/scanner-sheets/test-sheet.html'), 'utf8'))
}, 60_000)

afterAll(() => browser?.close())

describe('the test sheet', () => {
  test('is what its script writes', () => {
    execFileSync(process.execPath, [join(ROOT, 'scripts/write-scanner-sheets.ts'), '--check'])
  })

  test('holds the text that the doctor expects', async () => {
    expect(await read('#doctor svg', { formats: ['QRCode'], textMode: 'Plain', characterSet: 'UTF8' })).toBe(TEST_SHEET_TEXT)
  })

  test('holds one long code three times: usual, small, inverted', async () => {
    const options: ReaderOptions = { formats: ['QRCode'], textMode: 'Plain' }
    const long = await read('#long svg', options)
    expect(long).toMatch(/^MaQiao:\/\/.{115,}$/)
    expect(await read('#small svg', options)).toBe(long)
    expect(await read('#inverted svg', { ...options, tryInvert: false })).toBeUndefined()
    expect(await read('#inverted svg', options)).toBe(long)
  })

  test('holds a bar code of a card', async () => {
    expect(await read('#card svg', { formats: ['Code128'], textMode: 'Plain' })).toBe('0000012345')
  })

  test('asks nobody for anything', async () => {
    expect(await page.content()).not.toMatch(/https?:\/\/|<script|src=/)
  })
})

test('Code 128 takes every printable character and no other', async () => {
  for (const text of ['AZaz09 !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'x']) {
    const widths = [20, ...code128(text), 20].flatMap((width, index) => Array<number>(2 * width).fill(index % 2 ? 0 : 255))
    const data = new Uint8ClampedArray(widths.length * 60 * 4)
    for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : (widths[(i >> 2) % widths.length] ?? 255)
    const [found] = await readBarcodes({ width: widths.length, height: 60, data, colorSpace: 'srgb' } as ImageData, { formats: ['Code128'], textMode: 'Plain' })
    expect(found?.text).toBe(text)
  }
  expect(() => code128('码')).toThrow(RangeError)
})

async function read(selector: string, options: ReaderOptions): Promise<string | undefined> {
  const { width, height, data } = PNG.sync.read(await page.locator(selector).screenshot())
  // White all round, as on paper: the picture ends where the code's own margin does.
  const margin = 40
  const wide = width + 2 * margin
  const framed = new Uint8ClampedArray(wide * (height + 2 * margin) * 4).fill(255)
  for (let y = 0; y < height; y++) framed.set(data.subarray(y * width * 4, (y + 1) * width * 4), ((y + margin) * wide + margin) * 4)
  const [found] = await readBarcodes({ width: wide, height: height + 2 * margin, data: framed, colorSpace: 'srgb' } as ImageData, options)
  return found?.text
}
