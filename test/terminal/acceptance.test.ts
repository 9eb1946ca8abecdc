/** `npm run acceptance` as an implementer calls it: from source, in a process of its own. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PEOPLE } from '../../src/simulator/people.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { findChromium } from '../support/chromium.ts'
import { settingsFile } from '../support/process.ts'

const COMMAND = join(import.meta.dirname, '../../src/terminal/acceptance.ts')
const simulator = createSimulator()
const directory = mkdtempSync(join(tmpdir(), 'maqiao-acceptance-test-'))
let runs = 0

beforeAll(() => simulator.listen())
afterAll(async () => {
  await simulator.close()
  rmSync(directory, { recursive: true, force: true })
})
beforeEach(() => simulator.control.reset())

type Told = { section: string; title: string; result: string; seen: string; requestIds: string[]; picture: boolean }
type Report = { version: string; at: string; terminalId: string; counted: boolean; platforms: { platform: string; hosts: string[] }[]; summary: Record<string, number>; points: Told[] }

async function accept(...args: string[]) {
  return acceptIn({ CHROME_PATH: '/nowhere' }, ...args)
}

async function acceptIn(browser: Record<string, string>, ...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string; out: string; report(): Report; html(): string }> {
  const out = join(directory, String((runs += 1)))
  const child = spawn(process.execPath, [COMMAND, '--out', out, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...browser } })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  const read = (end: string) => readFileSync(join(out, readdirSync(out).find((name) => name.endsWith(end)) as string), 'utf8')
  return { code, stdout, stderr, out, report: () => JSON.parse(read('.json')) as Report, html: () => read('.html') }
}

const configured = (change: (settings: ReturnType<typeof simulator.settings>) => void = () => {}) => {
  const settings = simulator.settings()
  change(settings)
  const { config, dataDir } = settingsFile(settings)
  return ['--config', config, '--data-dir', dataDir]
}
const titles = (points: readonly Told[], result: string) => points.filter((point) => point.result === result).map(({ section }) => section)

/** Whatever is a person's, opens anything, or is a code. */
function tellsNothing(text: string): void {
  const { platforms } = simulator.settings()
  for (const { name, idNumber, phone } of PEOPLE) for (const value of [name, idNumber, phone]) expect(text).not.toContain(value)
  for (const secret of [platforms.healthCard.appSecret, platforms.beijing.aesKey, platforms.yuejiantong.token, '34010119850612004X', 'akm:qrcode']) expect(text).not.toContain(secret)
  for (const { text: code } of simulator.samples().filter(({ id }) => id === 'card-static')) expect(text).not.toContain(code().slice(0, 64))
}

const SECTIONS = ['1-1', '1-2', ...[1, 2, 3, 4, 5, 6, 7].map((one) => `2-${one}`), '3-1', '3-2', '4-1', '5-1', '5-2', '6-1', '6-2', '6-3', '7-1', '7-2', '7-3', '8-1', '8-2', '9-1'].map((one) => `2.8.3.${one}`)

