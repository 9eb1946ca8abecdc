/** One call of the local API with a token of the caller's choice. */
import { ApiError } from '../api/client.ts'
import { baseUrl } from '../api/session.ts'
import { sharedZhCn } from '../messages/shared-zh-cn.ts'
import type { Fault } from '../../transcode/outcome.ts'

export type FieldFault = { path: string; message: string }

/** The bad members of a request, where the terminal named them. */
export function fieldsOf(error: unknown): FieldFault[] {
  return error instanceof ApiError ? ((error.fault as Fault & { fields?: FieldFault[] }).fields ?? []) : []
}

/** What went wrong, in words, whatever was thrown. */
export function faultOf(error: unknown): Fault {
  return error instanceof ApiError ? error.fault : sharedZhCn.faults.unreachable
}

/** Rejects with ApiError; its status is 0 where the terminal did not answer. */
export async function callApi(token: string, method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  let reply: Response
  try {
    reply = await fetch(new URL(`api/v1/${path}`, baseUrl()), {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  } catch {
    throw new ApiError(0, sharedZhCn.faults.unreachable)
  }
  if (reply.ok) return reply
  const { error } = ((await reply.json().catch(() => null)) ?? {}) as { error?: Fault }
  throw new ApiError(reply.status, error ?? sharedZhCn.faults.status(reply.status))
}
