/** `--help` of every command, what asks the registry, and the way back to the screens. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startTerminal } from '../../src/terminal/terminal.ts'

const ROOT = join(import.meta.dirname, '../..')
const SCRIPTS = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts

function run(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((done) => child.once('close', (code) => done({ code, stdout, stderr })))
}

/** What `npm run NAME` starts last, as arguments of node. */
const argsOf = (script: string) => script.split('&&').at(-1)!.trim().replace(/^exec /, '').split(' ').slice(1)
const OURS = Object.entries(SCRIPTS).filter(([, script]) => /node (scripts|test)\//.test(script) && !script.includes('vitest'))

describe('--help', () => {
  test('every command of package.json that is ours is asked here', () => {
    expect(OURS.map(([name]) => name).sort()).toEqual(expect.arrayContaining(['audit', 'bench', 'build', 'bundle', 'decode', 'dist', 'doctor', 'electron', 'open', 'sbom', 'sign-update', 'simulate', 'soak', 'start', 'test:electron']))
  })
  test.each(OURS)('%s: exit 0, how it is used, and nothing is done', async (name, script) => {
    // These load all that they measure first.
    for (const flag of ['bench', 'soak'].includes(name) ? ['--help'] : ['--help', '-h']) {
      const { code, stdout, stderr } = await run([...argsOf(script), flag])
      expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/^用法：npm /), ''])
    }
  })
})

describe('npm run audit', () => {
  test('a registry that is silent is given up, and is no pass', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((done) => silent.once('listening', done))
    onTestFinished(() => void silent.close())
    const env = { npm_config_registry: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`, MAQIAO_AUDIT_LIMIT_MS: '1500' }
    const [plain, strict] = await Promise.all([run(['scripts/audit.mjs'], env), run(['scripts/audit.mjs', '--strict'], env)])
    expect([plain.code, strict.code]).toEqual([0, 75])
    for (const { stdout } of [plain, strict]) {
      expect(stdout.match(/NOT CHECKED/g)).toHaveLength(2)
      expect(stdout).not.toContain('none wrong')
    }
  })
})

describe('npm run open', () => {
  const open = (...args: string[]) => run(['src/terminal/open.ts', ...args])
  test.each(['window', 'kiosk'] as const)('prints an address that lets a page in once (%s)', async (mode) => {
    const folder = mkdtempSync(join(tmpdir(), 'maqiao-open-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const config = join(folder, 'settings.json')
    writeFileSync(config, JSON.stringify({ terminal: { id: 'W01', mode }, api: { port: 0 } }))
    const dataDir = join(folder, 'data')
    expect(await open('--data-dir', dataDir)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('NOT_RUNNING') })
    const terminal = await startTerminal({ config, dataDir, version: '0.0.0', host: 'none', writeLog: () => {} })
    onTestFinished(() => terminal.stop())
    const { code, stdout } = await open('--data-dir', dataDir)
    const address = new URL(stdout.trim())
    expect([code, address.origin]).toEqual([0, terminal.ready.api])
    const enter = () => fetch(`${address.origin}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ticket: address.searchParams.get('ticket') }) })
    const first = await enter()
    expect([first.status, ((await first.json()) as { role: string }).role]).toEqual([200, mode === 'kiosk' ? 'kiosk' : 'desk'])
    expect((await enter()).status).toBe(401)
    await terminal.stop()
    expect(await open('--data-dir', dataDir)).toMatchObject({ code: 1, stderr: expect.stringContaining('NOT_RUNNING') })
  })
})

test('the settings example of the README starts a terminal as it is printed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'maqiao-readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['README.md', 'README.zh-CN.md']) {
    const [, example = ''] = /```json\n([^]*?)```/.exec(readFileSync(join(ROOT, name), 'utf8')) ?? []
    const config = join(folder, 'settings.json')
    // The port may be a running terminal's.
    writeFileSync(config, example)
    const terminal = await startTerminal({ config, dataDir: join(folder, name), version: '0.0.0', host: 'none', port: 0, writeLog: () => {} })
    expect(terminal.ready.api).toMatch(/^http:/)
    await terminal.stop()
  }
})

test('the schema and the page of the settings are what the source says', async () => {
  const { code, stderr } = await run(['scripts/write-settings.ts', '--check'])
  expect([code, stderr]).toEqual([0, ''])
})