// Each is a whole process; the first waits for a browser besides.
describe('npm run acceptance', { timeout: 180_000 }, () => {
  it('on its own simulator, with leave to count: nothing fails, each point of 2.8 has a line and stands in both reports', async () => {
    const { executablePath, env } = await findChromium()
    const { code, stdout, stderr, report, html } = await acceptIn({ ...env, CHROME_PATH: executablePath }, '--yes')
    expect([stderr, stdout.split('\n').filter((line) => line.startsWith('✘')), code]).toEqual(['', [], 0])
    const { points, summary, terminalId, counted, version, at } = report()
    expect({ terminalId, counted, version, fails: summary['failed'] }).toEqual({ terminalId: 'W01', counted: true, version: expect.stringMatching(/^\d/), fails: 0 })
    expect(Date.parse(at)).not.toBeNaN()
    for (const section of SECTIONS) {
      expect(points.map((point) => point.section)).toContain(section)
      expect(stdout).toContain(`电子健康卡 ${section} `)
      expect(html()).toContain(section)
    }
    expect(titles(points, 'by-eye')).toEqual(['2.8.3.7-1', '2.8.3.7-2', '2.8.3.7-3'])
    expect(points.filter(({ picture }) => picture).map(({ section }) => section)).toEqual(titles(points, 'by-eye'))
    expect(html().match(/src="data:image\/png;base64,iVBOR/g)).toHaveLength(3)
    expect(titles(points, 'skipped')).toEqual(['2.8.3.1-1', '2.8.3.2-6', '2.8.3.2-7', '医院提供接口'])
    for (const section of ['7.3', '7.4', 'BC00.03.00.03', 'BC00.03.00.07', '3.2.4', '4.1', 'ec.query']) expect(titles(points, 'passed')).toContain(section)
    expect(points.find(({ section }) => section === '2.8.3.2-4')?.requestIds).toEqual([expect.stringMatching(/^[0-9A-F]{32}$/)])
    expect(html()).not.toMatch(/(src|href)="(?!data:|#)|<script|https?:\/\//)
    for (const text of [stdout, html(), JSON.stringify(report())]) tellsNothing(text)
  })

  it('without leave sends nothing that counts, and says so at each such point', async () => {
    const { code, report, stdout } = await accept(...configured())
    expect(code, stdout).toBe(0)
    const { points, counted, platforms } = report()
    expect(counted).toBe(false)
    expect(platforms).toContainEqual({ platform: 'healthCard', hosts: [new URL(simulator.origin).host] })
    const books = simulator.books()
    expect(books['health-card']).toMatchObject({ uses: [], bound: [], orders: [], registered: [] })
    expect(books['ankang']).toMatchObject({ messages: [] })
    expect(books['quanzhou']).toMatchObject({ stays: {} })
    expect([books['yuejiantong'], books['beijing'], books['e-voucher']]).toEqual([{ exchanges: [] }, { entries: [], faces: [] }, { queries: [] }])
    for (const { picture, seen } of points.filter(({ result }) => result === 'by-eye')) expect({ picture, seen }).toEqual({ picture: false, seen: expect.stringContaining('没有画面：本机没有 Chromium') })
    for (const section of ['2.8.3.4-1', '2.8.3.6-2', '2.8.3.9-1']) expect(points.find((point) => point.section === section)?.requestIds).not.toEqual([])
    const held = points.filter(({ seen }) => seen.includes('--yes')).map(({ section }) => section)
    for (const section of ['2.8.3.2-1', '2.8.3.2-4', '2.8.3.2-5', '2.8.3.6-3', '7.4', '3.2.4']) expect(held).toContain(section)
    for (const number of ['03', '04', '05', '06']) expect(held).toContain(`BC00.03.00.${number}`)
    for (const section of ['2.8.3.2-2', '2.8.3.4-1', '2.8.3.9-1', '7.3', 'BC00.03.00.01']) expect(titles(points, 'passed')).toContain(section)
  })

  it('names what fails on a platform in trouble, and goes on', async () => {
    const { fault } = simulator.control
    fault({ platform: 'health-card', operation: 'getHealthCardByQRCode', mode: 'other-person' })
    fault({ platform: 'health-card', operation: 'verifyQRCode', mode: 'code', code: '99001', message: '当前 IP 不在白名单内' })
    fault({ platform: 'health-card', operation: 'reportHISData', mode: 'other-request' })
    fault({ platform: 'ankang', operation: 'transcode', mode: 'html' })
    const { code, stdout, html, report } = await accept('--yes', ...configured())
    expect(code).toBe(1)
    const { points } = report()
    const failing = points.filter(({ result }) => result === 'failed')
    expect(new Set(failing.map(({ section }) => section))).toEqual(new Set(['2.8.3.2-2', '2.8.3.2-3', '2.8.3.2-4', '2.8.3.5-2', '2.8.3.6-2', '2.8.3.6-3', '2.8.3.9-1', '7.3']))
    expect(failing.find(({ section }) => section === '2.8.3.2-4')?.seen).toContain('IP 白名单')
    expect(failing.find(({ section }) => section === '2.8.3.6-2')?.seen).toContain('REPLY_OTHER')
    expect(stdout).toMatch(/^✘ 不通过 failed {2}安康码规范 7\.3 /m)
    for (const text of [stdout, html(), JSON.stringify(report())]) tellsNothing(text)
  })

  it('says on one that refuses everybody that access is not given', async () => {
    simulator.control.fault({ platform: 'health-card', mode: 'code', code: '21002' })
    const { code, report } = await accept('--yes', ...configured(({ platforms }) => void Object.assign(platforms, { quanzhou: undefined, beijing: undefined, yuejiantong: undefined, eVoucher: undefined, ankang: undefined })))
    expect(code).toBe(1)
    expect(report().points.find(({ section }) => section === '2.8.3.4-1')).toMatchObject({ result: 'failed', seen: expect.stringContaining('21002 非法 appId 或 appSecret') })
  })

  it('takes the bodies of a test patient from a file, and tells a bad one', async () => {
    const { config: calls } = settingsFile({ 'health-card/getHealthCardByQRCode': { qrCodeText: simulator.samples().find(({ id }) => id === 'card-static')!.text() } })
    const { code, report } = await accept('--calls', calls, ...configured())
    expect(code).toBe(0)
    expect(titles(report().points, 'passed')).toContain('2.8.3.2-2')
    expect(report().points.find(({ section }) => section === '7.3')).toMatchObject({ result: 'skipped', seen: expect.stringContaining('"ankang/transcode"') })
    const bad = await accept('--calls', settingsFile('{"x": "林').config, ...configured())
    expect([bad.code, bad.stderr]).toEqual([78, expect.stringContaining('不是合法的 JSON')])
  })

  it('ends with 78 on bad settings, a line each and no report; with 64 on a wrong argument', async () => {
    const bad = await accept(...configured((settings) => Object.assign(settings.platforms.healthCard, { appSecret: '', baseUrl: 'ftp://x' })))
    expect([bad.code, bad.stdout, existsSync(bad.out)]).toEqual([78, '', false])
    expect(bad.stderr).toContain('platforms.healthCard.baseUrl: ')
    const none = await accept(...configured((settings) => Object.assign(settings, { platforms: {} })))
    expect([none.code, none.stderr]).toEqual([78, expect.stringContaining('platforms: ')])
    const wrong = await accept('--confg', 'x')
    expect([wrong.code, wrong.stderr]).toEqual([64, expect.stringContaining('用法：npm run acceptance')])
  })
})
