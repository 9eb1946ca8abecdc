/** How many bytes of bodies may be in work at a time: a body stays in memory from its first byte until its answer is out. */
import type { FastifyInstance } from 'fastify'
import { AgentError } from '../agent/fault.ts'
import { shareOf } from './access.ts'

/** Over all connections, and of one caller. */
const MOST_BYTES = 48 * 1024 * 1024
const MOST_BYTES_OF_ONE = 24 * 1024 * 1024
/** Smaller ones are not counted: the number of connections bounds them. */
const SMALL_BYTES = 64 * 1024

/** Rejects with AgentError BODIES_TOO_MANY, before the body is read, if the budget is used up. */
export function limitBodies(server: FastifyInstance): void {
  const used = new Map<string, number>()
  const add = (key: string, bytes: number) => {
    const sum = (used.get(key) ?? 0) + bytes
    if (sum > 0) used.set(key, sum)
    else used.delete(key)
  }
  server.addHook('preParsing', async (request, reply) => {
    const { bodyLimit } = request.routeOptions
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers
    // One that does not say how long it is may be as long as the limit.
    const bytes = length === undefined ? (coding === undefined ? 0 : (bodyLimit ?? 0)) : Number(length)
    if (bytes <= SMALL_BYTES || bytes > (bodyLimit ?? Infinity)) return
    const caller = request.caller ? shareOf(request.caller) : ''
    if ((used.get(caller) ?? 0) + bytes > MOST_BYTES_OF_ONE || (used.get('all') ?? 0) + bytes > MOST_BYTES) throw new AgentError('BODIES_TOO_MANY')
    for (const key of ['all', caller]) add(key, bytes)
    reply.raw.once('close', () => {
      for (const key of ['all', caller]) add(key, -bytes)
    })
  })
}
