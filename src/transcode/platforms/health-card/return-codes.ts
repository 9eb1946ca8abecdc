/** 电子健康卡 3.2.12, the whole table: signs kept, each with what staff do and what patients are told. */
import { ownWords } from '../own-words.ts'
import { PlatformError, type FaultEnding } from '../platform-error.ts'

export type ReturnCode = {
  message: string
  advice: string
  /** Words for the patient where they can do something. */
  patientAdvice?: string
  retryable: boolean
  ending: FaultEnding
}

/** The platform or the card system behind it is at fault: 联系工作人员协助排查. */
const fault = (message: string): ReturnCode => ({
  message,
  advice: '平台内部出错：请稍候让患者刷新健康卡二维码重扫；连续出现请按应急流程办理，并把返回码告知信息科。',
  patientAdvice: '系统繁忙，请稍候刷新健康卡二维码再试。',
  retryable: true,
  ending: 'unavailable',
})

/** A field of our request is missing or wrong; the terminal checks them all, so it is a matter of settings or versions. */
const field = (message: string, advice = '请核对填写的内容后重试；扫码时出现请把返回码告知信息科。'): ReturnCode => ({
  message,
  advice,
  retryable: false,
  ending: 'rejected',
})

/** The code itself cannot be used; a fresh one may. */
const code = (message: string, advice: string, patientAdvice: string): ReturnCode => ({
  message,
  advice,
  patientAdvice,
  retryable: true,
  ending: 'rejected',
})

/** The platform said no for a reason that lies with the person's data. */
const person = (message: string, advice: string, patientAdvice?: string): ReturnCode => ({
  message,
  advice,
  ...(patientAdvice === undefined ? {} : { patientAdvice }),
  retryable: false,
  ending: 'rejected',
})

/** The terminal's access is at fault: nothing is wrong with the patient. */
const access = (message: string, advice: string, retryable = false): ReturnCode => ({ message, advice, retryable, ending: 'unavailable' })

const FRESH_AUTHORISATION = '请患者在医院服务号中重新授权，取得新的健康卡授权码后再试。'
const FRESH_WECHAT_CODE = '请患者退出页面重新进入，取得新的微信身份码后再试。'
const CHECK_CARD = '请与患者核对证件上的姓名、证件类型和号码后重新录入；证件无误仍不通过请到人工窗口核实。'
const HAS_CARD = '患者已有电子健康卡，请直接出示，不必重新申领；忘记入口可在“电子健康卡”小程序中找回。'

