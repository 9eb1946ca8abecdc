/** What the diagnostics do when something does not answer, and what they keep, in a real Chromium. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openDiagnostics, PIN } from './diagnostics-open.ts'
import type { FakeApi } from './fake-api.ts'
import { newWorld, playDiagnostics } from './fake-diagnostics.ts'
import { playPages } from './played-screens.ts'

let api: FakeApi
let page: Page

playPages((played) => ({ api, page } = played), { viewport: { width: 1920, height: 1080 } })

const refused = { status: 500, json: { error: { platform: 'maqiao', code: 'TERMINAL_FAULT', message: '终端处理时出错', advice: '请重试。', retryable: true } } }
const refuse = (path: RegExp) => page.route(path, (route) => route.fulfill({ status: refused.status, contentType: 'application/json', body: JSON.stringify(refused.json) }))

it('say that nothing is known to be well where no check was made', async () => {
  await playDiagnostics(page, newWorld())
  await refuse(/\/diagnostics\/checks/)
  await page.goto(`${api.url}&screen=diagnostics`)
  await page.locator('[data-state=closed]').waitFor()
  await page.getByTestId('pin').fill(PIN)
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByTestId('headline').innerText()).toBe('检查没有完成')
  expect(await page.getByText('没有需要处理的事').count()).toBe(0)
})

it('ask again at the door until they know how it stands', async () => {
  const path = /\/technician$/
  await playDiagnostics(page, newWorld())
  await refuse(path)
  await page.goto(`${api.url}&screen=diagnostics`)
  await page.getByTestId('fault').waitFor()
  await page.unroute(path)
  await page.locator('[data-state=closed]').waitFor()
  expect(await page.getByTestId('fault').count()).toBe(0)
})

it('keep what was changed and not saved while another section is looked at', async () => {
  await openDiagnostics(page, api, {})
  await page.keyboard.press('F7')
  const department = page.locator('[data-path="terminal.department"] input')
  await department.fill('急诊内科')
  await page.keyboard.press('F4')
  await page.getByTestId('platform').first().waitFor()
  await page.keyboard.press('F7')
  expect(await department.inputValue()).toBe('急诊内科')
})
