/** A terminal is driven through every code and every fault; then all that it wrote is searched for everybody it saw. */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { PEOPLE } from '../../src/simulator/people.ts'
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { TROUBLES, type TroubleMode } from '../../src/simulator/trouble.ts'
import type { Outcome } from '../../src/transcode/outcome.ts'
import { createPty, type Pty } from '../support/pty.ts'
import { until } from '../support/terminal.ts'
import { filesIn, tracesIn } from '../support/traces.ts'

const TOKEN = 'a-token-that-must-not-be-found'
const PIN = '839201746650182'
const TRADE = 'TRADE-NOT-FOR-THE-LOG-77'
const MESSAGE = '挂号成功不应出现在日志里'

const place = mkdtempSync(join(tmpdir(), 'maqiao-leaks-'))
const dataDir = join(place, 'data')
const temporary = join(place, 'tmp')
const config = join(place, 'settings.json')
/** What must not be found -> what it is. */
const wanted = new Map<string, string>()
const refusals: string[] = []
let simulator: Simulator
let pty: Pty
let child: ChildProcess
let api = ''
let ui = ''
let said = ''

const keep = (name: string, text: unknown, shortest = 6) => {
  if (typeof text === 'string' && Buffer.byteLength(text) >= shortest) wanted.set(text, name)
}

async function start(): Promise<void> {
  child = fork(join(import.meta.dirname, 'leak-child.ts'), [config, dataDir], { silent: true, execArgv: [], env: { ...process.env, TMPDIR: temporary } })
  const hear = (text: Buffer) => void (said += text.toString())
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  const ready = await new Promise<{ api: string; ui: string }>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { ready: { api: string; ui: string } }).ready))
    child.once('exit', () => reject(new Error(`ended: ${said}`)))
  })
  api = ready.api
  ui = ready.ui
}

const gone = () => new Promise<void>((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : void child.once('exit', () => resolve())))

