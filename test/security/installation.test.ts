/** What an installation keeps on its machine: who may read it, what of it children and dumps get, what a change of keys ends. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { writeFileDurably } from '../../src/agent/durable-file.ts'
import { parseSettings, SettingsError } from '../../src/agent/settings-file.ts'
import { runStart, settingsFile } from '../support/process.ts'
import { enterAsTechnician, listenAs } from '../support/technician.ts'
import { startTestTerminal, until } from '../support/terminal.ts'

const place = () => {
  const made = mkdtempSync(join(tmpdir(), 'maqiao-installation-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}
const opens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)))
    socket.on('error', () => resolve(false))
  })

describe('a terminal that is started carelessly', () => {
  const SECRET = 'a-secret-of-the-environment'

  test('keeps its files to its account, opens to no debugger, and tells no dump its environment', async () => {
    const dumps = place()
    const { config, dataDir } = settingsFile({ terminal: { id: 'W09' }, api: { port: 0, token: 'env:CARELESS_TOKEN' }, log: { file: true } })
    mkdirSync(dataDir, { mode: 0o755 })
    const before = process.umask(0)
    const inspector = 20_000 + (process.pid % 20_000)
    const options = `--inspect-port=${inspector} --report-on-signal --report-directory=${dumps}`
    const { child, ready, ended } = runStart(['--config', config, '--data-dir', dataDir, '--host', 'none'], { CARELESS_TOKEN: SECRET, NODE_OPTIONS: options })
    process.umask(before)
    const { api } = await ready
    expect((await fetch(`${api}/api/v1/outbox`, { headers: { authorization: `Bearer ${SECRET}` } })).status).toBe(200)

    const open = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) => (statSync(join(dataDir, name)).mode & 0o077) !== 0)
    expect(open).toEqual([])
    expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(['outbox.db', 'outbox.db-wal', 'outbox.key', 'session.key', 'state.db', 'logs']))

    child.kill('SIGUSR1')
    child.kill('SIGUSR2')
    const [dump] = await until(() => readdirSync(dumps), (names) => names.length > 0)
    const text = await until(() => readFileSync(join(dumps, dump as string), 'utf8'), (written) => written.endsWith('}\n') || written.trimEnd().endsWith('}'))
    expect(text).toContain('javascriptStack')
    expect(text).not.toContain(SECRET)
    expect(await opens(inspector)).toBe(false)
    expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain(SECRET)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })
})

describe('the browser that shows the screens', () => {
  test('gets the environment without what the settings take from it, and holds up nothing where it hangs at the end', async () => {
    const directory = place()
    const browser = join(directory, 'browser')
    writeFileSync(browser, `#!/bin/sh\necho BROWSER_PID=$$ > ${directory}/made; env >> ${directory}/made; mv ${directory}/made ${directory}/seen; exec sleep 60\n`, { mode: 0o755 })
    const { config, dataDir } = settingsFile({ terminal: { id: 'W09' }, api: { port: 0, token: 'env:BROWSER_TOKEN', clients: [{ name: 'x', token: 'env:BROWSER_OTHER', rights: ['scan'] }] } })
    const secrets = { BROWSER_TOKEN: 'a-secret-of-the-environment', BROWSER_OTHER: 'another-of-the-environment' }
    const { child, ready, ended } = runStart(['--config', config, '--data-dir', dataDir, '--host', 'browser'], { ...secrets, CHROME_PATH: browser, DISPLAY: ':0', BROWSER_KEPT: 'kept' })
    const { api } = await ready
    const seen = await until(() => readdirSync(directory).includes('seen') && readFileSync(join(directory, 'seen'), 'utf8'))
    expect(seen).toContain('BROWSER_KEPT=kept')
    expect(seen).not.toMatch(/of-the-environment|BROWSER_(TOKEN|OTHER)/)
    child.kill('SIGTERM')
    await until(() => opens(Number(new URL(api).port)), (isOpen) => !isOpen)
    expect(process.kill(Number(/BROWSER_PID=(\d+)/.exec(seen as string)?.[1]), 0)).toBe(true)
    expect((await ended).code).toBe(0)
  })
})

describe('a secret in a file', () => {
  const faultOf = (value: string, directory: string) => {
    try {
      parseSettings({ terminal: { id: 'W1' }, api: { token: `file:${value}` } }, directory)
      return 'none'
    } catch (error) {
      return (error as SettingsError).faults.map(({ path, reason }) => `${path}: ${reason}`).join()
    }
  }

  test('is read through a link, trimmed; anything that is no such file is a fault, and at once', () => {
    const directory = place()
    writeFileSync(join(directory, 'token'), '  a-token-in-a-file\n')
    symlinkSync('token', join(directory, 'link'))
    writeFileSync(join(directory, 'huge'), 'x'.repeat(70_000))
    mkdirSync(join(directory, 'folder'))
    execFileSync('mkfifo', [join(directory, 'pipe')])
    expect(faultOf('token', directory)).toBe('none')
    expect(faultOf('link', directory)).toBe('none')
    for (const name of ['huge', 'folder', 'pipe', '/dev/zero', '/dev/null']) expect([name, faultOf(name, directory)]).toEqual([name, expect.stringContaining('api.token: must be a regular file')])
    for (const name of ['missing', 'token\0', 'token/x', '']) expect([name, faultOf(name, directory)]).toEqual([name, expect.stringMatching(/^api\.token: (file cannot be read|must be a regular)/)])
  })
})

describe('a file that is replaced', () => {
  test('is made anew: neither a link nor the rights of a file left behind are taken over', () => {
    const directory = place()
    writeFileSync(join(directory, 'elsewhere'), 'untouched')
    symlinkSync(join(directory, 'elsewhere'), join(directory, 'api-token.new'))
    writeFileDurably(join(directory, 'api-token'), 'first', 0o600)
    expect(readFileSync(join(directory, 'elsewhere'), 'utf8')).toBe('untouched')
    writeFileSync(join(directory, 'api-token.new'), '')
    chmodSync(join(directory, 'api-token.new'), 0o666)
    writeFileDurably(join(directory, 'api-token'), 'second', 0o600)
    expect([readFileSync(join(directory, 'api-token'), 'utf8'), statSync(join(directory, 'api-token')).mode & 0o777]).toEqual(['second', 0o600])
  })
})

describe('a change of keys and tokens', () => {
  test('the outbox’s leaves the screens open, across a restart; deleting their own key ends them', async () => {
    const t = await startTestTerminal()
    onTestFinished(() => t.close())
    const technician = await enterAsTechnician(t)
    const asScreen = async () => (await t.request('GET', '/api/v1/screen', undefined, { authorization: `Bearer ${technician.screenToken}` })).status
    expect((await technician.send('POST', '/keys/rotate', { what: 'outbox', why: '每年更换' })).status).toBe(200)
    expect(await asScreen()).toBe(200)
    await t.restart()
    expect(await asScreen()).toBe(200)
    await t.terminal.stop()
    rmSync(join(t.dataDir, 'session.key'))
    await t.restart()
    expect(await asScreen()).toBe(401)
    expect(statSync(join(t.dataDir, 'session.key')).mode & 0o777).toBe(0o600)
  })

  test('the HIS’s ends what was opened with the old one, and its tickets', async () => {
    const other = { name: 'other', token: 'another-system-of-the-hospital', rights: ['scan'] }
    const t = await startTestTerminal({ settings: { api: { token: undefined, clients: [other] } } })
    onTestFinished(() => t.close())
    const old = readFileSync(join(t.dataDir, 'api-token'), 'utf8').trim()
    const technician = await enterAsTechnician(t)
    const listener = await listenAs(t, old)
    const kept = await listenAs(t, other.token)
    const { ticket } = (await t.request('POST', '/api/v1/tickets', undefined, { authorization: `Bearer ${old}` })).body
    expect((await technician.send('POST', '/keys/rotate', { what: 'api-token', why: '交接' })).status).toBe(200)
    expect(await listener.closed).toBe(4401)
    expect((await t.request('GET', `/api/v1/outcomes?ticket=${ticket}`, undefined, { authorization: '' })).status).toBe(401)
    await t.scanAtTty('MZ2020000101')
    await until(() => kept.of('outcome').length === 1)
    expect(listener.of('outcome')).toEqual([])
    kept.close()
  })
})
