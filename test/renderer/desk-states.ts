/** How each state of docs/states.json is brought about. */
import type { Page } from 'playwright-core'
import type { FakeApi } from './fake-api.ts'
import { terminalNow } from './fake-clock.ts'
import { SCREEN, TARGETS, ZHOU, ZHOU_MASKED, faultOf, outcome, formatsWith } from './fake-screen.ts'

/** `before` sets the API up, `after` acts on the open page. */
export type Staging = { before?(api: FakeApi): void; after?(page: Page, api: FakeApi): Promise<void> }

const TIMEOUT = faultOf(
  'health-card',
  'NETWORK_TIMEOUT',
  '平台没有在限定时间内答复',
  '请患者刷新二维码后重新扫码（原动态码可能已失效）；连续出现请按应急流程办理并联系信息科。',
)
const MASKED_ANKANG = { ...ZHOU_MASKED, healthLevel: '1', isSelf: true }

const tell = (type: string, data: () => unknown): Staging => ({
  async after(_page, api) {
    api.tell(type, data())
  },
})

function accepted(level: string) {
  return outcome('ankang', 'accepted', {
    patient: { ...MASKED_ANKANG, healthLevel: level },
    targets: TARGETS.slice(0, 2),
    notices: ['患者没有授权提供民族等信息，可请其在安康码中打开“通用授权”。'],
  })
}

function many() {
  return outcome('ankang', 'choose', { targets: Array.from({ length: 50 }, (_, index) => ({ ...TARGETS[index % 3]!, id: `#${index + 1}` })) })
}

function working(scanId = 'working-1') {
  return {
    scanId,
    format: 'health-card-dynamic',
    formatName: '电子健康卡（动态码）',
    asking: [{ platform: 'health-card', platformName: '电子健康卡平台' }],
  }
}

