/** The local API on loopback: HTTP, WebSocket and the screens' files, behind one door. */
import fastifyWebsocket from '@fastify/websocket'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { existsSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { Agent } from '../agent/agent.ts'
import { AgentError } from '../agent/fault.ts'
import { CLIENT_RIGHTS } from '../agent/settings.ts'
import { createAccess, QUARTER_MS, shareOf } from './access.ts'
import { limitBodies } from './body-budget.ts'
import { callerOf, countOpen } from './caller-of.ts'
import { shareConnections } from './connections.ts'
import { allowOrigin, checkFetchSite } from './cross-origin.ts'
import { createDesks } from './desks.ts'
import { doorRoutes } from './door-routes.ts'
import { errorReply } from './errors.ts'
import { createEventSockets } from './events.ts'
import { hisRoutes } from './his-routes.ts'
import { jsonOnly } from './json-only.ts'
import { kioskRoutes } from './kiosk-routes.ts'
import { registrationRoutes } from './registration-routes.ts'
import { listenOnV6 } from './loopback-v6.ts'
import { methodsAt, mount, parse } from './mount.ts'
import { openApi } from './openapi.ts'
import { eventsQuery } from './schemas.ts'
import { screenFiles } from './screen-files.ts'
import { screenRoutes, type ScreenOptions } from './screen-routes.ts'
import { createSight } from './sight.ts'
import { technicianRoutes } from './technician-routes.ts'

export type ApiOptions = ScreenOptions & {
  agent: Agent
  /** The HIS's token, at least 16 characters. */
  token: string
  /** Makes another token in the file of the generated one; absent where the settings hold the token. */
  renewToken?: (() => { secret: string; file: string }) | undefined
  /** Signs screen sessions; a secret of the installation. */
  sessionKey: Uint8Array
  /** Ends the terminal at a technician's word; absent where no host shows the screens. */
  onLeave?: (() => void) | undefined
  /** Instead of the settings' port. */
  port?: number | undefined
  /** The built screens; without it the API alone is served. */
  screensDir?: string | undefined
}

export type Api = {
  /** Such as `http://127.0.0.1:9700`. */
  readonly origin: string
  /** An address that opens the screens once; without `expiresInMs` it waits until it is used. */
  uiUrl(expiresInMs?: number): string
  /** The same for the browser that the terminal runs itself, in its present run. */
  hostedUrl(expiresInMs: number): string
  /** That browser's process has ended: what it held opens nothing any more. */
  endHostedRun(): void
  close(): Promise<void>
}

const PREFIX = '/api/v1'
/** The caller behind `api.token`. */
const HIS = 'his'
/** What a client has to say goodbye in. */
const CLOSE_MS = 300
/** For the headers, and for all of a request. */
const HEADERS_MS = 5000
const REQUEST_MS = 10_000
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(self), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
}

