/** The listener on which the platform asks the hospital for charges: POST only, small bodies, nothing told of the inside. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { replyJson, type HttpClient } from '../http.ts'
import type { PlatformTools } from '../platform.ts'
import { textOfReply } from '../reply-bytes.ts'
import { createInboundAdmission } from './inbound-admission.ts'
import { createInboundCharges } from './inbound-charges.ts'
import type { ChargesRequest } from './charges-schema.ts'
import type { InboundSettings, QuanzhouSettings } from './settings.ts'

/** What a sender has for its headers, and for all of a request; how often that is looked at, ms. */
const HEADERS_LIMIT_MS = 3000
const RECEIVE_LIMIT_MS = 5000
const LOOK_EVERY_MS = 1000
/** Connections at once: of one address, so that none keeps the others out, and of all. */
const MOST_CONNECTIONS_OF_ONE = 32
const MOST_CONNECTIONS = 512
/** Requests in one connection. */
const MOST_IN_ONE = 100
/** Questions to the HIS at once; the platform is told to ask again beyond that. */
const MOST_ASKED = 8
/** What is still read of a body that is too large, so that the sender sees why, bytes. */
const DRAINED_BYTES = 256 * 1024
/** What answers under way have when the listener closes, ms. */
const CLOSE_MS = 1000

export type InboundServer = { readonly address: string; readonly port: number; close(): Promise<void> }

/** Listens as `inbound.listen` says (port 0 takes a free one). Rejects when the port is taken. */
export async function startInboundServer(
  settings: QuanzhouSettings & { inbound: InboundSettings },
  tools: Pick<PlatformTools, 'http' | 'now' | 'log' | 'site'>,
): Promise<InboundServer> {
  const { listen, maxBodyBytes } = settings.inbound
  const admission = createInboundAdmission(tools.now)
  let asking = 0
  const handle = createInboundCharges({
    settings,
    now: tools.now,
    async askHis(request) {
      if (asking >= MOST_ASKED) throw new Error('too many questions at once')
      asking += 1
      try {
        return await askHis(settings, tools.http, request)
      } finally {
        asking -= 1
      }
    },
    fixmedinsCode: tools.site.hospital?.insuranceCode,
  })
  const server = createServer(
    { requestTimeout: RECEIVE_LIMIT_MS, headersTimeout: HEADERS_LIMIT_MS, connectionsCheckingInterval: LOOK_EVERY_MS, keepAliveTimeout: 5000 },
    (request, response) => {
      const address = request.socket.remoteAddress ?? ''
      const end = (status: number, body = '') => {
        response.writeHead(status, {
          'content-type': 'application/json;charset=utf-8',
          'cache-control': 'no-store',
          'content-length': Buffer.byteLength(body),
          ...(status !== 200 && { connection: 'close' }),
        })
        response.end(body)
      }
      if (!admission.admits(address)) {
        response.setHeader('retry-after', '60')
        return end(429)
      }
      if (request.method !== 'POST') {
        request.resume()
        response.setHeader('allow', 'POST')
        return end(405)
      }
      bodyOf(request, maxBodyBytes).then(
        async (raw) => {
          if (raw === undefined) {
            admission.unproven(address)
            return end(413)
          }
          const began = performance.now()
          const reply = await handle(raw)
          const proven = reply.outcome !== 'unauthentic'
          if (proven) admission.proven(address)
          if (proven || admission.unproven(address)) {
            tools.log('inbound-charges', { outcome: reply.outcome, fields: reply.fields, ms: Math.round(performance.now() - began) })
          }
          end(reply.status, reply.body)
        },
        () => response.destroy(),
      )
    },
  )
  server.maxConnections = MOST_CONNECTIONS
  server.maxRequestsPerSocket = MOST_IN_ONE
  holdToShare(server, MOST_CONNECTIONS_OF_ONE)
  const at = listen.lastIndexOf(':')
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: listen.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(listen.slice(at + 1)) }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const bound = server.address() as { address: string; port: number }
  return {
    address: bound.address,
    port: bound.port,
    close: () =>
      new Promise((resolve) => {
        const limit = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
        server.close(() => {
          clearTimeout(limit)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

/** Ends the connections of an address beyond its share as they come. */
function holdToShare(server: Pick<Server, 'on'>, most: number): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (open.get(address) ?? 0) + 1
    if (count > most) return void socket.destroy()
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  })
}

/** The HIS's answer as JSON; undefined for 404. Rejects when it gives none. */
async function askHis(
  settings: QuanzhouSettings & { inbound: InboundSettings },
  http: HttpClient,
  request: ChargesRequest,
): Promise<unknown> {
  const reply = await http.send({
    platform: 'quanzhou',
    operation: 'inbound-his',
    url: settings.inbound.hisUrl,
    headers: { 'content-type': 'application/json;charset=utf-8', accept: 'application/json' },
    body: JSON.stringify(request),
    again: () => JSON.stringify(request),
    timeoutMs: settings.requestTimeoutMs,
    elsewhere: true,
  })
  if (reply.status === 404) return undefined
  return replyJson('quanzhou', reply)
}

/** The body as text; undefined once it is larger than allowed. Rejects when the sender goes away. */
function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      // The rest is read and dropped: a sender that is cut off never sees why.
      if (size > maxBytes) resolve(undefined)
      else chunks.push(chunk)
      if (size > maxBytes + DRAINED_BYTES) request.socket.destroy()
    })
    request.on('end', () => resolve(textOfReply(Buffer.concat(chunks), request.headers['content-type'] ?? '')))
    request.on('error', reject)
    request.on('close', () => reject(new Error('sender went away')))
  })
}
