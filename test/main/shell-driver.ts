/** Starts the built shell, over the double or in real Electron, and runs code beside it. */
import { fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import { findElectron } from '../../src/terminal/hosts/choose.ts'

const root = join(import.meta.dirname, '../..')

export type ShellStart = {
  mode?: 'window' | 'kiosk'
  args?: readonly string[]
  env?: Record<string, string>
  dataDir?: string
  /** What stands in the settings file instead of the usual; `null` for none at all. */
  settings?: unknown
  stdin?: string
}

export type Shell = {
  readonly dataDir: string
  /** All of its standard output and standard error so far. */
  output(): { stdout: string; stderr: string }
  /** Runs a function's body over `electron` in the main process; what it returns must be JSON. */
  inMain<T>(body: string): Promise<T>
  /** Evaluates an expression in the one page. */
  inPage<T>(expression: string): Promise<T>
  kill(signal: NodeJS.Signals): void
  /** Ends it where it still runs, and removes its folder. */
  end(): Promise<void>
  readonly exited: Promise<number | null>
}

/** How a shell is started; resolves when its process runs, ready or not; the caller ends it. */
export type Launch = (start?: ShellStart) => Promise<Shell>

/** A folder of its own, and the arguments for a settings file in it. */
async function prepare({ mode = 'window', args = [], dataDir, settings }: ShellStart) {
  const home = await mkdtemp(join(tmpdir(), 'maqiao-shell-'))
  const config = join(home, 'settings.json')
  await writeFile(config, JSON.stringify(settings ?? { terminal: { id: 'W01', mode }, api: { port: 0 } }))
  const data = dataDir ?? join(home, 'data')
  return { home, data, args: [...(settings === null ? [] : ['--config', config]), '--data-dir', data, ...args] }
}

/** The built shell in plain Node, Electron played by the double. */
export const launchOverDouble: Launch = async (start = {}) => {
  const { home, data, args } = await prepare(start)
  const child = fork(join(root, 'out/main/main.js'), args, {
    execArgv: ['--import', join(import.meta.dirname, 'electron-double/register.mjs')],
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, DOUBLE_APP_DATA: home, ...start.env },
  })
  if (start.stdin !== undefined) child.stdin?.end(start.stdin)
  const heard = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => void (heard.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => void (heard.stderr += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  child.on('message', ({ id, result, error }: { id: number; result?: unknown; error?: string }) => {
    if (error === undefined) waiting.get(id)?.resolve(result)
    else waiting.get(id)?.reject(new Error(error))
    waiting.delete(id)
  })
  const end = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM')
    const limit = setTimeout(() => child.kill('SIGKILL'), 8000)
    await exited
    clearTimeout(limit)
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
  let lastId = 0
  return withPage({
    dataDir: data,
    output: () => ({ ...heard }),
    inMain: <T>(body: string) =>
      new Promise<T>((resolve, reject) => {
        const id = (lastId += 1)
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
        child.send({ id, body })
      }),
    kill: (signal) => void child.kill(signal),
    end,
    exited,
  })
}

/** The same in real Electron, where its binary is installed. */
export const launchInElectron: Launch = async (start = {}) => {
  const { home, data, args } = await prepare(start)
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const electron = await _electron.launch({
    executablePath: findElectron() as string,
    args: [...sandbox, root, ...args, '--use-fake-device-for-media-stream'],
    env: { ...process.env, ...start.env } as Record<string, string>,
  })
  const child = electron.process()
  const heard = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => void (heard.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => void (heard.stderr += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const end = async (): Promise<void> => {
    await electron.close().catch(() => undefined)
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
  return withPage({
    dataDir: data,
    output: () => ({ ...heard }),
    inMain: <T>(body: string) =>
      electron.evaluate((module, text) => {
        const AsyncFunction = (async () => undefined).constructor as new (name: string, body: string) => (electron: object) => unknown
        return new AsyncFunction('electron', text)(module)
      }, body) as Promise<T>,
    kill: (signal) => void child.kill(signal),
    end,
    exited,
  })
}

function withPage(shell: Omit<Shell, 'inPage'>): Shell {
  return {
    ...shell,
    inPage: (expression) =>
      shell.inMain(`return electron.BrowserWindow.getAllWindows()[0].webContents.executeJavaScript(${JSON.stringify(expression)})`),
  }
}