export const STATES: Record<string, Staging> = {
  'desk-waiting': {},
  'desk-waiting-history': {
    before(api) {
      const at = (minutes: number) => new Date(terminalNow() - minutes * 60_000).toISOString()
      api.keep([
        outcome('identity-number', 'accepted', { patient: { idNumber: '340***********1235' }, scannedAt: at(11) }),
        outcome('payment', 'unrecognised', { scannedAt: at(9) }),
        outcome('health-card-dynamic', 'unavailable', { error: TIMEOUT, scannedAt: at(7) }),
        outcome('health-card-dynamic', 'accepted', { patient: { ...ZHOU_MASKED, name: '林*' }, scannedAt: at(6), reports: ['1'], handledAt: at(7) }),
        outcome('ankang', 'accepted', { patient: MASKED_ANKANG, scannedAt: at(2) }),
      ])
    },
  },
  'desk-waiting-fresh': {
    async after(page, api) {
      api.tell('outcome', outcome('health-card-dynamic', 'unavailable', { error: TIMEOUT }))
      await page.locator('[data-state=unavailable]').waitFor()
      await page.keyboard.press('Enter')
    },
  },
  'desk-no-scanner': {
    before(api) {
      const fault = { code: 'DEVICE_UNPLUGGED', message: '扫码枪被拔出', advice: '重新插好数据线；会自动恢复。' }
      const since = '2026-01-01T00:00:00Z'
      api.reset({ devices: [{ id: 'serial:/dev/ttyUSB0', kind: 'serial', state: 'missing', since, fault }] })
    },
  },
  'desk-outbox-fault': {
    before(api) {
      const advice = '请信息科清理磁盘；扫码可继续，本次结果请稍后由 HIS 重新提交。'
      api.reset({ outbox: { pending: 3, dead: 1, unproven: 0, fault: { code: 'OUTBOX_DISK_FULL', message: '磁盘已满，无法保存上报记录', advice } } })
    },
  },
  'desk-clock-skew': {
    before: (api) =>
      api.reset({
        platforms: [
          { id: 'ankang', name: '安康码平台', state: 'failing', message: '没有按时答复' },
          { id: 'health-card', name: '电子健康卡平台', state: 'ok', clockSkewMs: -1_200_000 },
        ],
        formats: formatsWith(['ankang', 'health-card']),
      }),
  },
  'desk-no-platform': {
    before: (api) =>
      api.reset({
        hospital: null,
        rehearsal: false,
        platforms: ['ankang', 'health-card', 'yuejiantong'].map((id) => ({ id, name: id, state: 'off' })),
        formats: formatsWith([]),
      }),
  },
  'desk-working': tell('progress', working),
  'desk-accepted-green': tell('outcome', () => accepted('1')),
  'desk-accepted-yellow': tell('outcome', () => accepted('2')),
  'desk-accepted-red': tell('outcome', () => ({ ...accepted('3'), reports: ['1'], handledAt: new Date(terminalNow()).toISOString() })),
  'desk-accepted-card': tell('outcome', () =>
    outcome('health-card-dynamic', 'accepted', { patient: ZHOU_MASKED, reports: ['1', '2'], handledAt: new Date(terminalNow()).toISOString() }),
  ),
  'desk-accepted-partial': tell('outcome', () =>
    outcome('ankang', 'accepted', {
      patient: { ...MASKED_ANKANG, isSelf: false },
      targets: TARGETS.slice(0, 1),
      failures: [{ type: '3401002', error: faultOf('ankang', '500', '目标卡码系统繁忙', '请稍后重扫。') }],
    }),
  ),
  'desk-accepted-frozen': tell('outcome', () =>
    outcome('ankang', 'accepted', {
      targets: TARGETS.slice(1, 2),
      failures: [
        {
          type: '3401002',
          error: faultOf('health-card', '-10031', '该电子卡已被冻结或注销', '请患者到电子健康卡小程序中重新领卡，或用身份证办理。', false),
        },
      ],
    }),
  ),
  'desk-accepted-identity': tell('outcome', () =>
    outcome('identity-number', 'accepted', { patient: { idNumber: '340***********1235' } }),
  ),
  'desk-accepted-handed': tell('outcome', () =>
    outcome('e-voucher', 'accepted', { targets: [{ ...TARGETS[0]!, type: 'e-voucher' }] }),
  ),
  'desk-revealed': {
    async after(page, api) {
      const masked = accepted('1')
      api.knowInFull({ ...masked, patient: { ...ZHOU, healthLevel: '1', isSelf: true, healthCardId: 'A1B2C3D4E5F60718'.repeat(4) } })
      api.tell('outcome', masked)
      await page.locator('[data-state=accepted]').waitFor()
      await page.keyboard.down('F2')
      await page.getByText('周小川').waitFor()
    },
  },
  'desk-reasons': {
    async after(page, api) {
      api.tell('outcome', accepted('1'))
      await page.locator('[data-state=accepted]').waitFor()
      await page.keyboard.press('Shift+F2')
    },
  },
  'desk-accepted-long-name': {
    before: (api) => api.reset({ terminal: { ...SCREEN.terminal, department: '心血管内科一病区' } }),
    after: (page, api) => hold(page, api, '阿卜杜热合曼·阿卜杜克热木江·买买提明'),
  },
  'desk-accepted-foreign': { after: (page, api) => hold(page, api, 'Maximiliane-Josephine von Wolfeschlegelstein') },
  'desk-accepted-nameless': tell('outcome', () => outcome('ankang', 'accepted', { patient: { healthLevel: '1' }, targets: TARGETS.slice(0, 1) })),
  'desk-choose-many': tell('outcome', many),
  'desk-choose-revealed': {
    async after(page, api) {
      const twins = outcome('ankang', 'choose', { targets: [TARGETS[1]!, { ...TARGETS[1]!, id: '#2' }] })
      const numbers = ['3401-0001-2233', '3401-0007-8899']
      api.knowInFull({ ...twins, targets: numbers.map((id) => ({ ...TARGETS[1]!, id, object: { name: '周小川' } })) })
      api.tell('outcome', twins)
      await page.locator('[data-state=choose]').waitFor()
      await page.keyboard.down('F2')
      await page.getByText('3401-0007-8899').waitFor()
    },
  },
  'desk-choose': tell('outcome', () => outcome('ankang', 'choose', { targets: TARGETS })),
  'desk-rejected': tell('outcome', () =>
    outcome('health-card-dynamic', 'rejected', {
      error: faultOf('health-card', '-10038', '核身异常', '请患者本人在小程序内重新完成实名核验，再出示新码；仍不行请用身份证办理。'),
    }),
  ),
  'desk-rejected-long': tell('outcome', () =>
    outcome('ankang', 'rejected', {
      error: faultOf(
        'ankang',
        '999',
        '该居民的电子健康卡账户在省级平台的主索引合并过程中出现多条疑似重复记录，需要到户籍所在地卫生健康行政部门核实身份信息后再次申领，'.repeat(3),
        '平台没有说明处理办法：请患者重新打开安康码再扫一次；仍不行请用身份证办理，并把下面的代码告诉信息科。',
      ),
    }),
  ),
  'desk-timeout': tell('outcome', () => outcome('health-card-dynamic', 'unavailable', { error: TIMEOUT })),
  'desk-unreachable': tell('outcome', () =>
    outcome('ankang', 'unavailable', {
      error: faultOf('ankang', 'NETWORK_UNREACHABLE', '连接不上平台', '请检查本机网络；其他窗口也不行时按应急流程办理，并联系信息科。'),
    }),
  ),
  'desk-not-configured': tell('outcome', () =>
    outcome('yuejiantong', 'unavailable', {
      error: faultOf(
        'yuejiantong',
        'PLATFORM_NOT_CONFIGURED',
        '本终端没有开通粤健通',
        '请患者改用身份证、医保电子凭证或就诊卡；需要开通请联系信息科。',
        false,
      ),
    }),
  ),
  'desk-payment': tell('outcome', () =>
    outcome('payment', 'unrecognised', {
      error: faultOf(
        'maqiao',
        'CODE_PAYMENT',
        '这是付款码，不是就诊码',
        '请患者退出付款页，打开电子健康卡、安康码或医保电子凭证后重新出示；付款码没有被保存。',
        false,
      ),
    }),
  ),
  'desk-unknown': tell('outcome', () =>
    outcome('unknown', 'unrecognised', {
      error: faultOf(
        'maqiao',
        'CODE_UNKNOWN',
        '不认识这个码',
        '请患者出示电子健康卡、安康码或医保电子凭证；没有的话请出示身份证或就诊卡。',
        false,
      ),
    }),
  ),
  'desk-offline': {
    async after(_page, api) {
      api.fall()
    },
  },
  'desk-manual': { after: (page) => page.keyboard.press('F6') },
  'desk-manual-wrong': {
    async after(page) {
      await page.keyboard.press('F6')
      await page.getByTestId('manual-id').fill('340111198810221230')
    },
  },
  'desk-scene': { after: (page) => page.keyboard.press('F3') },
  'desk-department': { after: (page) => page.keyboard.press('F4') },
  'desk-step': { after: (page) => page.keyboard.press('F5') },
  'desk-help': { after: (page) => page.keyboard.press('F1') },
  'desk-rehearsal': {
    async after(page) {
      await page.keyboard.press('F10')
      await page.getByTestId('sample').last().locator('path').waitFor()
    },
  },
  'desk-staff-call': { after: callForHelp },
  'desk-strip-waiting': { after: strip },
  'desk-strip-accepted': {
    async after(page, api) {
      await strip(page)
      api.tell('outcome', accepted('1'))
    },
  },
  'desk-strip-choose': {
    async after(page, api) {
      await strip(page)
      api.tell('outcome', outcome('ankang', 'choose', { targets: TARGETS }))
    },
  },
  'desk-strip-rejected': {
    async after(page, api) {
      await strip(page)
      api.tell('outcome', outcome('health-card-dynamic', 'unavailable', { error: TIMEOUT }))
    },
  },
  'desk-strip-long-name': {
    async after(page, api) {
      await strip(page)
      await hold(page, api, '阿卜杜热合曼·阿卜杜克热木江·买买提明')
    },
  },
  'desk-strip-choose-many': {
    async after(page, api) {
      await strip(page)
      api.tell('outcome', many())
    },
  },
  'desk-strip-manual': { after: (page) => stripWith(page, 'F6') },
  'desk-strip-scene': { after: (page) => stripWith(page, 'F3') },
  'desk-door': {
    async after(page, api) {
      await page.evaluate("addEventListener('pagehide', () => sessionStorage.clear())")
      await page.goto(`${api.origin}/?ticket=used-already`)
    },
  },
}

