/** What went wrong with a call, as the technician's forms show it. */
import type { Fault } from '../../transcode/outcome.ts'
import { ApiError } from '../api/api-error.ts'
import { sharedZhCn } from '../messages/shared-zh-cn.ts'

type FieldFault = { path: string; message: string }

/** The bad members of a request, where the terminal named them. */
export function fieldsOf(error: unknown): FieldFault[] {
  return error instanceof ApiError ? ((error.fault as Fault & { fields?: FieldFault[] }).fields ?? []) : []
}

/** What went wrong, in words, whatever was thrown. */
export function faultOf(error: unknown): Fault {
  return error instanceof ApiError ? error.fault : sharedZhCn.faults.unreachable
}
