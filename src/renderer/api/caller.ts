/** Calls of the local API with a token, for the screens and for technicians alike. */
import type { Fault } from '../../transcode/outcome.ts'
import { sharedZhCn } from '../messages/shared-zh-cn.ts'
import { ApiError } from './api-error.ts'
import { baseUrl } from './session.ts'

export type Caller = ReturnType<typeof createCaller>

/** `token` is asked at each call, since a session is renewed; `onUnauthorised` is told of a 401. Every call rejects with ApiError. */
export function createCaller({ token, onUnauthorised }: { token: () => string; onUnauthorised: () => void }) {
  async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    let reply: Response
    try {
      reply = await fetch(new URL(`api/v1/${path}`, baseUrl()), {
        method,
        headers: { authorization: `Bearer ${token()}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        cache: 'no-store',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      })
    } catch {
      throw new ApiError(0, sharedZhCn.faults.unreachable)
    }
    if (reply.ok) return reply
    if (reply.status === 401) onUnauthorised()
    const { error } = ((await reply.json().catch(() => null)) ?? {}) as { error?: Fault }
    throw new ApiError(reply.status, error ?? sharedZhCn.faults.status(reply.status))
  }

  return {
    send,
    async call<T>(...request: Parameters<typeof send>): Promise<T> {
      const reply = await send(...request)
      return (await reply.json().catch(() => null)) as T
    },
  }
}
