/** 电子健康卡 附录 3.3.1–3.3.4, with their Chinese labels. */

/** 3.3.1 用卡环节; the document marks the first of most groups 成功状态. */
export const MEDICAL_STEPS = {
  '010101': '挂号',
  '0101011': '预约挂号',
  '0101012': '当日挂号',
  '0101013': '挂号记录',
  '0101014': '预约导诊',
  '0101015': '当日取号',
  '010102': '诊断',
  '0101021': '排队候诊',
  '0101022': '门诊记录',
  '0101023': '病历打印',
  '010103': '取药',
  '0101031': '取药记录',
  '010104': '检查',
  '0101041': '预约检查',
  '0101042': '预约检查记录',
  '010105': '收费',
  '0101051': '门诊缴费',
  '0101052': '门诊缴费记录',
  '0101053': '住院缴费',
  '0101054': '住院缴费记录',
  '0101055': '门诊充值',
  '0101056': '住院充值',
  '010106': '开方',
  '010108': '取（查询）报告',
  '0101081': '取（查询）检查报告',
  '0101082': '取（查询）检验报告',
  '0101083': '取（查询）体检报告',
  '010109': '住院登记',
  '00000': '其他',
  '00001': '便民服务',
  '00002': '孕期保健',
  '00003': '儿童保健',
  '00004': '家庭医生',
  '00005': '在线问诊',
  '00006': '计划免疫',
  '00007': '个人信息',
} as const satisfies Record<string, string>
export type MedicalStep = keyof typeof MEDICAL_STEPS

/** 3.2.7: steps for which reportHISData needs a department. */
export const DEPARTMENT_STEPS: readonly string[] = ['010101', '0101011', '0101012'] satisfies MedicalStep[]

/** 3.3.2 证件类型; the codes are this document's own and mean other things elsewhere. */
export const ID_TYPES = {
  '01': '居民身份证',
  '02': '居民户口簿',
  '03': '护照',
  '04': '军官证',
  '05': '驾驶证',
  '06': '港澳居民来往内地通行证',
  '07': '台湾居民来往内地通行证',
  '08': '出生医学证明',
  '09': '医保卡',
  '10': '就诊卡',
  '11': '健康卡',
  '99': '其他法定有效证件',
} as const satisfies Record<string, string>
export type IdType = keyof typeof ID_TYPES

/** cardType of a report that names its card by qrCodeText. */
export const HEALTH_CARD_TYPE = '11' satisfies IdType

/** 3.3.3 用卡渠道. */
export const CHANNELS = {
  '0100': '人工窗口',
  '0200': '自助机',
  '0300': '医生工作台',
  '0400': '微信渠道',
  '0401': '服务号',
  '0402': '小程序',
  '0000': '其他',
} as const satisfies Record<string, string>

/** 2.7.4 and 3.2.7 write words of their own for some of them: 服务号、app、窗口等. */
const REPORTED_AS: Readonly<Record<string, string>> = { '0100': '窗口' }
/** The word for a 用卡渠道 as 3.2.7 has it. */
export const channelWord = (code: string): string | undefined => REPORTED_AS[code] ?? labelOf(CHANNELS, code)
export const CHANNEL_WORDS: ReadonlySet<string> = new Set([...Object.values(CHANNELS), ...Object.values(REPORTED_AS), 'app'])

/** 汉族 for 汉, as some card systems and ocrInfo (3.2.5) write it. */
export function nationWord(nation: string): string {
  return /^\p{Script=Han}{1,5}$/u.test(nation) && !/(族|未知|其他|不详|人)$/.test(nation) ? `${nation}族` : nation
}

/** 3.3.4 用卡费别. No interface of 3.2 carries it. */
export const FEE_TYPES = {
  '0100': '自费',
  '0200': '医保',
  '0300': '公费',
  '0000': '其他',
} as const satisfies Record<string, string>

/** A dictionary's word for a code, or undefined. */
export function labelOf(dictionary: Readonly<Record<string, string>>, code: string | undefined): string | undefined {
  return code !== undefined && Object.hasOwn(dictionary, code) ? dictionary[code] : undefined
}
