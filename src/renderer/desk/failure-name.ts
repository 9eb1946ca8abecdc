/** What a target type that failed is called: by the endings of 安康码's type numbers. */
import type { Failure } from '../../transcode/outcome.ts'

const WHOLE: Record<string, string> = {
  '3400001': '电子社保卡',
  '3400004': '一码通办',
  '3402050': '芜湖食堂就餐卡',
}

/** 002 is 电子健康码, 003 医保电子凭证; any other keeps its number. */
export function failureName({ type }: Failure): string {
  if (WHOLE[type]) return WHOLE[type]
  if (type.endsWith('002')) return '电子健康码'
  if (type.endsWith('003')) return '医保电子凭证'
  return `卡码 ${type} `
}
