/** Every error of every room -> HTTP status and the one error body; nothing of ours ever shows a stack or a text of the request. */
import { AgentError } from '../agent/fault.ts'
import { DeviceError } from '../devices/scanner.ts'
import { OutboxError } from '../outbox/outbox.ts'
import { PlatformError, RequestFault } from '../transcode/platforms/platform-error.ts'
import type { Fault } from '../transcode/outcome.ts'

export type ErrorBody = { error: Fault & { fields?: readonly { path: string; message: string }[] } }
export type ErrorReply = { status: number; body: ErrorBody; retryAfterSec?: number; unexpected: boolean }

/** fastify's own refusals that a client can cause. */
const FASTIFY_CODES: Record<string, AgentError['code']> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'BODY_NOT_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_NOT_JSON',
  FST_ERR_BAD_URL: 'NOT_FOUND',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
}

/** @param hasBody false where the request had none to be wrong: then its address was */
export function errorReply(error: unknown, hasBody = true): ErrorReply {
  if (error instanceof AgentError) {
    const fields = error.fields.length > 0 ? { fields: error.fields } : {}
    return { status: error.httpStatus, body: { error: { ...error.fault, ...fields } }, unexpected: false }
  }
  if (error instanceof RequestFault) {
    const { platform, code, message, advice, fields, httpStatus } = error
    return { status: httpStatus, body: { error: { platform, code, message, advice, retryable: false, fields } }, unexpected: false }
  }
  if (error instanceof PlatformError) {
    const status = error.ending === 'rejected' ? 422 : error.fault.code === 'NETWORK_TIMEOUT' ? 504 : 502
    const retryAfterSec = error.retryAfterMs === undefined ? {} : { retryAfterSec: Math.ceil(error.retryAfterMs / 1000) }
    return { status, body: { error: error.fault }, ...retryAfterSec, unexpected: false }
  }
  if (error instanceof DeviceError) {
    const { code, message, advice } = error
    return { status: 409, body: { error: { platform: 'maqiao', code, message, advice, retryable: true } }, unexpected: false }
  }
  if (error instanceof OutboxError) {
    const { code, message, advice } = error
    return { status: code === 'OUTBOX_CLOSED' ? 503 : 507, body: { error: { platform: 'maqiao', code, message, advice, retryable: true } }, unexpected: false }
  }
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  const known = FASTIFY_CODES[code ?? ''] ?? (statusCode !== undefined && statusCode < 500 ? (hasBody ? 'BODY_NOT_JSON' : 'NOT_FOUND') : undefined)
  return { ...errorReply(new AgentError(known ?? 'TERMINAL_FAULT')), unexpected: known === undefined }
}
