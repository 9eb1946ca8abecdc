/** Takes a picture of each diagnostic state: `node test/renderer/diagnostics-shots.ts DIRECTORY [FILTER] [WIDTHxHEIGHT] [BUILD]`. */
import { mkdirSync } from 'node:fs'
import { launchChromium } from '../support/chromium.ts'
import { openDiagnostics } from './diagnostics-open.ts'
import { STATES } from './diagnostics-states.ts'
import { startFakeApi } from './fake-api.ts'

const [directory = '/tmp/shots', filter = '', size = '1920x1080', out = 'out/renderer'] = process.argv.slice(2)
const [width = 1920, height = 1080] = size.split('x').map(Number)
mkdirSync(directory, { recursive: true })
const api = await startFakeApi(out)
const browser = await launchChromium({ fakeCamera: true })
for (const [id, staging] of Object.entries(STATES)) {
  if (!new RegExp(filter).test(id)) continue
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.on('console', (message) => message.type() === 'error' && process.stderr.write(`${id}: ${message.text()}\n`))
  page.on('pageerror', (error) => process.stderr.write(`${id}: ${error.stack}\n`))
  api.reset()
  await openDiagnostics(page, api, staging).catch((error: Error) => process.stderr.write(`${id}: ${error.message.split('\n')[0]}\n`))
  await page.evaluate('document.fonts.ready')
  await page.waitForTimeout(400)
  await page.screenshot({ path: `${directory}/${id}.png` })
  await context.close()
}
await browser.close()
await api.close()
