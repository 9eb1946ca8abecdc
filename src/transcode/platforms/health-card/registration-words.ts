/** 3.2.12 where nobody scanned a code: the words for registering a card (2.3: ocrInfo, registerHealthCard, bindCardRelation). */
import { PlatformError } from '../platform-error.ts'
import { isListed } from './return-codes.ts'

export type RegistrationStep = 'ocrInfo' | 'registerHealthCard' | 'bindCardRelation'

/** What staff or the HIS do next, and what the patient is told. */
type Words = { advice: string; patientAdvice: string; retryable?: boolean }

/** 2.3.2 step 4: who has a card already is given that one, so that sending again makes no second card. */
const AGAIN: Record<RegistrationStep, Words> = {
  ocrInfo: { advice: '平台没有识别：请稍候重拍一次；仍失败请手工录入，并把返回码告知信息科。', patientAdvice: '暂时不能识别照片，请手工填写。' },
  registerHealthCard: {
    advice: '不能确定是否已建卡：请稍候用同样的内容再提交一次，已建好的卡会直接返回，不会多建；连续出现请到人工窗口办理，并把返回码告知信息科。',
    patientAdvice: '系统繁忙，请稍候再试，或到人工窗口办理。',
  },
  bindCardRelation: { advice: '卡已建好，可以使用，只是没有绑定院内 ID：请稍候再绑定一次；连续出现请把返回码告知信息科。', patientAdvice: '健康卡已经建好，可以使用。' },
}
const CHECK_FIELDS: Words = { advice: '请核对填写的内容后重新提交；仍不通过请到人工窗口办理，并把返回码告知信息科。', patientAdvice: '请核对填写的内容，或到人工窗口办理。' }
const CHECK_NUMBER: Words = { advice: '请核对证件类型和号码（身份证 18 位，末位可为 X）后重新提交；证件无误仍不通过请到人工窗口核实。', patientAdvice: '请核对证件号码，或带证件到人工窗口办理。' }
const HAS_CARD: Words = { advice: '这个证件已有电子健康卡，不必再建：请直接出示；忘记入口可在“电子健康卡”小程序中找回。', patientAdvice: '您已有电子健康卡，请直接使用。' }
const OFFLINE_CODE: Words = {
  advice: '设置 platforms.healthCard.offlineWechatCode（离线微信身份码）不对或已失效，不是患者的问题：请信息科向平台对接人员核对；期间到人工窗口办理。',
  patientAdvice: '本机暂时不能建卡，请到人工窗口办理。',
  retryable: false,
}
const USED_UP: Words = { advice: '今天的调用次数已用完（未上线的医院每个接口每天 100 次）：请到人工窗口办理；请信息科在开放平台完成上线以解除限制。', patientAdvice: '今天不能在这里建卡了，请到人工窗口办理。' }

const OF_EVERY_STEP: Readonly<Record<string, Words>> = { '10034': USED_UP, '10042': CHECK_FIELDS, '20001': CHECK_FIELDS, '20002': CHECK_FIELDS }

