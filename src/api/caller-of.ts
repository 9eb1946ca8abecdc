/** Who calls: by the Authorization header, a WebSocket's subprotocol or a ticket. */
import type { FastifyRequest } from 'fastify'
import { AgentError } from '../agent/fault.ts'
import type { Access, Caller, Right } from './access.ts'

/** The token of the header or of a WebSocket's subprotocols. */
export function tokenOf(request: FastifyRequest): string | undefined {
  const header = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const protocol = String(request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .find((part) => part.startsWith('bearer.'))
    ?.slice('bearer.'.length)
  return header ?? protocol
}

/** Header, subprotocol or ticket -> caller. Throws AgentError UNAUTHORISED or FORBIDDEN_RIGHT. */
export function callerOf(request: FastifyRequest, access: Access, rights: readonly Right[]): Caller {
  const token = tokenOf(request)
  const ticket = (request.query as Record<string, unknown> | undefined)?.['ticket']
  const caller =
    token !== undefined
      ? access.bearer(token)
      : request.method === 'GET' && typeof ticket === 'string'
        ? access.useTicket(ticket)
        : undefined
  if (!caller) throw new AgentError('UNAUTHORISED')
  if (!rights.some((right) => caller.rights.has(right))) throw new AgentError('FORBIDDEN_RIGHT')
  return caller
}
