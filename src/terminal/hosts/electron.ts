/** Hands the terminal over to Electron: the shell starts the same agent in its own process. */
import { spawn } from 'node:child_process'
import { findElectron, HostError, rootDir } from './choose.ts'

export type ElectronOptions = {
  config?: string | undefined
  dataDir?: string | undefined
  port?: number | undefined
  /** Electron's program; found by itself. */
  binary?: string | undefined
}

/** Runs Electron until it ends, passes signals on, and resolves to its exit code. Throws HostError. */
export function runElectron({ config, dataDir, port, binary = findElectron() }: ElectronOptions): Promise<number> {
  if (binary === undefined) throw new HostError('HOST_ELECTRON_MISSING')
  const args = [
    // The folder, not the file: Electron then knows the name and the version of package.json.
    rootDir(),
    ...(config === undefined ? [] : ['--config', config]),
    ...(dataDir === undefined ? [] : ['--data-dir', dataDir]),
    ...(port === undefined ? [] : ['--port', String(port)]),
  ]
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const child = spawn(binary, args, { stdio: ['ignore', 'inherit', 'inherit'], env })
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, pass)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      for (const signal of signals) process.removeListener(signal, pass)
      resolve(code ?? 1)
    })
  })
}
