/** The headline, next step and way on for each ending that is no success. */
import type { Outcome } from '../../transcode/outcome.ts'
import { endingAction, endingFamily, NEEDS_FRESH } from '../messages/ending-family.ts'
import { sharedZhCn } from '../messages/shared-zh-cn.ts'
import { deskEndingsZhCn as words } from '../messages/desk-endings-zh-cn.ts'

export type EndingWords = {
  headline: string
  /** A dynamic code may be spent: a fresh one is needed. */
  fresh: boolean
  /** What the one button does. */
  action: 'rescan' | 'manual'
}

const DYNAMIC = new Set(['ankang', 'health-card-dynamic', 'yuejiantong', 'e-voucher'])
/** Another scan would end the same today, or would reach a page that is no platform. */
const NO_RESCAN = new Set(['10034', 'REPLY_TOO_LARGE', 'REPLY_NOT_JSON', 'REPLY_CHARSET', 'REPLY_ENCODING', 'NETWORK_PROTOCOL', 'NETWORK_PROXY'])
/** Codes with a headline of their own. */
const OWN_HEADLINES: Record<string, string> = words.byCode

/** Words for a rejected, unavailable or unrecognised outcome. */
export function endingWords(outcome: Outcome): EndingWords {
  const { status, code, error } = outcome
  const family = endingFamily(outcome)
  if (status === 'unrecognised') return { headline: headlineOf(outcome), fresh: false, action: 'rescan' }
  // What lacks other data, or lies with the card itself, no scan mends.
  const again = SAYS_AGAIN.test(error?.advice ?? '')
  const settled = !again && family === 'refused' && error?.retryable === false
  const helps = endingAction(family) === 'rescan' || (error?.retryable === true && again)
  const rescan = helps && !settled && !NO_RESCAN.has(error?.code ?? '')
  return {
    headline: headlineOf(outcome),
    fresh: rescan && NEEDS_FRESH.has(family) && DYNAMIC.has(code.format),
    action: rescan ? 'rescan' : 'manual',
  }
}

/** The platforms' own advice where it sends the patient back to the scanner. */
const SAYS_AGAIN = /重扫|再扫|重新扫码|重新出示/

function headlineOf(outcome: Outcome): string {
  const { status, code, error } = outcome
  const own = OWN_HEADLINES[error?.code ?? '']
  if (own) return own
  if (error?.code === 'PLATFORM_NOT_CONFIGURED') return words.notConfigured(sharedZhCn.formats[code.format])
  const platform = sharedZhCn.platforms[error?.platform ?? 'maqiao']
  const family = endingFamily(outcome)
  switch (family) {
    case 'payment':
      return words.payment
    case 'unknown':
      return words.unknown
    case 'expired':
      return words.expired
    case 'noCard':
      return error?.platform === 'health-card' ? words.noCard : words.noTarget
    case 'frozen':
      return words.frozen
    case 'identity':
      return words.identity
    case 'full':
      return words.full
    case 'incomplete':
      return words.incomplete
    case 'terminal':
      return error?.retryable ? words.trouble(platform) : words.access(platform)
    case 'slow':
      return words.unavailable(platform)
    default:
      return status === 'rejected' ? words.rejected(platform) : words.trouble(platform)
  }
}