async function ask(method: string, path: string, body?: unknown, token = TOKEN): Promise<{ status: number; body: any }> {
  const answer = await fetch(api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (answer.status >= 400) refusals.push(text)
  return { status: answer.status, body: text === '' ? null : text.startsWith('{') ? JSON.parse(text) : text }
}

/** Everything of an outcome that tells of a person. */
function remember(outcome: Outcome): void {
  for (const field of ['name', 'idNumber', 'phone', 'address', 'healthCardId', 'phid', 'patid', 'userId', 'authObject'] as const) keep(`patient.${field}`, outcome.patient?.[field])
  for (const target of outcome.targets) {
    keep('target.qrCode', target.qrCode)
    keep('target.id', target.id, 12)
  }
  keep('ecToken', outcome.eVoucher?.ecToken)
}

async function scan(text: string): Promise<Outcome> {
  keep('code text', text, 10)
  const { status, body } = await ask('POST', '/api/v1/scans', { text })
  expect(status).toBe(200)
  remember(body)
  return body
}

/** Every secret of the settings: members whose names say so. */
function keepSecrets(value: unknown, name = ''): void {
  if (typeof value === 'string' && /secret|key|token|salt|passphrase|appcode/i.test(name) && !/^https?:/.test(value)) keep(`settings ${name}`, value, 8)
  else if (value !== null && typeof value === 'object') Object.entries(value).forEach(([key, item]) => keepSecrets(item, key))
}

beforeAll(async () => {
  mkdirSync(temporary)
  simulator = createSimulator()
  await simulator.listen(0)
  pty = await createPty()
  const base = simulator.settings()
  const platforms = Object.fromEntries(Object.entries(base.platforms).map(([key, section]) => [key, { ...section, requestTimeoutMs: 400 }]))
  const settings = {
    ...base,
    platforms,
    devices: { serial: [{ path: pty.path, baudRate: 9600 }] },
    api: { port: 0, token: TOKEN },
    outbox: { retryFirstMs: 50, retryMaxMs: 200, maxAttempts: 3 },
    log: { level: 'debug', file: true, maxFileBytes: 20_000, files: 50 },
  }
  writeFileSync(config, JSON.stringify(settings))
  keepSecrets(settings)
  for (const person of PEOPLE) for (const field of ['name', 'idNumber', 'phone', 'address', 'patid'] as const) keep(`${person.key}'s ${field}`, person[field])
  for (const [name, text] of Object.entries({ TOKEN, PIN, TRADE, MESSAGE })) keep(name, text)
  await start()
}, 60_000)

afterAll(async () => {
  child.kill('SIGKILL')
  await gone()
  await simulator.close()
  await pty.close()
  rmSync(place, { recursive: true, force: true })
})

/** One day in short: every sample, every fault, every refusal. */
async function drive(): Promise<void> {
  const ticket = new URL(ui).searchParams.get('ticket') ?? ''
  keep('ticket', ticket)
  const screen = (await ask('POST', '/api/v1/session', { ticket }, '')).body.token as string
  keep('screen session', screen)
  const socket = new WebSocket(`${api.replace('http', 'ws')}/api/v1/events?after=0`, ['maqiao.v1', `bearer.${TOKEN}`])
  await new Promise((resolve) => socket.once('open', resolve))

  for (const sample of simulator.samples()) {
    const outcome = await scan(sample.text())
    const path = `/api/v1/outcomes/${outcome.id}`
    if (outcome.status === 'choose') {
      await ask('POST', `${path}/choice`, { targetId: 'none' })
      const chosen = await ask('POST', `${path}/choice`, { targetId: outcome.targets[0]?.id })
      if (chosen.status === 200) remember(chosen.body)
    }
    await ask('POST', `${path}/result`, { tradeNo: TRADE, tradeState: '1', msg: MESSAGE, medicalStep: '010105', name: '林安和', idNumber: PEOPLE[0].idNumber })
    await ask('POST', `${path}/reveal`, {}, screen)
    await ask('POST', `${path}/dynamic-code`, {}, screen)
    await ask('POST', `${path}/beijing-entry`, {}, screen)
  }
  await pty.write(`${simulator.samples().find(({ id }) => id === 'card-static')?.text()}\r`)
  await scan('韩梅梅的码，谁也认不出来 13988887777')

  for (const mode of Object.keys(TROUBLES) as TroubleMode[]) {
    for (const platform of ['ankang', 'health-card'] as const) {
      // A platform's own words may repeat the patient: here they do.
      const body = JSON.stringify({ code: '500', message: `${PEOPLE[0].name}${PEOPLE[0].idNumber}`, commonOut: { resultCode: -9, errMsg: PEOPLE[0].phone }, rsp: {} })
      simulator.control.fault({ platform, mode, code: '-10038', body, delayMs: 20, times: 1 })
    }
    for (const id of ['ankang-green', 'card-dynamic']) await scan(simulator.samples().find((sample) => sample.id === id)!.text())
    simulator.control.reset()
  }

  // Refusals with people in them.
  const who = { name: PEOPLE[0].name, idNumber: PEOPLE[0].idNumber, idType: '99', phone1: PEOPLE[0].phone, psn_name: PEOPLE[0].name, cert_no: PEOPLE[0].idNumber }
  for (const operation of ['health-card/registerHealthCard', 'health-card/getDynamicQRCode', 'quanzhou/BC00.03.00.01', 'beijing/entryUrl', 'yuejiantong/exchangeCode', 'ankang/transcode', 'nowhere/x']) {
    await ask('POST', `/api/v1/platforms/${operation}`, who)
  }
  for (const body of [`{"text":"${PEOPLE[0].idNumber}"`, { text: { name: PEOPLE[0].name } }, { text: `${PEOPLE[0].idNumber}${'x'.repeat(5000)}` }]) await ask('POST', '/api/v1/scans', body)
  await ask('POST', `/api/v1/outcomes/${PEOPLE[0].idNumber}/result`, { tradeNo: PEOPLE[0].idNumber, tradeState: '1', msg: 5 })
  await ask('GET', `/api/v1/${encodeURIComponent(PEOPLE[0].name)}`)
  await ask('GET', '/api/v1/outcomes', undefined, `${TOKEN}x`)

  await ask('POST', '/api/v1/technician/pin', { pin: PIN }, screen)
  await ask('POST', '/api/v1/technician/session', { pin: '555555555555555' }, screen)
  const door = await ask('POST', '/api/v1/technician/session', { pin: PIN }, screen)
  keep('technician session', door.body.token)
  await ask('GET', '/api/v1/diagnostics/audit', undefined, door.body.token)
  const support = await fetch(`${api}/api/v1/diagnostics/support`, { method: 'POST', headers: { authorization: `Bearer ${door.body.token}`, 'content-type': 'application/json' }, body: '{}' })
  expect(support.status).toBe(200)
  // Packed, nothing could be found in it.
  for (const [name, bytes] of Object.entries(unzipSync(new Uint8Array(await support.arrayBuffer())))) writeFileSync(join(temporary, `support ${name.replaceAll('/', ' ')}`), bytes)
  await pty.unplug()
  await pty.plug()
  await sleep(300)
  socket.close()
}

describe('what a terminal leaves behind', () => {
  test('after every code, every fault, a crash, a kill and a restart: nobody and no secret', async () => {
    await drive()
    expect(refusals.length).toBeGreaterThan(30)
    const argv = readFileSync(`/proc/${child.pid}/cmdline`)

    // Killed in the midst of its work, then by a defect of its own, then stopped in order.
    void scan(simulator.samples().find(({ id }) => id === 'ankang-slow')!.text()).catch(() => {})
    await sleep(100)
    child.kill('SIGKILL')
    await gone()
    await start()
    child.send('throw')
    await gone()
    expect(said).toContain('a defect of the test')
    await start()
    await until(async () => (await ask('GET', '/api/v1/outbox')).body.pending, (pending) => pending === 0, 15_000).catch(() => {})
    child.send('stop')
    await gone()

    const left = [
      { name: 'standard output and error', bytes: Buffer.from(said) },
      { name: 'arguments', bytes: argv },
      { name: 'refusals of the API', bytes: Buffer.from(refusals.join('\n')) },
      ...filesIn(dataDir),
      ...filesIn(temporary),
    ]
    const names = left.map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('support ')).length).toBeGreaterThan(2)
    for (const name of ['outbox.db', 'state.db', 'audit.jsonl', 'technician.json', 'logs/maqiao.log']) expect(names).toContain(name)
    expect(left.filter(({ name }) => name.startsWith('logs/')).reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeGreaterThan(20_000)
    expect(wanted.size).toBeGreaterThan(80)
    // A system's code may be read by whoever may read the settings, and nowhere else.
    const found = left.flatMap(({ name, bytes }) => tracesIn(bytes, wanted).map((trace) => `${name}: ${trace}`))
    expect(found.filter((trace) => !/^support settings\.json: settings appCode \(/.test(trace))).toEqual([])
  }, 120_000)

  test('the search finds what is there, however it is written', () => {
    const secret = new Map([['340104198810220011', 'number'], ['林安和', 'name']])
    for (const text of ['x340104198810220011y', Buffer.from('林安和').toString('hex'), encodeURIComponent('林安和'), Buffer.from('ab340104198810220011').toString('base64'), '\\u6797\\u5b89\\u548c']) {
      expect(tracesIn(Buffer.from(text), secret), text).not.toEqual([])
    }
    expect(tracesIn(Buffer.from('340104198810220012'), secret)).toEqual([])
  })
})
