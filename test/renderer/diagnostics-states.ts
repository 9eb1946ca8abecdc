/** How each state of the diagnostic screen is brought about. */
import type { Page } from 'playwright-core'
import type { FakeApi } from './fake-api.ts'
import { STILL_AT } from './fake-clock.ts'
import { EXAMINED, REPORTS, type World } from './fake-diagnostics.ts'

/** `before` changes what the terminal says; `after` acts on the open page, whose door is passed unless `atDoor`. */
export type Staging = { atDoor?: boolean; before?(world: World): void; after?(page: Page, api: FakeApi, world: World): Promise<void> }

const section = (id: string, more: Staging = {}): Staging => ({
  ...more,
  async after(page, api, world) {
    await page.getByTestId(`section-${id}`).click()
    await page.locator(`[data-screen=diagnostics][data-section=${id}]`).waitFor()
    await more.after?.(page, api, world)
  },
})

function trouble(world: World): void {
  const { overview, checks } = world
  const fault = { code: 'DEVICE_PERMISSION' as const, message: '没有打开扫码枪的权限', advice: '安装 resources/udev 中的规则，或把运行账户加入 dialout 组，然后重新插拔。' }
  overview.devices[0] = { ...overview.devices[0]!, state: 'failed', stateName: '故障', fault }
  const card = overview.platforms.find(({ id }) => id === 'health-card')!
  Object.assign(card, {
    state: 'failing', stateName: '异常', lastFault: 'NETWORK_TLS',
    lastFaultWords: { message: '安全证书未通过验证', advice: '请核对本机时间、医院自签 CA 设置与网络准入；不要绕过验证。' },
    certificates: [],
    clockSkewMs: 402_000,
  })
  const ankang = overview.platforms.find(({ id }) => id === 'ankang')!
  ankang.plainHttp = ['http://10.1.1.1:8080']
  ankang.certificates[0] = { ...ankang.certificates[0]!, daysLeft: 12, expiresSoon: true }
  const open = { where: 'settings', place: '/etc/maqiao/settings.json', sound: false, words: '设置文件中，其他账户也能读（0644）', command: "chmod 600 '/etc/maqiao/settings.json'" }
  overview.keys.secrets = ['healthCard.appSecret', 'quanzhou.sm4Key', 'quanzhou.bizKey'].map((path) => ({ path: `platforms.${path}`, ...open }))
  overview.keys.apiToken = open
  overview.outbox.dead = 2
  overview.restartNeeded = true
  checks.checks = checks.checks.map((check) =>
    check.id.startsWith('platform.health-card') && check.id.endsWith('.certificate')
      ? {
          ...check, ok: false, detail: '签发者 SANGFOR CA 不受信任（SELF_SIGNED_CERT_IN_CHAIN）',
          advice: '平台用自己的 CA 时，向平台对接人索取 CA 证书，填入 network.caFile；签发者是上网行为或防火墙设备时，请网络管理员对该地址不解密。不要绕过验证。',
        }
      : check,
  ).filter(({ id }) => !/health-card.*\.(reach|address)$/.test(id))
}

function newer(world: World): void {
  Object.assign(world.overview.update, {
    state: 'newer', command: "sudo dpkg -i '/var/lib/maqiao/updates/MaQiao-0.2.0-linux-amd64.deb'",
    newer: {
      version: '0.2.0', date: '2026-11-20', name: 'MaQiao-0.2.0-linux-amd64.deb', bytes: 118_000_000, file: '/var/lib/maqiao/updates/MaQiao-0.2.0-linux-amd64.deb',
      notes: ['新增两种扫码枪的设置单', '平台拒绝访问时说明出口地址', '修正窗口界面缩放后的条形模式'],
    },
  })
}

function owing(world: World): void {
  world.reports = structuredClone(REPORTS)
  Object.assign(world.overview.outbox, {
    pending: 14, dead: 2, unproven: 1, oldestAt: world.reports.at(-1)!.createdAt,
    lanes: [
      { kind: 'health-card/reportHISData', pending: 7, pausedUntil: new Date(STILL_AT + 36_000_000).toISOString(), reason: { code: '10034', message: '接口调用次数超过当日上限', advice: '次日自动恢复。' } },
      { kind: 'ankang/message', pending: 7, pausedUntil: null, reason: null },
    ],
  })
}