/** Starts listening; rejects with the system's error (EADDRINUSE …) where it cannot. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { agent } = options
  const { api: settings } = agent.settings
  let port = options.port ?? settings.port
  const access = createAccess({
    clients: [{ name: HIS, token: options.token, rights: CLIENT_RIGHTS }, ...settings.clients.map((client) => ({ ...client, token: client.token.reveal() }))],
    sessionKey: options.sessionKey,
    mode: agent.settings.terminal.mode,
    isTechnician: (token) => agent.door.isOpen(token),
    port: () => port,
    allowedHosts: [...ownNames(settings.host), ...settings.allowedHosts],
    allowedOrigins: settings.allowedOrigins,
    maxRequestsPerMinute: settings.maxRequestsPerMinute,
  })
  const desks = createDesks(agent)
  const sight = createSight(agent)
  const sockets = createEventSockets(agent, desks.devices, sight)
  const server = Fastify({
    logger: false,
    bodyLimit: settings.maxBodyBytes,
    // Slow senders are cut off; a platform's answer may take its own time after the request is in.
    requestTimeout: REQUEST_MS,
    // Node looks every 30 s unless told otherwise: three times what a sender has.
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: 1000, shouldUpgradeCallback: asksForEvents },
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: { maxParamLength: 200 },
    // fastify's own words would repeat the address.
    frameworkErrors: (_error, _request, reply) => void sendError(new AgentError('NOT_FOUND'), reply as FastifyReply),
  })
  jsonOnly(server)
  limitBodies(server)
  const connections = shareConnections(server.server)
  server.addHook('onResponse', async (request, reply) => {
    if (request.headers.upgrade !== undefined && reply.statusCode >= 400) request.raw.socket.destroySoon()
  })
  server.setErrorHandler((error, _request, reply) => sendError(error, reply))
  server.setNotFoundHandler(sendNotFound)
  server.decorateRequest('caller', null)
  server.addHook('onRequest', async (request, reply) => {
    // Node takes the first of several; what stands between may have judged the last.
    access.checkHost(request.raw.headersDistinct['host']?.length === 1 ? request.headers.host : undefined)
    access.checkOrigin(request.headers.origin)
    checkFetchSite(request)
    for (const [name, value] of Object.entries(HEADERS)) reply.header(name, value)
    if (request.headers.origin !== undefined) allowOrigin(request, reply)
    if (request.method === 'OPTIONS') return reply.code(204).send()
    // From here on before the body is read: who may not call has nothing of theirs parsed.
    if (request.is404) return sendNotFound(request, reply)
    const { rights } = request.routeOptions.config
    if (rights === undefined) return countOpen(request, access)
    const caller = (request.caller = callerOf(request, access, rights))
    if (!connections.own(request.raw.socket, shareOf(caller), caller.rights.has('screen'))) {
      reply.header('connection', 'close')
      throw new AgentError('TOO_MANY_REQUESTS')
    }
  })

  function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const methods = methodsAt(routes, request.url)
    return methods === '' ? sendError(new AgentError('NOT_FOUND'), reply) : sendError(new AgentError('METHOD_NOT_ALLOWED'), reply.header('allow', methods))
  }

  function sendError(error: unknown, reply: FastifyReply): FastifyReply {
    const { status, body, retryAfterSec, unexpected } = errorReply(error, !['GET', 'HEAD'].includes(reply.request.method))
    // Its name only: the message of a stray error may quote what was sent.
    if (unexpected) agent.log.error('api.fault', { name: (error as Error).name, where: stackLine(error) })
    if (retryAfterSec !== undefined) reply.header('retry-after', retryAfterSec)
    if (status === 401) reply.header('www-authenticate', 'Bearer')
    return reply.code(status).header('cache-control', 'no-store').send(body)
  }

  await server.register(fastifyWebsocket, {
    options: { maxPayload: 64 * 1024, handleProtocols: (offered: Set<string>) => (offered.has('maqiao.v1') ? 'maqiao.v1' : false) },
  })
  const { renewToken } = options
  const rotateToken = renewToken && (() => {
    const { secret, file } = renewToken()
    access.setToken(HIS, secret)
    sockets.end(({ name, rights }) => name === HIS && !rights.has('screen'))
    return file
  })
  const routes = [...hisRoutes(agent, access, sight, desks.reports), ...screenRoutes(agent, access, sight, options), ...kioskRoutes(agent, sight), ...registrationRoutes(agent, sight), ...doorRoutes(agent, options.onLeave), ...technicianRoutes(agent, desks, { ...options, rotateToken })]
  for (const entry of routes) mount(server, entry)
  server.options('/*', () => ({}))
  let document: unknown
  const everybody = { rights: [...CLIENT_RIGHTS, 'screen'] } as const
  server.get(`${PREFIX}/openapi.json`, { config: everybody }, async () => (document ??= openApi(routes, agent)))
  server.get(
    `${PREFIX}/events`,
    {
      websocket: true,
      config: everybody,
      preValidation: async (request) => {
        // The plugin would answer such a one with nothing.
        if (!asksForEvents(request.raw)) throw new AgentError('NOT_FOUND')
        const { after = 0 } = parse(eventsQuery, request.query)
        // A screen begins anew by itself where the data directory did.
        if (after > agent.events.lastSeq() && !request.caller?.rights.has('screen')) throw new AgentError('SEQ_UNKNOWN')
      },
    },
    (socket, request) => sockets.accept(socket, request.caller!, parse(eventsQuery, request.query)),
  )
  if (options.screensDir && existsSync(options.screensDir)) await screenFiles(server, options.screensDir)

  try {
    await server.listen({ port, host: settings.host })
  } catch (error) {
    desks.stop()
    throw error
  }
  port = (server.server.address() as { port: number }).port
  const quarters = setInterval(access.countQuarter, QUARTER_MS).unref()
  const second = settings.host === '127.0.0.1' ? await listenOnV6(server.server, port) : undefined
  const origin = `http://${ownNames(settings.host)[0] ?? '127.0.0.1'}:${port}`
  return {
    origin,
    uiUrl: (expiresInMs) => `${origin}/?ticket=${access.issueTicket(access.screen, expiresInMs)}`,
    hostedUrl: (expiresInMs) => `${origin}/?ticket=${access.issueTicket(access.hostedScreen(), expiresInMs)}`,
    endHostedRun() {
      access.endRun()
      sockets.end(access.isOver)
    },
    async close() {
      clearInterval(quarters)
      desks.stop()
      sockets.close()
      second?.close()
      const closed = server.close()
      setTimeout(() => connections.destroyAll(), CLOSE_MS).unref()
      await closed
    },
  }
}

/** The name that a listening address is called by; an address that stands for all of them is no name. */
function ownNames(host: string): string[] {
  if (['127.0.0.1', '0.0.0.0', '::'].includes(host)) return []
  return [host.includes(':') ? `[${host}]` : host]
}

/** Java's client offers h2c with every first request: such an offer is passed over, as RFC 9110 7.8 lets a server do. */
function asksForEvents(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket' && (request.url ?? '').split('?')[0] === `${PREFIX}/events`
}

function stackLine(error: unknown): string {
  return String((error as Error).stack ?? '').split('\n')[1]?.trim() ?? ''
}
