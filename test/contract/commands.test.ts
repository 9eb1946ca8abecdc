/** The commands of package.json from outside: readiness line, exit codes, faults of settings, doctor, simulate, decode. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { folder, ROOT, runCommand, startAgent, TOKEN, until, type Command } from './support/agent.ts'
import { fakePlatform } from './support/fake-platform.ts'
import { codes } from './support/people.ts'
import { ankang, settings } from './support/settings.ts'

const running = new Set<Command>()
const places: { remove(): void }[] = []
afterEach(async () => {
  for (const command of running) {
    if (command.child.exitCode === null) command.child.kill('SIGKILL')
    await command.ended
  }
  running.clear()
  for (const place of places.splice(0)) place.remove()
})
function run(...args: Parameters<typeof runCommand>): Command {
  const command = runCommand(...args)
  running.add(command)
  return command
}
function place(content?: unknown): ReturnType<typeof folder> {
  const made = folder(content)
  places.push(made)
  return made
}
const start = (at: ReturnType<typeof folder>, more: Parameters<typeof runCommand>[2] = {}) =>
  run('start', ['--config', at.config, '--data-dir', at.dataDir, '--host', 'none'], more)

/** Whether another user could run what stands in a folder. */
function isOpenToAll(path: string): boolean {
  return (statSync(path).mode & 0o005) === 0o005 && (path === dirname(path) || isOpenToAll(dirname(path)))
}

describe('npm run open', () => {
  it('prints an address that opens the screens of a running terminal once, and says where none runs', async () => {
    const at = place(settings({}))
    const nobody = await run('open', ['--data-dir', at.dataDir]).ended
    expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('NOT_RUNNING') })
    const { api } = await start(at).ready
    const { code, stdout } = await run('open', ['--data-dir', at.dataDir]).ended
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${api}/\\?ticket=[\\w-]+\n$`))
    const exchange = () => fetch(`${api}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ticket: new URL(stdout.trim()).searchParams.get('ticket') }) })
    expect((await exchange()).status).toBe(200)
    expect((await exchange()).status).toBe(401)
  })
})

