/** The port behind which every played platform hides, and what its replies are made of. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Trouble, TroubleMode } from './trouble.ts'

/** The played systems, by the names that URLs and errors use for them. */
export const PLAYED = ['ankang', 'health-card', 'quanzhou', 'beijing', 'yuejiantong', 'e-voucher'] as const
export type Played = (typeof PLAYED)[number]

/** One request as a played platform sees it. */
export type Call = {
  readonly operation: string
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The platform's clock, ms since 1970. */
  readonly now: number
  /** A return code that a control call asked for; the platform gives it where its real one would. */
  readonly forcedCode: string | undefined
  /** The platform's words beside that code. */
  readonly forcedMessage: string | undefined
  /** What a control call wants to be wrong with the answer. */
  readonly trouble: TroubleMode | undefined
}

export type Reply = {
  /** HTTP status, default 200. */
  readonly status?: number
  readonly type?: string
  readonly body: string
  /** The platform's return code, for the list of requests. */
  readonly code: string
  /** What happens to this answer on its way, where a sample code asks for it. */
  readonly trouble?: Trouble
}

export type Play = {
  readonly id: Played
  /** The operation's name in its document, or undefined where path and method are not this platform's. */
  operationOf(method: string, pathname: string, body: string): string | undefined
  answer(call: Call): Reply | Promise<Reply>
  /** What it has written down. */
  books(): Record<string, unknown>
  /** Forgets everything that was written down since the start. */
  reset(): void
}

/** A JSON answer; `code` is the platform's return code. */
export function jsonReply(value: unknown, code: string | number, trouble?: Trouble): Reply {
  const reply = { body: JSON.stringify(value), code: String(code) }
  return trouble === undefined ? reply : { ...reply, trouble }
}

/** The members of a JSON object, or undefined where the text is anything else. */
export function parseMembers(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return isMembers(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isMembers(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
