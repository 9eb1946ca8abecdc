/** 安康码 flag and errCode: the document names 200 alone, so other codes keep the platform's own words. */
import { ownWords } from '../own-words.ts'
import { PlatformError } from '../platform-error.ts'

/** The only code of the document: success. */
export const SUCCESS = '200'

/** Words of a refusal that is this terminal's alone; 未授权 and 未开通 may be the patient's 通用授权 or card. */
const ACCESS_WORDS = /白名单|IP\s*(地址)?\s*(受限|限制|不合法)|whitelist/i

/**
 * The error for any other code. Codes follow HTTP's where 200 is success, so 5xx is the platform's own fault;
 * words such as 白名单 refuse the terminal, whatever the code.
 */
export function refusal(code: string, errMsg: unknown): PlatformError {
  const isFault = /^5\d\d$/.test(code)
  const words = ownWords(errMsg)
  if (ACCESS_WORDS.test(words)) return accessRefused(code, words)
  const message = words || `安康码平台返回 ${code}，没有说明原因`
  return new PlatformError(
    isFault ? 'unavailable' : 'rejected',
    {
      platform: 'ankang',
      code,
      message,
      advice: isFault
        ? '安康码平台内部出错：请稍候让患者刷新安康码重扫；连续出现请按应急流程办理并联系信息科。'
        : '请患者刷新安康码后重扫；仍不通过请改用身份证、医保电子凭证或就诊卡，并把返回码告知信息科。',
      retryable: isFault,
    },
    { answered: true },
  )
}

function accessRefused(code: string, platformMessage: string): PlatformError {
  const advice = '多为本机的出口 IP 不在平台的白名单，或接入凭证没有授权：请信息科把出口地址报给安康码平台，并核对 platforms.ankang.headers；期间按应急流程办理。'
  return new PlatformError('unavailable', { platform: 'ankang', code, message: '平台没有放行本机的访问', advice, retryable: false, platformMessage }, { answered: true })
}

/** A card system has no such card for this person. */
export function noTarget(typeName: string): PlatformError {
  return new PlatformError('rejected', {
    platform: 'ankang',
    code: 'TARGET_NONE',
    message: `患者没有可用的${typeName}`,
    advice: '请患者在皖事通中领取或激活后重扫，或改用身份证、就诊卡办理。',
    retryable: false,
  })
}

/** The config query says that none of the configured types serves at this terminal. */
export function sceneNotAllowed(): PlatformError {
  return new PlatformError('rejected', {
    platform: 'ankang',
    code: 'SCENE_NOT_ALLOWED',
    message: '本终端的场景不适用所配置的任何目标码',
    advice: '请改用身份证、医保电子凭证或就诊卡办理，并请信息科核对 terminal.sceneCode 与 targetTypes。',
    retryable: false,
  })
}
