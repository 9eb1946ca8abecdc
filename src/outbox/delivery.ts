/** One attempt at one report: its requestId committed, then sent, then its end committed. */
import { backoff, growingPause } from './backoff.ts'
import type { OpenStore } from './keep-open.ts'
import { faultView } from './keep-open.ts'
import { OutboxError, type Delivery, type OutboxOptions, type ReportFault, type StoredReport } from './outbox.ts'
import type { Claim, Ending, Lane, Row } from './store.ts'

/** A sender that is silent this long is given up, ms; its own time limits are far shorter. */
const ATTEMPT_LIMIT_MS = 600_000
/** Between attempts to record an end that could not be written, ms. */
const RECORD_AGAIN_MS = 1000
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000
const LONGEST_PAUSE_MS = 7 * 24 * 3_600_000

const SENDER_FAILED: ReportFault = {
  code: 'SENDER_FAILED',
  message: '发送程序出错，未得到平台答复',
  advice: '稍后自动重试；反复出现请导出诊断包并联系厂家。',
}

export type DeliveryOptions = Pick<OutboxOptions, 'send' | 'newRequestId'> &
  Required<Pick<OutboxOptions, 'now' | 'random' | 'maxAttempts' | 'retryFirstMs' | 'retryMaxMs' | 'log'>> & {
    store: OpenStore
    open(row: Row): StoredReport
    lane(kind: string): Lane
  }

/** What a lane needs to know of an attempt: `failed` where the platform did not answer or could not do it now. */
export type Attempted = { delivered: boolean; failed: boolean; retryAfterMs: number }

/**
 * Sends a lane's next report, or `only` that one; undefined where there was none.
 * Rejects with OutboxError where the attempt could not be put on disk: then nothing was sent.
 */
export type Deliver = (kind: string, only: string | undefined, signal: AbortSignal) => Promise<Attempted | undefined>

export function createDelivery(options: DeliveryOptions): Deliver {
  const { store, now, random, retryFirstMs, retryMaxMs, maxAttempts } = options

  return async (kind, only, signal) => {
    const claim = store.use((open) => open.claim(kind, now(), options.newRequestId, only))
    if (!claim) return undefined
    const { id } = claim.row
    const delivery = await attempt(claim, signal)
    const ending = endingOf(delivery, claim)
    await record(id, ending, signal)
    options.log('outbox.attempt', {
      id,
      kind,
      ended: ending.kind,
      number: claim.number,
      repeated: claim.repeated,
      code: 'error' in delivery ? delivery.error.code : undefined,
    })
    return { delivered: delivery.kind === 'delivered', failed: delivery.kind === 'retry', retryAfterMs: delivery.kind === 'retry' ? (delivery.retryAfterMs ?? 0) : 0 }
  }

  async function attempt({ row, requestId, repeated, number }: Claim, signal: AbortSignal): Promise<Delivery> {
    let report: StoredReport
    try {
      report = options.open(row)
    } catch {
      return { kind: 'refused', error: faultView('OUTBOX_DAMAGED') }
    }
    const limit = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const silent = new Promise<Delivery>((resolve) => {
      timer = setTimeout(() => {
        limit.abort()
        resolve({ kind: 'retry', answered: false, error: SENDER_FAILED })
      }, ATTEMPT_LIMIT_MS)
    })
    try {
      const sent = options.send(report, { requestId, repeated, number }, AbortSignal.any([signal, limit.signal]))
      return await Promise.race([sent, silent])
    } catch {
      return { kind: 'retry', answered: false, error: SENDER_FAILED }
    } finally {
      clearTimeout(timer)
    }
  }

  function endingOf(delivery: Delivery, { row, number }: Claim): Ending {
    switch (delivery.kind) {
      case 'delivered':
        return { kind: 'delivered' }
      case 'refused':
        return { kind: 'dead', answered: true, error: delivery.error }
      case 'pause': {
        const growth = delivery.until === 'grow' ? options.lane(row.kind).growth + 1 : options.lane(row.kind).growth
        const wanted = delivery.until === 'grow' ? growingPause(growth) : delivery.until - now()
        const pauseMs = Math.min(Math.max(wanted, retryFirstMs), LONGEST_PAUSE_MS)
        return { kind: 'pause', pause: { pausedAt: now(), pauseMs, growth, reason: delivery.error }, error: delivery.error }
      }
      case 'retry': {
        const { answered, error, retryAfterMs } = delivery
        if (maxAttempts > 0 && number >= maxAttempts) return { kind: 'dead', answered, error }
        const sleepMs =
          retryAfterMs === undefined
            ? backoff(number, retryFirstMs, retryMaxMs, random)
            : Math.min(Math.max(retryAfterMs, retryFirstMs), LONGEST_RETRY_AFTER_MS)
        return { kind: 'retry', answered, sleepMs, error }
      }
    }
  }

  // A platform's answer that cannot be written is kept here until it can: forgetting it would send the report again.
  async function record(id: string, ending: Ending, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return store.use((open) => open.settle(id, ending, now()))
      } catch (error) {
        if (!(error instanceof OutboxError) || error.code === 'OUTBOX_CLOSED' || signal.aborted) throw error
        await new Promise((resolve) => setTimeout(resolve, RECORD_AGAIN_MS))
      }
    }
  }
}
