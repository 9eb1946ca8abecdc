/** How each state of the kiosk in docs/states.json is brought about. */
import type { Page } from 'playwright-core'
import type { StaffCall } from '../../src/renderer/api/screen-types.ts'
import type { Fault, Outcome, PlatformId } from '../../src/transcode/outcome.ts'
import type { FakeApi } from './fake-api.ts'
import { SCREEN, TARGETS, ZHOU_MASKED, faultOf, outcome, type FakeScreen } from './fake-screen.ts'

/** `before` sets the API up, `after` acts on the open page, which stands at the welcome. */
export type Staging = { before?(api: FakeApi): void; after?(page: Page, api: FakeApi): Promise<void> }

export const KIOSK_SCREEN: Partial<FakeScreen> = { terminal: { ...SCREEN.terminal, id: 'K03', mode: 'kiosk', medicalStep: '010101' } }
const MASKED = { ...ZHOU_MASKED, healthLevel: '1', isSelf: true }
const PIN = { pinSet: true, lockedMs: 0 }

const press = (page: Page, testid: string) => page.getByTestId(testid).click()
const at = (page: Page, state: string) => page.locator(`[data-screen=kiosk][data-state=${state}]`).waitFor()
const tell = (data: () => Outcome): Staging => ({
  async after(page, api) {
    const told = data()
    api.tell('outcome', told)
    await at(page, told.status)
  },
})
const fault = (platform: PlatformId, code: string): Fault => faultOf(platform, code, '给窗口看的原因', '给窗口看的处理办法', false)
const rejected = (platform: PlatformId, code: string) => tell(() => outcome('health-card-dynamic', 'rejected', { error: fault(platform, code) }))
const unavailable = (platform: PlatformId, code: string) => tell(() => outcome('ankang', 'unavailable', { error: { ...fault(platform, code), retryable: true } }))
const offering = (...offers: string[]) => ({ ...outcome('health-card-dynamic', 'accepted', { patient: MASKED }), offers }) as Outcome

const CARD_TEXT = `${'8A41B2C3D4E5F607'.repeat(4)}:0:${'0F1E2D3C4B5A6978'.repeat(2)}::340100`

export function answerOffers(api: FakeApi, refreshInMs = 60_000): void {
  api.answerCall(({ path }) => {
    if (path.endsWith('/dynamic-code')) return { json: { qrCodeText: CARD_TEXT, refreshInMs } }
    if (path.endsWith('/beijing-entry')) return { json: { url: `https://entry.example.invalid/h5?sign=${'a1b2c3d4'.repeat(20)}` } }
    return undefined
  })
}

/** Taps in the corner until the pad is there. */
export async function knock(page: Page): Promise<void> {
  for (let tap = 0; tap < 5; tap++) await page.mouse.click(12, 12)
  await page.getByTestId('pin-pad').waitFor()
}

const pad = (technician: { pinSet: boolean; lockedMs: number }, answer?: { status: number; code: string }): Staging => ({
  async after(page, api) {
    api.answerCall(({ path }) => {
      if (path === 'technician') return { json: technician }
      if (path === 'technician/session' && answer) return { status: answer.status, json: { error: fault('maqiao', answer.code) } }
      return undefined
    })
    await knock(page)
    if (!answer) return
    for (const digit of '135790') await press(page, `pin-${digit}`)
    await press(page, 'pin-enter')
    await page.locator('[data-testid=pin-fault]:not(:empty)').waitFor()
  },
})

const guide = (kind: string): Staging => ({
  async after(page) {
    await press(page, `tile-${kind}`)
    await page.locator(`[data-kind=${kind}]`).waitFor()
  },
})

const elder = (next?: Staging): Staging => ({
  ...(next?.before && { before: next.before }),
  async after(page, api) {
    await press(page, 'tool-elder')
    await page.locator('[data-elder]').waitFor()
    await next?.after?.(page, api)
  },
})

const english = (next?: Staging): Staging => ({
  ...(next?.before && { before: next.before }),
  async after(page, api) {
    await press(page, 'tool-language')
    await page.locator('[data-language=en]').waitFor()
    await next?.after?.(page, api)
  },
})

const contrast = (next?: Staging): Staging => ({
  ...(next?.before && { before: next.before }),
  async after(page, api) {
    await press(page, 'tool-contrast')
    await page.locator('[data-contrast=high]').waitFor()
    await next?.after?.(page, api)
  },
})