describe('npm start', () => {
  it('prints one line of JSON when it is ready, and ends with 0 on SIGTERM', async () => {
    const at = place(settings({}))
    const command = start(at, { npm: true })
    const ready = await command.ready
    expect(ready).toEqual({ ready: true, api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), ui: expect.stringContaining(`${ready.api}/?ticket=`), host: 'none' })
    expect(command.stdout().trim().split('\n')).toHaveLength(1)
    for (const line of command.stderr().trim().split('\n').filter((text) => text && !text.startsWith('npm '))) {
      expect(() => JSON.parse(line), line).not.toThrow()
    }
    // npm hands SIGTERM on to its script.
    command.child.kill('SIGTERM')
    const { code, stdout } = await command.ended
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
  })

  it('ends with 0 on SIGINT', async () => {
    const command = start(place(settings({})))
    await command.ready
    command.child.kill('SIGINT')
    expect((await command.ended).code).toBe(0)
  })

  it('makes a token at the first start where the settings have none, readable by its owner alone', async () => {
    const at = place({ terminal: { id: 'W01' }, api: { port: 0 } })
    const command = start(at)
    const { api } = await command.ready
    const token = readFileSync(join(at.dataDir, 'api-token'), 'utf8').trim()
    expect(token.length).toBeGreaterThanOrEqual(16)
    expect(statSync(join(at.dataDir, 'api-token')).mode & 0o077).toBe(0)
    const response = await fetch(`${api}/api/v1/outbox`, { headers: { authorization: `Bearer ${token}` } })
    expect(response.status).toBe(200)
    expect(command.stderr()).not.toContain(token)
    command.child.kill('SIGTERM')
    await command.ended
    const again = start(at)
    const second = await again.ready
    expect((await fetch(`${second.api}/api/v1/outbox`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
  })

  it('names every fault of the settings with its path, exits 78 and starts nothing', async () => {
    const at = place({
      terminal: { mode: 'sideways', cityNo: '34' },
      platforms: {
        healthCard: { baseUrl: 'not a url', appSecret: 'x' },
        quanzhou: { baseUrl: 'https://q.example', appId: 'a', signType: 'RSA', encType: 'PKCS7' },
        ankang: { targetTypes: 'all', endpoints: {} },
      },
      recognition: { eVoucher: '(', repeatWithinMs: -1 },
      api: { port: 70_000, token: 'short' },
      outbox: { maxAttempts: -1 },
      surprise: true,
    })
    const { code, stderr, stdout } = await start(at).ended
    expect(code).toBe(78)
    expect(stdout).not.toContain('ready')
    expect(existsSync(at.dataDir)).toBe(false)
    for (const path of [
      'terminal.id: required',
      'terminal.mode',
      'terminal.cityNo',
      'platforms.healthCard.baseUrl',
      'platforms.healthCard.appId: required',
      'platforms.quanzhou.signType',
      'platforms.quanzhou.encType',
      'platforms.ankang.targetTypes',
      'recognition.eVoucher',
      'recognition.repeatWithinMs',
      'api.port',
      'api.token',
      'outbox.maxAttempts',
      'surprise',
    ]) {
      expect(stderr).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')}`, 'm'))
    }
    expect(stderr).not.toContain('short\n')
  })

  it.each([
    ['no such file', undefined],
    ['no JSON', '{"terminal": '],
    ['a list', '[]'],
    ['an empty file', ''],
  ])('exits 78 for %s', async (_name, content) => {
    const { code, stderr } = await start(place(content)).ended
    expect(code).toBe(78)
    expect(stderr).toMatch(/[一-龥]/)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('exits 78 for a secret that is not there, and names the setting', async () => {
    const { code, stderr } = await start(
      place(settings({ healthCard: { baseUrl: 'https://h.example', appId: 'a', appSecret: 'env:MAQIAO_NOT_SET' } })),
    ).ended
    expect(code).toBe(78)
    expect(stderr).toMatch(/^platforms\.healthCard\.appSecret/m)
  })

  it('takes secrets from the environment and from files', async () => {
    const at = place()
    writeFileSync(join(at.path, 'token'), `${TOKEN}-of-a-file\n`)
    writeFileSync(at.config, JSON.stringify(settings({ healthCard: { baseUrl: 'https://h.example', appId: 'a', appSecret: 'env:CONTRACT_SECRET' } }, { api: { port: 0, token: 'file:token' } })))
    const command = start(at, { env: { CONTRACT_SECRET: 'from-the-environment' } })
    const { api } = await command.ready
    expect((await fetch(`${api}/api/v1/outbox`, { headers: { authorization: `Bearer ${TOKEN}-of-a-file` } })).status).toBe(200)
  })

  it('says which port is in use', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as { port: number }
    const { code, stderr, stdout } = await start(place(settings({}, { api: { port, token: TOKEN } }))).ended
    server.close()
    expect(code).not.toBe(0)
    expect(code).not.toBeNull()
    expect(stdout).not.toContain('"ready"')
    expect(stderr).toContain(String(port))
    expect(stderr).toMatch(/[一-龥]/)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('listens at api.port', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as { port: number }
    await new Promise((done) => server.close(done))
    expect((await start(place(settings({}, { api: { port, token: TOKEN } }))).ready).api).toBe(`http://127.0.0.1:${port}`)
  })

  it('refuses a second terminal on the same data directory', async () => {
    const at = place(settings({}))
    const first = start(at)
    const { api } = await first.ready
    const { code, stderr } = await start(at).ended
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/另一个/)
    expect((await fetch(`${api}/api/v1/health`)).status).toBe(200)
  })

  it('says when the data directory cannot be made', async () => {
    const at = place(settings({}))
    writeFileSync(at.dataDir, 'a file stands where the folder should be')
    const { code, stderr, stdout } = await start(at).ended
    expect(code).not.toBe(0)
    expect(stdout).not.toContain('"ready"')
    expect(stderr).toMatch(/[一-龥]/)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it.runIf(process.getuid?.() !== 0 || isOpenToAll(ROOT))('says when the data directory cannot be written (skipped for root where no other account may read this folder)', async () => {
    const at = place(settings({}))
    mkdirSync(at.dataDir)
    chmodSync(at.dataDir, 0o555)
    chmodSync(at.path, 0o755)
    // Root may write everywhere: somebody else then.
    const { code, stderr, stdout } = await start(at, process.getuid?.() === 0 ? { uid: 65534 } : {}).ended
    chmodSync(at.dataDir, 0o700)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('DATA_DIR_NOT_WRITABLE')
    expect(stderr).toMatch(/[一-龥]/)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('refuses a word on the command line that it does not know', async () => {
    const at = place(settings({}))
    const { code, stdout } = await run('start', ['--config', at.config, '--data-dir', at.dataDir, '--host', 'television']).ended
    expect(code).not.toBe(0)
    expect(stdout).not.toContain('"ready"')
  })

  it('finishes what is in flight before it ends', async () => {
    const fake = await fakePlatform((call) =>
      call.path === '/transcode'
        ? { afterMs: 800, json: { flag: '200', errCode: '200', errMsg: '', data: [{ targetQrCode: 'q', targetId: 'slow', targetObject: '' }] } }
        : { status: 404 },
    )
    const agent = await startAgent(settings({ ankang: ankang(fake.url, { targetTypes: ['3401003'], requestTimeoutMs: 5000 }) }))
    const scan = agent.scan(codes.ankang())
    await until(() => fake.to('/transcode').length === 1)
    const ended = agent.stop()
    expect(await scan).toMatchObject({ status: 'accepted', targets: [{ id: 'slow' }] })
    expect((await ended).code).toBe(0)
    await agent.close()
    await fake.close()
  })

  it('does not wait longer than 5 s for a platform that is silent', async () => {
    const fake = await fakePlatform(() => 'hang')
    const agent = await startAgent(settings({ ankang: ankang(fake.url, { requestTimeoutMs: 60_000 }) }))
    const scan = agent.scan(codes.ankang()).catch(() => 'gone')
    await until(() => fake.calls.length > 0)
    const began = Date.now()
    const { code } = await agent.stop()
    expect(code).toBe(0)
    expect(Date.now() - began).toBeLessThan(7000)
    await scan
    await agent.close()
    await fake.close()
  })
})

describe('npm run doctor', () => {
  it('exits 0 with a line for each check where all is well', async () => {
    const fake = await fakePlatform(() => ({ json: { flag: '200', errCode: '200', errMsg: '', data: [] } }))
    const at = place(settings({ ankang: ankang(fake.url) }, { api: { port: 0, token: TOKEN } }))
    const { code, stdout, stderr } = await run('doctor', ['--config', at.config, '--data-dir', at.dataDir], { npm: true }).ended
    await fake.close()
    expect(`${stdout}${stderr}`).not.toContain(TOKEN)
    expect(stdout.trim().split('\n').length).toBeGreaterThan(2)
    expect([code, stdout]).toEqual([0, expect.any(String)])
  })

  it('exits 1 where a scanner is not there', async () => {
    const at = place(settings({}, { devices: { serial: [{ path: '/dev/not-there' }] } }))
    const { code, stdout } = await run('doctor', ['--config', at.config]).ended
    expect(code).toBe(1)
    expect(stdout).toContain('/dev/not-there')
  })

  it('names the faults of the settings', async () => {
    const at = place({ terminal: {}, api: { port: -1 } })
    const { code, stdout, stderr } = await run('doctor', ['--config', at.config]).ended
    expect(code).not.toBe(0)
    expect(stdout + stderr).toContain('terminal.id')
    expect(stdout + stderr).toContain('api.port')
  })
})

describe('npm run simulate and decode', () => {
  it('plays the platforms at the port that was asked for', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as { port: number }
    await new Promise((done) => server.close(done))
    const command = run('simulate', ['--port', String(port)])
    const status = await until(() => fetch(`http://127.0.0.1:${port}/`).then((response) => response.status, () => 0), Boolean, 15_000)
    expect(status).toBeGreaterThan(0)
    command.child.kill('SIGTERM')
    expect((await command.ended).code).toBe(0)
  })

  it('prints a line of JSON for each picture', async () => {
    const at = place()
    const { toFile } = await import('qrcode')
    const good = join(at.path, 'code.png')
    const text = codes.ankang()
    await toFile(good, text, { width: 500 })
    const { PNG } = await import('pngjs')
    const empty = join(at.path, 'empty.png')
    writeFileSync(empty, PNG.sync.write(new PNG({ width: 64, height: 64 })))
    const { code, stdout } = await run('decode', [good, empty]).ended
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line))
    expect(lines).toEqual([
      { file: good, text, ms: expect.any(Number) },
      { file: empty, text: null, ms: expect.any(Number) },
    ])
    expect(code).toBe(0)
  })
})
