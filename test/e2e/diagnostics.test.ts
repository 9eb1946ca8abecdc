/** A technician before the real agent: a tty for a scanner, the played platforms, the built screen in a real browser. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TEST_SHEET_TEXT } from '../../src/devices/scanner-doctor.ts'
import { openDeadExport } from '../../src/outbox/dead-export.ts'
import { PEOPLE, personOf } from '../../src/simulator/people.ts'
import { outOfBounds } from '../renderer/measure.ts'
import { launchChromium } from '../support/chromium.ts'
import { render } from '../support/qr-pictures.ts'
import { sampleText, SCREENS, startTestTerminal, until, type TestTerminal } from '../support/terminal.ts'
import { startTerminal } from '../../src/terminal/terminal.ts'
import { writeY4m } from '../support/y4m.ts'

const PIN = '735194'
const LIN = personOf('lin')
const CAMERA_TEXT = 'MAQIAO-CAMERA-CHECK-0123456789'
const SECTIONS = ['overview', 'devices', 'camera', 'platforms', 'outbox', 'performance', 'settings', 'audit', 'support']

let browser: Browser
let page: Page
let t: TestTerminal
let folder: string
const faults: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'maqiao-diagnostics-'))
  const camera = join(folder, 'camera.y4m')
  await writeY4m(camera, [render({ text: CAMERA_TEXT, seed: 7 })], { repeat: 20 })
  browser = await launchChromium({ camera })
  t = await startTestTerminal({ settings: { recognition: { repeatWithinMs: 0 } } })
  page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, acceptDownloads: true })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => /Content Security Policy|Vue warn/.test(message.text()) && faults.push(message.text()))
})
afterAll(async () => {
  await browser?.close()
  await t?.close()
  rmSync(folder, { recursive: true, force: true })
})

const headline = () => page.getByTestId('headline').innerText()
async function go(index: number): Promise<void> {
  await page.keyboard.press(`F${index + 1}`)
  await page.locator(`[data-section=${SECTIONS[index]}]`).waitFor()
}
const toast = (words: string) => page.locator('[data-testid=toast][data-shown]', { hasText: words }).waitFor()
/** What a click saves: its name and its bytes. */
async function saved(press: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()])
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
}
/** A message with a person in it that the platform refuses for good. */
async function makeDead(tradeNo: string): Promise<string> {
  t.simulator.control.fault({ platform: 'ankang', operation: 'message', mode: 'code', code: '400', times: 1 })
  const { id } = await t.scan(sampleText(t.simulator, 'ankang-green'))
  const result = { tradeNo, tradeState: '1', msg: '挂号成功', name: LIN.name, idNumber: LIN.idNumber }
  const { body } = await t.request('POST', `/api/v1/outcomes/${id}/result`, result)
  const report = body.reports.at(-1) as string
  await until(() => t.terminal.agent.outbox.report(report)?.state === 'dead')
  return report
}

describe('the way in', () => {
  test('from the desk by Ctrl+Shift+D and back', async () => {
    await page.goto(t.terminal.ready.ui)
    await page.locator('[data-screen=desk][data-state=waiting]').waitFor()
    await page.keyboard.press('Control+Shift+D')
    await page.locator('[data-screen=diagnostics][data-section=door]').waitFor()
    await page.keyboard.press('Control+Shift+D')
    await page.locator('[data-screen=desk]').waitFor()
    await page.keyboard.press('Control+Shift+D')
    await page.locator('[data-state=first]').waitFor()
  })

  test('a first PIN is set twice alike, and opens', async () => {
    await page.getByTestId('pin').fill(PIN)
    await page.getByTestId('pin-again').fill('735195')
    await page.getByText('两次输入不一致').waitFor()
    await page.getByTestId('pin-again').fill(PIN)
    await page.keyboard.press('Enter')
    await page.locator('[data-section=overview]').waitFor()
    const kept = await page.evaluate(() => JSON.parse(sessionStorage.getItem('maqiao.technician') ?? '{}') as { token: string; expiresAt: number })
    expect(kept.token).toMatch(/^technician\./)
    expect(kept.expiresAt).toBeGreaterThan(Date.now())
  })

  test('locked by key, refused with a wrong PIN, opened with the right one', async () => {
    await page.keyboard.press('Control+Shift+L')
    await page.locator('[data-section=door] [data-state=closed]').waitFor()
    await page.getByTestId('pin').fill('000000')
    await page.keyboard.press('Enter')
    await page.locator('[data-testid=fault][data-code=PIN_WRONG]').waitFor()
    await page.getByTestId('pin').fill(PIN)
    await page.keyboard.press('Enter')
    await page.locator('[data-section=overview]').waitFor()
  })

  test('a reload stays inside', async () => {
    await page.reload()
    await page.locator('[data-screen=diagnostics][data-section=overview]').waitFor()
  })
})

