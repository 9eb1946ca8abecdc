/** Takes a picture of each desk state: `node test/renderer/shots.ts DIRECTORY [FILTER] [WIDTHxHEIGHT]`. */
import { mkdirSync } from 'node:fs'
import { launchChromium } from '../support/chromium.ts'
import { STATES } from './desk-states.ts'
import { startFakeApi } from './fake-api.ts'

const [directory = '/tmp/shots', filter = '', size = '1366x768', out = 'out/renderer'] = process.argv.slice(2)
const [width = 1366, height = 768] = size.split('x').map(Number)
mkdirSync(directory, { recursive: true })
const api = await startFakeApi(out)
const browser = await launchChromium()
for (const [id, { before, after }] of Object.entries(STATES)) {
  if (!new RegExp(filter).test(id)) continue
  const context = await browser.newContext({ viewport: { width, height } })
  const page = await context.newPage()
  page.on('console', (message) => message.type() === 'error' && process.stderr.write(`${id}: ${message.text()}\n`))
  page.on('pageerror', (error) => process.stderr.write(`${id}: ${error.message}\n`))
  api.reset()
  before?.(api)
  await page.goto(api.url)
  await page.getByTestId('rail-outbox').waitFor()
  await after?.(page, api)
  await page.evaluate('document.fonts.ready')
  await page.waitForTimeout(500)
  await page.screenshot({ path: `${directory}/${id}.png` })
  await context.close()
}
await browser.close()
await api.close()
