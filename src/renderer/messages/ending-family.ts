/** Which words of the kiosk fit an ending: platforms' codes -> what a patient can do about it. */
import type { Outcome } from '../../transcode/outcome.ts'
import type { EndingFamily } from './kiosk-endings-zh-cn.ts'

/** Codes of one platform; the same number means something else at another. */
const OF_PLATFORM: Partial<Record<string, Record<string, EndingFamily>>> = {
  'health-card': {
    '10007': 'expired',
    '10008': 'expired',
    '10009': 'expired',
    '10010': 'expired',
    '10011': 'expired',
    '10018': 'incomplete',
    '10020': 'expired',
    '10021': 'expired',
    '10053': 'expired',
    '10054': 'expired',
    '10006': 'noCard',
    '-10019': 'noCard',
    '10030': 'noCard',
    '-10031': 'frozen',
    '10015': 'identity',
    '-10026': 'identity',
    '-10027': 'identity',
    '-10028': 'identity',
    '10056': 'identity',
    '-10038': 'identityLater',
    '10057': 'full',
    '10034': 'busy',
    '21007': 'busy',
  },
  ankang: { TARGET_NONE: 'noCard', SCENE_NOT_ALLOWED: 'notOffered' },
  yuejiantong: { '1': 'expired', '2': 'expired', '3': 'terminal', CODE_MISSING: 'incomplete' },
  'e-voucher': { DLL_TIMEOUT: 'slow', DLL_CRASHED: 'slow', SCANNER_NOT_LENT: 'busy' },
}

const OF_ANY: Record<string, EndingFamily> = {
  PLATFORM_NOT_CONFIGURED: 'notOffered',
  NETWORK_UNREACHABLE: 'network',
  NETWORK_NAME: 'network',
  NETWORK_TLS: 'terminal',
  NETWORK_TIMEOUT: 'slow',
  NETWORK_RESET: 'slow',
  NETWORK_PROTOCOL: 'busy',
  NETWORK_PROXY: 'network',
  REPLY_EMPTY: 'slow',
  REQUEST_ABORTED: 'slow',
  HTTP_STATUS: 'busy',
  REPLY_TOO_LARGE: 'busy',
  REPLY_NOT_JSON: 'busy',
  REPLY_CHARSET: 'busy',
  REPLY_ENCODING: 'busy',
  REPLY_SHAPE: 'busy',
  REPLY_OTHER: 'busy',
  TERMINAL_FAULT: 'terminal',
  TERMINAL_UNREACHABLE: 'terminal',
  TOO_MANY_REQUESTS: 'busy',
  TEXT_EMPTY: 'incomplete',
  TEXT_TOO_LONG: 'unknown',
}

/** The platform knows the terminal no longer, or an insurance library of the terminal is at fault. */
const OWN_ACCESS = /^(-10024|2000[0-4]|210\d\d|DLL_.+|ORG_MISSING)$/

/** Never without words: an unlisted code gets those of its ending. */
export function endingFamily({ status, code, error }: Pick<Outcome, 'status' | 'code' | 'error'>): EndingFamily {
  if (status === 'unrecognised') return code.format === 'payment' ? 'payment' : 'unknown'
  // A platform that does not let the terminal in, or is not where the settings say.
  if (error?.code === 'HTTP_STATUS' && !error.retryable) return 'terminal'
  const listed = faultFamily(error?.platform, error?.code)
  if (listed) return listed
  return status === 'rejected' ? 'refused' : 'busy'
}

/** The words for one fault, where its code is listed. */
export function faultFamily(platform = 'maqiao', code = ''): EndingFamily | undefined {
  const mine = OF_PLATFORM[platform]
  if (mine && Object.hasOwn(mine, code)) return mine[code]
  if (Object.hasOwn(OF_ANY, code)) return OF_ANY[code]
  return OWN_ACCESS.test(code) ? 'terminal' : undefined
}

/** What the one large button does: a scan again helps, another paper helps, or only a person. */
export type EndingAction = 'rescan' | 'instead' | 'teach'

const ACTIONS: Record<EndingFamily, EndingAction> = {
  payment: 'teach',
  unknown: 'teach',
  expired: 'rescan',
  refused: 'rescan',
  noCard: 'instead',
  frozen: 'instead',
  identity: 'instead',
  identityLater: 'rescan',
  full: 'instead',
  notOffered: 'instead',
  network: 'instead',
  slow: 'rescan',
  busy: 'rescan',
  terminal: 'instead',
  incomplete: 'rescan',
}
export const endingAction = (family: EndingFamily): EndingAction => ACTIONS[family]

/** Families whose code must be refreshed before it is shown again. */
export const NEEDS_FRESH: ReadonlySet<EndingFamily> = new Set(['expired', 'refused', 'slow', 'busy', 'identityLater'])
