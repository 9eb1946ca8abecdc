/** Updates from a hospital's own file server: the real script and signatures, a played package manager and service. */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const SCRIPT = join(import.meta.dirname, '../../resources/update/maqiao-update.sh')
const DEB = 'MaQiao-0.2.0-linux-amd64.deb'
const BUNDLE = 'maqiao-0.2.0-linux-x64.tar.gz'
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const KEY = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const CHUNK = Buffer.alloc(65_536, 'x')
/** YYYY-MM-DD, so many days from now. */
const day = (after: number) => new Date(Date.now() + after * 86_400_000).toISOString().slice(0, 10)
const sha512 = (bytes: Uint8Array | string) => createHash('sha512').update(bytes).digest('base64')

type Site = {
  kind?: 'deb' | 'bundle'
  over?: 'http' | 'folder'
  /** Instead of what the list says. */
  body?: string
  /** Bytes without end instead of the list or the package. */
  endless?: 'list' | 'package'
  /** How the bundle is packed: the first ones had no folder at their top. */
  top?: boolean
  /** What /health answers after a restart (200), and whether the terminal tells on disk that it is ready. */
  health?: number
  tells?: boolean
  list?: (list: string) => string
  forged?: boolean
  installed?: string
  /** Versions under which the service answers. */
  sound?: readonly string[]
}

