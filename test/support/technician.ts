/** A technician at a test terminal: PIN set, door opened, calls made with the session. */
import { WebSocket } from 'ws'
import type { TestTerminal } from './terminal.ts'

export const PIN = '735194'

export type Technician = {
  token: string
  screenToken: string
  get(path: string): Promise<{ status: number; body: any; headers: Headers }>
  send(
    method: 'POST' | 'PUT' | 'PATCH',
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: any; headers: Headers }>
  /** An answer that is a file. */
  file(path: string, body: unknown): Promise<{ status: number; name: string; bytes: Buffer }>
  /** What the audit says of late, oldest first. */
  audited(): { what: string; who: string; detail: Record<string, unknown> }[]
}

const ROOT = '/api/v1/diagnostics'

export async function enterAsTechnician(t: TestTerminal): Promise<Technician> {
  const ticket = new URL(t.terminal.newUiUrl()).searchParams.get('ticket')
  const { body: screen } = await t.request('POST', '/api/v1/session', { ticket }, { authorization: '' })
  const asScreen = { authorization: `Bearer ${screen.token}` }
  const { body: state } = await t.request('GET', '/api/v1/technician', undefined, asScreen)
  if (!state.pinSet) await t.request('POST', '/api/v1/technician/pin', { pin: PIN }, asScreen)
  const { body: session } = await t.request('POST', '/api/v1/technician/session', { pin: PIN }, asScreen)
  const headers = { authorization: `Bearer ${session.token}` }
  return {
    token: session.token,
    screenToken: screen.token,
    get: (path) => t.request('GET', ROOT + path, undefined, headers),
    send: (method, path, body = {}) => t.request(method, ROOT + path, body, headers),
    async file(path, body) {
      const response = await fetch(t.terminal.ready.api + ROOT + path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? ''
      return { status: response.status, name, bytes: Buffer.from(await response.arrayBuffer()) }
    },
    audited: () => t.terminal.agent.audit.latest(100),
  }
}

/** Opens the event socket with a token; `events` fills as they come. */
export async function listenAs(t: TestTerminal, token: string, query = '') {
  const socket = new WebSocket(`${t.terminal.ready.api.replace('http', 'ws')}/api/v1/events${query}`, [
    'maqiao.v1',
    `bearer.${token}`,
  ])
  const events: { type: string; data: any }[] = []
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  socket.on('message', (message) => events.push(JSON.parse(String(message))))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  return {
    events,
    closed,
    of: (type: string) => events.filter((event) => event.type === type),
    close: () => socket.close(),
  }
}
