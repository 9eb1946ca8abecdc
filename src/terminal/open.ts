/** The command `npm run open -- [--data-dir DIR]`: prints an address that opens the screens of a running terminal, once, within a minute. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createAccess } from '../api/access.ts'
import { defaultDataDir } from './data-dir.ts'
import { SESSION_KEY_FILE } from './kept-secret.ts'
import { readRunning, type Running } from './running-file.ts'

const EXIT_USAGE = 64
const USAGE = '用法：npm run open -- [--data-dir 目录]\n'
const ASK_MS = 5000

try {
  const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } }, strict: true })
  process.exitCode = await open(values['data-dir'])
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${USAGE}`)
  process.exitCode = EXIT_USAGE
}

async function open(given: string | undefined): Promise<number> {
  const places = given === undefined ? [defaultDataDir(false), defaultDataDir(true)] : [given]
  for (const dataDir of places) {
    const running = readRunning(dataDir)
    if (running === undefined) continue
    try {
      process.stdout.write(`${await freshAddress(dataDir, running)}\n`)
      return 0
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      // A terminal that was killed has left its file.
      if (!(error instanceof TypeError)) return fail(`OPEN_FAILED: ${running.api} 上的码桥没有给出地址（${code ?? message}）。请用运行码桥的账户执行本命令。`)
    }
  }
  return fail(`NOT_RUNNING: ${places.join('、')} 中没有正在运行的码桥。请先启动它（npm start），或用 --data-dir 指定它的数据目录。`)
}

/** Signed as the terminal signs its own screens: whoever may read its data directory may open them. */
async function freshAddress(dataDir: string, { api }: Running): Promise<string> {
  const sessionKey = Buffer.from(readFileSync(join(dataDir, SESSION_KEY_FILE), 'utf8').trim())
  const access = createAccess({ clients: [], sessionKey, mode: 'window', isTechnician: () => false, port: () => 0, allowedHosts: [], allowedOrigins: [], maxRequestsPerMinute: 1 })
  const reply = await fetch(`${api}/api/v1/session/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access.issueSession().token}`, 'content-type': 'application/json' },
    body: '{}',
    redirect: 'error',
    signal: AbortSignal.timeout(ASK_MS),
  })
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`)
  return `${api}/?ticket=${((await reply.json()) as { ticket: string }).ticket}`
}

function fail(line: string): number {
  process.stderr.write(`${line}\n`)
  return 1
}