const hex = (text: string) => [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
const picture = (text: string) => text.replace(/[\u0000-\u001f]/g, (letter) => String.fromCharCode(0x2400 + letter.charCodeAt(0)))

export const STATES: Record<string, Staging> = {
  'diagnostics-first-pin': { atDoor: true, before: (world) => void (world.pinSet = false) },
  'diagnostics-door': { atDoor: true },
  'diagnostics-locked': { atDoor: true, before: (world) => void (world.lockedMs = 240_000) },
  'diagnostics-overview': {},
  'diagnostics-overview-trouble': { before: trouble },
  'diagnostics-devices': section('devices', {
    async after(page, api) {
      const texts = ['\u0002]Q1https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=7c1f0000&cityNo=340100\r', ']Q1测试码桥-0123\r\n']
      for (const [index, text] of texts.entries()) {
        api.tell('bytes', { device: 'serial:/dev/ttyUSB0', hex: hex(text), text: picture(text), bytes: Buffer.byteLength(text), at: new Date(STILL_AT + index * 1000).toISOString() })
      }
      await page.getByTestId('byte-line').nth(1).waitFor()
    },
  }),
  'diagnostics-devices-none': section('devices', {
    before(world) {
      world.overview.devices = []
      world.ports = { serial: [], hid: [], serialFault: null, hidFault: { code: 'DEVICE_DRIVER', message: '扫码枪驱动没有加载', advice: '安装 libusb-1.0 与 libudev，再重新启动。' } }
    },
  }),
  'diagnostics-doctor-waiting': section('devices', {
    async after(page) {
      await page.getByTestId('doctor-start').click()
      await page.getByTestId('doctor').waitFor()
    },
  }),
  'diagnostics-doctor-report': section('devices', {
    before: (world) => void (world.doctor = { ...world.doctor, state: 'done', report: EXAMINED }),
    async after(page) {
      await page.getByTestId('doctor-start').click()
      await page.getByTestId('report').waitFor()
    },
  }),
  'diagnostics-setup-codes': section('devices', {
    async after(page) {
      await page.getByTestId('setup-open').first().click()
      await page.locator('[data-testid=setup-code] svg').waitFor()
    },
  }),
  'diagnostics-camera': section('camera'),
  'diagnostics-camera-watching': section('camera', {
    async after(page) {
      await page.getByTestId('camera-start').click()
      await page.locator('[data-camera=watching]').waitFor()
      await page.getByText('每秒').waitFor()
    },
  }),
  'diagnostics-platforms': section('platforms'),
  'diagnostics-platforms-trouble': section('platforms', { before: trouble }),
  'diagnostics-operation': section('platforms', {
    async after(page) {
      await page.getByTestId('open-operations').click()
      await page.getByTestId('operation').first().click()
      await page.getByTestId('send').click()
      await page.getByTestId('answer').waitFor()
    },
  }),
  'diagnostics-outbox': section('outbox'),
  'diagnostics-outbox-owing': section('outbox', { before: owing, after: (page) => page.getByTestId('report').first().waitFor() }),
  'diagnostics-report': section('outbox', {
    before: owing,
    async after(page) {
      await page.getByTestId('open-report').first().click()
      await page.getByTestId('edit-idCardNumber').fill('340111198810221235')
    },
  }),
  'diagnostics-report-unproven': section('outbox', {
    before(world) {
      owing(world)
      const unproven = world.reports.find(({ state }) => state === 'unproven')!
      world.detail = { ...world.detail, ...unproven }
    },
    after: (page) => page.locator('[data-state=unproven] [data-testid=open-report]').click(),
  }),
  'diagnostics-export': section('outbox', { before: owing, after: (page) => page.getByTestId('export-dead').click() }),
  'diagnostics-remove': section('outbox', {
    before: owing,
    async after(page) {
      await page.getByTestId('remove-dead').click()
      await page.getByTestId('why').fill('平台确认不需要')
    },
  }),
  'diagnostics-performance': section('performance', { after: (page) => page.getByTestId('stages').waitFor() }),
  'diagnostics-update': section('performance', {
    before: newer,
    async after(page) {
      await page.getByTestId('open-update').click()
      await page.getByTestId('update-dialog').waitFor()
    },
  }),
  'diagnostics-update-by-hand': section('performance', {
    before(world) {
      newer(world)
      world.overview.update.installer = false
    },
    async after(page) {
      await page.getByTestId('open-update').click()
      await page.getByTestId('update-command').waitFor()
    },
  }),
  'diagnostics-update-failed': section('performance', {
    before(world) {
      const fault = { code: 'UPDATE_UNSIGNED', message: '更新清单的签名不对，没有采用', advice: '清单或文件被改动，或设置 update.publicKey 不是制作者的公钥：请向提供安装包的人核实。' }
      Object.assign(world.overview.update, { state: 'failed', fault })
    },
  }),
  'diagnostics-performance-none': section('performance', {
    before(world) {
      world.latency = { scans: 0, stages: world.latency.stages.map((stage) => ({ ...stage, count: 0, p50Ms: null, p90Ms: null, p99Ms: null, maxMs: null, buckets: stage.buckets.map((bucket) => ({ ...bucket, count: 0 })) })) }
    },
  }),
  'diagnostics-settings': section('settings'),
  'diagnostics-settings-platforms': section('settings', { after: (page) => page.getByTestId('group-platforms').click() }),
  'diagnostics-settings-faults': section('settings', {
    async after(page, _api, world) {
      world.preview = { faults: [{ path: 'terminal.cityNo', reason: 'must be 6 or 12 digits' }], diff: [{ path: 'terminal.cityNo', before: '340100000000', after: '34', secret: false }] }
      await page.locator('[data-path="terminal.cityNo"] input').fill('34')
      await page.getByTestId('settings-fault').waitFor()
    },
  }),
  'diagnostics-settings-diff': section('settings', {
    async after(page, _api, world) {
      world.preview = {
        faults: [],
        diff: [
          { path: 'terminal.department', before: '呼吸内科', after: '急诊内科', secret: false },
          { path: 'platforms.healthCard.appSecret', before: { set: true }, after: { set: true }, secret: true },
          { path: 'devices.serial.0.baudRate', before: 9600, after: 115200, secret: false },
        ],
      }
      await page.locator('[data-path="terminal.department"] input').fill('急诊内科')
      await page.keyboard.press('F10')
      await page.getByTestId('settings-diff').waitFor()
    },
  }),
  'diagnostics-settings-none': section('settings', {
    before: (world) => void (world.settings = { status: 409, error: { platform: 'maqiao', code: 'SETTINGS_NONE', message: '没有设置文件', advice: '演示没有设置文件。', retryable: false } }),
  }),
  'diagnostics-rotate': section('settings', { after: (page) => page.getByTestId('rotate-token').click() }),
  'diagnostics-audit': section('audit'),
  'diagnostics-audit-broken': section('audit', { before: (world) => void (world.audit.check = { ok: false, entries: 42, line: 17, reason: '内容与校验值不符：记录被改动，或密钥不是本机的' }) }),
  'diagnostics-support': section('support', { after: (page) => page.getByTestId('log-line').first().waitFor() }),
}
