/** A whole terminal for tests: played platforms, a tty, the API on a free port, a client that speaks it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { startTerminal, type Terminal } from '../../src/terminal/terminal.ts'
import type { Outcome } from '../../src/transcode/outcome.ts'
import { createPty, type Pty } from './pty.ts'
import { lookThrough } from './traces-found.ts'

export const TOKEN = 'a-token-for-tests-only'
export const SCREENS = join(import.meta.dirname, '../../out/renderer')

export type TestTerminal = {
  terminal: Terminal
  simulator: Simulator
  pty: Pty
  dataDir: string
  /** Lines of the log so far. */
  log: string[]
  settings: Record<string, unknown>
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<{ status: number; body: any; headers: Headers }>
  scan(text: string): Promise<Outcome>
  /** Scans at the tty and waits for its outcome. */
  scanAtTty(text: string): Promise<Outcome>
  /** Stops the terminal and starts another on the same data directory. */
  restart(): Promise<void>
  close(): Promise<void>
}

type Changes = {
  /** Merged over the simulator's settings, section by section. */
  settings?: Record<string, unknown>
  flow?: 'transcode' | 'identify'
  codeLifeMs?: number
}

export async function startTestTerminal(changes: Changes = {}): Promise<TestTerminal> {
  const dataDir = mkdtempSync(join(tmpdir(), 'maqiao-test-'))
  const simulator = createSimulator(changes.codeLifeMs === undefined ? {} : { codeLifeMs: changes.codeLifeMs })
  await simulator.listen(0)
  const pty = await createPty()
  const settings = merge(
    {
      ...simulator.settings(changes.flow ? { flow: changes.flow } : {}),
      devices: { serial: [{ path: pty.path, baudRate: 9600 }] },
      api: { port: 0, token: TOKEN },
      outbox: { retryFirstMs: 50, retryMaxMs: 400 },
      log: { level: 'debug' },
    },
    changes.settings ?? {},
  )
  const config = join(dataDir, 'settings.json')
  writeFileSync(config, JSON.stringify(settings))
  const log: string[] = []
  const start = () =>
    startTerminal({ config, dataDir, screensDir: SCREENS, version: '0.0.0-test', host: 'none', writeLog: (line) => log.push(line) })
  let terminal = await start()

  const request: TestTerminal['request'] = async (method, path, body, headers = {}) => {
    const response = await fetch(terminal.ready.api + path, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : tryJson(text), headers: response.headers }
  }

  return {
    get terminal() {
      return terminal
    },
    simulator,
    pty,
    dataDir,
    log,
    settings,
    request,
    async scan(text) {
      const { status, body } = await request('POST', '/api/v1/scans', { text })
      if (status !== 200) throw new Error(`scan answered ${status} ${JSON.stringify(body)}`)
      return body as Outcome
    },
    async scanAtTty(text) {
      const next = nextOutcome(terminal)
      await pty.write(`${text}\r`)
      return next
    },
    async restart() {
      await terminal.stop()
      terminal = await start()
    },
    async close() {
      await terminal.stop()
      await simulator.close()
      await pty.close()
      lookThrough('the log', log.join(''))
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** The next outcome that the agent publishes. */
export function nextOutcome(terminal: Terminal, limitMs = 10_000): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop()
      reject(new Error('no outcome in time'))
    }, limitMs)
    const stop = terminal.agent.events.subscribe((event) => {
      if (event.type !== 'outcome') return
      clearTimeout(timer)
      stop()
      resolve(event.data as Outcome)
    })
  })
}

/** Asks again until it holds; for things that happen a little later on another thread or process. */
export async function until<T>(ask: () => T | Promise<T>, holds: (value: T) => boolean = Boolean, limitMs = 10_000): Promise<T> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const value = await ask()
    if (holds(value)) return value
    if (Date.now() > deadline) throw new Error(`not in ${limitMs} ms: ${JSON.stringify(value)}`)
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** Text of a sample code of the simulator. */
export function sampleText(simulator: Simulator, id: string): string {
  const sample = simulator.samples().find((candidate) => candidate.id === id)
  if (!sample) throw new Error(`no sample ${id}`)
  return sample.text()
}

function merge(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const result = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const before = result[key]
    if (value === undefined) delete result[key]
    else if (isRecord(before) && isRecord(value)) result[key] = merge(before, value)
    else result[key] = value
  }
  return result
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
