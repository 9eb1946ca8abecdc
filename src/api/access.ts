/** Who may call: tokens compared in constant time, one-use tickets, screen sessions, hosts, origins, rates. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { AgentError } from '../agent/fault.ts'
import { CLIENT_RIGHTS, type Settings } from '../agent/settings.ts'

/**
 * What a caller may do: the rights that the settings give, and those of the
 * terminal's own screens. `screen` is every screen, which sees masked data;
 * `desk` is the staff's, `kiosk` the patients', which has its own visit alone;
 * `technician` has come through the door.
 */
export type Right = (typeof CLIENT_RIGHTS)[number] | 'screen' | 'desk' | 'kiosk' | 'technician'
export type Caller = {
  /** As the audit names it. */
  readonly name: string
  readonly rights: ReadonlySet<Right>
  /** A technician's session, which may end while something is still open. */
  readonly session?: string
  /** The run of a browser of the terminal's own that a screen belongs to: ended with it. */
  readonly run?: string
}

export const TICKET_MS = 60_000
/** From the end of a page to the start of the one that a reload puts in its place. */
export const RELOAD_MS = 30_000
/** Of a screen that was opened by hand: a page may stay up for weeks, and renews its session. */
export const SESSION_MS = 30 * 86_400_000
/**
 * A session in the terminal's own browser lasts between three and four of these.
 * They are counted, not read from a clock: a clock that was put right and a machine
 * that has slept end no living page's session.
 */
export const QUARTER_MS = 15 * 60_000
const HOSTED_QUARTERS = 4

export type Access = {
  /** The caller behind a bearer token, or undefined. */
  bearer(token: string): Caller | undefined
  /** Gives a client another token; the one before and what tickets it drew are refused from now on. */
  setToken(name: string, token: string): void
  /** A one-use ticket for a caller, drawn unless given; without `expiresInMs` it lasts until used. */
  issueTicket(caller: Caller, expiresInMs?: number, ticket?: string): string
  /** Uses a ticket up. */
  useTicket(ticket: string): Caller | undefined
  /**
   * A screen's own token: it survives a restart of the agent, unless it belongs to a
   * run of the terminal's browser. A kiosk's renewal stays a kiosk's, a run's the run's.
   */
  issueSession(screen?: Caller): { token: string; expiresInMs: number; role: 'desk' | 'kiosk' }
  /** The screen that this terminal is for, opened by hand. */
  readonly screen: Caller
  /** The same in the terminal's own browser, in its present run. */
  hostedScreen(): Caller
  /** The terminal's own browser has ended: its sessions, and tickets drawn for or with them, are refused from now on. */
  endRun(): void
  /** Whether a caller belongs to a run that has ended. */
  isOver(caller: Caller): boolean
  /** A quarter of an hour has been run. */
  countQuarter(): void
  /** Throws AgentError FORBIDDEN_HOST or FORBIDDEN_ORIGIN. */
  checkHost(host: string | undefined): void
  checkOrigin(origin: string | undefined): void
  /** Throws AgentError TOO_MANY_REQUESTS. */
  countRequest(address: string): void
}

/** A ticket makes a page a screen only if its drawer may do all that a screen and its technician may. */
export function mayBecomeScreen({ rights }: Caller): boolean {
  return rights.has('screen') || CLIENT_RIGHTS.every((right) => rights.has(right))
}

export const DESK: Caller = { name: 'desk', rights: new Set<Right>(['scan', 'reveal', 'screen', 'desk']) }
export const KIOSK: Caller = { name: 'kiosk', rights: new Set<Right>(['screen', 'kiosk']) }
const TECHNICIAN: Caller = { name: 'technician', rights: new Set<Right>(['scan', 'operations', 'reveal', 'admin', 'screen', 'desk', 'technician']) }

