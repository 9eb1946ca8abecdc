/** The kinds of fields that platforms' settings are made of. */
import { z } from 'zod'
import { Secret } from '../secret.ts'

/** A key, secret or token: never exported, logged or shown. @param given what its text must be; not empty by default */
export const secret = (given: z.ZodString = z.string().min(1, 'required')) =>
  given.meta({ secret: true }).transform((value) => new Secret(value))

/** Text that must be there. */
export const text = () => z.string().min(1, 'required')

/**
 * An http(s) address without credentials. Plain http to another machine is
 * refused by `plainHttpFaults` unless the platform's `allowPlainHttp` is set.
 */
export const url = () =>
  z.string().min(1, 'required').refine((value) => {
    // The parser drops blanks and line ends, and what is sent or compared would not be what stands here.
    if (/[\s\p{Cc}]/u.test(value) || !URL.canParse(value)) return false
    const parsed = new URL(value)
    return /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === ''
  }, 'must be an http(s) URL without user name')

/** Fields every platform has. */
export const common = {
  /** Over one whole exchange, ms. */
  requestTimeoutMs: z.int().min(100).max(120_000).default(8000).describe('一次请求从连接到收完的时限，毫秒；专线较慢时可加大，窗口等待也随之变长'),
  /** Lets this platform be reached by unencrypted http on another machine; shown in red. */
  allowPlainHttp: z.boolean().default(false).describe('允许地址是未加密的 http（本机除外）；仅当平台书面确认专线只有 http 时打开，诊断页会一直标红'),
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Paths (dotted) of plain-http addresses that leave this machine, anywhere in a platform's settings. */
export function plainHttpPaths(settings: unknown, path: string[] = []): string[][] {
  if (typeof settings === 'string') {
    // As it will be read, not as it is written: a blank before it is no other protocol.
    if (!URL.canParse(settings)) return []
    const { protocol, hostname } = new URL(settings)
    return protocol !== 'http:' || LOOPBACK.test(hostname) ? [] : [path]
  }
  if (settings === null || typeof settings !== 'object') return []
  return Object.entries(settings).flatMap(([key, value]) => plainHttpPaths(value, [...path, key]))
}
