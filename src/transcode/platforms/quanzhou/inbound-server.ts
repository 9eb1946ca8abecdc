/** The listener on which the platform asks the hospital for charges: POST only, small bodies, nothing told of the inside. */
import { createServer, type IncomingMessage } from 'node:http'
import { parseExactJson } from '../../crypto/exact-json.ts'
import { replyJson, type HttpClient } from '../http.ts'
import type { PlatformTools } from '../platform.ts'
import { createInboundCharges } from './inbound-charges.ts'
import type { ChargesRequest } from './charges-schema.ts'
import type { InboundSettings, QuanzhouSettings } from './settings.ts'

/** A slow sender is cut off after this, ms. */
const RECEIVE_LIMIT_MS = 10_000

export type InboundServer = { readonly address: string; readonly port: number; close(): Promise<void> }

/** Listens as `inbound.listen` says (port 0 takes a free one). Rejects when the port is taken. */
export async function startInboundServer(
  settings: QuanzhouSettings & { inbound: InboundSettings },
  tools: Pick<PlatformTools, 'http' | 'now' | 'log' | 'site'>,
): Promise<InboundServer> {
  const { listen, maxBodyBytes } = settings.inbound
  const handle = createInboundCharges({
    settings,
    now: tools.now,
    askHis: (request) => askHis(settings, tools.http, request),
    fixmedinsCode: tools.site.hospital?.insuranceCode,
  })
  const server = createServer(
    { requestTimeout: RECEIVE_LIMIT_MS, headersTimeout: RECEIVE_LIMIT_MS, keepAliveTimeout: 5000 },
    (request, response) => {
      const end = (status: number, body = '') => {
        response.writeHead(status, {
          'content-type': 'application/json;charset=utf-8',
          'cache-control': 'no-store',
          ...(status === 413 && { connection: 'close' }),
        })
        response.end(body)
      }
      if (request.method !== 'POST') {
        request.resume()
        response.setHeader('allow', 'POST')
        return end(405)
      }
      bodyOf(request, maxBodyBytes).then(
        async (raw) => {
          if (raw === undefined) return end(413)
          const began = performance.now()
          const reply = await handle(raw)
          tools.log('inbound-charges', { outcome: reply.outcome, ms: Math.round(performance.now() - began) })
          end(reply.status, reply.body)
        },
        () => response.destroy(),
      )
    },
  )
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
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
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
    timeoutMs: settings.requestTimeoutMs,
  })
  if (reply.status === 404) return undefined
  replyJson('quanzhou', reply)
  return parseExactJson(reply.text)
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
    })
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.on('error', reject)
    request.on('close', () => reject(new Error('sender went away')))
  })
}