export function createAccess(options: {
  clients: readonly { name: string; token: string; rights: readonly Right[] }[]
  /** Signs screen sessions. */
  sessionKey: Uint8Array
  /** Which screen a session is. */
  mode: Settings['terminal']['mode']
  /** Whether a token is an open session of the technician's door. */
  isTechnician: (token: string) => boolean
  /** The port in use; known once the server listens. */
  port: () => number
  allowedHosts: readonly string[]
  allowedOrigins: readonly string[]
  maxRequestsPerMinute: number
  now?: () => number
}): Access {
  const now = options.now ?? Date.now
  const tickets = new Map<string, { caller: Caller; expiresAt: number }>()
  const clients = options.clients.map((client) => ({
    digest: digestOf(client.token),
    caller: { name: client.name, rights: new Set(client.rights) } satisfies Caller,
  }))
  const names = ['127.0.0.1', 'localhost', '[::1]', ...options.allowedHosts].map((name) => name.toLowerCase())
  const screen = options.mode === 'kiosk' ? KIOSK : DESK
  let run = randomId()
  let quarter = 0
  const counts = new Map<string, { minute: number; count: number }>()

  // Digests are of one length, so the comparison tells neither the length nor a prefix.
  function digestOf(value: string): Buffer {
    return createHmac('sha256', options.sessionKey).update(value).digest()
  }

  function sessionSignature(body: string): string {
    return createHmac('sha256', options.sessionKey).update(`session\n${body}`).digest('base64url')
  }

  function session(token: string): Caller | undefined {
    const [kind, ...parts] = token.split('.')
    const signature = parts.pop()
    const [expires, nonce, of] = parts
    if ((kind !== 'screen' && kind !== 'kiosk') || !expires || !nonce || !signature) return undefined
    const expected = Buffer.from(sessionSignature(signed(kind, parts.join('.'))))
    const given = Buffer.from(signature)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    if (of === undefined ? Number(expires) <= now() : of !== run || Number(expires) <= quarter) return undefined
    // A session of either kind is a kiosk's once the terminal is one; a kiosk's never becomes a desk's.
    const caller = kind === 'kiosk' ? KIOSK : screen
    return of === undefined ? caller : { ...caller, run }
  }

  const isOver = (caller: Caller): boolean => caller.run !== undefined && caller.run !== run

  return {
    screen,
    isOver,
    hostedScreen: () => ({ ...screen, run }),
    endRun: () => void (run = randomId()),
    countQuarter: () => void (quarter += 1),
    bearer(token) {
      const digest = digestOf(token)
      let found: Caller | undefined
      for (const client of clients) if (timingSafeEqual(digest, client.digest)) found = client.caller
      return found ?? session(token) ?? (options.isTechnician(token) ? { ...TECHNICIAN, session: token } : undefined)
    },
    setToken(name, token) {
      for (const client of clients) if (client.caller.name === name) client.digest = digestOf(token)
      for (const [ticket, { caller }] of tickets) if (caller.name === name) tickets.delete(ticket)
    },
    issueTicket(caller, expiresInMs, ticket = randomBytes(24).toString('base64url')) {
      for (const [ticket, { expiresAt, caller: drawer }] of tickets) if (expiresAt <= now() || isOver(drawer)) tickets.delete(ticket)
      tickets.set(ticket, { caller, expiresAt: expiresInMs === undefined ? Infinity : now() + expiresInMs })
      return ticket
    },
    useTicket(ticket) {
      const found = tickets.get(ticket)
      tickets.delete(ticket)
      return found && found.expiresAt > now() && !isOver(found.caller) ? found.caller : undefined
    },
    issueSession(of = screen) {
      const body = of.run === undefined ? `${now() + SESSION_MS}.${randomId()}` : `${quarter + HOSTED_QUARTERS}.${randomId()}.${of.run}`
      const kind = of.rights.has('kiosk') || screen === KIOSK ? 'kiosk' : 'screen'
      return {
        token: `${kind}.${body}.${sessionSignature(signed(kind, body))}`,
        expiresInMs: of.run === undefined ? SESSION_MS : (HOSTED_QUARTERS - 1) * QUARTER_MS,
        role: kind === 'kiosk' ? 'kiosk' : 'desk',
      }
    },
    checkHost(host) {
      const port = options.port()
      const given = host?.toLowerCase()
      if (names.some((name) => given === hostAt(name, port) || (port === 80 && given === name))) return
      const isOnlyPort = names.some((name) => !HAS_PORT.test(name) && given?.replace(HAS_PORT, '') === name)
      throw new AgentError('FORBIDDEN_HOST', [], isOnlyPort ? `主机名对，端口不对：本终端在 ${port} 端口。经端口转发访问时，把“主机名:端口”加入设置 api.allowedHosts。` : undefined)
    },
    checkOrigin(origin) {
      if (origin === undefined) return
      const port = options.port()
      const own = names.some((name) => origin === `http://${hostAt(name, port)}` || (port === 80 && origin === `http://${name}`))
      // A page from disk says null where it fetches, and some browsers file:// where it opens a WebSocket.
      const listed = options.allowedOrigins.includes(origin === 'file://' ? 'null' : origin)
      if (!own && !listed) throw new AgentError('FORBIDDEN_ORIGIN')
    },
    countRequest(address) {
      const minute = Math.floor(now() / 60_000)
      const entry = counts.get(address)
      if (entry?.minute !== minute) {
        if (counts.size > 1000) counts.clear()
        counts.set(address, { minute, count: 1 })
      } else if (++entry.count > options.maxRequestsPerMinute) throw new AgentError('TOO_MANY_REQUESTS')
    },
  }
}

const HAS_PORT = /:\d+$/

/** As a Host header names it: an allowed host with a port of its own stands as it is, such as what a port is forwarded from. */
function hostAt(name: string, port: number): string {
  return HAS_PORT.test(name) ? name : `${name}:${port}`
}

/** Whose share of requests, bytes and connections a caller uses: a client may have a screen's name. */
export function shareOf({ name, rights }: Caller): string {
  return `${rights.has('screen') ? 'screen' : 'client'} ${name}`
}

function randomId(): string {
  return randomBytes(16).toString('base64url')
}

/** What a session's signature covers. */
function signed(kind: 'screen' | 'kiosk', body: string): string {
  return kind === 'kiosk' ? `kiosk.${body}` : body
}