const OF_STEP: Readonly<Record<RegistrationStep, Readonly<Record<string, Words>>>> = {
  ocrInfo: {
    '-10040': { advice: '识别服务暂时不可用：请手工录入身份信息；连续出现请告知信息科。', patientAdvice: '暂时不能识别照片，请手工填写。' },
    '10041': { advice: '没有收到照片：请重新拍摄身份证正面，或手工录入。', patientAdvice: '请重新拍摄身份证正面。' },
    '20004': { advice: '照片太大（应压缩到几百 KB）：请重新拍摄身份证正面，或手工录入。', patientAdvice: '请重新拍摄身份证正面。' },
  },
  registerHealthCard: {
    '10013': { advice: '请补录姓名后重新提交。', patientAdvice: '请填写姓名。' },
    '10014': { advice: '请补录证件号码后重新提交。', patientAdvice: '请填写证件号码。' },
    '10043': { advice: '请补录手机号后重新提交；新生儿填监护人的。', patientAdvice: '请填写手机号。' },
    '10051': { advice: '请核对出生日期（yyyy-MM-dd）后重新提交。', patientAdvice: '请核对出生日期。' },
    '-10025': { advice: '请补全姓名、性别、民族、手机号码、证件类型、证件号码后重新提交。', patientAdvice: '请把各项都填上。' },
    '10015': { advice: '请与证件逐字核对姓名、性别、出生日期、证件类型和号码后重新提交；证件无误仍不通过请到人工窗口核实。', patientAdvice: '填写的身份没有通过核验，请对照证件检查姓名和号码。' },
    '-10022': {
      advice: '这个手机号已登记在一张电子健康卡上：本人领过卡的请直接出示；替家属或新生儿建卡的请换一个手机号后重新提交。',
      patientAdvice: '这个手机号已领过电子健康卡；替家人建卡请换一个手机号。',
    },
    '-10023': HAS_CARD,
    '-10032': HAS_CARD,
    '-10026': CHECK_NUMBER,
    '-10027': CHECK_NUMBER,
    '-10028': { advice: '卡管系统中有重复记录：请到人工窗口办理，并把返回码告知信息科联系卡管平台合并。', patientAdvice: '您的资料需要人工处理，请到人工窗口办理。' },
    '10030': { advice: '卡管系统没有给出健康卡号：请到人工窗口办理，并把返回码告知信息科。', patientAdvice: '暂时没有建成，请到人工窗口办理。' },
    '-10029': { advice: '平台的加密机没有连接，现在不能建卡：请到人工窗口办理，并立即告知信息科联系平台。', patientAdvice: '现在不能建卡，请到人工窗口办理。' },
    '-10031': { advice: '这张电子健康卡已冻结或注销：请在“电子健康卡”小程序重新启用；本次到人工窗口办理。', patientAdvice: '您的电子健康卡已冻结或注销，请重新启用，或到人工窗口办理。' },
    '-10038': { advice: '核身服务暂时没有结果：请稍候用同样的内容再提交一次；仍不行请到人工窗口核实。', patientAdvice: '身份核验暂时没有完成，请稍候再试。' },
  },
  bindCardRelation: {
    '-10019': { advice: '请用 registerHealthCard 返回的 qrCodeText 再绑定；仍不行请把返回码告知信息科。', patientAdvice: '健康卡已经建好，可以使用。' },
    '10018': { advice: '请带上 registerHealthCard 返回的 qrCodeText 再绑定。', patientAdvice: '健康卡已经建好，可以使用。' },
    '10020': { advice: '请用 registerHealthCard 返回的 qrCodeText 再绑定；是动态码的，改用“健康卡 ID:1”。', patientAdvice: '健康卡已经建好，可以使用。' },
    '-10031': { advice: '这张电子健康卡已冻结或注销，不能绑定：请患者在“电子健康卡”小程序重新启用后再绑定。', patientAdvice: '您的电子健康卡已冻结或注销，请重新启用。' },
    '10033': { advice: '请带上院内 ID（patid）再绑定。', patientAdvice: '健康卡已经建好，可以使用。' },
  },
}
/** A 微信身份码 that does not exist, is not one, or is missing. */
const WECHAT_CODES = new Set(['10010', '10011', '10012'])
/** Words about the access of the terminal, or about the person alone, which hold whatever was asked. */
const HELD_EVERYWHERE = new Set(['-10024', '20000', '21002', '21005', '21006', '-10039', '10056', '10057', '10010', '10011', '10012'])

/** The error with words for registering; what is no answer of the platform stays as it is. `isOffline`: the 微信身份码 came from the settings. */
export function asOfRegistration(error: unknown, step: RegistrationStep, isOffline: boolean): unknown {
  if (!(error instanceof PlatformError) || !error.answered || !/^-?\d+$/.test(error.fault.code)) return error
  const { code } = error.fault
  const words = isOffline && WECHAT_CODES.has(code) ? OFFLINE_CODE : HELD_EVERYWHERE.has(code) ? undefined : (OF_STEP[step][code] ?? OF_EVERY_STEP[code] ?? general(error, step))
  if (!words) return error
  const { advice, patientAdvice, retryable = error.fault.retryable } = words
  return new PlatformError(error.ending, { ...error.fault, advice: `${advice}可告诉患者：“${patientAdvice}”`, retryable }, { answered: true })
}

/** A code without words of its own here. */
function general({ ending, fault }: PlatformError, step: RegistrationStep): Words | undefined {
  // 10054, a request that came twice, says nothing of what was filled in.
  if (ending === 'rejected' && fault.code !== '10054') return CHECK_FIELDS
  // A code that the document does not list is the terminal's access: its words hold.
  return isListed(fault.code) ? AGAIN[step] : undefined
}
