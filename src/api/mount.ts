/** Routes on the server: who may call them, what they were given, what they answer with. */
import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { AgentError } from '../agent/fault.ts'
import { fieldFaults } from '../transcode/platforms/validate.ts'
import type { Caller } from './access.ts'
import { FileAnswer, type Route } from './route.ts'

const NOBODY: Caller = { name: 'nobody', rights: new Set() }

export function mount(server: FastifyInstance, entry: Route): void {
  server.route({
    method: entry.method,
    url: entry.url,
    config: entry.rights === null ? {} : { rights: entry.rights },
    ...(entry.maxBodyBytes === undefined ? {} : { bodyLimit: entry.maxBodyBytes }),
    async handler(request, reply) {
      const gone = new AbortController()
      reply.raw.once('close', () => {
        if (!reply.raw.writableEnded) gone.abort()
      })
      const answer = await entry.handle({
        caller: request.caller ?? NOBODY,
        params: request.params as Record<string, string>,
        query: (entry.query ? parse(entry.query, request.query) : {}) as never,
        body: (entry.body ? parse(entry.body, request.body ?? {}) : {}) as never,
        signal: gone.signal,
      })
      reply.code(entry.status).header('cache-control', 'no-store')
      if (!(answer instanceof FileAnswer)) return reply.send(answer ?? {})
      return reply.type(answer.mediaType).header('content-disposition', `attachment; filename="${answer.name}"`).send(Buffer.from(answer.bytes))
    },
  })
}

/** The methods that an address takes, as `Allow` names them; '' where there is no such address. */
export function methodsAt(routes: readonly Route[], address: string): string {
  const path = address.split('?')[0] ?? ''
  const takes = (url: string) => new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`).test(path)
  return [...new Set(routes.filter(({ url }) => takes(url)).map(({ method }) => method))].join(', ')
}

/** Throws AgentError BAD_REQUEST, each bad member with its reason. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (!result.success) throw new AgentError('BAD_REQUEST', fieldFaults(result.error.issues, value))
  return result.data
}
