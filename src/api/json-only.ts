/** Bodies: JSON in UTF-8 with numbers that keep their digits, and nothing else. */
import type { FastifyInstance } from 'fastify'
import { AgentError } from '../agent/fault.ts'
import { inexactNumbers } from '../transcode/crypto/exact-json.ts'

/** Fields that one answer names. */
const MOST_TOLD = 20

/** More than any document's request has; a parser makes an object of each. */
const MOST_VALUES = 20_000
const MOST_DEPTH = 64

export function jsonOnly(server: FastifyInstance): void {
  // What a form of a foreign page can send without being asked first is nobody's here.
  server.removeContentTypeParser(['text/plain', 'application/json'])
  const parseJson = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (isTooComplex(body as Buffer)) return done(new AgentError('BODY_TOO_COMPLEX'))
    const text = utf8Of(body as Buffer)
    if (text === undefined) done(new AgentError('BODY_NOT_JSON'))
    // Many clients say JSON of every POST, of one without a body too.
    else if (text === '') done(null, undefined)
    else void parseJson(request, text, (error, value) => (error === null ? done(roundedFault(text), value) : done(error)))
  })
}

/** A number with more digits than JavaScript keeps would go on to a platform with others. */
function roundedFault(text: string): AgentError | null {
  try {
    const paths = inexactNumbers(text).slice(0, MOST_TOLD)
    return paths.length === 0 ? null : new AgentError('BAD_REQUEST', paths.map((path) => ({ path: path || '(body)', message: '数字的位数太多，会被舍入：请写成文本，如 "340101198810221231"' })))
  } catch {
    return new AgentError('BODY_NOT_JSON')
  }
}

/** Undefined for bytes that are no UTF-8: a name in another encoding would go on to a platform as question marks. */
function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** By the brackets and commas outside texts, before anything is made of them: whether the JSON has more than 20,000 values or is more than 64 deep. */
export function isTooComplex(bytes: Uint8Array): boolean {
  let depth = 0
  let values = 0
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case 0x22: // "
        at = endOfText(bytes, at)
        break
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > MOST_DEPTH || ++values > MOST_VALUES) return true
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth--
        break
      case 0x2c: // ,
        if (++values > MOST_VALUES) return true
    }
  }
  return false
}

/** Where the text that begins at a quotation mark ends: at the next one that no odd number of backslashes stands before. */
function endOfText(bytes: Uint8Array, begin: number): number {
  for (let end = bytes.indexOf(0x22, begin + 1); end !== -1; end = bytes.indexOf(0x22, end + 1)) {
    let slashes = 0
    while (bytes[end - 1 - slashes] === 0x5c) slashes++
    if (slashes % 2 === 0) return end
  }
  return bytes.length
}
