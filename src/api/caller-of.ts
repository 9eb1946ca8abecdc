/** Who calls: by the Authorization header, a WebSocket's subprotocol or a ticket. */
import type { FastifyRequest } from 'fastify'
import { AgentError } from '../agent/fault.ts'
import { shareOf, type Access, type Caller, type Right } from './access.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Known before the body is read; null on what needs no token. */
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** A caller needs one of these; without it the address is open. */
    rights?: readonly Right[]
  }
}

/** The token of the header or of a WebSocket's subprotocols. */
function tokenOf(request: FastifyRequest): string | undefined {
  const header = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const protocol = String(request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .find((part) => part.startsWith('bearer.'))
    ?.slice('bearer.'.length)
  return header ?? protocol
}

/** Counts a request for whoever shows a token on an address that needs none; those without spend nobody's share there. Throws AgentError TOO_MANY_REQUESTS. */
export function countOpen(request: FastifyRequest, access: Access): void {
  const token = tokenOf(request)
  const caller = token === undefined ? undefined : access.bearer(token)
  if (caller) access.countRequest(shareOf(caller))
}

/**
 * Header, subprotocol or ticket -> caller, each request counted for it. Those
 * without one share a count of their own, which addresses that need no token do
 * not spend. Throws AgentError UNAUTHORISED, TOO_MANY_REQUESTS or FORBIDDEN_RIGHT.
 */
export function callerOf(request: FastifyRequest, access: Access, rights: readonly Right[]): Caller {
  const token = tokenOf(request)
  const ticket = (request.query as Record<string, unknown> | undefined)?.['ticket']
  const caller =
    token !== undefined
      ? access.bearer(token)
      : request.method === 'GET' && typeof ticket === 'string'
        ? access.useTicket(ticket)
        : undefined
  access.countRequest(caller ? shareOf(caller) : `stranger ${request.ip}`)
  if (!caller) throw new AgentError('UNAUTHORISED')
  if (!rights.some((right) => caller.rights.has(right))) throw new AgentError('FORBIDDEN_RIGHT')
  return caller
}
