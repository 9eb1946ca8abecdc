/** 安康码 附录 and the value lists of its tables, with their Chinese labels. */

/** 8.1: target types that are the same in the whole province. */
const FIXED_TARGETS = {
  '3400001': '电子社保卡',
  '3400004': '一码通办',
  '3402050': '食堂就餐卡',
} as const satisfies Record<string, string>

/** 8.1: target types made of the first 4 digits of an area code and these. */
const TARGET_SUFFIXES = { '002': '电子健康码', '003': '医保电子凭证' } as const satisfies Record<string, string>

/** 8.1: what staff call a target type; undefined for one that the document does not list. */
export function targetTypeName(type: string): string | undefined {
  if (Object.hasOwn(FIXED_TARGETS, type)) return FIXED_TARGETS[type as keyof typeof FIXED_TARGETS]
  const suffix = /^\d{4}(\d{3})$/.exec(type)?.[1] ?? ''
  return Object.hasOwn(TARGET_SUFFIXES, suffix) ? TARGET_SUFFIXES[suffix as keyof typeof TARGET_SUFFIXES] : undefined
}

/** 8.2 场景类型编码. */
export const SCENES = {
  '01001': '药店购药',
  '01002': '医院挂号',
  '01003': '医院取药',
  '01004': '医院领报告',
  '01005': '医保缴费',
  '01006': '医院门诊就诊',
  '02001': '食堂就餐',
  '02002': '图书借阅',
  '02003': '单位内乘车',
  '03001': '校园就餐',
  '03002': '校园购物',
  '03003': '校园乘车',
  '04001': '一码通办',
  '04002': '大厅取号',
  '04003': '免费wifi',
  '04004': '自助办事',
} as const satisfies Record<string, string>