describe('each section', () => {
  test.each(SECTIONS.map((section, index) => ({ section, index })))('$section renders what the agent says', async ({ section, index }) => {
    await go(index)
    await until(headline, (words) => words !== '' && words !== '正在读取…')
    expect(await page.locator('[data-primary]:visible:not([inert] *)').count()).toBe(1)
    if (section === 'overview') await page.getByTestId('check').nth(5).waitFor()
    await page.waitForTimeout(100)
    expect(await outOfBounds(page)).toEqual([])
    // A machine without libusb says so, and rightly.
    expect(await page.locator('[data-testid=fault]:not([data-code=DEVICE_DRIVER])').count()).toBe(0)
  })
})

describe('devices', () => {
  test('bytes appear as they come, in hex and with their control characters named', async () => {
    await go(1)
    await page.locator('[data-testid=device][data-state=open]').waitFor()
    await t.scanAtTty('\u0002VIP-0042')
    const line = page.getByTestId('byte-line').last()
    await until(() => line.getByTestId('byte-hex').innerText(), (hex) => /02\s+56\s+49\s+50[\s\S]*0D$/.test(hex.trim()))
    await until(() => line.getByTestId('byte-text').innerText(), (text) => text.replace(/\s/g, '') === 'STXVIP-0042CR')
    await page.getByTestId('clear-bytes').click()
    expect(await page.content()).not.toContain('VIP-0042')
  })

  test('the doctor reads one scan of the sheet', async () => {
    await page.keyboard.press('F10')
    await page.locator('[data-testid=doctor] .qr-picture path').waitFor()
    await page.getByText('请扫测试单', { exact: true }).waitFor()
    await t.pty.write(`${TEST_SHEET_TEXT}\r`)
    await page.locator('[data-testid=verdict][data-intact=true]').waitFor()
    const report = await page.getByTestId('report').innerText()
    for (const word of ['串口', 'CR', 'UTF-8']) expect(report).toContain(word)
    expect((await page.getByTestId('advice').innerText()).length).toBeGreaterThan(4)
    await page.keyboard.press('Escape')
    await page.getByTestId('doctor').waitFor({ state: 'detached' })
  })

  test('a keyboard scanner is examined by what this page receives', async () => {
    await page.getByTestId('doctor-keyboard').click()
    await page.getByTestId('doctor-keys').focus()
    for (const letter of TEST_SHEET_TEXT.replace(/[^\x20-\x7e]/g, '').toLowerCase()) await page.keyboard.press(letter)
    await page.keyboard.press('Enter')
    await page.locator('[data-testid=verdict][data-intact=false]').waitFor()
    expect(await page.getByTestId('report').innerText()).toContain('键盘')
    await page.keyboard.press('Escape')
  })

  test('lent and taken back', async () => {
    await page.getByTestId('lend').click()
    await page.locator('[data-testid=device][data-state=lent]').waitFor()
    await page.getByTestId('take-back').click()
    await page.locator('[data-testid=device][data-state=open]').waitFor()
  })

  test('the speed is found by scanning', async () => {
    await page.getByTestId('detect-baud').click()
    await until(() => page.getByTestId('baud').innerText(), (words) => words.includes('9600'))
    const found = page.getByText('波特率 9600，与设置一致')
    // As the screen asks: again and again, for the port may not be open yet.
    await until(async () => {
      await t.pty.write('BAUD-DETECTION-0123456789\r')
      await page.waitForTimeout(300)
      return found.isVisible()
    })
  })

  test('a pulled cable is the headline, and in the history', async () => {
    await t.pty.unplug()
    await until(headline, (words) => words === '0 个就绪，1 个需要处理')
    await page.locator('[data-testid=history] [data-state=missing]').first().waitFor()
    await t.pty.plug()
    await until(headline, (words) => words === '1 个设备全部就绪')
  })
})

