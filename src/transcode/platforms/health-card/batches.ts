/** 注册批量健康卡 3.2.9, split: what became of each person, in the order they were given. */
import { PlatformError } from '../platform-error.ts'
import { transportError } from '../transport-error.ts'
import { validReply } from '../valid-reply.ts'
import type { Members } from './exchange.ts'
import { responses } from './schemas.ts'

type BatchItem = { idNumber: string } & Members
type RspItem = { qrCodeText: string; idNumber: string; healthCardId: string; error?: unknown }

/**
 * Registers people in batches of `size`, one after another. A batch that fails
 * leaves its people with `error` and the others go on; rejects with
 * PlatformError where every batch failed.
 */
export async function registerInBatches(
  items: readonly BatchItem[],
  size: number,
  call: (items: readonly BatchItem[]) => Promise<Members>,
): Promise<{ rspItems: RspItem[] }> {
  const rspItems: RspItem[] = []
  let firstError: PlatformError | undefined
  let succeeded = 0
  for (let at = 0; at < items.length; at += size) {
    const batch = items.slice(at, at + size)
    try {
      const { rspItems: answers } = validReply('health-card', responses.registerBatchHealthCard, await call(batch))
      rspItems.push(...resultsOf(batch, answers))
      succeeded += 1
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      firstError ??= error
      rspItems.push(...batch.map(({ idNumber }) => ({ qrCodeText: '', idNumber, healthCardId: '', error: error.fault })))
    }
  }
  if (succeeded === 0 && firstError) throw firstError
  return { rspItems }
}

type Answer = { qrCodeText?: string | undefined; idNumber?: string | undefined; healthCardId?: string | undefined }

/** One result a person; the same number twice in a batch takes its answers in turn. Beside answers about others a missing one says nothing of its person. */
function resultsOf(batch: readonly BatchItem[], answers: readonly Answer[]): RspItem[] {
  const left = [...answers]
  const found = batch.map(({ idNumber }) => {
    const at = left.findIndex((answer) => answer.idNumber?.toUpperCase() === idNumber.toUpperCase())
    return { idNumber, answer: at < 0 ? undefined : left.splice(at, 1)[0] }
  })
  const missing = left.some(({ idNumber }) => idNumber) ? transportError('health-card', 'REPLY_OTHER', { detail: 'idNumber' }).fault : NOT_REGISTERED
  return found.map(({ idNumber, answer }) => {
    const { qrCodeText = '', healthCardId = '' } = answer ?? {}
    return { qrCodeText, idNumber, healthCardId, ...(qrCodeText === '' ? { error: answer === undefined ? missing : NOT_REGISTERED } : {}) }
  })
}

const NOT_REGISTERED = {
  platform: 'health-card',
  code: 'NOT_REGISTERED',
  message: '平台没有为该患者注册健康卡',
  advice: '多为核身不通过：请核对姓名与证件号码后单独注册。',
  retryable: false,
} as const
