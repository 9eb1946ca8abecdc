/** Settings, keys and tokens changed through the technician's calls. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNTS } from '../../src/simulator/demo-settings.ts'
import { readSettings } from '../../src/agent/settings-file.ts'
import { startTerminal } from '../../src/terminal/terminal.ts'
import { enterAsTechnician, type Technician } from '../support/technician.ts'
import { sampleText, startTestTerminal, TOKEN, until, type TestTerminal } from '../support/terminal.ts'

let t: TestTerminal
let technician: Technician
const file = () => join(t.dataDir, 'settings.json')
const onDisk = () => JSON.parse(readFileSync(file(), 'utf8'))

async function begin(settings: Record<string, unknown> = {}): Promise<void> {
  t = await startTestTerminal({ settings })
  technician = await enterAsTechnician(t)
}
afterEach(() => t.close())

describe('settings', () => {
  beforeEach(() =>
    begin({
      api: {
        clients: [
          { name: 'queue', token: 'narrow-token-queue-01', rights: ['scan'] },
          { name: 'desk', token: 'narrow-token-desk-002', rights: ['result'] },
        ],
      },
    }),
  )

  test('are read without a single secret, with their schema', async () => {
    const { status, body } = await technician.get('/settings')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      file: file(),
      restartNeeded: false,
      revision: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    expect(body.settings.api).toMatchObject({
      token: { set: true },
      clients: [
        { name: 'queue', token: { set: true } },
        { name: 'desk', token: { set: true } },
      ],
    })
    expect(body.settings.platforms.healthCard).toMatchObject({
      appId: ACCOUNTS.healthCard.appId,
      appSecret: { set: true },
    })
    const { properties } = body.schema.properties.platforms.properties.healthCard
    expect([properties.appSecret.secret, properties.appId.secret]).toEqual([true, undefined])
    const secrets = [
      TOKEN,
      'narrow-token',
      ...Object.values(ACCOUNTS).flatMap((account) =>
        Object.entries(account).flatMap(([key, value]) => (/secret|key|salt|^token$/i.test(key) ? [value] : [])),
      ),
    ]
    expect(secrets.length).toBeGreaterThan(8)
    expect(secrets.filter((secret) => JSON.stringify(body).includes(secret))).toEqual([])
  })

  test('are previewed: every fault with its path, every change, of secrets only that they change', async () => {
    const { settings } = (await technician.get('/settings')).body
    settings.terminal.department = '外科'
    settings.platforms.healthCard.appSecret = 'a-new-secret'
    settings.platforms.healthCard.allowPlainHttp = 'yes'
    settings.nonsense = 1
    delete settings.hospital.id
    const { body } = await technician.send('POST', '/settings/preview', { settings })
    expect(body.faults.map(({ path }: { path: string }) => path).sort()).toEqual([
      'hospital.id',
      'nonsense',
      'platforms.healthCard.allowPlainHttp',
    ])
    expect(body.diff).toContainEqual({ path: 'terminal.department', before: '内科', after: '外科', secret: false })
    expect(body.diff).toContainEqual({
      path: 'platforms.healthCard.appSecret',
      before: { set: true },
      after: { set: true },
      secret: true,
    })
    expect(JSON.stringify(body)).not.toContain('a-new-secret')
    expect(onDisk().terminal.department).toBe('内科')
    const put = await technician.send('PUT', '/settings', { settings, why: '试' })
    expect([put.status, put.body.error.code, put.body.error.fields.length]).toEqual([400, 'SETTINGS_INVALID', 3])
    expect(existsSync(`${file()}.bak`)).toBe(false)
  })

  test('are written durably, the file before kept, untouched secrets kept, and told to need a restart', async () => {
    const before = readFileSync(file(), 'utf8')
    chmodSync(file(), 0o600)
    const { settings, revision } = (await technician.get('/settings')).body
    settings.terminal.department = '外科'
    settings.platforms.quanzhou.salt = 'fedcba9876543210fedcba9876543210'
    settings.api.clients.reverse()
    expect((await technician.send('PUT', '/settings', { settings, revision })).status).toBe(400)
    const { status, body } = await technician.send('PUT', '/settings', {
      settings,
      revision,
      why: '科室搬迁',
      who: '王工',
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ restartNeeded: true, backup: `${file()}.bak` })
    // All of it but the secret that was replaced: it may have been changed because it leaked.
    const salt = (JSON.parse(before) as { platforms: { quanzhou: { salt: string } } }).platforms.quanzhou.salt
    expect(JSON.parse(readFileSync(`${file()}.bak`, 'utf8'))).toEqual(JSON.parse(before.replace(salt, '')))
    expect(readFileSync(`${file()}.bak`, 'utf8')).not.toContain(salt)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    const { platforms, terminal, api } = onDisk()
    expect(terminal.department).toBe('外科')
    expect(platforms.healthCard.appSecret).toBe(ACCOUNTS.healthCard.appSecret)
    expect(platforms.quanzhou.salt).toBe('fedcba9876543210fedcba9876543210')
    expect(api).toMatchObject({
      token: TOKEN,
      clients: [
        { name: 'desk', token: 'narrow-token-desk-002' },
        { name: 'queue', token: 'narrow-token-queue-01' },
      ],
    })
    expect(readSettings(file()).terminal.department).toBe('外科')
    const audited = technician.audited().at(-1)
    expect(audited).toMatchObject({
      what: 'settings.changed',
      who: '王工',
      detail: { why: '科室搬迁', paths: expect.stringContaining('terminal.department') },
    })
    expect(JSON.stringify(audited)).not.toContain('fedcba98')
    expect((await technician.get('')).body.restartNeeded).toBe(true)

    const late = await technician.send('PUT', '/settings', { settings, revision, why: '又一次' })
    expect([late.status, late.body.error.code]).toEqual([409, 'SETTINGS_CHANGED'])
    await t.restart()
    technician = await enterAsTechnician(t)
    expect((await technician.get('/settings')).body.restartNeeded).toBe(false)
  })

  test('leave without secrets and come in again, here and elsewhere', async () => {
    const { status, name, bytes } = await technician.file('/settings/export', {})
    expect([status, name]).toEqual([200, 'maqiao-settings-W01.json'])
    const settings = JSON.parse(bytes.toString())
    expect(settings.platforms.healthCard.appSecret).toEqual({ set: true })
    expect(technician.audited().at(-1)?.what).toBe('settings.exported')
    expect((await technician.send('POST', '/settings/preview', { settings })).body).toEqual({ faults: [], diff: [] })
    // A secret that this terminal does not have cannot be kept.
    settings.network = { keyPassphrase: { set: true } }
    const { faults } = (await technician.send('POST', '/settings/preview', { settings })).body
    expect(faults).toEqual([
      { path: 'network.keyPassphrase', reason: expect.stringContaining('no secret is kept here') },
    ])
  })
})

describe('secrets kept elsewhere', () => {
  test('are shown by the place they stand in, and proxies without their password', async () => {
    process.env['MAQIAO_TEST_SALT'] = 'fedcba9876543210fedcba9876543210'
    await begin({ platforms: { quanzhou: { salt: 'env:MAQIAO_TEST_SALT' } } })
    const { settings } = (await technician.get('/settings')).body
    expect(settings.platforms.quanzhou.salt).toEqual({ set: true, from: 'env:MAQIAO_TEST_SALT' })
    settings.network = { proxy: 'http://user:pass-word@10.1.1.1:3128' }
    const { diff } = (await technician.send('POST', '/settings/preview', { settings })).body
    expect(diff).toEqual([{ path: 'network.proxy', before: null, after: { set: true }, secret: true }])
    const { keys } = (await technician.get('')).body
    expect(keys.secrets).toContainEqual({
      path: 'platforms.quanzhou.salt',
      where: 'env',
      sound: true,
      words: expect.stringContaining('MAQIAO_TEST_SALT'),
    })
    delete process.env['MAQIAO_TEST_SALT']
  })

  test('in the key store of the shell are there at the start only, and no fault afterwards', async () => {
    await begin()
    const { settings } = (await technician.get('/settings')).body
    settings.platforms.quanzhou.salt = 'env:MAQIAO_STORED_SALT'
    const faultsOf = async () => (await technician.send('POST', '/settings/preview', { settings })).body.faults
    expect(await faultsOf()).toEqual([{ path: 'platforms.quanzhou.salt', reason: expect.stringContaining('not set') }])
    mkdirSync(join(t.dataDir, 'secrets'))
    writeFileSync(join(t.dataDir, 'secrets', 'MAQIAO_STORED_SALT'), 'sealed by the system')
    expect(await faultsOf()).toEqual([])
  })

  test('in the environment of the start, which the shell takes them out of, are no fault afterwards; while they are there they are looked at', async () => {
    process.env['MAQIAO_TEST_KEY'] = '0123456789abcdeffedcba9876543210'
    await begin({ platforms: { quanzhou: { encType: 'SM4', sm4Key: 'env:MAQIAO_TEST_KEY' } } })
    const { settings } = (await technician.get('/settings')).body
    const faultsOf = async () => (await technician.send('POST', '/settings/preview', { settings })).body.faults
    expect(await faultsOf()).toEqual([])
    process.env['MAQIAO_TEST_KEY'] = 'too short'
    expect(await faultsOf()).toEqual([{ path: 'platforms.quanzhou.sm4Key', reason: expect.stringContaining('must be') }])
    delete process.env['MAQIAO_TEST_KEY']
    expect(await faultsOf()).toEqual([])
    settings.platforms.quanzhou.salt = 'env:MAQIAO_OF_NO_START'
    expect(await faultsOf()).toEqual([{ path: 'platforms.quanzhou.salt', reason: expect.stringContaining('not set') }])
  })
})

describe('files of this machine', () => {
  test('are neither read nor looked for on a technician’s word: what is there and what is not is answered alike', async () => {
    await begin()
    const there = join(t.dataDir, 'there')
    writeFileSync(there, 'a-token-of-sixteen-characters')
    const { settings } = (await technician.get('/settings')).body
    const told = async (change: (copy: any) => void) => {
      const copy = structuredClone(settings)
      change(copy)
      const preview = await technician.send('POST', '/settings/preview', { settings: copy })
      const put = await technician.send('PUT', '/settings', { settings: copy, why: '试' })
      return JSON.stringify([preview.body.faults, put.status, put.body.error?.fields])
    }
    const places = [there, '/etc/shadow', '/nowhere/at/all', '/dev/zero', t.dataDir, 'api-token']
    const SECRETS: ((copy: any, reference: string) => void)[] = [
      (copy, reference) => (copy.api.token = reference),
      (copy, reference) => (copy.platforms.healthCard.appSecret = reference),
      (copy, reference) => (copy.platforms.healthCard.appSecret = { set: true, from: reference }),
      (copy, reference) => (copy.kiosk = { staffCall: { url: 'https://mine.example/', headers: { x: reference } } }),
      (copy, reference) => (copy.hospital.name = reference),
      (copy, reference) => (copy.terminal.department = reference),
    ]
    for (const [at, change] of SECRETS.entries()) {
      const answers = new Set(await Promise.all(places.map((place) => told((copy) => change(copy, `file:${place}`)))))
      // A mark keeps what is there, whatever it says of its place.
      expect([at, answers.size]).toEqual([at, 1])
      if (at !== 2) expect([at, [...answers][0]]).toEqual([at, expect.stringContaining('400')])
    }
    for (const name of ['caFile', 'certFile', 'keyFile']) {
      const other = name === 'certFile' ? 'keyFile' : 'certFile'
      const answers = new Set(await Promise.all(places.map((place) => told((copy) => (copy.network = name === 'caFile' ? { caFile: place } : { [name]: place, [other]: place })))))
      expect([name, answers.size]).toEqual([name, 1])
    }
    expect(onDisk().hospital.name).toBe('人民医院')
  })

  test('that the settings name already stay named', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'maqiao-secrets-'))
    writeFileSync(join(outside, 'salt'), 'fedcba9876543210fedcba9876543210')
    await begin({ platforms: { quanzhou: { salt: `file:${join(outside, 'salt')}` } } })
    const { settings } = (await technician.get('/settings')).body
    expect((await technician.send('POST', '/settings/preview', { settings })).body).toEqual({ faults: [], diff: [] })
    settings.platforms.quanzhou.salt = `file:${join(outside, 'salt')}`
    expect((await technician.send('POST', '/settings/preview', { settings })).body).toEqual({ faults: [], diff: [] })
    settings.platforms.healthCard.appSecret = `file:${join(outside, 'salt')}`
    expect((await technician.send('POST', '/settings/preview', { settings })).body.faults).toEqual([
      { path: 'platforms.healthCard.appSecret', reason: expect.stringContaining('只能由管理员写进设置文件') },
    ])
    rmSync(outside, { recursive: true })
  })
})

describe('the demo', () => {
  test('has no settings file to change, and says so', async () => {
    await begin()
    const demo = await startTerminal({
      dataDir: join(t.dataDir, 'demo'),
      version: '0',
      host: 'none',
      port: 0,
      writeLog: () => {},
    })
    try {
      const here = await enterAsTechnician({ ...t, terminal: demo, request: requestTo(demo.ready.api) } as TestTerminal)
      for (const [method, path] of [
        ['POST', '/settings/preview'],
        ['PUT', '/settings'],
        ['POST', '/settings/export'],
      ] as const) {
        const { status, body } = await requestTo(demo.ready.api)(
          method,
          `/api/v1/diagnostics${path}`,
          { settings: {}, why: '试' },
          { authorization: `Bearer ${here.token}` },
        )
        expect([status, body.error.code]).toEqual([409, 'SETTINGS_NONE'])
      }
      const overview = await requestTo(demo.ready.api)('GET', '/api/v1/diagnostics', undefined, {
        authorization: `Bearer ${here.token}`,
      })
      expect(overview.body).toMatchObject({ settingsFile: null, restartNeeded: false, keys: { secrets: [] } })
    } finally {
      await demo.stop()
    }
  })
})

describe('keys and tokens', () => {
  const RESULT = { tradeNo: 'R1', tradeState: '1', msg: '收费', medicalStep: '010105' }

  test('the key is changed by two at once: one after the other, so that none is forgotten under which something is sealed still', async () => {
    await begin()
    const { state } = t.terminal.agent
    const outcome = await t.scan(sampleText(t.simulator, 'card-static'))
    // Enough for one change to last until the other begins.
    for (let n = 0; n < 1000; n++) state.putOutcome({ outcome: { ...outcome, id: crypto.randomUUID() }, kept: { countedSteps: [] } }, Date.now())
    const { rekey } = state
    const kept: number[] = []
    state.rekey = async (next) => {
      await rekey(next)
      kept.push(readFileSync(join(t.dataDir, 'outbox.key'), 'utf8').trim().split('\n').length)
    }
    const rotate = () => technician.send('POST', '/keys/rotate', { what: 'outbox', why: '每年更换' })
    const answers = await Promise.all([rotate(), rotate()])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    // The new one and the one before: as many as one change needs.
    expect(kept).toEqual([2, 2])
  })

  test('the key is changed under waiting reports and kept outcomes; nothing is lost, nothing sent twice', async () => {
    await begin()
    const key = () => readFileSync(join(t.dataDir, 'outbox.key'), 'utf8').trim().split('\n')
    const [old] = key()
    const card = await t.scan(sampleText(t.simulator, 'card-static'))
    const back = await t.simulator.outage()
    const reports = (await t.request('POST', `/api/v1/outcomes/${card.id}/result`, RESULT)).body
    const { status, body } = await technician.send('POST', '/keys/rotate', {
      what: 'outbox',
      why: '每年更换',
      who: '王工',
    })
    expect([status, body]).toEqual([200, { what: 'outbox', resealed: true }])
    expect(key()).toHaveLength(1)
    expect(key()[0]).not.toBe(old)
    expect(technician.audited().at(-1)).toMatchObject({ what: 'key.rotated', who: '王工', detail: { why: '每年更换' } })
    await t.restart()
    await back()
    expect((await t.request('POST', `/api/v1/outcomes/${card.id}/result`, RESULT)).body).toEqual(reports)
    const outcomes = (await t.request('GET', '/api/v1/outcomes')).body.outcomes
    expect(outcomes).toMatchObject([{ id: card.id, patient: { name: card.patient?.name } }])
    await until(() => t.terminal.agent.outbox.status().pending === 0)
    expect(t.simulator.books()['health-card']?.['uses']).toHaveLength(1)
    technician = await enterAsTechnician(t)
    expect((await technician.get('/audit')).body.check).toMatchObject({ ok: true })
  })

  test('a key that systemd keeps is changed there', async () => {
    await begin()
    process.env['CREDENTIALS_DIRECTORY'] = t.dataDir
    writeFileSync(join(t.dataDir, 'maqiao-outbox-key'), 'ab'.repeat(32))
    try {
      const { status, body } = await technician.send('POST', '/keys/rotate', { what: 'outbox', why: '试' })
      expect([status, body.error.code]).toEqual([409, 'KEY_FROM_SYSTEMD'])
    } finally {
      delete process.env['CREDENTIALS_DIRECTORY']
    }
  })

  test('the generated token is replaced at once, and only in its file', async () => {
    await begin({ api: { token: undefined } })
    const place = join(t.dataDir, 'api-token')
    const old = readFileSync(place, 'utf8').trim()
    const as = (token: string) => t.request('GET', '/api/v1/outbox', undefined, { authorization: `Bearer ${token}` })
    expect((await as(old)).status).toBe(200)
    const { status, body } = await technician.send('POST', '/keys/rotate', { what: 'api-token', why: '交接' })
    expect([status, body]).toEqual([200, { what: 'api-token', place }])
    const fresh = readFileSync(place, 'utf8').trim()
    expect(fresh).not.toBe(old)
    expect([(await as(old)).status, (await as(fresh)).status]).toEqual([401, 200])
    expect(statSync(place).mode & 0o777).toBe(0o600)
    expect(technician.audited().at(-1)?.what).toBe('token.rotated')
    await t.restart()
    expect((await as(fresh)).status).toBe(200)
  })

  test('a token of the settings is changed in the settings', async () => {
    await begin()
    const { status, body } = await technician.send('POST', '/keys/rotate', { what: 'api-token', why: '交接' })
    expect([status, body.error.code]).toEqual([409, 'TOKEN_IN_SETTINGS'])
  })
})

function requestTo(origin: string): TestTerminal['request'] {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(origin + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers }
  }
}