describe('camera', () => {
  test('shows the picture, its figures and the masked text, and lets it go', async () => {
    await go(2)
    await page.keyboard.press('F10')
    await page.locator('[data-camera=watching]').waitFor()
    await page.getByTestId('camera-last').waitFor()
    expect(await page.getByTestId('camera-last').innerText()).toContain(`共 ${CAMERA_TEXT.length} 个字符`)
    expect(await page.content()).not.toContain(CAMERA_TEXT)
    await until(headline, (words) => /^每秒 [1-9]\d* 帧，解码 .+ ms$/.test(words))
    await page.getByTestId('camera-size').selectOption('640x480')
    await until(() => page.getByTestId('camera-figures').innerText(), (words) => words.includes('640 × '))
    await page.getByTestId('camera-stop').click()
    await page.locator('[data-camera=off]').waitFor()
  })
})

describe('platforms', () => {
  test('an interface is called by hand through a form of its schema', async () => {
    await go(3)
    await page.getByTestId('open-operations').click()
    await page.getByTestId('operation-filter').fill('verifyQRCode')
    await page.locator('[data-operation="health-card/verifyQRCode"]').click()
    expect(await page.getByTestId('send').isDisabled()).toBe(true)
    await page.getByTestId('understood').check()
    await page.keyboard.press('F10')
    await page.locator('[data-testid=operations] [data-testid=fault]').waitFor()
    await page.locator('[data-path=qrCodeText] input').fill(sampleText(t.simulator, 'card-dynamic'))
    await page.locator('[data-path=time] input').fill('2026-11-22 09:00:00')
    await page.keyboard.press('F10')
    await page.getByTestId('answer').waitFor()
    const shown = await page.getByTestId('operations').innerText()
    for (const { idNumber, phone } of PEOPLE) expect(shown.includes(idNumber) || shown.includes(phone)).toBe(false)
    await page.keyboard.press('Escape')
  })

  test('a fault is explained on the card of its platform', async () => {
    t.simulator.control.fault({ platform: 'health-card', operation: 'verifyQRCode', mode: 'reset', times: 2 })
    await t.scan(sampleText(t.simulator, 'card-dynamic'))
    const card = page.locator('[data-testid=platform][data-platform=health-card][data-state=failing]')
    await card.getByTestId('last-fault').waitFor()
    expect(await headline()).toBe('1 个平台异常')
    t.simulator.control.reset()
    await t.scan(sampleText(t.simulator, 'card-static'))
  })
})

