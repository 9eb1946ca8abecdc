/** What a browser tells of the page that calls, and what it is told back. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AgentError } from '../agent/fault.ts'

/**
 * A browser sends no Origin with a picture, a script or a form's GET of a
 * foreign page, but says where it comes from. A link to the screens is not such.
 * Throws AgentError FORBIDDEN_ORIGIN.
 */
export function checkFetchSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site']
  if (request.headers.origin !== undefined || site === undefined || site === 'same-origin' || site === 'none') return
  const link = request.headers['sec-fetch-mode'] === 'navigate' && request.headers['sec-fetch-dest'] === 'document'
  // The route that was found, not the address: that may be written in many ways.
  const call = request.routeOptions.url?.startsWith('/api/') ?? false
  if (!link || request.method !== 'GET' || call) throw new AgentError('FORBIDDEN_ORIGIN')
}

/** Answers a page of a listed origin by its name. */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('access-control-allow-origin', request.headers.origin)
  reply.header('vary', 'Origin')
  if (request.method !== 'OPTIONS') return
  reply.header('access-control-allow-methods', 'GET, POST, PATCH, PUT')
  reply.header('access-control-allow-headers', 'authorization, content-type')
  reply.header('access-control-max-age', '600')
  // Chrome's earlier and present word for a page that calls a more private network.
  reply.header('access-control-allow-private-network', 'true')
  reply.header('access-control-allow-local-network', 'true')
}