export const RETURN_CODES = {
  '1': fault('适配平台出错'),
  '-1': fault('卡管平台异常'),
  '-2': fault('HTTP 服务异常'),
  '10001': fault('发生了异常'),
  '10002': field('请求参数 req 不能为空'),
  '10003': field('请求参数 commonIn 不能为空'),
  '10004': field('uid 不能为空'),
  '10005': fault('数据库错误'),
  '10006': field('健康卡号不能为空'),
  '10007': field('健康卡授权码不能为空', FRESH_AUTHORISATION),
  '10008': code('健康卡授权码不存在（可能已使用或已失效）', FRESH_AUTHORISATION, '请重新授权后再试。'),
  '10009': code('健康卡授权码不合法', FRESH_AUTHORISATION, '请重新授权后再试。'),
  '10010': code('系统接口异常，请尝试刷新页面（微信身份码不存在，可能已使用或已失效）', FRESH_WECHAT_CODE, '请刷新页面后再试。'),
  '10011': code('微信身份码不合法', FRESH_WECHAT_CODE, '请刷新页面后再试。'),
  '10012': field('微信身份码不能为空', FRESH_WECHAT_CODE),
  '10013': field('姓名不能为空', '请补录患者姓名后重试。'),
  '10014': field('证件号不能为空', '请补录患者证件号码后重试。'),
  '10015': person('核身不通过', CHECK_CARD, '您填写的身份信息没有通过核验，请核对姓名和证件号码。'),
  '-10017': { ...fault('获取健康卡失败'), advice: '请让患者刷新健康卡二维码重扫；仍失败请改用身份证或就诊卡，并把返回码告知信息科。' },
  '10018': field('二维码不能为空', '没有读到二维码内容：请重新扫码。'),
  '-10019': person('健康卡不存在', '请患者在“电子健康卡”小程序确认已领卡后重新出示；没有领卡的请先申领，或改用身份证办理。', '没有查到您的电子健康卡，请先申领。'),
  '10020': code(
    '二维码识别失败',
    '动态码只能用一次且很快失效：请患者刷新健康卡二维码后重扫；仍失败请改用身份证或就诊卡。',
    '请刷新健康卡二维码后重新出示。',
  ),
  '10021': code('健康卡授权码检验异常', FRESH_AUTHORISATION, '请重新授权后再试。'),
  '-10022': person('该手机号码对应的电子卡已经存在，请勿重复申请', HAS_CARD, '您的手机号已领过电子健康卡，请直接使用。'),
  '-10023': person('该证件号码对应的电子卡已经存在，请勿重复申请', HAS_CARD, '您已领过电子健康卡，请直接使用。'),
  '-10024': access('终端信息不合法，调用失败', '请信息科核对设置中的 terminal.id 是否已在平台登记；期间按应急流程办理。'),
  '-10025': field('缺少参数（姓名、性别、民族、手机号码、证件类型、证件号码为必填项）', '请补全这六项后重新提交。'),
  '-10026': field('身份证格式不合法', '请核对身份证号码（18 位，末位可为 X）后重新录入。'),
  '-10027': person('身份证不合法', CHECK_CARD),
  '-10028': person('主索引和身份证号码重复（平台原文：主索引合适身份证号码重复）', '患者在卡管系统中有重复记录：请改用身份证办理，并把返回码告知信息科联系卡管平台合并。'),
  '-10029': { ...fault('请检查加密机链接'), advice: '平台的加密机没有连接：请按应急流程办理，并立即告知信息科联系平台。' },
  '10030': person('没有电子健康卡号', '请患者先申领电子健康卡，或改用身份证、就诊卡办理。', '请先申领电子健康卡。'),
  '-10031': person('该电子卡已被冻结或注销，无法绑定', '请患者在“电子健康卡”小程序查看卡状态并重新启用；本次改用身份证办理。', '您的电子健康卡已冻结或注销，请重新启用后使用。'),
  '-10032': person('该身份证号码对应的电子卡已经存在，请勿重复申请', HAS_CARD, '您已领过电子健康卡，请直接使用。'),
  '10033': field('患者 ID 不能为空', '请 HIS 带上院内 ID（patid）后重新提交。'),
  '10034': access(
    '接口调用次数限制（未上线的医院每个接口每天 100 次）',
    '今天的调用次数已用完：扫码请改用身份证或就诊卡，上报会在明天自动继续；请信息科在开放平台完成上线以解除限制。',
  ),
  '10035': field('业务流水号不能为空'),
  '10036': field('消息推送时间不能为空或格式错误'),
  '10037': field('requestId 字段长度超出限制（512byte）'),
  '-10038': {
    ...person('核身异常', `核身服务暂时没有结果：请稍候重试；${CHECK_CARD}`, '身份核验暂时没有完成，请稍候再试。'),
    retryable: true,
  },
  '-10039': person('ocr 识别失败', '请重新拍摄身份证正面：四角完整、无反光、字迹清晰；仍失败请手工录入。', '请重新拍摄清晰完整的身份证正面照片。'),
  '-10040': { ...fault('ocr 失败异常'), advice: '识别服务暂时不可用：请手工录入身份信息；连续出现请告知信息科。' },
  '10041': field('ocr 图片内容不得为空', '请重新拍摄或选择身份证正面照片。'),
  '10042': field('参数错误'),
  '10043': field('手机号不得为空', '请补录患者手机号后重试。'),
  '-10044': fault('卡管平台返回错误'),
  '10048': { ...fault('更新健康卡信息失败'), advice: '患者信息没有更新成功：请稍候重试；连续出现请告知信息科联系平台。' },
  '10050': field('开始日期不能大于或等于结束日期', '请改正查询的起止日期后重试。'),
  '10051': field('日期格式错误', '请检查日期与时间的写法（yyyy-MM-dd 或 yyyy-MM-dd HH:mm:ss）后重试。'),
  '10053': person('订单号不存在', '卡包订单号只能用一次：请重新获取订单号后再打开领卡页面。'),
  '10054': { ...field('重复请求', '平台已收到过这个请求：请患者刷新健康卡二维码后重扫。'), retryable: true },
  '10055': field('模板 ID 不得为空'),
  '10056': person(
    '输入的姓名与卡管平台保存的姓名不一致',
    '请核对证件上的姓名（生僻字、间隔号）；患者改过名的，请先到卡管平台更正。',
    '您填写的姓名与电子健康卡登记的不一致，请核对。',
  ),
  '10057': person(
    '绑定人数已达上限，请前往电子居民健康卡小程序解绑',
    '请患者在“电子居民健康卡”小程序解绑不再使用的就诊人后重试。',
    '绑定人数已达上限，请先在“电子居民健康卡”小程序解绑。',
  ),
  '-110086': fault('卡管平台返回错误'),
  '20000': access('鉴权失败', '请信息科核对本机时间、平台的 IP 白名单以及 appId、appSecret；期间按应急流程办理。'),
  '20001': field('参数格式错误'),
  '20002': field('无效参数'),
  '20003': fault('业务服务响应格式错误'),
  '20004': field('请求参数过长', '提交的内容过长（图片应压缩到几百 KB）：请缩短后重试。'),
  '21001': access('appToken 不能为空', '终端会自动重新获取凭证：请重新扫码；连续出现请告知信息科。', true),
  '21002': access('非法 appId 或 appSecret', '请信息科核对设置中健康卡平台的 appId 与 appSecret；期间按应急流程办理。'),
  '21003': access('appToken 超时', '终端会自动重新获取凭证：请重新扫码；连续出现，可能有别的系统在用同一 appId，请告知信息科。', true),
  '21004': access('非法 appToken 或 hospitalId', '终端会自动重新获取凭证：请重新扫码；连续出现请信息科核对医院 ID，并确认没有别的系统使用同一 appId。', true),
  '21005': access('无权操作该医院 ID', '请信息科核对设置中的 hospital.id，并在开放平台确认医院已授权给该 appId。'),
  '21006': access('签名错误', '请信息科核对 appSecret 与本机时间；期间按应急流程办理。'),
  '21007': access('接口调用被限制', '调用过于频繁，平台暂时限制：请稍候重新扫码；连续出现请按应急流程办理并告知信息科。', true),
} as const satisfies Record<string, ReturnCode>
export type KnownCode = keyof typeof RETURN_CODES

