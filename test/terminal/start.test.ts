import { spawn } from 'node:child_process'
import { readFileSync, statSync, symlinkSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runStart, settingsFile } from '../support/process.ts'

const LEAST = { terminal: { id: 'W09' }, api: { port: 0 } }
const start = (settings: unknown, ...more: string[]) => {
  const { config, dataDir } = settingsFile(settings)
  return { ...runStart(['--config', config, '--data-dir', dataDir, '--host', 'none', ...more]), dataDir }
}

describe('npm start', () => {
  test('says when it is ready on one line, makes its token, and ends on SIGTERM with 0', async () => {
    const { child, ready, ended, dataDir } = start(LEAST)
    const line = await ready
    expect(line).toEqual({ ready: true, api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), ui: expect.stringContaining('/?ticket='), host: 'none' })
    expect(statSync(join(dataDir, 'api-token')).mode & 0o777).toBe(0o600)
    const health = await (await fetch(`${line.api}/api/v1/health`)).json()
    expect(health).toMatchObject({ status: 'ok', terminalId: 'W09' })
    child.kill('SIGTERM')
    const { code, stdout, stderr } = await ended
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    for (const entry of stderr.trim().split('\n')) expect(JSON.parse(entry)).toHaveProperty('event')
  })

  test('the demo runs without any settings', async () => {
    const { dataDir } = settingsFile('{}')
    const { child, ready, ended } = runStart(['--data-dir', dataDir, '--host', 'none', '--port', '0'])
    const { api } = await ready
    const { devices, platforms } = (await (await fetch(`${api}/api/v1/health`)).json()) as { devices: unknown[]; platforms: { id: string; state: string }[] }
    expect(devices).toEqual([{ id: 'serial:virtual', kind: 'serial', state: 'open' }])
    expect(platforms.find(({ id }) => id === 'health-card')?.state).toBe('unknown')
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })

  test('bad settings: exit 78, a line for each fault, nothing started', async () => {
    const { ended, ready } = start({ terminal: {}, platforms: { healthCard: { baseUrl: 'https://x.example', appSecret: 's' } }, api: { port: 'x' } })
    await expect(ready).rejects.toThrow('78')
    const { code, stdout, stderr } = await ended
    expect([code, stdout]).toEqual([78, ''])
    const lines = stderr.trim().split('\n')
    for (const line of ['terminal.id: required', 'platforms.healthCard.appId: required', 'hospital.id: required']) expect(lines).toContain(line)
    const paths = lines.map((line) => /^([\w.]+): \S/.exec(line)?.[1])
    expect(paths).toContain('api.port')
    expect(new Set(paths).size).toBe(lines.length)
  })

  test('a port in use, a data directory that cannot be, a second terminal on one directory', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await new Promise((done) => holder.once('listening', done))
    const { port } = holder.address() as { port: number }
    const taken = await start({ ...LEAST, api: { port } }).ended
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('PORT_IN_USE')])
    holder.close()

    const { config } = settingsFile(LEAST)
    const nowhere = await runStart(['--config', config, '--data-dir', join(config, 'data'), '--host', 'none']).ended
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('DATA_DIR_NOT_WRITABLE')])

    const first = start(LEAST)
    await first.ready
    const second = await runStart(['--config', config, '--data-dir', first.dataDir, '--host', 'none']).ended
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining('OUTBOX_IN_USE')])
    first.child.kill('SIGTERM')
    expect((await first.ended).code).toBe(0)
  })

  test('a data directory on a drive that is not there', async () => {
    const { config } = settingsFile(LEAST)
    // /proc makes no folders, as such a drive makes none.
    const missing = await runStart(['--config', config, '--data-dir', '/proc/no-drive/data', '--host', 'none']).ended
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/^DATA_DIR_MISSING: .*\/proc\/no-drive.*磁盘.*\n$/)])
    const link = join(config, '..', 'unmounted')
    symlinkSync(join(config, '..', 'nowhere'), link)
    const dangling = await runStart(['--config', config, '--data-dir', link, '--host', 'none']).ended
    expect([dangling.code, dangling.stderr]).toEqual([1, expect.stringContaining('DATA_DIR_MISSING')])
  })

  test('SIGTERM while a platform hangs: ended within the 5 s, the report kept', async () => {
    const hanging = createHttpServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((done) => hanging.once('listening', done))
    const baseUrl = `http://127.0.0.1:${(hanging.address() as { port: number }).port}`
    const { child, ready, ended } = start({
      terminal: { id: 'W09' },
      hospital: { id: '1', code: '01', name: '人民医院', cityCode: '340100', cityName: '合肥市' },
      platforms: { healthCard: { baseUrl, appId: 'a', appSecret: 's', requestTimeoutMs: 60_000 } },
      api: { port: 0, token: '0123456789abcdef' },
    })
    const { api } = await ready
    const asked = new Promise((done) => hanging.once('request', done))
    const scanning = fetch(`${api}/api/v1/scans`, {
      method: 'POST',
      headers: { authorization: 'Bearer 0123456789abcdef', 'content-type': 'application/json' },
      body: JSON.stringify({ text: `${'AB'.repeat(32)}:1` }),
    }).then((response) => response.json(), () => 'cut')
    await asked
    const since = performance.now()
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    expect(performance.now() - since).toBeLessThan(7000)
    expect(JSON.stringify(await scanning)).toMatch(/cut|REQUEST_ABORTED|STOPPING/)
    hanging.closeAllConnections()
    hanging.close()
  })

  test('an unknown option is told with the usage', async () => {
    const { code, stderr } = await runStart(['--colour', 'blue']).ended
    expect(code).toBe(64)
    expect(stderr).toContain('用法')
    expect((await runStart(['--host', 'moon']).ended).code).toBe(64)
  })

  test.runIf(process.platform === 'linux')('a crash leaves no core dump (Linux), though the desktop allows them', async () => {
    const { config, dataDir } = settingsFile(LEAST)
    const script = join(import.meta.dirname, '../../scripts/start.mjs')
    const child = spawn('/bin/sh', ['-c', 'ulimit -c "$(ulimit -Hc)" && exec "$@"', 'sh', process.execPath, script, '--config', config, '--data-dir', dataDir, '--host', 'none'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let printed = ''
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text).includes('"ready":true') && resolve())
      child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
    })
    const [, soft, hard] = /^Max core file size\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/limits`, 'utf8')) ?? []
    expect([Number(soft), Number(hard)].every((bytes) => bytes <= 1)).toBe(true)
  })
})
