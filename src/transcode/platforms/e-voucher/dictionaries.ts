/** 医保电子凭证: the codes of its decoding interface (附录 A of the insurance side, as public code has them). */

/** 用码业务类型 */
export const BUSINESS_TYPES = {
  '01101': '挂号',
  '01102': '住院建档',
  '01103': '入院登记',
  '01104': '缴纳预缴金',
  '01201': '问诊',
  '01202': '预约检查',
  '01203': '检查',
  '01204': '治疗',
  '01301': '结算',
  '01302': '取药',
  '02121': '药店购药',
  '02122': '下载外购处方',
} as const satisfies Record<string, string>
export type BusinessType = keyof typeof BUSINESS_TYPES
/** The table in one line, for settings and OpenAPI. */
export const BUSINESS_TYPE_WORDS = `用码业务类型：${Object.entries(BUSINESS_TYPES).map(([type, label]) => `${type} ${label}`).join('、')}`
export const BUSINESS_TYPE_CODES = Object.keys(BUSINESS_TYPES) as BusinessType[]

/** 证件类型; the interface's own table is not at hand, and another platform's must not stand in for it. */
export const ID_TYPES = { '01': '居民身份证' } as const satisfies Record<string, string>

/** 性别 (GB/T 2261.1) -> the words that every platform's patients have. */
export const GENDERS = { '0': '未知', '1': '男', '2': '女', '9': '未知' } as const satisfies Record<string, string>
