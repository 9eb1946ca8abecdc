/** 粤健通 3.2.3: its return codes, and what each means for a code that works once. */
import { PlatformError } from '../platform-error.ts'
import { faultOfCode, type ReturnCode, type ReturnCodeTable } from '../return-code.ts'

const FRESH = '请患者回到“粤健通”重新进入本院链接，取得新码后再扫（每个码 5 分钟内有效、只能用一次）；'

export const RETURN_CODES = {
  '1': {
    cause: '换取用户信息失败',
    staff: `${FRESH}仍不成功请改用其他身份凭证。`,
    patient: '这个码已失效，请在粤健通里重新打开一次。',
    retryable: false,
  },
  '2': {
    cause: '参数不合法',
    staff: `${FRESH}每个人都这样时请信息科核对 appCode 与 businessType。`,
    patient: '请在粤健通里重新打开一次。',
    retryable: false,
  },
  '3': {
    cause: '验签失败',
    staff: '请信息科核对 token、paasId、appSecret 与本机时间；期间请患者改用其他身份凭证。',
    patient: '系统暂时不能读取粤健通，请出示身份证或就诊卡。',
    retryable: false,
  },
} as const satisfies ReturnCodeTable

const OTHER: Omit<ReturnCode, 'cause'> = {
  staff: `${FRESH}仍不成功请改用其他身份凭证，并把返回码告知信息科。`,
  patient: '请在粤健通里重新打开一次，或出示身份证、就诊卡。',
  retryable: false,
}

/** The platform's refusal. */
export function refusal(code: string, words: string | undefined): PlatformError {
  const known = Object.hasOwn(RETURN_CODES, code) ? RETURN_CODES[code as keyof typeof RETURN_CODES] : undefined
  return new PlatformError('rejected', faultOfCode('yuejiantong', code, known, OTHER, words))
}

const NO_FRESH_CODE_HELPS = /^(NETWORK_PROTOCOL|REPLY_(NOT_JSON|CHARSET|ENCODING|TOO_LARGE))$/

/** A fault of the way, told in terms of the code: spent perhaps, or surely not. */
export function wayFault(error: PlatformError): PlatformError {
  const { fault, ending, answered, sent } = error
  const it = /信息科：.*$/.exec(fault.advice)?.[0] ?? ''
  const spent = '请求可能已到达平台，这个码可能已被用掉，终端不会用它再试'
  const advice = sent
    // A page of somebody between answers a fresh code in the same way.
    ? NO_FRESH_CODE_HELPS.test(fault.code) || (fault.code === 'HTTP_STATUS' && !fault.retryable)
      ? `${spent}。${fault.advice}`
      : `${spent}：${FRESH}连续出现请按应急流程办理并联系信息科。${it}`
    : `请求没有发出，这个码还没有用掉：5 分钟内可以重新扫码。${fault.advice}`
  return new PlatformError(ending, { ...fault, advice, retryable: !sent }, { answered, sent })
}

/** The code was sent before: whatever came of it, the platform takes it once. */
export function codeUsed(): PlatformError {
  const fault = {
    platform: 'yuejiantong',
    code: 'CODE_USED',
    message: '这个粤健通的码刚才已经用过，没有再向平台查询',
    advice: FRESH,
    retryable: false,
  } as const
  return new PlatformError('rejected', fault, { answered: false, sent: false })
}

/** A scanned text without a code in it. */
export function codeMissing(): PlatformError {
  const fault = {
    platform: 'yuejiantong',
    code: 'CODE_MISSING',
    message: '链接里没有粤健通的 code',
    advice: FRESH,
    retryable: false,
  } as const
  return new PlatformError('rejected', fault, { answered: false, sent: false })
}
