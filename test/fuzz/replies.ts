/** What platforms may answer: the documents' own replies, spoilt; scans, operations and deliveries must end as they say. */
import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { PLATFORMS } from '../../src/transcode/platforms/index.ts'
import type { CodeFormat } from '../../src/transcode/outcome.ts'
import { PlatformError, RequestFault } from '../../src/transcode/platforms/platform-error.ts'
import type { Platform, PlatformDefinition, Site } from '../../src/transcode/platforms/platform.ts'
import { playedHttp, playedTools, type Played } from '../support/played-http.ts'
import { usage } from '../support/simulated-calls.ts'
import type { Random } from './random.ts'
import type { Target } from './run.ts'

type Vector = {
  settings: Record<string, unknown>
  site?: Site
  now?: number
  newId?: string
  operation?: string
  body?: unknown
  ask?: { format: CodeFormat; text: string }
  reply?: Played
  before?: Played[]
}

const definitions = PLATFORMS as unknown as readonly PlatformDefinition<unknown>[]
const folder = new URL('../../src/transcode/platforms/', import.meta.url)
/** One in so many of a platform that takes reports is a delivery. */
const DELIVERIES = 3
const ENDINGS = ['delivered', 'retry', 'pause', 'refused', 'unproven']

function vectorsOf(id: string): Vector[] {
  const file = new URL(`${id}/vectors.json`, folder)
  const all = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Vector[]) : []
  return all.filter(({ reply }) => reply !== undefined)
}

function spoilt(played: Played, random: Random): Played {
  const { body = '' } = played
  const status = random.chance(0.1) ? random.pick([204, 301, 302, 400, 404, 429, 500, 503]) : (played.status ?? 200)
  const headers: Record<string, string> = random.chance(0.1) ? { 'retry-after': random.text(10), date: random.text(10) } : {}
  return { status, headers, body: spoiltBody(body, random) }
}

function spoiltBody(body: unknown, random: Random): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  if (random.chance(0.1)) return random.text(2000)
  if (random.chance(0.2)) return random.mutated(text)
  try {
    return JSON.stringify(random.mutatedJson(JSON.parse(text))) ?? ''
  } catch {
    return random.mutated(text)
  }
}

function target(definition: PlatformDefinition<unknown>): Target[] {
  const vectors = vectorsOf(definition.id)
  const parsed = new Map(vectors.map((vector) => [vector, definition.settings.parse(vector.settings)]))
  if (vectors.length === 0) return []
  return [
    {
      name: `replies of ${definition.id}`,
      async run(random) {
        const vector = random.pick(vectors)
        const replies = [...(vector.before ?? []), vector.reply as Played]
        let asked = 0
        const { http } = playedHttp(() => {
          const reply = replies[Math.min(asked++, replies.length - 1)] as Played
          // Platforms that ask on and on would never come to an end.
          if (asked > 50) throw new Error('asked more than 50 times')
          return random.chance(asked >= replies.length ? 0.9 : 0.2) ? spoilt(reply, random) : reply
        })
        const { tools, logged } = playedTools(http, vector)
        const platform = definition.create(parsed.get(vector), tools)
        const personal = personalIn(vector)
        try {
          if (platform.deliver !== undefined && random.below(DELIVERIES) === 0) await deliver(platform, definition.id, random)
          else await call(platform, vector)
        } catch (error) {
          if (!(error instanceof PlatformError) && !(error instanceof RequestFault)) throw error
          const told = JSON.stringify([error instanceof PlatformError ? error.fault : error.fields, error.message, logged])
          for (const text of personal) if (told.includes(text)) throw new Error(`the fault repeats ${text.length} characters of the request`)
        }
        await platform.close?.()
      },
    },
  ]
}

async function call(platform: Platform, vector: Vector): Promise<void> {
  if (vector.ask !== undefined) {
    const answer = await platform.ask?.(vector.ask, {})
    expect(answer).toBeTypeOf('object')
    return
  }
  const operation = platform.operations[vector.operation ?? '']
  if (operation === undefined) throw new Error(`no operation ${vector.operation}`)
  const answer = await operation.call(vector.body as never, {})
  // What comes out is what the document and OpenAPI say.
  const checked = operation.response.safeParse(answer)
  if (!checked.success) throw new Error(`${vector.operation} answers what its schema refuses: ${JSON.stringify(checked.error.issues[0])}`)
}

async function deliver(platform: Platform, id: string, random: Random): Promise<void> {
  const kind = id === 'health-card' ? 'health-card/reportHISData' : `${id}/message`
  const delivery = await platform.deliver?.({ kind, payload: usage('00'.repeat(32)) }, { open: random.chance(0.5) ? { note: '', refused: false } : null, begin: () => '0'.repeat(32) }, {})
  expect(ENDINGS).toContain(delivery?.kind)
}

/** Longer texts of a request that name somebody. */
function personalIn({ body, ask }: Vector): string[] {
  const found: string[] = ask === undefined || ask.text.length < 6 ? [] : [ask.text]
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    if (typeof value === 'string' && /^(idNumber|idNo|certNo|cert_no|name|psn_name|phone|phone1|qrCodeText|qrCode|code|healthCode)$/.test(name) && Buffer.byteLength(value) >= 6) found.push(value)
  }
  return found
}

export const REPLIES = definitions.flatMap(target)
