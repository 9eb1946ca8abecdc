import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes, type ReaderOptions, type ReadResult } from 'zxing-wasm/reader'
import { code128, FNC3 } from '../../src/devices/setup/code-128.ts'
import { SETUP_SHEETS, setupCodes, type SetupSheetId } from '../../src/devices/setup/setup-sheets.ts'
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

describe.each(Object.keys(SETUP_SHEETS) as SetupSheetId[])('the set-up sheet %s', (id) => {
  let sheet: Page
  beforeAll(async () => {
    sheet = await browser.newPage({ deviceScaleFactor: 2 })
    const file = `${id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.html`
    await sheet.setContent(await readFile(join(ROOT, 'resources/scanner-sheets', file), 'utf8'))
  })
  afterAll(() => sheet.close())

  test('holds each setting code byte for byte, FNC3 included, within the paper', async () => {
    expect(await sheet.locator('section').count()).toBe(setupCodes(id).length)
    for (const { purpose, code } of setupCodes(id)) {
      const found = await find(sheet, `#${purpose} svg`, { formats: [code.symbology === 'qr' ? 'QRCode' : 'Code128'], textMode: 'Plain' })
      expect({ purpose, bytes: found && Buffer.from(found.bytes).toString('latin1') }).toEqual({ purpose, bytes: code.text.replace(FNC3, '') })
      expect({ purpose, fnc3: found?.readerInit }).toEqual({ purpose, fnc3: code.text.includes(FNC3) })
      const box = await sheet.locator(`#${purpose} svg`).boundingBox()
      expect(box!.width).toBeLessThanOrEqual((186 / 25.4) * 96)
    }
  })

  test('says for which models it is, in both languages that it changes them, and who published its codes', async () => {
    const words = await sheet.locator('body').innerText()
    expect(words).toContain(SETUP_SHEETS[id].models)
    expect(words).toContain('These codes change the scanner')
    for (const source of SETUP_SHEETS[id].sources) expect(words).toContain(source)
    expect(await sheet.content()).not.toMatch(/https?:\/\/|<script|src=/)
  })
})

test('Code 128 takes every printable character and no other', async () => {
  for (const text of ['AZaz09 !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'x', '1234567', 'a123456b12345678901', '$P,00000000,P\r']) {
    const widths = [20, ...code128(text), 20].flatMap((width, index) => Array<number>(2 * width).fill(index % 2 ? 0 : 255))
    const data = new Uint8ClampedArray(widths.length * 60 * 4)
    for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : (widths[(i >> 2) % widths.length] ?? 255)
    const [found] = await readBarcodes({ width: widths.length, height: 60, data, colorSpace: 'srgb' } as ImageData, { formats: ['Code128'], textMode: 'Plain' })
    expect(found?.text).toBe(text)
  }
  expect(() => code128('码')).toThrow(RangeError)
  expect(() => code128('small\r')).toThrow(RangeError)
})

async function read(selector: string, options: ReaderOptions): Promise<string | undefined> {
  return (await find(page, selector, options))?.text
}

async function find(on: Page, selector: string, options: ReaderOptions): Promise<ReadResult | undefined> {
  const { width, height, data } = PNG.sync.read(await on.locator(selector).screenshot())
  // White all round, as on paper: the picture ends where the code's own margin does.
  const margin = 40
  const wide = width + 2 * margin
  const framed = new Uint8ClampedArray(wide * (height + 2 * margin) * 4).fill(255)
  for (let y = 0; y < height; y++) framed.set(data.subarray(y * width * 4, (y + 1) * width * 4), ((y + margin) * wide + margin) * 4)
  const [found] = await readBarcodes({ width: wide, height: height + 2 * margin, data: framed, colorSpace: 'srgb' } as ImageData, options)
  return found
}