describe('reports', () => {
  test('a dead one is found, put right, tried again, delivered', async () => {
    const id = await makeDead('T-DEAD-1')
    await go(4)
    await until(headline, (words) => words.startsWith('1 条被退回'))
    await page.getByTestId('report-search').fill(LIN.name)
    const row = page.locator(`[data-report="${id}"][data-state=dead]`)
    await row.waitFor()
    await page.keyboard.press('F10')
    const editor = page.getByTestId('report-editor')
    await editor.waitFor()
    expect(await editor.innerText()).not.toContain(LIN.idNumber)
    await page.getByTestId('edit-msg').fill('改正后的消息')
    expect(await page.getByTestId('save-retry').isDisabled()).toBe(true)
    await page.getByTestId('why').fill('消息有误')
    await page.getByTestId('who').fill('李工')
    await page.keyboard.press('F10')
    await toast('已保存并重新排队')
    await until(() => t.terminal.agent.outbox.status().dead === 0 && t.terminal.agent.outbox.status().pending === 0)
    await until(headline, (words) => words === '全部送达')
    expect(JSON.stringify(t.simulator.books()['ankang'])).toContain('改正后的消息')
  })

  test('a dead one in full only for a reason; all of them as a file under a passphrase', async () => {
    const id = await makeDead('T-DEAD-2')
    await page.getByTestId('report-search').fill('')
    await page.locator(`[data-report="${id}"]`).getByTestId('open-report').click()
    const editor = page.getByTestId('report-editor')
    await page.getByTestId('why').fill('核对')
    await page.getByTestId('reveal-report').click()
    await until(() => editor.innerText(), (words) => words.includes(LIN.idNumber))
    await page.keyboard.press('Escape')
    await editor.waitFor({ state: 'detached' })
    await page.getByTestId('export-dead').click()
    await page.getByTestId('passphrase').fill('long-enough-words')
    await page.getByTestId('why').fill('交平台核对')
    const { name, bytes } = await saved(() => page.keyboard.press('F10'))
    expect(name).toMatch(/^maqiao-dead-reports-.*\.bin$/)
    expect(bytes.includes(LIN.idNumber)).toBe(false)
    expect(JSON.stringify(await openDeadExport(bytes, 'long-enough-words'))).toContain(LIN.idNumber)
  })

  test('a dead one is erased only after a sealed copy, or at a plain word', async () => {
    const id = await makeDead('T-DEAD-3')
    const row = page.locator(`[data-report="${id}"]`)
    await row.getByTestId('open-report').click()
    await page.getByTestId('remove-report').click()
    const dialog = page.getByTestId('remove-dialog')
    await dialog.waitFor()
    expect(await page.getByTestId('export-remove').isDisabled()).toBe(true)
    expect(await page.getByTestId('remove-only').isDisabled()).toBe(true)
    await page.getByTestId('why').fill('平台确认不需要')
    expect(await page.getByTestId('remove-only').isDisabled()).toBe(false)
    await page.getByTestId('passphrase').fill('long-enough-words')
    const { bytes } = await saved(() => page.getByTestId('export-remove').click())
    expect(JSON.stringify(await openDeadExport(bytes, 'long-enough-words'))).toContain(id)
    await dialog.waitFor({ state: 'detached' })
    await row.waitFor({ state: 'detached' })
    expect(t.terminal.agent.outbox.report(id)).toBeUndefined()
    expect(t.terminal.agent.audit.latest(1)).toMatchObject([{ what: 'report.removed', detail: { report: id, exported: true } }])
    await page.getByTestId('remove-dead').click()
    await page.getByTestId('why').fill('同上')
    await page.getByTestId('remove-only').click()
    await dialog.waitFor({ state: 'detached' })
    expect(t.terminal.agent.outbox.status().dead).toBe(0)
  })
})

describe('performance', () => {
  test('each stage of the scans so far', async () => {
    await go(5)
    await until(headline, (words) => words.startsWith('半数扫码在'))
    expect(await page.getByTestId('stage').count()).toBe(7)
    expect(await page.locator('[data-stage=total] rect').count()).toBeGreaterThan(0)
    expect(await page.getByTestId('versions').innerText()).toContain(process.versions.node)
  })
})