/** As the shell does it: a dialog hangs below the strip. */
async function stripWith(page: Page, key: string): Promise<void> {
  await strip(page)
  await page.keyboard.press(key)
  await page.setViewportSize({ width: page.viewportSize()?.width ?? 1366, height: 600 })
}

async function hold(page: Page, api: FakeApi, name: string): Promise<void> {
  const masked = { ...accepted('1'), patient: { ...MASKED_ANKANG, name: `${name[0]}${'*'.repeat(name.length - 1)}` } }
  api.knowInFull({ ...masked, patient: { ...ZHOU, name, healthLevel: '1', isSelf: true } })
  api.tell('outcome', masked)
  await page.locator('[data-state=accepted]').waitFor()
  await page.keyboard.down('F2')
  await page.getByText(name).waitFor()
}

async function callForHelp(page: Page, api: FakeApi): Promise<void> {
  api.tell('staff-call', { call: { id: 'call-1', at: new Date(terminalNow()).toISOString(), reason: 'ending', state: 'told' } })
  await page.getByTestId('staff-call').waitFor()
}

async function strip(page: Page): Promise<void> {
  await page.setViewportSize({ width: page.viewportSize()?.width ?? 1366, height: 84 })
  await page.locator('[data-mode=strip]').waitFor()
}
