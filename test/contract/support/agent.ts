/** The terminal as a hospital runs it: a process, a settings file, and an HTTP and WebSocket client. Nothing of src/. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { WebSocket } from 'ws'

export const ROOT = join(import.meta.dirname, '../../..')
export const TOKEN = 'contract-token-0123456789'

export type Answer = { status: number; body: any; text: string; headers: Headers }
export type Ended = { code: number | null; signal: string | null; stdout: string; stderr: string }

export type Command = {
  child: ChildProcess
  stdout(): string
  stderr(): string
  /** The first line of standard output that is JSON and has `ready`. */
  ready: Promise<{ ready: boolean; api: string; ui: string; host: string }>
  ended: Promise<Ended>
}

/** `npm start -- ARGS` and the like; `npm: false` runs what package.json's script runs, without npm before it. */
export function runCommand(name: string, args: readonly string[], options: { env?: Record<string, string>; npm?: boolean; uid?: number } = {}): Command {
  const env = { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', CI: '', ...options.env }
  const child = options.npm
    ? spawn('npm', ['run', '--silent', name, '--', ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn(process.execPath, [`scripts/${name === 'start' ? 'start' : 'run'}.mjs`, ...(name === 'start' ? [] : [name]), ...args], {
        cwd: ROOT,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      })
  let stdout = ''
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ready = new Promise<{ ready: boolean; api: string; ui: string; host: string }>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const line = stdout.split('\n').find((candidate) => candidate.startsWith('{"ready"'))
      if (line !== undefined && stdout.includes(`${line}\n`)) resolve(JSON.parse(line))
    })
    child.once('close', (code) => reject(new Error(`ended with ${code} before it was ready: ${stderr}`)))
  })
  ready.catch(() => {})
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })))
  return { child, stdout: () => stdout, stderr: () => stderr, ready, ended }
}

/** A folder that is gone when the test is over, with a settings file in it. */
export function folder(settings?: unknown): { path: string; config: string; dataDir: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'maqiao-contract-'))
  const config = join(path, 'settings.json')
  if (settings !== undefined) writeFileSync(config, typeof settings === 'string' ? settings : JSON.stringify(settings))
  return { path, config, dataDir: join(path, 'data'), remove: () => rmSync(path, { recursive: true, force: true }) }
}

export type Agent = {
  readonly api: string
  readonly ui: string
  readonly dataDir: string
  readonly command: Command
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  scan(text: string): Promise<any>
  result(id: string, body: Record<string, unknown>): Promise<Answer>
  outbox(): Promise<any>
  operation(name: string, body: Record<string, unknown>): Promise<Answer>
  lastSeq(): Promise<number>
  /** Waits for the first outcome after a number that `holds`. */
  outcomeAfter(seq: number, holds?: (outcome: any) => boolean): Promise<any>
  stop(signal?: NodeJS.Signals): Promise<Ended>
  /** Starts it again on the same data directory. */
  start(changes?: { settings?: unknown; env?: Record<string, string> }): Promise<void>
  /** All that it ever wrote outside its data: standard error of every run. */
  log(): string
  /** Stops it and removes its folder. */
  close(): Promise<void>
}

export async function startAgent(settings: unknown, options: { env?: Record<string, string>; npm?: boolean } = {}): Promise<Agent> {
  const place = folder(settings)
  let command!: Command
  let ready!: { api: string; ui: string }
  const logs: string[] = []
  const start: Agent['start'] = async (changes = {}) => {
    if (changes.settings !== undefined) writeFileSync(place.config, JSON.stringify(changes.settings))
    command = runCommand('start', ['--config', place.config, '--data-dir', place.dataDir, '--host', 'none'], {
      ...options,
      env: { ...options.env, ...changes.env },
    })
    const mine = command
    void mine.ended.then(({ stderr }) => logs.push(stderr))
    ready = await command.ready
  }
  await start()

  const request: Agent['request'] = async (method, path, body, headers = {}) => {
    const response = await fetch(ready.api + path, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: orText(text), text, headers: response.headers }
  }
  const outcomes = async (after: number) => (await request('GET', `/api/v1/outcomes?after=${after}&limit=1000`)).body.outcomes as any[]

  return {
    get api() {
      return ready.api
    },
    get ui() {
      return ready.ui
    },
    dataDir: place.dataDir,
    get command() {
      return command
    },
    request,
    async scan(text) {
      const { status, body } = await request('POST', '/api/v1/scans', { text })
      if (status !== 200) throw new Error(`a scan was answered ${status} ${JSON.stringify(body)}`)
      return body
    },
    result: (id, body) => request('POST', `/api/v1/outcomes/${id}/result`, body),
    outbox: async () => (await request('GET', '/api/v1/outbox')).body,
    operation: (name, body) => request('POST', `/api/v1/platforms/${name}`, body),
    lastSeq: async () => (await outcomes(0)).at(-1)?.seq ?? 0,
    outcomeAfter: (seq, holds = () => true) => until(async () => (await outcomes(seq)).find(holds)),
    async stop(signal = 'SIGTERM') {
      command.child.kill(signal)
      return command.ended
    },
    start,
    log: () => [...logs, command.child.exitCode === null && command.child.signalCode === null ? command.stderr() : ''].join('\n'),
    async close() {
      if (command.child.exitCode === null && command.child.signalCode === null) {
        command.child.kill('SIGTERM')
        await command.ended
      }
      place.remove()
    },
  }
}

export type Listener = { events: any[]; socket: WebSocket; closed: Promise<number>; close(): void }

/** A WebSocket to the events; resolves when open, rejects with the status of the refusal. */
export function listen(api: string, path: string, options: { headers?: Record<string, string>; protocols?: string[] } = {}): Promise<Listener> {
  const socket = new WebSocket(`${api.replace('http', 'ws')}${path}`, options.protocols ?? [], { headers: options.headers ?? {} })
  const events: any[] = []
  socket.on('message', (data) => events.push(JSON.parse(String(data))))
  const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)))
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ events, socket, closed, close: () => socket.terminate() }))
    socket.once('unexpected-response', (_request, response) => {
      reject(new Error(`refused ${response.statusCode}`))
      socket.terminate()
    })
    socket.once('error', reject)
  })
}

export async function until<T>(ask: () => T | Promise<T>, holds: (value: T) => boolean = Boolean, limitMs = 8000): Promise<T> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const value = await ask()
    if (holds(value)) return value
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${JSON.stringify(value)}`)
    await new Promise((done) => setTimeout(done, 25))
  }
}

/** Every byte that stands in a folder, file by file. */
export function filesUnder(path: string): { name: string; bytes: Buffer; mode: number }[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile())
    .map((name) => ({ name: name.slice(dirname(path).length), bytes: readFileSync(name), mode: statSync(name).mode }))
}

function orText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
