/** 北京 checkFace: the document gives no codes, so a refusal keeps the platform's own words. */
import { PlatformError } from '../platform-error.ts'
import { faultOfCode, type ReturnCode, type ReturnCodeTable } from '../return-code.ts'

const OWN_CODES = {
  PLATFORM_NOT_CONFIGURED: {
    cause: '本终端没有设置人脸核验（faceUrl）',
    staff: '请人工核对身份证件；需要开通请联系信息科。',
    patient: '请出示身份证件，由工作人员核对。',
    retryable: false,
  },
  SIMILARITY_INVALID: {
    cause: '平台答复的相似度不是 0 到 1 的小数，不能据此判断',
    staff: '请人工核对身份证件，并请信息科核对人脸核验接口。',
    patient: '请出示身份证件，由工作人员核对。',
    retryable: false,
  },
} as const satisfies ReturnCodeTable

const OTHER: Omit<ReturnCode, 'cause'> = {
  staff: '请重新核验一次；仍不通过请人工核对身份证件，并把返回码告知信息科。',
  patient: '核验没有通过，请正对屏幕再试一次，或出示身份证件。',
  retryable: true,
}

export function refusal(code: string, words: string | undefined, personal: readonly string[]): PlatformError {
  return new PlatformError('rejected', faultOfCode('beijing', code, undefined, OTHER, words, personal))
}

export function ownError(code: keyof typeof OWN_CODES): PlatformError {
  const answered = code === 'SIMILARITY_INVALID'
  return new PlatformError('unavailable', faultOfCode('beijing', code, OWN_CODES[code], OTHER), {
    answered,
    sent: answered,
  })
}