/** 0: 请求成功. */
export const SUCCESS = '0'

/** Codes after which a new token helps (3.1.2, 3.2.1). */
export const TOKEN_CODES: readonly string[] = ['21001', '21003', '21004'] satisfies KnownCode[]

/** What a code means; undefined for one that the document does not list. */
function returnCode(code: string): ReturnCode | undefined {
  return Object.hasOwn(RETURN_CODES, code) ? RETURN_CODES[code as KnownCode] : undefined
}

/** 10020 of a static code: it is never used up. Throws what it was given, with the advice that fits. */
export function asOfStaticCode(error: unknown): never {
  if (!(error instanceof PlatformError) || error.fault.code !== '10020') throw error
  const advice = '请确认二维码完整、没有反光后重扫；仍失败请患者在“电子健康卡”小程序打开自己的二维码，或改用身份证、就诊卡。'
  throw new PlatformError(error.ending, { ...error.fault, advice }, { answered: error.answered })
}

/** Words of an access refusal that comes without a code of the table, such as the IP list's (3.1.1). */
const ACCESS_WORDS = /白名单|未授权|无权限|没有权限|未开通|IP\s*(地址)?\s*(受限|限制|不合法)|whitelist|not allowed|unauthori[sz]ed|forbidden/i

const ACCESS_REFUSED = access(
  '平台没有放行本机的访问',
  '多为本机的出口 IP 不在开放平台的 IP 白名单：请信息科在“开放配置 - IP 白名单”中登记出口地址，并核对 appId 的授权；期间按应急流程办理。',
)

/** A code that the document does not list says nothing of the person: staff try another way, and a report waits. */
const UNLISTED = {
  advice: '请患者刷新健康卡二维码后重扫；仍不通过请改用身份证或就诊卡，并把返回码告知信息科。',
  retryable: false,
  ending: 'rejected',
} as const

/** Whether 3.2.12 lists a code. */
export const isListed = (code: string): boolean => returnCode(code) !== undefined

/**
 * The error for a code other than 0. A code that is not in the table keeps the
 * platform's own words, and is a refusal of access where they say so; `personal`
 * values of the request that the platform repeats are starred out.
 */
export function refusal(code: string, errMsg: unknown, personal: readonly string[] = []): PlatformError {
  const words = ownWords(errMsg, personal)
  const known = returnCode(code) ?? (ACCESS_WORDS.test(words) ? ACCESS_REFUSED : undefined)
  const { message, advice, patientAdvice, retryable, ending }: ReturnCode =
    known ?? { ...UNLISTED, message: words || `电子健康卡平台返回 ${code}，没有说明原因` }
  const whole = patientAdvice === undefined ? advice : `${advice}可告诉患者：“${patientAdvice}”`
  const platformMessage = words === '' || words === message ? {} : { platformMessage: words }
  return new PlatformError(ending, { platform: 'health-card', code, message, advice: whole, retryable, ...platformMessage }, { answered: true })
}