/** A machine with a version of MaQiao on it, and a file server with 0.2.0. */
async function site({ kind = 'deb', over = 'folder', body, list = (text) => text, forged = false, installed = '0.1.0', sound = ['0.1.0', '0.2.0'], endless, top = true, health = 200, tells = false }: Site = {}) {
  const home = await mkdtemp(join(tmpdir(), 'maqiao-update-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const [bin, server, opt, run, kept, data] = ['bin', 'server', 'opt/maqiao', 'run', 'kept', 'data'].map((name) => join(home, name)) as [string, string, string, string, string, string]
  for (const folder of [bin, server, opt, run, kept, data, join(home, 'new/out/terminal')]) await mkdir(folder, { recursive: true })
  await writeFile(join(home, 'new/package.json'), '{\n  "version": "0.2.0"\n}')
  await writeFile(join(home, 'new/out/terminal/start.js'), '')
  execFileSync('tar', ['-czf', join(server, BUNDLE), '-C', top ? home : join(home, 'new'), top ? 'new' : '.'])
  await writeFile(join(server, DEB), 'the bytes of 0.2.0')
  const packages = [['deb', DEB], ['bundle', BUNDLE]] as const
  const lines = await Promise.all(packages.map(async ([what, name]) => `package linux-x64 ${what} ${name} ${(await stat(join(server, name))).size} ${sha512(await readFile(join(server, name)))}`))
  const text = list(['maqiao-update 1', 'version 0.2.0', `date ${day(-1)}`, `expires ${day(179)}`, 'note more', 'package linux-arm64 deb other.deb 1 AAAA', ...lines, ''].join('\n'))
  await writeFile(join(server, 'maqiao-update.txt'), text)
  await writeFile(join(server, 'maqiao-update.txt.sig'), forged ? 'AAAA' : sign('sha256', Buffer.from(text), privateKey).toString('base64'))
  if (body !== undefined) await writeFile(join(server, kind === 'deb' ? DEB : BUNDLE), body)

  await writeFile(join(home, 'installed'), installed)
  await writeFile(join(opt, 'package.json'), `{\n  "version": "${installed}"\n}`)
  await writeFile(join(kept, 'current.deb'), `the bytes of ${installed}`)
  const version = kind === 'deb' ? `cat "${home}/installed"` : `sed -n 's/.*"version": "\\(.*\\)".*/\\1/p' "${opt}/package.json"`
  const played = {
    uname: 'echo x86_64',
    dpkg: `for last; do :; done; sed 's/the bytes of //' "$last" > "${home}/installed"`,
    'dpkg-query': kind === 'deb' ? `cat "${home}/installed"` : 'exit 1',
    systemctl: `[ "$1" = show ] && { echo 4321; exit 0; }; echo "$*" >> "${home}/systemctl"; exit 0`,
    ...(over === 'folder' && { curl: `case " ${sound.join(' ')} " in *" $(${version}) "*) printf ${health} ;; *) exit 7 ;; esac` }),
  }
  for (const [name, lines_] of Object.entries(played)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${lines_}\n`)
    await chmod(join(bin, name), 0o755)
  }
  if (tells) await writeFile(join(data, 'running.json'), '{"pid":4321,"version":"0.2.0","api":"http://127.0.0.1:9700"}')
  let sent = 0
  const http = createServer(async (request, response) => {
    if (endless !== undefined && request.url?.endsWith(endless === 'list' ? '.txt' : kind === 'deb' ? DEB : BUNDLE)) {
      const more = (): void => {
        while (!response.destroyed && response.write(CHUNK)) sent += CHUNK.length
      }
      response.on('drain', more)
      return more()
    }
    const found = await readFile(join(server, (request.url ?? '').replace('/maqiao/', ''))).catch(() => (request.url === '/health' ? '{}' : undefined))
    response.statusCode = found === undefined ? 404 : 200
    response.end(found)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => http.close(() => resolve())))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  await writeFile(join(home, 'update.conf'), `FROM=${over === 'http' ? `${origin}/maqiao` : server}\nPUBLIC_KEY=${KEY}\nHEALTH=${origin}/health\nDATA=${data}\n`)
  await writeFile(join(run, 'install'), '0.2.0')
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, MAQIAO_HOME: opt, MAQIAO_KEPT: kept, MAQIAO_RUN: run, MAQIAO_WAIT_S: '1', no_proxy: '127.0.0.1' }
  return {
    home,
    install: join(run, 'install'),
    sent: () => sent,
    /** Another list, signed by the same maker. */
    publish: async (change: (list: string) => string) => {
      const other = change(await readFile(join(server, 'maqiao-update.txt'), 'utf8'))
      await writeFile(join(server, 'maqiao-update.txt'), other)
      await writeFile(join(server, 'maqiao-update.txt.sig'), sign('sha256', Buffer.from(other), privateKey).toString('base64'))
    },
    run: (what = 'install') => new Promise<number>((resolve) => execFile(SCRIPT, [what, join(home, 'update.conf')], { env }, (error) => resolve(error === null ? 0 : Number(error.code)))),
    version: async () => execFileSync('sh', ['-c', version]).toString().trim(),
    said: () => readFile(join(kept, 'result'), 'utf8').catch(() => ''),
    asked: () => readFile(join(run, 'install'), 'utf8').catch(() => undefined),
    restarts: async () => (await readFile(join(home, 'systemctl'), 'utf8').catch(() => '')).split('\n').filter((line) => line.startsWith('restart')).length,
  }
}

const hasTools = ['curl', 'openssl', 'awk', 'tar'].every((tool) => spawnSync(tool, ['--version']).error === undefined)

describe.skipIf(!hasTools)('the update script (skipped where curl, openssl, awk or tar is not installed)', () => {
  it.each([['deb', 'http'], ['deb', 'folder'], ['bundle', 'http'], ['bundle', 'folder']] as const)('installs a newer %s from a %s, and goes back', async (kind, over) => {
    const machine = await site({ kind, over })
    expect(await machine.run()).toBe(0)
    expect(await machine.version()).toBe('0.2.0')
    expect(await machine.said()).toContain('已安装 0.2.0')
    expect([await machine.asked(), await machine.restarts()]).toEqual([undefined, 1])
    expect(await machine.run()).toBe(0)
    expect(await machine.restarts()).toBe(1)
    expect(await machine.run('back')).toBe(0)
    expect(await machine.version()).toBe('0.1.0')
    expect(await machine.run('back')).toBe(1)
  })

  it.each(['deb', 'bundle'] as const)('goes back by itself where the newer %s does not answer', async (kind) => {
    const machine = await site({ kind, sound: ['0.1.0'] })
    expect(await machine.run()).toBe(1)
    expect(await machine.version()).toBe('0.1.0')
    expect(await machine.said()).toContain('已退回 0.1.0')
  })

  it('looks without installing', async () => {
    const machine = await site()
    expect(await machine.run('look')).toBe(0)
    expect(await machine.version()).toBe('0.1.0')
  })

  it.each(['0.2.0', '0.10.0'])('leaves %s as it is', async (installed) => {
    const machine = await site({ installed })
    expect(await machine.run()).toBe(0)
    expect(await machine.version()).toBe(installed)
  })

  it.each([
    ['a package that was changed', { body: 'other bytes' }],
    ['an empty package', { body: '' }],
    ['a bundle that is none', { kind: 'bundle', body: 'no archive', list: (text) => text.replace(/(bundle \S+) .*/, `$1 10 ${sha512('no archive')}`) }],
    ['a list that somebody else signed', { forged: true }],
    ['a web page instead of the list', { list: () => '<html>' }],
    ['a list without a package for this machine', { list: (text) => text.replaceAll('linux-x64', 'linux-loong64') }],
    ['a list without a checksum', { list: (text) => text.replace(/(deb \S+ \d+) \S+/g, '$1') }],
    ['a machine without a version of its own', { kind: 'bundle', installed: '' }],
    ['a name that leads elsewhere', { list: (text) => text.replace(DEB, '../../etc/x.deb') }],
    ['a size that is none', { list: (text) => text.replace(/(deb \S+) \d+/g, '$1 1e9') }],
    ['a size that no package has', { list: (text) => text.replace(/(deb \S+) \d+/g, '$1 99999999999') }],
    ['a package that is longer than the list says', { list: (text) => text.replace(/(deb \S+) \d+/g, '$1 3') }],
    ['a list that has expired', { list: (text) => text.replace(/^expires .*/m, `expires ${day(-1)}`) }],
    ['a list that names no end and is older than 180 days', { list: (text) => text.replace(/^expires .*\n/m, '').replace(/^date .*/m, `date ${day(-181)}`) }],
    ['a list without a date', { list: (text) => text.replace(/^date .*\n/m, '') }],
    ['a name that is an option', { list: (text) => text.replace(DEB, '-x.deb') }],
    ['a version that is none', { list: (text) => text.replace('version 0.2.0', 'version $(id)') }],
  ] as [string, Site][])('installs nothing of %s', async (_what, site_) => {
    const machine = await site(site_)
    expect(await machine.run()).toBe(1)
    expect(await machine.version()).toBe(site_.installed ?? '0.1.0')
    expect(await machine.restarts()).toBe(0)
  })

  it('installs a bundle without a folder at its top too', async () => {
    const machine = await site({ kind: 'bundle', top: false })
    expect([await machine.run(), await machine.version()]).toEqual([0, '0.2.0'])
  })

  it('takes a list that names no end for 180 days', async () => {
    const machine = await site({ list: (text) => text.replace(/^expires .*\n/m, '') })
    expect([await machine.run(), await machine.version()]).toEqual([0, '0.2.0'])
  })

  it.each([
    ['an earlier date', (list: string) => list.replace(/^date .*/m, `date ${day(-2)}`)],
    ['the same date and a version before', (list: string) => list.replace('version 0.2.0', 'version 0.1.5')],
  ])('refuses a list put back with %s, though it is signed and in time', async (_what, change) => {
    const machine = await site()
    expect(await machine.run('look')).toBe(0)
    await machine.publish(change)
    expect(await machine.run()).toBe(1)
    expect([await machine.version(), await machine.said()]).toEqual(['0.1.0', expect.stringContaining('比以前见过的旧')])
  })

  it('lets the maker take a version back with a newer list', async () => {
    const machine = await site()
    expect(await machine.run('look')).toBe(0)
    await machine.publish((list) => list.replace('version 0.2.0', 'version 0.1.5').replace(/^date .*/m, `date ${day(0)}`))
    expect([await machine.run(), await machine.said()]).toEqual([0, expect.stringContaining('已安装 0.1.5')])
  })

  it.each(['list', 'package'] as const)('reads no more of an endless %s than it may', async (endless) => {
    const machine = await site({ over: 'http', endless })
    expect(await machine.run()).toBe(1)
    expect(await machine.version()).toBe('0.1.0')
    // The sockets' own buffers are on the way.
    expect(machine.sent()).toBeLessThan(16 * 1024 * 1024)
  })

  it('is stopped by nothing that lies under the name of a request', async () => {
    const machine = await site()
    await rm(machine.install)
    await mkdir(join(machine.install, 'deep/er'), { recursive: true })
    expect(await machine.run()).toBe(0)
    expect([await machine.version(), await machine.asked(), await machine.said()]).toEqual(['0.2.0', undefined, expect.stringContaining('已安装 0.2.0')])
  })

  it('tells every end: up to date, no configuration, an end in the midst of it', async () => {
    const newest = await site({ installed: '0.2.0' })
    await newest.run()
    expect(await newest.said()).toContain('已是最新版本')
    const bare = await site()
    await rm(join(bare.home, 'update.conf'))
    expect([await bare.run(), await bare.said()]).toEqual([1, expect.stringContaining('读不到更新配置')])
    const cut = await site()
    await writeFile(join(cut.home, 'bin/mktemp'), '#!/bin/sh\nexit 9\n', { mode: 0o755 })
    expect([await cut.run(), await cut.said()]).toEqual([9, expect.stringMatching(/list.*意外结束/)])
  })

  it.each([
    ['answers that it is flooded', { health: 429 }],
    ['does not get through, and has told on disk that it is ready', { sound: [], tells: true }],
  ] as [string, Site][])('keeps a version that %s', async (_what, site_) => {
    const machine = await site(site_)
    expect([await machine.run(), await machine.version()]).toEqual([0, '0.2.0'])
  })

  it.each([500, 404])('goes back where %i is all that answers', async (health) => {
    const machine = await site({ health })
    expect([await machine.run(), await machine.version()]).toEqual([1, '0.1.0'])
  })
})
