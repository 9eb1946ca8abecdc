import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { FNC3 } from '../../src/devices/setup/code-128.ts'
import { SETUP_SHEETS, setupCodes, type SetupSheetId } from '../../src/devices/setup/setup-sheets.ts'
import { launchChromium } from '../support/chromium.ts'
import { openDiagnostics } from './diagnostics-open.ts'
import { STATES } from './diagnostics-states.ts'
import { startFakeApi, type FakeApi } from './fake-api.ts'

let api: FakeApi
let browser: Browser
beforeAll(async () => {
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  await prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(wasm).buffer }, fireImmediately: true })
  api = await startFakeApi(process.env['MAQIAO_SCREENS'] ?? join(import.meta.dirname, '../../out/renderer'))
  browser = await launchChromium()
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await api?.close()
})

test('each maker\'s setting codes can be scanned from the smaller screen, one at a time, the device\'s own maker first', async () => {
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 } })
  await openDiagnostics(page, api, STATES['diagnostics-setup-codes']!)
  for (const id of Object.keys(SETUP_SHEETS) as SetupSheetId[]) {
    const maker = page.getByTestId(`setup-${id}`)
    if (id === 'honeywell') expect(await maker.getAttribute('aria-pressed')).toBe('true')
    await maker.click()
    const codes = setupCodes(id)
    for (const { purpose, code } of codes) {
      await page.locator(`[data-testid=setup-code][data-purpose=${purpose}]`).waitFor()
      const { width, height, data } = PNG.sync.read(await page.screenshot())
      const picture = { width, height, data: new Uint8ClampedArray(data), colorSpace: 'srgb' } as ImageData
      const found = await readBarcodes(picture, { formats: ['QRCode', 'Code128'], textMode: 'Plain' })
      expect({ purpose, found: found.map(({ text, readerInit }) => ({ text, readerInit })) }).toEqual({
        purpose,
        found: [{ text: code.text.replace(FNC3, ''), readerInit: code.text.includes(FNC3) }],
      })
      await page.getByTestId('setup-next').click()
    }
  }
  await page.close()
}, 120_000)
