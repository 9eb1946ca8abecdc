/** What the terminal knows of newer versions: looked for on a file server or in a folder, checked, told, handed on. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { parseSettings } from '../../../src/agent/settings-file.ts'
import { createUpdateDesk } from '../../../src/agent/update/update-desk.ts'
import { isNewer, isSigned, readUpdateList } from '../../../src/agent/update/update-list.ts'

const NAME = 'maqiao-0.2.0-linux-x64.tar.gz'
const PACKAGE = 'the bytes of a package'
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const KEY = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const LIST = ['maqiao-update 1', 'version 0.2.0', 'date 2026-11-20', 'expires 2027-05-19', 'note 新的设置单', `package linux-x64 bundle ${NAME} ${PACKAGE.length} ${createHash('sha512').update(PACKAGE).digest('base64')}`, ''].join('\n')
/** 09:00 on this machine's clock. */
const NINE = new Date(2026, 10, 22, 9).getTime()

const WHY = { why: '试', who: '王工' }
type World = { own?: { system: string; kind: string }; over?: 'http' | 'folder'; list?: string; body?: string; forged?: boolean; version?: string; scannedAgoMs?: number; installer?: boolean }

async function desk({ own = { system: 'linux-x64', kind: 'bundle' }, over = 'folder', list = LIST, body = PACKAGE, forged = false, version = '0.1.0', scannedAgoMs, installer = true }: World = {}) {
  const home = mkdtempSync(join(tmpdir(), 'maqiao-updates-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const [server, run, dataDir] = ['server', 'run', 'data'].map((name) => join(home, name)) as [string, string, string]
  mkdirSync(server)
  mkdirSync(dataDir)
  if (installer) mkdirSync(run)
  writeFileSync(join(server, 'maqiao-update.txt'), list)
  writeFileSync(join(server, 'maqiao-update.txt.sig'), forged ? 'AAAA' : sign('sha256', Buffer.from(list), privateKey).toString('base64'))
  writeFileSync(join(server, NAME), body)
  let from = server
  if (over === 'http') {
    const http = createServer((request, response) => {
      const file = join(server, (request.url ?? '').replace('/m/', ''))
      if (!existsSync(file)) return response.writeHead(404).end()
      response.end(readFileSync(file))
    })
    await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
    onTestFinished(() => void http.close())
    from = `http://127.0.0.1:${(http.address() as AddressInfo).port}/m/`
  }
  const clock = { now: NINE }
  const audited: unknown[] = []
  const make = () => createUpdateDesk({
    settings: parseSettings({ terminal: { id: 'W01' }, update: { from, publicKey: KEY, lookAt: '03:30' } }),
    dataDir,
    version,
    startedAt: NINE,
    lastScanAt: () => (scannedAgoMs === undefined ? undefined : clock.now - scannedAgoMs),
    audit: { write: (...entry) => void audited.push(entry) },
    log: () => {},
    now: () => clock.now,
    own,
    requestDir: run,
    resultFile: join(home, 'result'),
  })
  const made = make()
  onTestFinished(made.stop)
  /** After a restart. */
  const again = () => {
    const other = make()
    onTestFinished(other.stop)
    return other
  }
  return { again, desk: made, run, dataDir, server, clock, home, audited }
}

afterEach(() => void vi.useRealTimers())

describe('looking for a newer version', () => {
  test.each(['http', 'folder'] as const)('in a %s: told with what is new, fetched and checked', async (over) => {
    const { desk: it } = await desk({ over })
    expect(it.state()).toMatchObject({ state: 'never', lookedAt: null })
    const found = await it.look()
    expect(found).toMatchObject({ state: 'newer', fault: null, lookedAt: new Date(NINE).toISOString(), newer: { version: '0.2.0', date: '2026-11-20', notes: ['新的设置单'], bytes: PACKAGE.length } })
    expect(readFileSync(found.newer!.file!, 'utf8')).toBe(PACKAGE)
  })

  test('what is there already is kept while it is whole, and fetched once more where it is not', async () => {
    const { desk: it, server } = await desk()
    const file = (await it.look()).newer!.file!
    writeFileSync(join(server, NAME), 'gone bad on the server')
    expect((await it.look()).state).toBe('newer')
    writeFileSync(file, PACKAGE.toUpperCase())
    expect(await it.look()).toMatchObject({ state: 'failed', fault: { code: 'UPDATE_DAMAGED' } })
    expect(existsSync(file)).toBe(false)
  })

  test('nothing newer: said so, and what was fetched is gone', async () => {
    const { desk: it, dataDir } = await desk({ version: '0.2.0' })
    mkdirSync(join(dataDir, 'updates'), { recursive: true })
    expect(await it.look()).toMatchObject({ state: 'current', newer: null })
    expect(existsSync(join(dataDir, 'updates'))).toBe(false)
  })

  test.each([
    ['UPDATE_UNSIGNED', { forged: true }],
    ['UPDATE_LIST', { list: '<html>' }],
    ['UPDATE_LIST', { list: LIST.replace(/^date .*/m, 'date tomorrow') }],
    ['UPDATE_LIST', { list: LIST.replace(/^expires .*/m, 'expires never') }],
    ['UPDATE_LIST', { list: LIST.replace(` ${PACKAGE.length} `, ' 99999999999 ') }],
    ['UPDATE_EXPIRED', { list: LIST.replace(/^expires .*/m, 'expires 2026-11-20') }],
    ['UPDATE_EXPIRED', { list: LIST.replace(/^expires .*\n/m, '').replace('2026-11-20', '2026-05-01') }],
    ['UPDATE_NO_PACKAGE', { list: LIST.replace('linux-x64 bundle', 'linux-arm64 bundle') }],
    ['UPDATE_DAMAGED', { body: 'the bytes of a packagE' }],
    ['UPDATE_DAMAGED', { body: `${PACKAGE} and more` }],
  ] as [string, World][])('%s is told, and nothing can be installed', async (code, world) => {
    const { desk: it, run } = await desk(world)
    expect(await it.look()).toMatchObject({ state: 'failed', fault: { code, message: expect.any(String), advice: expect.any(String) } })
    expect(() => it.install('0.2.0', WHY)).toThrow(expect.objectContaining({ code: 'UPDATE_NOT_READY' }))
    expect(existsSync(join(run, 'install'))).toBe(false)
  })

  test('a list that is older than one seen before is told, after a restart too', async () => {
    const world = await desk()
    const publish = (list: string) => {
      writeFileSync(join(world.server, 'maqiao-update.txt'), list)
      writeFileSync(join(world.server, 'maqiao-update.txt.sig'), sign('sha256', Buffer.from(list), privateKey).toString('base64'))
    }
    expect((await world.desk.look()).state).toBe('newer')
    for (const older of [LIST.replace('date 2026-11-20', 'date 2026-11-19'), LIST.replace('version 0.2.0', 'version 0.1.5')]) {
      publish(older)
      expect(await world.desk.look()).toMatchObject({ state: 'failed', fault: { code: 'UPDATE_OLDER' } })
      expect(await world.again().look()).toMatchObject({ state: 'failed', fault: { code: 'UPDATE_OLDER' } })
    }
    publish(LIST.replace('version 0.2.0', 'version 0.1.5').replace('date 2026-11-20', 'date 2026-11-21'))
    expect(await world.again().look()).toMatchObject({ state: 'newer', newer: { version: '0.1.5' } })
    // Dated by a clock that was wrong: the next list is not kept out by it.
    publish(LIST.replace('date 2026-11-20', 'date 2027-11-20').replace(/^expires .*/m, 'expires 2028-01-01'))
    expect(await world.again().look()).toMatchObject({ state: 'newer', newer: { version: '0.2.0' } })
    publish(LIST.replace('date 2026-11-20', 'date 2026-11-22'))
    expect(await world.again().look()).toMatchObject({ state: 'newer', newer: { version: '0.2.0' } })
  })

  test('what lies there already is taken only for what the list says it is', async () => {
    const { desk: it } = await desk()
    const file = (await it.look()).newer!.file!
    writeFileSync(file, 'x'.repeat(PACKAGE.length))
    expect(await it.look()).toMatchObject({ state: 'newer', newer: { file } })
    expect(readFileSync(file, 'utf8')).toBe(PACKAGE)
  })

  test('a server that is away is told, and is asked again', async () => {
    const { desk: it, server, home } = await desk()
    rmSync(join(server, 'maqiao-update.txt.sig'))
    expect(await it.look()).toMatchObject({ state: 'failed', fault: { code: 'UPDATE_UNREACHABLE' } })
    writeFileSync(join(server, 'maqiao-update.txt.sig'), sign('sha256', Buffer.from(LIST), privateKey).toString('base64'))
    writeFileSync(join(home, 'result'), '2026-11-22 03:31 已安装 0.1.0\n')
    expect(await it.look()).toMatchObject({ state: 'newer', result: '2026-11-22 03:31 已安装 0.1.0' })
  })

  test('happens by itself once a day, and never while patients are served', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const world: World = { scannedAgoMs: 60_000 }
    const { desk: it, clock } = await desk(world)
    const minutes = (count: number) => {
      for (let i = 0; i < count; i += 1) {
        clock.now += 60_000
        vi.advanceTimersByTime(60_000)
      }
    }
    minutes(60)
    expect(it.state().state).toBe('never')
    const quiet = await desk()
    const later = (count: number) => {
      for (let i = 0; i < count; i += 1) {
        quiet.clock.now += 60_000
        vi.advanceTimersByTime(60_000)
      }
    }
    later(9)
    expect(quiet.desk.state().state).toBe('never')
    later(1)
    await vi.waitFor(() => expect(quiet.desk.state().state).toBe('newer'))
    const first = quiet.desk.state().lookedAt
    later(60)
    expect(quiet.desk.state().lookedAt).toBe(first)
    // 10:10 to 03:31.
    later(1041)
    await vi.waitFor(() => expect(quiet.desk.state().lookedAt).not.toBe(first))
    expect(new Date(quiet.desk.state().lookedAt!).getHours()).toBe(3)
  })
})

describe('installing', () => {
  test('is asked of the service, by version', async () => {
    const { desk: it, run, audited } = await desk()
    await it.look()
    it.install('0.2.0', WHY)
    expect(audited).toEqual([['王工', 'update.asked', { why: '试', version: '0.2.0' }]])
    expect(readFileSync(join(run, 'install'), 'utf8')).toBe('0.2.0\n')
    expect(() => it.install('0.3.0', WHY)).toThrow(expect.objectContaining({ code: 'UPDATE_NOT_READY' }))
  })
  test('writes through nothing that another account of this machine has put in the way', async () => {
    const { desk: it, run, home } = await desk()
    await it.look()
    writeFileSync(join(home, 'outbox.key'), 'the key')
    symlinkSync(join(home, 'outbox.key'), join(run, 'install'))
    expect(() => it.install('0.2.0', WHY)).toThrow(expect.objectContaining({ code: 'UPDATE_NO_INSTALLER' }))
    expect(readFileSync(join(home, 'outbox.key'), 'utf8')).toBe('the key')
  })
  test('is not called asked for where a folder stands in the way, and is once where it was asked for before', async () => {
    const { desk: it, run } = await desk()
    await it.look()
    mkdirSync(join(run, 'install'))
    expect(() => it.install('0.2.0', WHY)).toThrow(expect.objectContaining({ code: 'UPDATE_NO_INSTALLER' }))
    rmSync(join(run, 'install'), { recursive: true })
    it.install('0.2.0', WHY)
    it.install('0.2.0', WHY)
    expect(readFileSync(join(run, 'install'), 'utf8')).toBe('0.2.0\n')
  })
  test.each(['nsis', 'deb', 'bundle'])('a command for an administrator (%s) runs nothing that the terminal’s account can write', async (kind) => {
    for (const over of ['http', 'folder'] as const) {
      const { desk: it, dataDir } = await desk({ over, installer: false, own: { system: 'linux-x64', kind }, list: LIST.replace('linux-x64 bundle', `linux-x64 ${kind}`) })
      const { command, newer } = await it.look()
      expect(newer?.file).toContain(dataDir)
      expect(command).not.toContain(dataDir)
      if (kind !== 'nsis') expect(command).toBe('sudo /usr/lib/maqiao/maqiao-update.sh')
      else expect(command).toMatch(new RegExp(`ProgramFiles.*${NAME}.*SHA512.*'${createHash('sha512').update(PACKAGE).digest('hex')}'.*'/S'`, 'i'))
    }
  })
  test('waits where somebody has just scanned', async () => {
    const { desk: it, run } = await desk({ scannedAgoMs: 5000 })
    await it.look()
    expect(() => it.install('0.2.0', WHY)).toThrow(expect.objectContaining({ code: 'UPDATE_BUSY' }))
    expect(existsSync(join(run, 'install'))).toBe(false)
  })
  test('is an administrator’s where there is no service', async () => {
    const { desk: it } = await desk({ installer: false })
    expect(await it.look()).toMatchObject({ installer: false, command: expect.stringContaining('maqiao-update.sh') })
    expect(() => it.install('0.2.0', WHY)).toThrow(expect.objectContaining({ code: 'UPDATE_NO_INSTALLER' }))
  })
})

test('versions are compared as numbers', () => {
  expect([isNewer('0.10.0', '0.9.9'), isNewer('1.0.0', '1.0.0'), isNewer('0.1.9', '0.2.0')]).toEqual([true, false, false])
})
test.each(['', 'maqiao-update 2\nversion 0.2.0', 'maqiao-update 1\nversion x', `maqiao-update 1\nversion 0.2.0\npackage linux-x64 deb ../x 1 A`])('%j is no list', (text) => {
  expect(readUpdateList(text)).toBeUndefined()
})
test.each(['secp256k1', 'P-384', 'P-521'])('a key of the curve %s is refused by the settings and signs nothing, though its signature holds', (namedCurve) => {
  const other = generateKeyPairSync('ec', { namedCurve })
  const spki = other.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const signature = sign('sha256', Buffer.from(LIST), other.privateKey).toString('base64')
  expect(() => parseSettings({ terminal: { id: 'W01' }, update: { from: '/srv/maqiao', publicKey: spki } })).toThrow(/update\.publicKey/)
  expect(isSigned(Buffer.from(LIST), signature, spki)).toBe(false)
  expect(isSigned(Buffer.from(LIST), sign('sha256', Buffer.from(LIST), privateKey).toString('base64'), KEY)).toBe(true)
})
test('settings refuse a key that is none and a place that is none', () => {
  const faults = (update: object) => {
    try {
      parseSettings({ terminal: { id: 'W01' }, update })
      return []
    } catch (error) {
      return (error as { faults: { path: string }[] }).faults.map(({ path }) => path)
    }
  }
  expect(faults({ from: 'ftp://x', publicKey: 'AAAA', lookAt: '25:00' })).toEqual(['update.from', 'update.publicKey', 'update.lookAt'])
  // The place is shown on the screen, and nobody logs in there.
  expect(faults({ from: 'http://user:pass@files.example/maqiao', publicKey: KEY })).toEqual(['update.from'])
  expect(faults({ from: '\\\\files\\maqiao', publicKey: KEY })).toEqual([])
})
