/** 消息回传 7.4: what the HIS did with a target card, told to the platform. */
import { chinaCompactTime, parseTime } from '../../china-time.ts'
import type { HisResult, Outcome } from '../../outcome.ts'
import { PlatformError, RequestFault } from '../platform-error.ts'
import type { Delivered, ReportDraft } from '../platform.ts'
import type { Ask } from './wire.ts'

/** Its lane in the outbox. */
export const MESSAGE_KIND = 'ankang/message'

/**
 * The message that a result owes; none where the patient has no target card.
 * Throws RequestFault: 400 MESSAGE_FIELD_INVALID, 422 MESSAGE_IDENTITY_MISSING.
 */
export function messagesFor(outcome: Outcome, result: HisResult, at: number, cityNo: string): ReportDraft[] {
  const target = outcome.targets.find(({ id }) => id !== '')
  if (outcome.code.format !== 'ankang' || target === undefined) return []
  checkLength('tradeNo', '交易流水号', result.tradeNo, 49)
  checkLength('targetId', '目标码唯一标识', target.id, 99)
  for (const field of ['msg', 'tradeState'] as const) if (!result[field]?.trim()) throw fieldFault(field, '必填')
  const tradedAt = result.tradeTime ? parseTime(result.tradeTime) : at
  if (tradedAt === undefined) throw fieldFault('tradeTime', '应为 ISO 8601 或 yyyyMMddHHmmss')
  const name = result.name?.trim() || outcome.patient?.name
  const idcardNo = (result.idNumber?.trim() || outcome.patient?.idNumber)?.replace(/x$/, 'X')
  if (!name || !idcardNo) {
    const absent = [...(name ? [] : ['name']), ...(idcardNo ? [] : ['idNumber'])]
    throw new RequestFault(
      'ankang',
      'MESSAGE_IDENTITY_MISSING',
      '消息回传需要患者的姓名和证件号码，安康码平台没有给出',
      '请 HIS 在提交结果时带上 name 与 idNumber；本次没有保存任何上报。',
      absent.map((path) => ({ path, message: '必填' })),
      422,
    )
  }
  const payload = {
    cityNo,
    name,
    idcardNo,
    targetType: target.type,
    targetId: target.id,
    tradeTime: chinaCompactTime(tradedAt),
    tradeNo: result.tradeNo,
    msg: result.msg,
    tradeState: result.tradeState,
  }
  return [{ kind: MESSAGE_KIND, payload }]
}

/** Sends one message and says how it ended; never throws. */
export async function deliverMessage(ask: Ask, payload: Record<string, unknown>, signal: AbortSignal | undefined): Promise<Delivered> {
  try {
    await ask('message', payload, signal)
    return { kind: 'delivered' }
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    const { code, message, advice } = error.fault
    const fault = { code, message, advice }
    if (error.ending === 'rejected') return { kind: 'refused', error: fault }
    const wait = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
    return { kind: 'retry', answered: error.answered, error: fault, ...wait }
  }
}

function checkLength(field: string, label: string, value: string, max: number): void {
  if (value.trim() === '') throw fieldFault(field, '必填')
  if (value.length > max) throw fieldFault(field, `${label}最多 ${max} 个字符`)
}

function fieldFault(path: string, message: string): RequestFault {
  return new RequestFault('ankang', 'MESSAGE_FIELD_INVALID', `消息回传的字段不符合规范：${path} ${message}`, '请 HIS 改正后重新提交结果；本次没有保存任何上报。', [
    { path, message },
  ])
}
