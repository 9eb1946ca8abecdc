/** Talks to a Chromium that was started with `--remote-debugging-pipe`: JSON, each message ended by a NUL. */
import type { Readable, Writable } from 'node:stream'

export type DevtoolsEvent = { readonly method: string; readonly params: Record<string, unknown> }

export type Devtools = {
  /** Rejects when the browser refuses, does not answer within `limitMs` (default 5000), or is gone. */
  send(method: string, params?: Record<string, unknown>, options?: { sessionId?: string; limitMs?: number }): Promise<Record<string, unknown>>
}

type Waiting = { resolve(result: Record<string, unknown>): void; reject(error: Error): void }
type Message = { id?: number; result?: Record<string, unknown>; error?: { message: string }; method?: string; params?: Record<string, unknown> }

/** A message and what has come of the next one are no longer than this: pictures are never asked for. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024

/** Undefined for what is no message: a browser that is broken must not end the terminal; calls that it does not answer run out. */
function messageOf(text: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(text)
    return isObject(message) ? (message as Message) : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Opens the conversation; it ends with the streams. */
export function openDevtools(to: Writable, from: Readable, heard: (event: DevtoolsEvent) => void): Devtools {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let rest: Buffer = Buffer.alloc(0)

  const take = (text: string): void => {
    const message = messageOf(text)
    if (message === undefined) return
    const { id, result, error, method, params } = message
    if (id === undefined) return heard({ method: String(method ?? ''), params: isObject(params) ? params : {} })
    const call = waiting.get(id)
    waiting.delete(id)
    if (error) call?.reject(new Error(String(error.message)))
    else call?.resolve(isObject(result) ? result : {})
  }
  const end = (): void => {
    for (const call of waiting.values()) call.reject(new Error('the browser is gone'))
    waiting.clear()
  }
  from.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let at = rest.indexOf(0); at >= 0; at = rest.indexOf(0)) {
      take(rest.toString('utf8', 0, at))
      rest = rest.subarray(at + 1)
    }
    if (rest.length > MAX_MESSAGE_BYTES) from.destroy()
  })
  from.on('close', end)
  // A browser that dies while we write; its exit is what counts.
  from.on('error', end)
  to.on('error', end)

  return {
    send(method, params = {}, { sessionId, limitMs = 5000 } = {}) {
      const id = (lastId += 1)
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id)
          reject(new Error(`${method}: no answer within ${limitMs} ms`))
        }, limitMs)
        waiting.set(id, {
          resolve: (result) => (clearTimeout(timer), resolve(result)),
          reject: (error) => (clearTimeout(timer), reject(error)),
        })
        to.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`)
      })
    },
  }
}
