import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PLATFORMS } from '../../../src/transcode/platforms/index.ts'
import type { CodeFormat } from '../../../src/transcode/outcome.ts'
import type { Operation, PlatformDefinition, Site } from '../../../src/transcode/platforms/platform.ts'
import { PlatformError, RequestFault } from '../../../src/transcode/platforms/platform-error.ts'
import { playedHttp, playedTools, type Played } from '../../support/played-http.ts'

/** One case of a `vectors.json`: what is asked, the exact request that goes out, the reply, and what comes of it. */
type Vector = {
  name: string
  settings: Record<string, unknown>
  site?: Site
  /** ms since 1970 */
  now?: number
  newId?: string
  operation?: string
  body?: unknown
  ask?: { format: CodeFormat; text: string }
  /** Compared member by member; null where nothing may be sent. */
  request?: { method?: string; url: string; headers?: Record<string, string>; body?: string } | null
  reply?: Played
  /** Replies to what goes out before the request, such as a token's. */
  before?: Played[]
  result?: unknown
  error?: Record<string, unknown>
}

const definitions = PLATFORMS as unknown as readonly PlatformDefinition<unknown>[]
const folder = new URL('../../../src/transcode/platforms/', import.meta.url)

describe.each(definitions.map((definition) => [definition.id, definition] as const))(
  'vectors of %s',
  (id, definition) => {
    const file = new URL(`${id}/vectors.json`, folder)
    const vectors = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Vector[]) : []

    it('stand in vectors.json where there is one', () => {
      expect(vectors.length > 0).toBe(existsSync(file))
      expect(new Set(vectors.map((vector) => vector.name)).size).toBe(vectors.length)
    })

    it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
      const before = [...(vector.before ?? [])]
      const { http, sent } = playedHttp(() => before.shift() ?? vector.reply ?? {})
      const { tools } = playedTools(http, vector)
      const platform = definition.create(definition.settings.parse(vector.settings), tools)
      const answered = run(platform.operations, platform.ask?.bind(platform), vector)
      if (vector.error === undefined) expect(await answered).toEqual(vector.result ?? expect.anything())
      else expect(await answered.then(() => 'no error', described)).toMatchObject(vector.error)
      if (vector.request === undefined) return
      expect(sent.length).toBe(vector.request === null ? 0 : 1 + (vector.before?.length ?? 0))
      if (vector.request === null) return
      const { method = 'POST', url, headers, body } = vector.request
      expect(sent.at(-1)!.method ?? 'POST').toBe(method)
      expect(sent.at(-1)!.url).toBe(url)
      if (headers !== undefined) expect(sent.at(-1)!.headers).toEqual(headers)
      expect(sent.at(-1)!.body).toBe(body)
    })
  },
)

async function run(
  operations: Readonly<Record<string, Operation>>,
  ask: ((code: { format: CodeFormat; text: string }, options: object) => Promise<unknown>) | undefined,
  vector: Vector,
) {
  if (vector.ask !== undefined) return ask!(vector.ask, {})
  const operation = operations[vector.operation ?? '']
  if (operation === undefined) throw new Error(`no operation ${vector.operation}`)
  return operation.call(vector.body as never, {})
}

function described(error: unknown): Record<string, unknown> {
  if (error instanceof PlatformError)
    return { ...error.fault, ending: error.ending, answered: error.answered, sent: error.sent }
  if (error instanceof RequestFault) return { code: error.code, fields: error.fields, httpStatus: error.httpStatus }
  throw error
}
