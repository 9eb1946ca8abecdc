/** The built shell and preload script over a real Chromium, Electron itself played by the double. */
import { fork } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { launchOverDouble, type Launch } from './shell-driver.ts'
import { shellSuite } from './shell-suite.ts'

const launch: Launch = async (start) => {
  const shell = await launchOverDouble(start)
  onTestFinished(() => shell.end())
  return shell
}

describe('the shell over the double', () => {
  shellSuite(launchOverDouble)

  it('docks on the screen that it is on, whatever its scale, and on another one when that is taken away', async () => {
    const shell = await launch()
    await firstLine(shell)
    const WINDOW = 'electron.BrowserWindow.getAllWindows()[0]'
    const second = { x: 1920, y: 40, width: 1280, height: 680 }
    await shell.inMain(`electron.screen.displays.push({ workArea: ${JSON.stringify(second)}, scaleFactor: 1.5 }); ${WINDOW}.setBounds({ x: 2000, y: 100, width: 900, height: 500 })`)
    await vi.waitFor(async () => expect(await shell.inPage(`window.maqiaoShell.setLayout('strip', 80)`)).toBe('strip'), { timeout: 10_000 })
    expect(await shell.inMain(`return ${WINDOW}.getBounds()`)).toEqual({ ...second, height: 80 })
    await shell.inMain(`electron.screen.displays.pop(); electron.screen.emit('display-removed', {}, {})`)
    expect(await shell.inMain(`return ${WINDOW}.getBounds()`)).toEqual({ x: 0, y: 0, width: 1920, height: 80 })
  })

  it('keeps secrets sealed on disk, and hands them to the settings that name them', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'maqiao-secrets-'))
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const stored = await launch({ dataDir, args: ['--store-secret', 'API_TOKEN'], stdin: 'a-token-of-the-test\n' })
    expect(await stored.exited).toBe(0)
    expect(await readFile(join(dataDir, 'secrets/API_TOKEN'), 'utf8')).not.toContain('a-token-of-the-test')

    const settings = { terminal: { id: 'W01' }, api: { port: 0, token: 'env:API_TOKEN' } }
    const shell = await launch({ dataDir, settings })
    const { api } = JSON.parse(await firstLine(shell)) as { api: string }
    const reply = await fetch(`${api}/api/v1/outbox`, { headers: { authorization: 'Bearer a-token-of-the-test' } })
    expect(reply.status).toBe(200)
    expect(await shell.inMain('return process.env.API_TOKEN ?? null')).toBe(null)
  })

  it('takes what the settings and the PIN stood in out of its environment, so that the pages’ processes have none of it', async () => {
    const settings = { terminal: { id: 'W01' }, api: { port: 0, token: 'env:SHELL_TOKEN' } }
    const shell = await launch({ settings, env: { SHELL_TOKEN: 'a-token-of-the-environment', MAQIAO_TECHNICIAN_PIN: '2718', SHELL_KEPT: 'kept' } })
    const { api } = JSON.parse(await firstLine(shell)) as { api: string }
    const reply = await fetch(`${api}/api/v1/outbox`, { headers: { authorization: 'Bearer a-token-of-the-environment' } })
    expect(reply.status).toBe(200)
    expect(await shell.inMain('const { SHELL_TOKEN, MAQIAO_TECHNICIAN_PIN, SHELL_KEPT } = process.env; return { SHELL_TOKEN, MAQIAO_TECHNICIAN_PIN, SHELL_KEPT }')).toEqual({ SHELL_KEPT: 'kept' })
  })

  it('tells where a defect was and nothing of what it held: of a promise nobody awaited it lives on, of an error it ends', async () => {
    const shell = await launch()
    await firstLine(shell)
    const patient = '欧阳测试 34010119850612004X'
    await shell.inMain(`void Promise.reject(Object.assign(new TypeError(${JSON.stringify(patient)}), { held: ${JSON.stringify(patient)} }))`)
    await vi.waitFor(() => expect(shell.output().stderr).toContain('terminal.unawaited'), { timeout: 10_000 })
    expect(await shell.inMain('return 1')).toBe(1)
    await shell.inMain(`setTimeout(() => { throw Object.assign(new RangeError(${JSON.stringify(patient)}), { code: 'E_TEST' }) })`)
    expect(await shell.exited).toBe(1)
    const { stderr } = shell.output()
    expect(stderr).toMatch(/"level":"fatal".*"event":"terminal\.died","name":"RangeError","code":"E_TEST","at":\["at /)
    expect(stderr).not.toMatch(/欧阳|34010119850612004X/)
  })

  it('ends where it came to nothing, instead of keeping the next one from starting', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'maqiao-nothing-'))
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    await writeFile(join(dataDir, 'autostart'), 'a file where the folder should be')
    const shell = await launch({ args: ['--autostart', 'on'], env: { DOUBLE_APP_DATA: dataDir } })
    expect(await shell.exited).toBe(1)
    expect(shell.output().stderr).toContain('terminal.died')
  })

  it('takes no page for one that stands still where the clock is put forward', async () => {
    const shell = await launch()
    await firstLine(shell)
    await shell.inMain(`await new Promise((resolve) => electron.ipcMain.once('shell:pong', resolve))
      const real = Date.now.bind(Date)
      Date.now = () => real() + 3_600_000
      for (let heard = 0; heard < 3; heard += 1) await new Promise((resolve) => electron.ipcMain.once('shell:pong', resolve))`)
    expect(shell.output().stderr).not.toContain('screen.hung')
  })

  it('becomes the process of one DLL call where the platform asks for it, without a window or a second instance', async () => {
    const child = fork(join(import.meta.dirname, '../../out/main/main.js'), ['/opt/app.asar/out/dll-runner.js'], {
      execArgv: ['--import', join(import.meta.dirname, 'electron-double/register.mjs')],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const answer = new Promise((resolve) => child.once('message', resolve))
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.send({ library: '/nowhere/ec.so', symbol: 'EcQuery', input: '' })
    expect(await answer).toEqual({ kind: 'missing' })
    expect(await exited).toBe(0)
  })

  it('refuses to keep a secret where the key store does not protect', async () => {
    const shell = await launch({ args: ['--store-secret', 'API_TOKEN'], stdin: 'x', env: { DOUBLE_KEY_STORE: 'basic_text' } })
    expect(await shell.exited).toBe(1)
    expect(shell.output().stderr).toContain('密钥库')
  })
})

async function firstLine(shell: { output(): { stdout: string; stderr: string } }): Promise<string> {
  for (let i = 0; i < 150; i += 1) {
    const [line] = shell.output().stdout.split('\n')
    if (line) return line
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(shell.output().stderr)
}
