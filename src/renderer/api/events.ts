/** The event socket: reconnects by itself and takes up where it broke off. */
import type { EventMessage } from './screen-types.ts'
import { baseUrl } from './session.ts'

export type Link = 'connecting' | 'up' | 'down'

export type EventsOptions = {
  /** Asked at each connection, since a session is renewed. */
  token(): string
  /** Asks for what devices send byte by byte, which a technician alone is given. */
  bytes?: boolean
  onMessage(message: EventMessage): void
  onLink(link: Link): void
  /** Asked after each failed attempt, since a browser does not tell why a socket was refused. */
  onFailed(): void
  firstDelayMs?: number
  maxDelayMs?: number
}

export type Events = { retryNow(): void; close(): void }

/** Opens `/api/v1/events`; waits 500 ms after the first failure, doubled up to 5 s. */
export function openEvents(options: EventsOptions): Events {
  const first = options.firstDelayMs ?? 500
  const most = options.maxDelayMs ?? 5000
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let delay = first
  let after: number | undefined
  let closed = false

  function connect(): void {
    clearTimeout(timer)
    timer = undefined
    const url = new URL('api/v1/events', baseUrl().replace(/^http/, 'ws'))
    if (after !== undefined) url.searchParams.set('after', String(after))
    if (options.bytes) url.searchParams.set('bytes', '1')
    const mine = new WebSocket(url, ['maqiao.v1', `bearer.${options.token()}`])
    socket = mine
    mine.addEventListener('message', (event) => take(event.data))
    mine.addEventListener('open', () => {
      delay = first
      options.onLink('up')
    })
    mine.addEventListener('close', () => {
      if (closed || mine !== socket) return
      options.onLink('down')
      options.onFailed()
      timer = setTimeout(connect, delay)
      delay = Math.min(delay * 2, most)
    })
  }

  function take(raw: unknown): void {
    let message: EventMessage
    try {
      message = JSON.parse(String(raw)) as EventMessage
    } catch {
      return
    }
    if (message.type === 'hello') {
      const latest = message.data.seq ?? message.seq
      // The replay is still to come, so a hello moves the mark only at the start,
      // or back where a terminal with a new data directory counts anew.
      if (after === undefined || latest < after) after = latest
    } else if (typeof message.seq === 'number') {
      after = Math.max(after ?? 0, message.seq)
    }
    options.onMessage(message)
  }

  options.onLink('connecting')
  connect()
  return {
    retryNow() {
      if (timer !== undefined) connect()
    },
    close() {
      closed = true
      clearTimeout(timer)
      socket?.close()
    },
  }
}
