/** Updates from a hospital's own file server: the real script and signatures, a played package manager and service. */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
const sha512 = (bytes: Uint8Array | string) => createHash('sha512').update(bytes).digest('base64')

type Site = {
  kind?: 'deb' | 'bundle'
  over?: 'http' | 'folder'
  /** Instead of what the list says. */
  body?: string
  list?: (list: string) => string
  forged?: boolean
  installed?: string
  /** Versions under which the service answers. */
  sound?: readonly string[]
}

/** A machine with a version of MaQiao on it, and a file server with 0.2.0. */
async function site({ kind = 'deb', over = 'folder', body, list = (text) => text, forged = false, installed = '0.1.0', sound = ['0.1.0', '0.2.0'] }: Site = {}) {
  const home = await mkdtemp(join(tmpdir(), 'maqiao-update-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const [bin, server, opt, run, kept] = ['bin', 'server', 'opt/maqiao', 'run', 'kept'].map((name) => join(home, name)) as [string, string, string, string, string]
  for (const folder of [bin, server, opt, run, kept, join(home, 'new/out/terminal')]) await mkdir(folder, { recursive: true })
  await writeFile(join(home, 'new/package.json'), '{\n  "version": "0.2.0"\n}')
  await writeFile(join(home, 'new/out/terminal/start.js'), '')
  execFileSync('tar', ['-czf', join(server, BUNDLE), '-C', join(home, 'new'), '.'])
  await writeFile(join(server, DEB), 'the bytes of 0.2.0')
  const packages = [['deb', DEB], ['bundle', BUNDLE]] as const
  const lines = await Promise.all(packages.map(async ([what, name]) => `package linux-x64 ${what} ${name} 1 ${sha512(await readFile(join(server, name)))}`))
  const text = list(['maqiao-update 1', 'version 0.2.0', 'date 2026-11-20', 'note more', 'package linux-arm64 deb other.deb 1 AAAA', ...lines, ''].join('\n'))
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
    systemctl: `echo "$*" >> "${home}/systemctl"; exit 0`,
    ...(over === 'folder' && { curl: `case " ${sound.join(' ')} " in *" $(${version}) "*) exit 0 ;; *) exit 7 ;; esac` }),
  }
  for (const [name, lines_] of Object.entries(played)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${lines_}\n`)
    await chmod(join(bin, name), 0o755)
  }
  const http = createServer(async (request, response) => {
    const found = await readFile(join(server, (request.url ?? '').replace('/maqiao/', ''))).catch(() => (request.url === '/health' ? '{}' : undefined))
    response.statusCode = found === undefined ? 404 : 200
    response.end(found)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => http.close(() => resolve())))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  await writeFile(join(home, 'update.conf'), `FROM=${over === 'http' ? `${origin}/maqiao` : server}\nPUBLIC_KEY=${KEY}\nHEALTH=${origin}/health\n`)
  await writeFile(join(run, 'install'), '0.2.0')
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, MAQIAO_HOME: opt, MAQIAO_KEPT: kept, MAQIAO_RUN: run, MAQIAO_WAIT_S: '1', no_proxy: '127.0.0.1' }
  return {
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
    ['a bundle that is none', { kind: 'bundle', body: 'no archive', list: (text) => text.replace(/(bundle \S+ 1) \S+/, `$1 ${sha512('no archive')}`) }],
    ['a list that somebody else signed', { forged: true }],
    ['a web page instead of the list', { list: () => '<html>' }],
    ['a list without a package for this machine', { list: (text) => text.replaceAll('linux-x64', 'linux-loong64') }],
    ['a list without a checksum', { list: (text) => text.replace(/(deb \S+ 1) \S+/g, '$1') }],
    ['a machine without a version of its own', { kind: 'bundle', installed: '' }],
    ['a name that leads elsewhere', { list: (text) => text.replace(DEB, '../../etc/x.deb') }],
    ['a version that is none', { list: (text) => text.replace('version 0.2.0', 'version $(id)') }],
  ] as [string, Site][])('installs nothing of %s', async (_what, site_) => {
    const machine = await site(site_)
    expect(await machine.run()).toBe(1)
    expect(await machine.version()).toBe(site_.installed ?? '0.1.0')
    expect(await machine.restarts()).toBe(0)
  })
})
