/** The local API as the screens see it, played: a test says what the terminal would. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import type { KioskInfo } from '../../src/renderer/api/screen-types.ts'
import type { Outcome } from '../../src/transcode/outcome.ts'
import { AXE_SOURCE } from './axe.ts'
import { terminalNow } from './fake-clock.ts'
import { SCREEN, type FakeScreen } from './fake-screen.ts'

const CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'"
const NO_KIOSK: KioskInfo = { volume: 1, helpPlace: '人工窗口', recordings: { zh: {}, en: {} }, cardMark: null, call: null }
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.wav': 'audio/wav',
  '.ogg': 'audio/ogg',
  '.wasm': 'application/wasm',
}

const AXE_PATH = '/axe.js'
const LASTING = 'max-age=31536000, immutable'

/** What a call answers; `body` is what was sent. */
type Answer = { status?: number; json: unknown }
export type Call = { method: string; path: string; body: Record<string, unknown> }

export type FakeApi = Awaited<ReturnType<typeof startFakeApi>>

/** Serves `directory` and the API on a free port; `ticket` works any number of times. */
export async function startFakeApi(directory: string) {
  const sockets = new Set<WebSocket>()
  const calls: Call[] = []
  let seq = 0
  let refusing = false
  let expired = false
  let hanging = false
  let screen: FakeScreen = structuredClone(SCREEN)
  let kiosk: KioskInfo = NO_KIOSK
  let kept: Outcome[] = []
  /** Full outcomes by id, for reveals, and what a choice or scan answers. */
  let full: Record<string, Outcome> = {}
  let onChoice: (id: string, targetId: string) => Outcome | Answer = () => ({ status: 404, json: fault('NOT_FOUND') })
  let onScan: (body: Record<string, unknown>) => Outcome | Answer = () => ({ status: 400, json: fault('BAD_REQUEST') })
  /** Asked before any other answer that needs a session. */
  let onCall: (call: Call) => Answer | undefined = () => undefined
  const TOKEN = 'session-of-the-fake'
  const reloads = new Set<string>()

  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  const events = new WebSocketServer({ noServer: true, handleProtocols: () => 'maqiao.v1' })
  server.on('upgrade', (request, socket, head) => {
    if (refusing || expired || !String(request.headers['sec-websocket-protocol']).includes(`bearer.${TOKEN}`)) return socket.destroy()
    events.handleUpgrade(request, socket, head, (client) => {
      sockets.add(client)
      client.on('close', () => sockets.delete(client))
      send(client, 'hello', { seq })
    })
  })

  function send(client: WebSocket, type: string, data: unknown): void {
    client.send(JSON.stringify({ type, seq, at: new Date(terminalNow()).toISOString(), data }))
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake')
    if (!url.pathname.startsWith('/api/')) return serveFile(url.pathname, response)
    if (refusing) return void response.destroy()
    if (hanging) return
    let text = ''
    for await (const part of request) text += String(part)
    const call = { method: request.method ?? '', path: url.pathname.slice('/api/v1/'.length), body: text ? JSON.parse(text) : {} }
    calls.push(call)
    const { status = 200, json } = answer(call, request.headers.authorization)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  }

  function answer(call: Call, authorization: string | undefined): Answer {
    const { method, path, body } = call
    if (path === 'health') return { json: { status: 'ok' } }
    if (path === 'session') {
      return body['ticket'] === 'good' || reloads.delete(String(body['ticket'])) ? { json: { token: TOKEN, role: 'screen' } } : { status: 401, json: fault('TICKET_INVALID') }
    }
    if (expired || authorization !== `Bearer ${TOKEN}`) return { status: 401, json: fault('UNAUTHORISED') }
    const answered = onCall(call)
    if (answered) return answered
    if (path === 'session/reload') {
      reloads.add(String(body['ticket']))
      return { json: {} }
    }
    const [room, id = '', what] = path.split('/')
    if (path === 'screen' && method === 'PATCH') screen = { ...screen, terminal: { ...screen.terminal, ...body } }
    if (path === 'screen') return { json: screen }
    if (path === 'kiosk') return { json: kiosk }
    if (path === 'staff-call') return { json: { call: { id: 'call-1', at: new Date().toISOString(), reason: body['reason'], state: 'local' } } }
    if (room === 'staff-call') return { json: { call: null } }
    if (path === 'visit/end') return { json: {} }
    if (path === 'outcomes') return { json: { outcomes: kept } }
    if (room === 'outcomes' && what === 'reveal') {
      return full[id] ? { json: full[id] } : { status: 404, json: fault('NOT_FOUND') }
    }
    if (room === 'outcomes' && what === 'choice') return wrap(onChoice(id, String(body['targetId'])))
    if (path === 'scans') return wrap(onScan(body))
    if (path === 'rehearsal') return { json: { samples: screen.samples } }
    if (room === 'rehearsal' && what === 'code') return { json: { text: `https://example.invalid/${id}/${'0'.repeat(60)}` } }
    if (room === 'rehearsal' && what === 'scan') return { status: 202, json: {} }
    return { status: 404, json: fault('NOT_FOUND') }
  }

  async function serveFile(path: string, response: ServerResponse): Promise<void> {
    if (path === AXE_PATH) return void response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': LASTING }).end(AXE_SOURCE)
    const file = join(directory, normalize(path === '/' ? '/index.html' : path))
    const bytes = await readFile(file).catch(() => null)
    if (!bytes) return void response.writeHead(404).end()
    const type = TYPES[extname(file)] ?? 'application/octet-stream'
    response.writeHead(200, { 'content-type': type, 'content-security-policy': CSP, ...(path.startsWith('/assets/') && { 'cache-control': LASTING }) }).end(bytes)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    url: `${origin}/?ticket=good`,
    axeUrl: origin + AXE_PATH,
    calls,
    /** Everything as at the start. */
    reset(change: Partial<FakeScreen> = {}): void {
      refusing = false
      expired = false
      hanging = false
      screen = { ...structuredClone(SCREEN), ...change }
      kept = []
      kiosk = NO_KIOSK
      full = {}
      onCall = () => undefined
      calls.length = 0
    },
    setKiosk: (change: Partial<KioskInfo>) => void (kiosk = { ...NO_KIOSK, ...change }),
    keep: (outcomes: Outcome[]) => void (kept = outcomes),
    knowInFull: (outcome: Outcome) => void (full[outcome.id] = outcome),
    answerChoice: (answerer: typeof onChoice) => void (onChoice = answerer),
    /** Answers calls that the fake does not know, or another way; undefined leaves them to it. */
    answerCall: (answerer: typeof onCall) => void (onCall = answerer),
    answerScan: (answerer: typeof onScan) => void (onScan = answerer),
    tell(type: string, data: unknown): void {
      seq++
      for (const client of sockets) send(client, type, data)
    },
    /** Cuts the sockets and refuses every call until `rise`. */
    fall(): void {
      refusing = true
      for (const client of sockets) client.terminate()
    },
    /** The session is no longer good. */
    expire: () => void (expired = true),
    /** Answers nothing more, with all sockets open. */
    hang: () => void (hanging = true),
    rise: () => void (refusing = hanging = false),
    /** Cuts the sockets alone; the next connection is let in. */
    cut(): void {
      for (const client of sockets) client.terminate()
    },
    async close(): Promise<void> {
      for (const client of sockets) client.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function wrap(answer: Outcome | Answer): Answer {
  return 'json' in answer ? answer : { json: answer }
}

export function fault(code: string): { error: object } {
  return { error: { platform: 'maqiao', code, message: '没有找到这次扫码', advice: '请重新扫码。', retryable: false } }
}
