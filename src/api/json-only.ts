/** Bodies: JSON in UTF-8, and nothing else. */
import type { FastifyInstance } from 'fastify'
import { AgentError } from '../agent/fault.ts'

export function jsonOnly(server: FastifyInstance): void {
  // What a form of a foreign page can send without being asked first is nobody's here.
  server.removeContentTypeParser(['text/plain', 'application/json'])
  const parseJson = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = utf8Of(body as Buffer)
    if (text === undefined) done(new AgentError('BODY_NOT_JSON'))
    // Many clients say JSON of every POST, of one without a body too.
    else if (text === '') done(null, undefined)
    else void parseJson(request, text, done)
  })
}

/** Undefined for bytes that are no UTF-8: a name in another encoding would go on to a platform as question marks. */
function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
