/** Takes a picture of each state, at its screen's own size: `node test/renderer/shots.ts DIRECTORY [FILTER] [WIDTHxHEIGHT] [BUILD]`. */
import { mkdirSync } from 'node:fs'
import { launchChromium } from '../support/chromium.ts'
import { openDesk } from './desk-open.ts'
import { openDiagnosticsState } from './diagnostics-open.ts'
import { startFakeApi } from './fake-api.ts'
import { openKiosk } from './kiosk-page.ts'
import { STATES as KIOSK } from './kiosk-states.ts'
import { STATES } from './states.ts'

const [directory = 'test-results/shots', filter = '', size, out = 'out/renderer'] = process.argv.slice(2)
const [width, height] = size?.split('x').map(Number) ?? []
const viewport = width && height ? { width, height } : undefined
mkdirSync(directory, { recursive: true })
const api = await startFakeApi(out)
const browser = await launchChromium({ fakeCamera: true })
for (const { id } of STATES) {
  if (!new RegExp(filter).test(id)) continue
  const open = id.startsWith('desk-') ? openDesk(browser, api, id, viewport) : id.startsWith('kiosk-') ? openKiosk(browser, api, KIOSK[id], viewport) : openDiagnosticsState(browser, api, id, viewport)
  const { page, complaints } = await open
  await page.evaluate('document.fonts.ready')
  await new Promise((done) => setTimeout(done, 400))
  await page.screenshot({ path: `${directory}/${id}.png` })
  for (const complaint of complaints) process.stderr.write(`${id}: ${complaint}\n`)
  await page.close()
}
await browser.close()
await api.close()
