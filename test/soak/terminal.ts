/** The terminal under soak: started, asked, killed and started again on one data directory. */
import { fork, type ChildProcess } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Held } from './samples.ts'

export const TOKEN = 'a-token-for-the-soak-only'

export type SoakedTerminal = {
  /** Undefined where the terminal did not answer, such as in the midst of a kill. */
  ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: any } | undefined>
  held(): Promise<Held>
  /** Without their logs, which fill to a limit and are emptied at each start. */
  databaseBytes(): number
  walBytes(): number
  /** Counts the processes, from 0. */
  life(): number
  restart(how: 'stop' | 'kill'): Promise<void>
  stop(): Promise<void>
}

export async function soakedTerminal(config: string, dataDir: string): Promise<SoakedTerminal> {
  let child: ChildProcess
  let api = ''
  let life = -1

  async function start(): Promise<void> {
    child = fork(join(import.meta.dirname, 'terminal-child.ts'), [config, dataDir], { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    api = await new Promise((resolve, reject) => {
      child.once('message', (message) => resolve((message as { ready: string }).ready))
      child.once('exit', (code) => reject(new Error(`the terminal ended with ${code}`)))
    })
    life++
  }
  const gone = () => new Promise<number | null>((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve(child.exitCode) : void child.once('exit', resolve)))
  async function stop(): Promise<void> {
    child.send('stop')
    const code = await gone()
    if (code !== 0) throw new Error(`the terminal stopped with ${code}`)
  }

  const sizeOf = (names: string[]) =>
    names.map((name) => join(dataDir, name)).reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0)

  await start()
  return {
    async ask(method, path, body) {
      try {
        const answer = await fetch(api + path, {
          method,
          headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(20_000),
        })
        return { status: answer.status, body: await answer.json() }
      } catch {
        return undefined
      }
    },
    held: () =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error('the terminal does not answer')), 20_000)
        const hear = (message: unknown) => {
          const { held } = message as { held?: Held }
          if (held === undefined) return
          clearTimeout(limit)
          child.off('message', hear)
          resolve(held)
        }
        child.on('message', hear)
        child.send('held')
      }),
    databaseBytes: () => sizeOf(['outbox.db', 'state.db']),
    walBytes: () => sizeOf(['outbox.db-wal', 'state.db-wal']),
    life: () => life,
    async restart(how) {
      if (how === 'stop') await stop()
      else {
        child.kill('SIGKILL')
        await gone()
      }
      await start()
    },
    stop,
  }
}
