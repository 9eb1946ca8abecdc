/** What a target type that failed is called: the document's types by number, the rest by their last three digits. */
import type { Failure } from '../../transcode/outcome.ts'
import { sharedZhCn } from '../messages/shared-zh-cn.ts'

/** 002 is 电子健康码, 003 医保电子凭证 in every area; a type that is not known keeps its number. */
export function failureName({ type }: Failure): string {
  const { whole, byEnding, other } = sharedZhCn.targetTypes
  return whole[type] ?? byEnding[type.slice(-3)] ?? other(type)
}