const scan: Staging = {
  async after(page) {
    await press(page, 'ready')
    await at(page, 'scan')
  },
}
const camera: Staging = { before: (api) => api.reset({ ...KIOSK_SCREEN, camera: true }), ...scan }
const accepted = tell(() => outcome('ankang', 'accepted', { patient: MASKED, targets: TARGETS.slice(0, 1) }))
const choose = tell(() => outcome('ankang', 'choose', { targets: TARGETS }))
const payment = tell(() => outcome('payment', 'unrecognised', { error: fault('maqiao', 'CODE_PAYMENT') }))
const noCode: Staging = {
  async after(page) {
    await press(page, 'no-code')
    await at(page, 'no-code')
  },
}
const cardCode: Staging = {
  async after(page, api) {
    answerOffers(api)
    api.tell('outcome', offering('dynamic-code', 'beijing-entry'))
    await press(page, 'offer-dynamic-code')
    await page.locator('[data-testid=card-qr] path').waitFor()
  },
}
const called = (state: StaffCall['state'] = 'local'): Staging => ({
  async after(page, api) {
    await press(page, 'tool-call')
    if (state !== 'local') {
      await page.locator('[data-call=local]').waitFor()
      api.tell('staff-call', { call: { id: 'call-1', at: new Date().toISOString(), reason: 'help', state } })
    }
    await page.locator(`[data-call=${state}]`).waitFor()
  },
})

/** The page that asks whom the card is for. */
const register = (next?: (page: Page, api: FakeApi) => Promise<void>, screen: Partial<FakeScreen> = {}): Staging => ({
  before(api) {
    api.reset({ ...KIOSK_SCREEN, ...screen })
    api.setKiosk({ registration: true })
  },
  async after(page, api) {
    await press(page, 'no-code')
    await press(page, 'register')
    await at(page, 'register')
    await next?.(page, api)
  },
})
const READ = { name: '林安和', gender: '女', nation: '汉', birthday: '1988/10/22', idNumber: '349901198810221026', address: '示例省示例县' }
const byHand = (more?: (page: Page) => Promise<void>) => async (page: Page) => {
  await press(page, 'who-self')
  await more?.(page)
}
const field = (name: string) => byHand(async (page) => {
  await press(page, `field-${name}`)
  await page.getByTestId(name === 'gender' ? 'gender-男' : 'entry').waitFor()
})
const type = async (page: Page, keys: string) => {
  for (const key of keys) await press(page, `key-${key}`)
  await press(page, 'entry-done')
}
async function fillIn(page: Page): Promise<void> {
  await press(page, 'field-name')
  await page.getByTestId('entry').fill(READ.name)
  await press(page, 'entry-done')
  await press(page, 'field-idNumber')
  await type(page, READ.idNumber)
  await press(page, 'field-phone1')
  await type(page, '19900000105')
}
/** Filled in and sent, and refused with a code. */
const refusedWith = (code: string, retryable = false) => async (page: Page, api: FakeApi) => {
  api.answerCall(({ path }) => (path === 'kiosk/registration' ? { status: 422, json: { error: { ...fault('health-card', code), retryable } } } : undefined))
  await press(page, 'who-self')
  await fillIn(page)
  await press(page, 'send')
  await page.locator('[data-problem]').waitFor()
}
const photo: Partial<FakeScreen> = { camera: true }
const photographed = (answer: { status?: number; json: object }) => async (page: Page, api: FakeApi) => {
  api.answerCall(({ path }) => (path === 'kiosk/registration/picture' ? answer : undefined))
  await press(page, 'who-self')
  await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0)
  await press(page, 'take')
  await page.locator('[data-sub=check], [data-problem]').waitFor()
}

