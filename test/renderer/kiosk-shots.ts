/** Takes a picture of each kiosk state: `node test/renderer/kiosk-shots.ts DIRECTORY [FILTER] [WIDTHxHEIGHT] [BUILD]`. */
import { mkdirSync } from 'node:fs'
import { launchChromium } from '../support/chromium.ts'
import { startFakeApi } from './fake-api.ts'
import { openKiosk } from './kiosk-page.ts'
import { STATES } from './kiosk-states.ts'

const [directory = 'test-results/kiosk', filter = '', size = '1080x1920', out = 'out/renderer'] = process.argv.slice(2)
const [width = 1080, height = 1920] = size.split('x').map(Number)
mkdirSync(directory, { recursive: true })
const api = await startFakeApi(out)
const browser = await launchChromium({ fakeCamera: true })
for (const [id, staging] of Object.entries(STATES)) {
  if (!new RegExp(filter).test(id)) continue
  const { page, context, complaints } = await openKiosk(browser, api, staging, { width, height })
  await page.screenshot({ path: `${directory}/${id}.png` })
  for (const complaint of complaints) process.stderr.write(`${id}: ${complaint}\n`)
  await context.close()
}
await browser.close()
await api.close()
