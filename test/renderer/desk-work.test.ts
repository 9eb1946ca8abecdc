/** A day at the desk, by keyboard, in a real Chromium: what keys do, what is forgotten, what is never shown. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { typeAsScanner } from '../support/type-as-scanner.ts'
import type { FakeApi } from './fake-api.ts'
import { SCREEN, TARGETS, ZHOU, ZHOU_MASKED, faultOf, outcome } from './fake-screen.ts'
import { playPages } from './played-screens.ts'

let api: FakeApi
let page: Page

playPages((played) => ({ api, page } = played), { viewport: { width: 1366, height: 768 }, permissions: ['clipboard-read', 'clipboard-write'] })

async function open(change: Partial<typeof SCREEN> = {}): Promise<void> {
  api.reset(change)
  await page.goto(api.url)
  await page.getByTestId('rail-outbox').waitFor()
}
const state = (name: string) => page.locator(`[data-screen=desk][data-state=${name}]`).waitFor()
const lastSound = () => page.evaluate(() => document.documentElement.dataset['lastSound'])
const bodyText = () => page.locator('body').innerText()

function zhou(more = {}) {
  const masked = outcome('health-card-dynamic', 'accepted', { patient: ZHOU_MASKED, ...more })
  api.knowInFull({ ...masked, patient: ZHOU })
  return masked
}

describe('getting in', () => {
  it('takes the ticket out of the address bar and comes back by a ticket of its own, with nothing kept in the tab', async () => {
    await open()
    expect(new URL(page.url()).search).toBe('')
    for (const reloads of [1, 2]) {
      await page.reload()
      await state('waiting')
      const left = api.calls.filter(({ path }) => path === 'session/reload').map(({ body }) => body['ticket'])
      const taken = api.calls.filter(({ path }) => path === 'session').map(({ body }) => body['ticket'])
      expect(new Set(left).size).toBe(reloads)
      expect([...new Set(taken)]).toEqual(['good', ...left])
      expect(await page.evaluate(() => ({ ...sessionStorage }))).toEqual({})
    }
  })

  it('shows the way in where neither ticket nor session is good', async () => {
    await page.goto(`${api.origin}/`)
    await page.locator('[data-screen=door][data-state=closed]').waitFor()
  })
})

describe('a patient in full', () => {
  it('shows while F2 is held, and leaves nothing in the page afterwards', async () => {
    await open()
    api.tell('outcome', zhou())
    await state('accepted')
    expect(await page.getByTestId('field-idNumber').innerText()).toBe(ZHOU_MASKED.idNumber)
    await page.keyboard.down('F2')
    await expect.poll(() => page.getByTestId('field-idNumber').innerText()).toBe(ZHOU.idNumber)
    expect(await page.getByTestId('field-name').innerText()).toBe(ZHOU.name)
    await page.keyboard.up('F2')
    await expect.poll(() => page.getByTestId('field-name').innerText()).toBe(ZHOU_MASKED.name)
    expect(await page.content()).not.toContain(ZHOU.idNumber)
  })

  it('shows while the button is pressed, with a pointer or the space bar', async () => {
    await open()
    api.tell('outcome', zhou())
    const button = page.getByTestId('reveal')
    await button.hover()
    await page.mouse.down()
    await page.getByText(ZHOU.name!).waitFor()
    await page.mouse.up()
    await page.getByText(ZHOU.name!).waitFor({ state: 'detached' })
    await button.focus()
    await page.keyboard.down('Space')
    await page.getByText(ZHOU.name!).waitFor()
    await page.keyboard.up('Space')
    await page.getByText(ZHOU.name!).waitFor({ state: 'detached' })
  })

  it('shows for a time after a reason, which the terminal is told', async () => {
    await open()
    api.tell('outcome', zhou())
    await state('accepted')
    await page.keyboard.press('Shift+F2')
    await page.keyboard.press('2')
    await page.getByText(ZHOU.name!).waitFor()
    await page.getByText('秒后隐藏').waitFor()
    expect(api.calls.at(-1)?.body).toEqual({ reason: '补录或更正 HIS 信息' })
    await page.keyboard.press('Enter')
    await state('waiting')
    expect(await page.content()).not.toContain(ZHOU.name)
  })

  it('keeps showing it while a pointer merely passes the button', async () => {
    await open()
    api.tell('outcome', zhou())
    await state('accepted')
    await page.keyboard.press('Shift+F2')
    await page.keyboard.press('1')
    await page.getByText(ZHOU.name!).waitFor()
    await page.getByTestId('reveal').hover()
    await page.mouse.move(5, 5)
    await page.waitForTimeout(100)
    expect(await page.getByTestId('field-name').innerText()).toBe(ZHOU.name)
  })

  it('copies a field by its number', async () => {
    await open()
    api.tell('outcome', zhou())
    await state('accepted')
    await page.keyboard.press('2')
    await page.getByText('证件号码已复制').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(ZHOU.idNumber)
    expect(await bodyText()).not.toContain(ZHOU.idNumber)
  })

  it('is gone from stage and list when the time to keep is over', async () => {
    await open({ forgetAfterMs: 1200 })
    api.tell('outcome', zhou())
    await state('accepted')
    await state('waiting')
    await page.getByTestId('recent-item').waitFor({ state: 'detached' })
    expect(await page.content()).not.toContain('周*川')
  })
})

describe('choosing', () => {
  it('takes a card by its digit, and by arrow and Enter', async () => {
    await open()
    const asked: string[] = []
    const several = outcome('ankang', 'choose', { targets: TARGETS })
    api.answerChoice((_id, targetId) => {
      asked.push(targetId)
      return { ...several, status: 'accepted', targets: TARGETS.filter(({ id }) => id === targetId) }
    })
    api.tell('outcome', several)
    await state('choose')
    expect(await lastSound()).toBe('choose')
    await page.keyboard.press('3')
    await state('accepted')
    expect(await page.getByTestId('target').innerText()).toContain('电子社保卡')
    const more = { ...outcome('ankang', 'choose', { targets: TARGETS }) }
    api.tell('outcome', more)
    await state('choose')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await expect.poll(() => asked).toEqual(['#3', '#2'])
  })
})

describe('the HIS', () => {
  it('is seen to have answered as soon as its report is in the outbox', async () => {
    await open()
    const shown = zhou()
    api.tell('outcome', shown)
    await page.getByTestId('his-state').getByText('HIS 可取用').waitFor()
    api.keep([{ ...shown, reports: ['r1'], handledAt: '2026-11-22T09:30:00.000Z' }])
    api.tell('outbox', { pending: 1, dead: 0, unproven: 0, fault: null })
    await page.getByTestId('his-state').getByText('1 条上报已保存').waitFor()
    expect(await page.getByTestId('rail-outbox').innerText()).toContain('1 条待发')
    expect(await page.locator('[data-stop=done]').count()).toBe(4)
  })
})

describe('what did not work', () => {
  const spent = faultOf('health-card', 'NETWORK_TIMEOUT', '平台没有在限定时间内答复', '请患者刷新二维码后重新扫码。')

  it('asks for a fresh code after a time-out, and says so while waiting for it', async () => {
    await open()
    api.tell('outcome', outcome('health-card-dynamic', 'unavailable', { error: spent }))
    await state('unavailable')
    expect(await lastSound()).toBe('refused')
    await page.getByTestId('fresh').waitFor()
    await page.keyboard.press('Enter')
    await state('waiting')
    await page.getByText('请患者刷新后再扫').waitFor()
  })

  it('says that the terminal is gone, and recovers by itself', async () => {
    await open()
    api.tell('outcome', zhou())
    await state('accepted')
    api.fall()
    await state('offline')
    expect(await page.getByTestId('rail-terminal').innerText()).toContain('已断开')
    expect(await page.getByTestId('rail-device-serial:/dev/ttyUSB0').innerText()).toContain('状态未知')
    api.rise()
    await state('accepted')
  })

  it('notices a terminal that stands still with its socket open, by the second beat without an answer', async () => {
    await page.clock.install()
    // The browser's own goes by the real time.
    await page.addInitScript(() => {
      AbortSignal.timeout = (ms) => {
        const controller = new AbortController()
        setTimeout(() => controller.abort(), ms)
        return controller.signal
      }
    })
    await open()
    let beats = 0
    page.on('request', (request) => void (request.url().endsWith('/health') && beats++))
    const shownLater = (name: string) => expect.poll(async () => {
      await page.clock.fastForward(1000)
      return page.locator(`[data-state=${name}]`).count()
    }, { interval: 50 }).toBeGreaterThan(0)
    api.hang()
    await shownLater('offline')
    expect(beats).toBe(2)
    api.rise()
    await shownLater('waiting')
    expect(beats).toBeLessThanOrEqual(4)
  })

  it('docks as a strip through the shell, which makes room below it for a dialog', async () => {
    await page.addInitScript(() => {
      const asked: unknown[] = []
      Object.assign(window, { asked, maqiaoShell: { host: 'electron', setLayout: (...layout: unknown[]) => asked.push(layout) } })
    })
    await open()
    await page.keyboard.press('F9')
    await page.locator('[data-mode=strip]').waitFor()
    await page.keyboard.press('F3')
    await page.getByTestId('switcher').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('switcher').waitFor({ state: 'detached' })
    api.tell('staff-call', { call: { id: 'call-1', at: new Date().toISOString(), reason: 'help', state: 'told' } })
    await page.getByTestId('staff-call').waitFor()
    await page.keyboard.press('F11')
    await page.getByTestId('staff-call').waitFor({ state: 'detached' })
    await page.keyboard.press('F9')
    await page.locator('[data-mode=full]').waitFor()
    expect(await page.evaluate('asked')).toEqual([['strip', 84], ['strip', 600], ['strip', 84], ['strip', 164], ['strip', 84], ['full', 84]])
  })

  it('leads to the door when the session is no longer good', async () => {
    await open()
    api.expire()
    api.cut()
    await page.locator('[data-screen=door]').waitFor()
  })

  it('shows a scanner that is pulled and put back', async () => {
    await open()
    const device = SCREEN.devices[0]!
    api.tell('device', { ...device, state: 'missing' })
    await page.getByText('扫码枪没有就绪').waitFor()
    api.tell('device', device)
    await page.getByText('Honeywell 1900 正在待命').waitFor()
  })

  it('says each time that a serial scanner paused in the middle of a code', async () => {
    await open()
    const fault = { code: 'DEVICE_CUT', message: '读码中途停顿，请重扫', advice: '内容不完整，未予采用。' } as const
    for (let times = 0; times < 2; times++) {
      api.tell('device', { ...SCREEN.devices[0]!, fault })
      await page.getByText('读码中途停顿，请重扫：内容不完整').waitFor()
      await page.getByText('读码中途停顿，请重扫：内容不完整').waitFor({ state: 'hidden' })
    }
  })

  it('keeps the stage for the scan that is asked about, not for a late answer to another', async () => {
    await open()
    const late = outcome('ankang', 'rejected', { scannedAt: new Date(Date.now() - 5000).toISOString() })
    api.tell('progress', { scanId: 'now', format: 'ankang', formatName: '安康码', asking: [] })
    await state('working')
    api.tell('outcome', late)
    await page.getByTestId('recent-item').waitFor()
    await state('working')
    api.tell('outcome', { ...zhou(), id: 'now' })
    await state('accepted')
    const later = outcome('ankang', 'rejected', { scannedAt: new Date(Date.now() - 6000).toISOString() })
    api.tell('outcome', later)
    await expect.poll(() => page.getByTestId('recent-item').count()).toBe(3)
    await state('accepted')
  })

  it('does not go back to work for a scan that staff no longer wait for', async () => {
    await open()
    const progress = { scanId: 'left', format: 'ankang', formatName: '安康码', asking: [{ platform: 'ankang', platformName: '安康码平台' }] }
    api.tell('progress', progress)
    await state('working')
    await page.keyboard.press('Escape')
    await state('waiting')
    api.tell('progress', { ...progress, asking: [{ platform: 'health-card', platformName: '电子健康卡平台' }] })
    await page.waitForTimeout(400)
    await state('waiting')
    api.tell('outcome', { ...zhou(), id: 'left' })
    await page.getByTestId('recent-item').waitFor()
    await state('waiting')
  })

  it('waits for what the page itself reads where the terminal has no scanner of its own', async () => {
    await open({ devices: [], keyboard: true })
    await page.getByText('请扫患者的二维码').waitFor()
    await page.getByText('键盘式扫码枪 正在待命').waitFor()
    expect(await page.getByTestId('rail-device-keyboard').getAttribute('data-health')).toBe('good')
    expect(await page.getByTestId('rail-device-none').count()).toBe(0)
    await page.keyboard.press('F9')
    await page.locator('[data-mode=strip] [data-testid=headline]', { hasText: '请扫患者的二维码' }).waitFor()
  })

  it('answers a patient’s call for help by its key', async () => {
    await open()
    api.tell('staff-call', { call: { id: 'call-1', at: new Date().toISOString(), reason: 'help', state: 'told' } })
    await page.getByTestId('staff-call').waitFor()
    await page.keyboard.press('F11')
    await page.getByTestId('staff-call').waitFor({ state: 'detached' })
    expect(api.calls.at(-1)?.path).toBe('staff-call/call-1/seen')
  })

  it('does not go to work for an answer that is there at once', async () => {
    await open()
    const fast = zhou()
    api.tell('progress', { scanId: fast.id, format: 'ankang', formatName: '安康码', asking: [] })
    api.tell('outcome', fast)
    await state('accepted')
    await page.waitForTimeout(300)
    await state('accepted')
  })
})

describe('by hand', () => {
  it('checks an identity number as it is typed, and sends it with the name', async () => {
    await open()
    const bodies: object[] = []
    api.answerScan((body) => {
      bodies.push(body)
      return outcome('identity-number', 'accepted', { patient: { idNumber: ZHOU_MASKED.idNumber!, name: '周*川' } })
    })
    await page.keyboard.press('F6')
    const check = page.getByTestId('manual-check')
    await page.keyboard.type('34011119881')
    await expect.poll(() => check.innerText()).toBe('还差 7 位')
    await page.keyboard.type('32')
    await page.keyboard.type('2')
    await expect.poll(() => check.innerText()).toBe('第 7 至 14 位不是有效日期')
    await page.getByTestId('manual-id').fill('340111198810221234')
    await expect.poll(() => check.innerText()).toBe('校验位不符，请逐位核对')
    expect(await page.getByTestId('manual-submit').isDisabled()).toBe(true)
    await page.getByTestId('manual-id').fill('３４0111 19881022 1235')
    await expect.poll(() => check.innerText()).toContain('号码有效')
    await page.getByTestId('manual-name').fill('周小川')
    await page.keyboard.press('Enter')
    await state('accepted')
    expect(bodies).toEqual([{ text: '340111198810221235', kind: 'keyboard', name: '周小川' }])
    expect(await page.content()).not.toContain('周小川')
  })
})

describe('a dialog', () => {
  it('keeps the focus in a circle of what can be seen', async () => {
    await open()
    await page.keyboard.press('F6')
    await page.getByTestId('manual-id').waitFor()
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? document.activeElement?.textContent?.trim())
    await expect.poll(focused).toBe('manual-id')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('manual-name')
    await page.keyboard.press('Tab')
    expect(await focused()).toContain('关闭')
    await page.keyboard.press('Shift+Tab')
    expect(await focused()).toBe('manual-name')
  })

  it('does not keep a typed identity on the screen of a desk that was left', async () => {
    await page.clock.install()
    await open()
    await page.keyboard.press('F6')
    await page.getByTestId('manual-id').fill(ZHOU.idNumber!)
    await page.clock.fastForward(55_000)
    await page.getByTestId('manual-name').fill('周')
    await page.clock.fastForward(55_000)
    await page.getByTestId('manual').waitFor()
    await page.clock.fastForward(6000)
    await page.getByTestId('manual').waitFor({ state: 'detached' })
    expect(await page.content()).not.toContain(ZHOU.idNumber)
  })
})

describe('two keys', () => {
  it.each([
    ['F3', '4', 'set-scene', '医院领报告', { sceneCode: '01004' }],
    ['F5', '2', 'set-step', '诊断', { medicalStep: '010102' }],
  ])('%s %s switches', async (key, digit, where, name, patch) => {
    await open()
    await page.keyboard.press(key)
    await page.getByTestId('switcher').waitFor()
    await page.keyboard.press(digit)
    await expect.poll(() => page.getByTestId(where).innerText()).toContain(name)
    expect(api.calls.find(({ method }) => method === 'PATCH')?.body).toEqual(patch)
  })

  it('remembers departments that were typed once', async () => {
    await open()
    await page.keyboard.press('F4')
    await page.keyboard.type('儿科')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.getByTestId('set-department').innerText()).toContain('儿科')
    await page.keyboard.press('F4')
    await page.keyboard.press('1')
    await page.getByTestId('switcher').waitFor({ state: 'detached' })
    expect(api.calls.filter(({ method }) => method === 'PATCH').at(-1)?.body).toEqual({ department: '儿科' })
  })
})

describe('the rest', () => {
  it('finds among recent scans, and clears them', async () => {
    await open()
    api.tell('outcome', zhou())
    api.tell('outcome', outcome('payment', 'unrecognised'))
    await page.keyboard.press('F7')
    await page.keyboard.type('付款')
    await expect.poll(() => page.getByTestId('recent-item').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '清除' }).click()
    await expect.poll(() => page.getByTestId('recent-item').count()).toBe(0)
  })

  it('turns the sound down to mute, and keeps that', async () => {
    await open()
    for (const level of ['小', '静音']) {
      await page.keyboard.press('F8')
      await page.getByTestId('toast').getByText(`声音：${level}`).waitFor()
    }
    await page.reload()
    await page.getByTestId('rail-outbox').waitFor()
    await page.keyboard.press('F8')
    await page.getByTestId('toast').getByText('声音：大').waitFor()
  })

  it('scans a sample of the rehearsal with one click', async () => {
    await open()
    await page.keyboard.press('F10')
    await page.locator('[data-sample=payment]').click()
    await expect.poll(() => api.calls.map(({ path }) => path)).toContain('rehearsal/payment/scan')
  })

  it('reads a keyboard scanner without taking its digits for commands', async () => {
    await open({ keyboard: true })
    const texts: unknown[] = []
    api.answerScan(({ text }) => {
      texts.push(text)
      return zhou()
    })
    api.tell('outcome', zhou())
    await state('accepted')
    const before = api.calls.filter(({ path }) => path.endsWith('/reveal')).length
    await typeAsScanner(page, '1234567890123456:1')
    await expect.poll(() => texts).toEqual(['1234567890123456:1'])
    expect(api.calls.filter(({ path }) => path.endsWith('/reveal'))).toHaveLength(before)
    await page.waitForTimeout(600)
    await page.keyboard.press('1')
    await page.getByText('姓名已复制').waitFor()
    await page.keyboard.press('F10')
    await page.getByTestId('sample').first().waitFor()
    await page.waitForTimeout(600)
    expect(await page.getByTestId('tray').count()).toBe(1)
  })
})
