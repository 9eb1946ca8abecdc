/** The built terminal as its own process, as a technician starts it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookThrough } from './traces-found.ts'

const ROOT = join(import.meta.dirname, '../..')

export type Started = {
  child: ChildProcess
  /** The readiness line; rejects when the process ends before it. */
  ready: Promise<{ ready: true; api: string; ui: string; host: string }>
  /** Exit code and all that was printed. */
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>
}

/** Runs `npm start`'s script without npm. */
export function runStart(args: readonly string[], env: Record<string, string> = {}): Started {
  return runScript(join(ROOT, 'scripts/start.mjs'), args, env)
}

export function runScript(script: string, args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ready = new Promise<Awaited<Started['ready']>>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const line = stdout.split('\n').find((candidate) => candidate.startsWith('{"ready":true'))
      if (line) resolve(JSON.parse(line))
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready: ${stderr}`)))
  })
  ready.catch(() => {})
  const ended = new Promise<Awaited<Started['ended']>>((resolve) =>
    child.once('close', (code) => {
      lookThrough('standard error of a process', stderr)
      resolve({ code, stdout, stderr })
    }),
  )
  return { child, ready, ended }
}

/** A settings file in a directory of its own, with the data directory beside it. */
export function settingsFile(settings: unknown): { config: string; dataDir: string } {
  const directory = mkdtempSync(join(tmpdir(), 'maqiao-start-'))
  const config = join(directory, 'settings.json')
  writeFileSync(config, typeof settings === 'string' ? settings : JSON.stringify(settings), { mode: 0o600 })
  return { config, dataDir: join(directory, 'data') }
}