export const STATES: Record<string, Staging> = {
  'kiosk-attract': {
    async after(page) {
      await page.clock.fastForward(61_000)
      await at(page, 'attract')
    },
  },
  'kiosk-welcome': {},
  'kiosk-welcome-four': {
    before: (api) =>
      api.reset({
        ...KIOSK_SCREEN,
        platforms: SCREEN.platforms.map((platform) => (platform.id === 'yuejiantong' ? { ...platform, state: 'off' } : platform)),
      }),
  },
  'kiosk-welcome-two': { before: (api) => api.reset({ ...KIOSK_SCREEN, platforms: [] }) },
  'kiosk-closed': { before: (api) => api.reset({ ...KIOSK_SCREEN, devices: [] }) },
  'kiosk-guide-ankang': guide('ankang'),
  'kiosk-guide-card': guide('card-wechat'),
  'kiosk-guide-voucher-wechat': guide('voucher-wechat'),
  'kiosk-guide-voucher-alipay': guide('voucher-alipay'),
  'kiosk-guide-yuejiantong': guide('yuejiantong'),
  'kiosk-guide-pick': {
    async after(page) {
      await press(page, 'ready')
      await press(page, 'teach')
      await at(page, 'guide')
    },
  },
  'kiosk-scan-scanner': scan,
  'kiosk-scan-camera': {
    ...camera,
    async after(page, api) {
      await camera.after?.(page, api)
      await page.locator('[data-hint]:not([data-hint=starting])').waitFor()
    },
  },
  'kiosk-scan-lost': {
    before: (api) => api.reset({ ...KIOSK_SCREEN, camera: true, devices: [] }),
    async after(page) {
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))
      })
      await press(page, 'ready')
      await page.locator('[data-sub=lost]').waitFor()
    },
  },
  'kiosk-working': {
    async after(page, api) {
      const asking = [{ platform: 'ankang', platformName: '安康码平台' }]
      api.tell('progress', { scanId: 'working-1', format: 'ankang', formatName: '安康码', asking })
      await page.clock.fastForward(200)
      await at(page, 'working')
    },
  },
  'kiosk-working-slow': {
    async after(page, api) {
      await STATES['kiosk-working']?.after?.(page, api)
      await page.clock.fastForward(4500)
    },
  },
  'kiosk-accepted': accepted,
  'kiosk-accepted-nameless': tell(() => outcome('identity-number', 'accepted', { patient: { idNumber: MASKED.idNumber! } })),
  'kiosk-accepted-handed': tell(() => outcome('hospital-card', 'accepted', { targets: TARGETS.slice(0, 1) })),
  'kiosk-accepted-other': tell(() => outcome('ankang', 'accepted', { patient: { ...MASKED, isSelf: false } })),
  'kiosk-accepted-yellow': tell(() => outcome('ankang', 'accepted', { patient: { ...MASKED, healthLevel: '2' } })),
  'kiosk-accepted-red': tell(() => outcome('ankang', 'accepted', { patient: { ...MASKED, healthLevel: '3' } })),
  'kiosk-accepted-offers': {
    async after(page, api) {
      answerOffers(api)
      api.tell('outcome', offering('dynamic-code', 'beijing-entry'))
      await page.getByTestId('offer-dynamic-code').waitFor()
    },
  },
  'kiosk-accepted-soon': {
    async after(page, api) {
      await accepted.after?.(page, api)
      await page.clock.fastForward(22_000)
      await page.locator('[data-soon]').waitFor()
    },
  },
  'kiosk-card-code': cardCode,
  'kiosk-card-code-failed': {
    async after(page, api) {
      api.answerCall(({ path }) => (path.endsWith('/dynamic-code') ? { status: 503, json: { error: fault('health-card', '-1') } } : undefined))
      api.tell('outcome', offering('dynamic-code'))
      await press(page, 'offer-dynamic-code')
      await at(page, 'card-code')
    },
  },
  'kiosk-card-code-static': {
    async after(page, api) {
      api.answerCall(({ path }) => (path.endsWith('/dynamic-code') ? { json: { qrCodeText: CARD_TEXT } } : undefined))
      api.tell('outcome', offering('dynamic-code'))
      await press(page, 'offer-dynamic-code')
      await page.getByTestId('card-qr').waitFor()
    },
  },
  'kiosk-card-code-refused': {
    async after(page, api) {
      api.answerCall(({ path }) => (path.endsWith('/dynamic-code') ? { status: 503, json: { error: { ...fault('health-card', '10034'), retryable: false } } } : undefined))
      api.tell('outcome', offering('dynamic-code'))
      await press(page, 'offer-dynamic-code')
      await page.getByText('现在出不了码').waitFor()
    },
  },
  'kiosk-phone-entry': {
    async after(page, api) {
      answerOffers(api)
      api.tell('outcome', offering('beijing-entry'))
      await press(page, 'offer-beijing-entry')
      await at(page, 'phone-entry')
    },
  },
  'kiosk-choose': choose,
  'kiosk-choose-six': tell(() =>
    outcome('ankang', 'choose', { targets: [...TARGETS, ...TARGETS].map((target, index) => ({ ...target, id: `#${index + 1}` })) }),
  ),
  'kiosk-refused': rejected('ankang', '999'),
  'kiosk-expired': rejected('health-card', '10020'),
  'kiosk-no-card': rejected('health-card', '-10019'),
  'kiosk-frozen': rejected('health-card', '-10031'),
  'kiosk-identity': rejected('health-card', '10015'),
  'kiosk-identity-later': rejected('health-card', '-10038'),
  'kiosk-full': rejected('health-card', '10057'),
  'kiosk-incomplete': rejected('yuejiantong', 'CODE_MISSING'),
  'kiosk-not-offered': unavailable('yuejiantong', 'PLATFORM_NOT_CONFIGURED'),
  'kiosk-network': unavailable('ankang', 'NETWORK_UNREACHABLE'),
  'kiosk-slow': unavailable('ankang', 'NETWORK_TIMEOUT'),
  'kiosk-busy': unavailable('ankang', 'HTTP_STATUS'),
  'kiosk-terminal': unavailable('health-card', '21002'),
  'kiosk-payment': payment,
  'kiosk-unknown': tell(() => outcome('unknown', 'unrecognised', { error: fault('maqiao', 'CODE_UNKNOWN') })),
  'kiosk-no-code': noCode,
  'kiosk-call': called(),
  'kiosk-call-sending': called('sending'),
  'kiosk-call-told': called('told'),
  'kiosk-call-seen': called('seen'),
  'kiosk-call-failed': called('failed'),
  'kiosk-offline': {
    async after(page, api) {
      api.fall()
      await at(page, 'offline')
    },
  },
  'kiosk-pin': pad(PIN),
  'kiosk-pin-wrong': pad(PIN, { status: 403, code: 'PIN_WRONG' }),
  'kiosk-pin-locked': pad({ pinSet: true, lockedMs: 118_000 }),
  'kiosk-pin-none': pad({ pinSet: false, lockedMs: 0 }),
  'kiosk-elder-welcome': elder(),
  'kiosk-elder-pick': elder({ after: (page) => press(page, 'teach') }),
  'kiosk-elder-guide': elder({
    async after(page) {
      await press(page, 'teach')
      await press(page, 'tile-voucher-wechat')
      await page.getByTestId('guide-step').waitFor()
    },
  }),
  'kiosk-elder-guide-last': elder({
    async after(page) {
      await press(page, 'teach')
      await press(page, 'tile-card-wechat')
      await press(page, 'next-step')
      await press(page, 'next-step')
    },
  }),
  'kiosk-elder-scan': elder(scan),
  'kiosk-elder-accepted': elder(accepted),
  'kiosk-elder-choose': elder(choose),
  'kiosk-elder-payment': elder(payment),
  'kiosk-elder-frozen': elder(rejected('health-card', '-10031')),
  'kiosk-elder-no-code': elder(noCode),
  'kiosk-elder-card-code': elder(cardCode),
  'kiosk-contrast-welcome': contrast(),
  'kiosk-contrast-guide': contrast(guide('card-wechat')),
  'kiosk-contrast-scan': contrast(scan),
  'kiosk-contrast-accepted': contrast(accepted),
  'kiosk-contrast-choose': contrast(choose),
  'kiosk-contrast-payment': contrast(payment),
  'kiosk-contrast-no-code': contrast(noCode),
  'kiosk-contrast-elder-soon': contrast(elder({
    async after(page, api) {
      await accepted.after?.(page, api)
      await page.clock.fastForward(52_000)
      await page.locator('[data-soon]').waitFor()
    },
  })),
  'kiosk-en-welcome': english(),
  'kiosk-en-guide': english(guide('card-wechat')),
  'kiosk-en-scan': english(scan),
  'kiosk-en-accepted': english(accepted),
  'kiosk-en-choose': english(choose),
  'kiosk-en-identity': english(rejected('health-card', '10015')),
  'kiosk-en-full': english(rejected('health-card', '10057')),
  'kiosk-en-no-code': english(noCode),
  'kiosk-en-call': english(called()),
  'kiosk-en-call-failed': english(called('failed')),
  'kiosk-en-elder-accepted': english(elder(accepted)),
  'kiosk-en-elder-welcome': english(elder()),
  'kiosk-no-code-register': { ...register(), after: noCode.after! },
  'kiosk-register': register(),
  'kiosk-register-photo': register(byHand((page) => page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0).then(() => undefined)), photo),
  'kiosk-register-read': register(photographed({ json: READ }), photo),
  'kiosk-register-unread': register(photographed({ status: 422, json: { error: fault('health-card', '-10039') } }), photo),
  'kiosk-register-empty': register(byHand()),
  'kiosk-register-newborn': register((page) => press(page, 'who-newborn')),
  'kiosk-register-name': register(field('name')),
  'kiosk-register-number': register(field('idNumber')),
  'kiosk-register-gender': register(field('gender')),
  'kiosk-register-differs': register(refusedWith('10015')),
  'kiosk-register-phone': register(refusedWith('-10022')),
  'kiosk-register-has-card': register(refusedWith('-10032')),
  'kiosk-register-later': register(refusedWith('-10038', true)),
  'kiosk-register-counter': register(refusedWith('10010')),
  'kiosk-elder-register': elder(register()),
  'kiosk-elder-register-photo': elder(register(byHand((page) => page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0).then(() => undefined)), photo)),
  'kiosk-elder-register-differs': elder(register(refusedWith('10015'))),
  'kiosk-elder-register-number': elder(register(field('idNumber'))),
  'kiosk-elder-register-has-card': elder(register(refusedWith('-10032'))),
  'kiosk-contrast-register-empty': contrast(register(byHand())),
  'kiosk-contrast-register-number': contrast(register(field('idNumber'))),
  'kiosk-en-register': english(register()),
  'kiosk-en-register-read': english(register(photographed({ json: READ }), photo)),
  'kiosk-en-register-has-card': english(register(refusedWith('-10032'))),
  'kiosk-en-elder-register-differs': english(elder(register(refusedWith('10015')))),
}
