/** The headline, next step and way on for each ending that is no success. */
import type { Fault, Outcome } from '../../transcode/outcome.ts'
import { messages } from '../messages/zh-cn.ts'

export type EndingWords = {
  headline: string
  /** A dynamic code may be spent: a fresh one is needed. */
  fresh: boolean
  /** What the one button does. */
  action: 'rescan' | 'manual'
}

const TIMEOUTS = new Set(['NETWORK_TIMEOUT', 'NETWORK_RESET', 'REPLY_EMPTY'])
const NETWORK = new Set(['NETWORK_UNREACHABLE', 'NETWORK_NAME'])
const BROKEN = new Set(['REPLY_TOO_LARGE', 'REPLY_NOT_JSON', 'REPLY_SHAPE'])
const DYNAMIC = new Set(['ankang', 'health-card-dynamic', 'yuejiantong', 'e-voucher'])

/** Words for a rejected, unavailable or unrecognised outcome. */
export function endingWords(outcome: Outcome): EndingWords {
  const { status, code, error } = outcome
  const words = messages.refused
  if (status === 'unrecognised') {
    return { headline: code.format === 'payment' ? words.payment : words.unknown, fresh: false, action: 'rescan' }
  }
  const platform = messages.platforms[error?.platform ?? 'maqiao']
  if (status === 'rejected') return { headline: words.rejected(platform), fresh: false, action: 'rescan' }
  const spent = DYNAMIC.has(code.format) && error?.code !== 'PLATFORM_NOT_CONFIGURED' && !NETWORK.has(error?.code ?? '')
  return {
    headline: unavailableHeadline(error, platform, messages.formats[code.format]),
    fresh: spent,
    action: spent && error?.retryable !== false ? 'rescan' : 'manual',
  }
}

function unavailableHeadline(error: Fault | undefined, platform: string, format: string): string {
  const words = messages.refused
  const code = error?.code ?? ''
  if (code === 'PLATFORM_NOT_CONFIGURED') return words.notConfigured(format)
  if (code === 'NETWORK_TIMEOUT') return words.timeout
  if (code === 'NETWORK_TLS') return words.tls
  if (code === 'REQUEST_ABORTED') return words.aborted
  if (code === 'HTTP_STATUS') return words.busy
  if (code === 'TERMINAL_FAULT') return words.terminal
  if (NETWORK.has(code)) return words.network
  if (BROKEN.has(code)) return words.broken
  if (TIMEOUTS.has(code)) return words.unavailable(platform)
  return words.unavailable(platform)
}
