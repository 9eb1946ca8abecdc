/** A call of the local API as data: the server, the validation and the OpenAPI document all read this. */
import type { z } from 'zod'
import type { Caller, Right } from './access.ts'

export type Route = {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT'
  /** fastify's form, such as `/api/v1/outcomes/:id/result`. */
  url: string
  summary: string
  /** A caller needs one of these; null needs no token. */
  rights: readonly Right[] | null
  query?: z.ZodType
  body?: z.ZodType
  /** Instead of the settings' limit. */
  maxBodyBytes?: number
  /** Status of success and its body. */
  status: 200 | 202
  answer: z.ZodType
  /** HTTP statuses of faults, for the document. */
  faults?: readonly number[]
  /** Left out of the OpenAPI document: for the terminal's own screens. */
  internal?: boolean
  handle(request: RouteRequest): unknown
}

/** What a handler returns to answer with a file instead of JSON. */
export class FileAnswer {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  constructor(name: string, mediaType: string, bytes: Uint8Array) {
    this.name = name
    this.mediaType = mediaType
    this.bytes = bytes
  }
}

/** @param name of ASCII letters, digits, `.`, `_` and `-` */
export function sendFile(name: string, mediaType: string, bytes: Uint8Array): FileAnswer {
  return new FileAnswer(name, mediaType, bytes)
}

export type RouteRequest = {
  caller: Caller
  params: Record<string, string>
  /** As `query` and `body` parsed them. */
  query: never
  body: never
  /** Aborts when the caller has gone away. */
  signal: AbortSignal
}

/** Lets a handler see the types its own schemas give. */
export function route<Q extends z.ZodType, B extends z.ZodType>(
  definition: Omit<Route, 'query' | 'body' | 'handle'> & {
    query?: Q
    body?: B
    handle(request: Omit<RouteRequest, 'query' | 'body'> & { query: z.output<Q>; body: z.output<B> }): unknown
  },
): Route {
  return definition as unknown as Route
}