describe('settings', () => {
  const field = (path: string) => page.locator(`[data-path="${path}"] input`)

  test('what is wrong is said beside the field, and not saved', async () => {
    await go(6)
    await field('terminal.cityNo').fill('34')
    await page.getByTestId('fault-terminal.cityNo').waitFor()
    expect(await headline()).toBe('1 处不能保存')
    await page.keyboard.press('F10')
    await page.waitForTimeout(300)
    expect(await page.getByTestId('settings-diff').count()).toBe(0)
    await page.getByTestId('revert').click()
    await until(headline, (words) => words === '设置与文件一致')
  })

  test('what would change is shown before it is saved; secrets are never in the page', async () => {
    await field('terminal.department').fill('急诊内科')
    await page.getByTestId('group-platforms').click()
    await field('platforms.healthCard.appSecret').fill('another-secret-value')
    await until(headline, (words) => words === '2 处改动未保存')
    await page.keyboard.press('F10')
    await page.locator('[data-testid=change][data-path="terminal.department"]').waitFor()
    expect(await page.getByTestId('settings-diff').innerText()).not.toContain('another-secret-value')
    await page.getByTestId('why').fill('换科室')
    await page.keyboard.press('F10')
    await toast('已保存')
    const file = JSON.parse(readFileSync(join(t.dataDir, 'settings.json'), 'utf8')) as { terminal: { department: string }; platforms: { healthCard: { appSecret: string } } }
    expect(file.terminal.department).toBe('急诊内科')
    expect(file.platforms.healthCard.appSecret).toBe('another-secret-value')
  })

  test('exported without secrets, and imported again', async () => {
    await until(headline, (words) => words === '设置与文件一致')
    const { name, bytes } = await saved(() => page.getByTestId('export').click())
    expect(name).toBe('maqiao-settings-W01.json')
    expect(bytes.toString()).not.toContain('another-secret-value')
    const other = JSON.parse(bytes.toString()) as { terminal: { department: string } }
    other.terminal.department = '检验科'
    const path = join(folder, 'import.json')
    writeFileSync(path, JSON.stringify(other))
    await page.getByTestId('import-file').setInputFiles(path)
    await until(headline, (words) => words === '1 处改动未保存')
    writeFileSync(path, 'not json')
    await page.getByTestId('import-file').setInputFiles(path)
    await toast('这个文件不是码桥设置')
  })
})

describe('audit and support', () => {
  test('the chain is whole and names what was done, by whom', async () => {
    await go(7)
    await until(headline, (words) => /^审计链完整，共 \d+ 条$/.test(words))
    await page.getByTestId('audit-filter').fill('李工')
    const rows = await page.getByTestId('audit-entry').allInnerTexts()
    expect(rows.length).toBeGreaterThan(0)
    await page.getByTestId('audit-filter').fill('')
    for (const what of ['pin.set', 'door.refused', 'device.lent', 'report.edited', 'report.retried', 'reports.exported', 'settings.changed', 'settings.exported']) {
      expect(await page.locator(`[data-what="${what}"]`).count(), what).toBeGreaterThan(0)
    }
  })

  test('the package is listed before it is saved, and holds what was listed and nobody', async () => {
    await go(8)
    await page.getByTestId('content').first().waitFor()
    const listed = (await page.getByTestId('content').locator('td:first-child').allInnerTexts()).sort()
    const { name, bytes } = await saved(() => page.keyboard.press('F10'))
    expect(name).toMatch(/^maqiao-support-W01-.*\.zip$/)
    const files = unzipSync(bytes)
    expect(Object.keys(files).sort()).toEqual(listed)
    const all = Object.values(files).map((file) => Buffer.from(file).toString()).join('\n')
    for (const person of PEOPLE) expect(all.includes(person.idNumber) || all.includes(person.name)).toBe(false)
  })

  test('a session that the terminal has ended leads back to the door', async () => {
    const { token } = await page.evaluate(() => JSON.parse(sessionStorage.getItem('maqiao.technician')!) as { token: string })
    t.terminal.agent.door.close(token)
    await page.locator('[data-section=door] [data-state=closed]').waitFor()
    expect(await page.evaluate(() => sessionStorage.getItem('maqiao.technician'))).toBeNull()
    await page.getByText('诊断已自动退出').waitFor()
  })

  test('no fault of the page, nothing that the policy refused', () => {
    expect(faults).toEqual([])
  })
})

describe('the demo', () => {
  test('says that it has no settings file', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'maqiao-demo-'))
    const terminal = await startTerminal({ dataDir, screensDir: SCREENS, version: '0.0.0-test', host: 'none', writeLog: () => {}, port: 0 })
    const demo = await browser.newPage({ viewport: { width: 1366, height: 768 } })
    try {
      await demo.goto(`${terminal.ready.ui}&screen=diagnostics`)
      await demo.locator('[data-state=first]').waitFor()
      await demo.getByTestId('pin').fill(PIN)
      await demo.getByTestId('pin-again').fill(PIN)
      await demo.keyboard.press('Enter')
      await demo.locator('[data-section=overview]').waitFor()
      await demo.keyboard.press('F7')
      await until(() => demo.getByTestId('headline').innerText(), (words) => words === '演示没有设置文件')
    } finally {
      await demo.close()
      await terminal.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
