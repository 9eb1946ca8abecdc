/** One attempt at one report: its requestId committed, then sent, then its end committed. */
import { backoff, growingPause } from './backoff.ts'
import type { OpenStore } from './keep-open.ts'
import { faultView } from './keep-open.ts'
import { OutboxError, type Delivery, type OpenId, type OutboxOptions, type ReportFault, type StoredReport } from './outbox.ts'
import type { Ending, Lane, Row } from './store.ts'

/** A sender that is silent this long is given up, ms; its own time limits are far shorter. */
const ATTEMPT_LIMIT_MS = 600_000
/** Between attempts to record an end that could not be written, ms. */
const RECORD_AGAIN_MS = 1000
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000
const LONGEST_PAUSE_MS = 7 * 24 * 3_600_000

/** Unproven reports that are judged anew after a delivery: the newest, as what is known reaches no further back. */
const JUDGED_AGAIN = 50

const SENDER_FAILED: ReportFault = {
  code: 'SENDER_FAILED',
  message: '发送程序出错，未得到平台答复',
  advice: '稍后自动重试；反复出现请导出诊断包并联系厂家。',
}

export type DeliveryOptions = Pick<OutboxOptions, 'send' | 'newRequestId'> &
  Required<Pick<OutboxOptions, 'now' | 'random' | 'isProven' | 'unproven' | 'maxAttempts' | 'retryFirstMs' | 'retryMaxMs' | 'log'>> & {
    store: OpenStore
    open(row: Row): StoredReport
    lane(kind: string): Lane
    /** Ids of reports that are being sent now. */
    underWay: Set<string>
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
    const row = store.use((open) => open.claim(kind, now(), only))
    if (!row) return undefined
    const attempt = { number: row.attempts + 1, open: row.open, begun: null as OpenId | null }
    options.underWay.add(row.id)
    let delivery: Delivery
    let ending: Ending
    try {
      delivery = await sendOf(row, attempt, signal)
      ending = endingOf(delivery, row, attempt)
      await record(row.id, ending, signal)
    } finally {
      options.underWay.delete(row.id)
    }
    options.log('outbox.attempt', {
      id: row.id,
      kind,
      ended: ending.kind,
      number: attempt.number,
      repeated: row.open !== null,
      code: 'error' in delivery ? delivery.error.code : undefined,
    })
    if (delivery.kind === 'delivered') judgeAgain(kind)
    return { delivered: delivery.kind === 'delivered', failed: delivery.kind === 'retry', retryAfterMs: delivery.kind === 'retry' ? (delivery.retryAfterMs ?? 0) : 0 }
  }

  async function sendOf(row: Row, attempt: Begun, signal: AbortSignal): Promise<Delivery> {
    let report: StoredReport
    try {
      report = options.open(row)
    } catch {
      return { kind: 'refused', error: faultView('OUTBOX_DAMAGED') }
    }
    const limit = new AbortController()
    const begin = (note = '') => {
      limit.signal.throwIfAborted()
      const requestId = row.requestId ?? options.newRequestId()
      const open = { note, refused: row.open?.refused ?? false }
      store.use((stored) => stored.begin(row.id, { requestId, open, attempts: attempt.number }))
      attempt.begun = open
      return requestId
    }
    let timer: NodeJS.Timeout | undefined
    const silent = new Promise<Delivery>((resolve) => {
      timer = setTimeout(() => {
        limit.abort()
        resolve({ kind: 'retry', answered: false, error: SENDER_FAILED })
      }, ATTEMPT_LIMIT_MS)
    })
    try {
      const sent = options.send(report, { number: attempt.number, open: attempt.open, begin }, AbortSignal.any([signal, limit.signal]))
      return await Promise.race([sent, silent])
    } catch (error) {
      if (error instanceof OutboxError) throw error
      return { kind: 'retry', answered: false, error: SENDER_FAILED }
    } finally {
      clearTimeout(timer)
    }
  }

  function endingOf(delivery: Delivery, { kind, open: before, sent: sentBefore }: Row, { number, begun }: Begun): Ending {
    if (delivery.kind === 'delivered') return { kind: 'delivered' }
    const { error } = delivery
    const isUnsent = begun === null || (delivery.kind === 'retry' && delivery.sent === false)
    const common = { open: openAfter(delivery, before, begun), attempts: number, sent: sentBefore || !isUnsent, error }
    switch (delivery.kind) {
      case 'refused':
        return { kind: 'dead', ...common }
      case 'unproven':
        if (options.unproven === 'settle') return { kind: 'delivered' }
        return options.unproven === 'hold' ? { kind: 'unproven', ...common } : again({ ...common, open: null })
      case 'pause': {
        const growth = delivery.until === 'grow' ? options.lane(kind).growth + 1 : options.lane(kind).growth
        const wanted = delivery.until === 'grow' ? growingPause(growth) : delivery.until - now()
        const pauseMs = Math.min(Math.max(wanted, retryFirstMs), LONGEST_PAUSE_MS)
        return { kind: 'pause', pause: { pausedAt: now(), pauseMs, growth, reason: error }, ...common }
      }
      case 'retry':
        return again(common, delivery.retryAfterMs)
    }
  }

  function again(common: { open: OpenId | null; attempts: number; sent: boolean; error: ReportFault }, retryAfterMs?: number): Ending {
    if (maxAttempts > 0 && common.attempts >= maxAttempts) return { kind: 'dead', ...common }
    const sleepMs =
      retryAfterMs === undefined
        ? backoff(common.attempts, retryFirstMs, retryMaxMs, random)
        : Math.min(Math.max(retryAfterMs, retryFirstMs), LONGEST_RETRY_AFTER_MS)
    return { kind: 'retry', sleepMs, ...common }
  }

  // What was just learnt may tell what became of reports before.
  function judgeAgain(kind: string): void {
    for (const { id, open } of store.read((stored) => stored.unproven(kind, JUDGED_AGAIN), [])) {
      if (open === null || !options.isProven(kind, open)) continue
      store.use((stored) => stored.settle(id, { kind: 'delivered' }, now()))
      options.log('outbox.proven', { id, kind })
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

/** An attempt under way: `begun` is what stands on disk of it, null before it was sent. */
type Begun = { number: number; open: OpenId | null; begun: OpenId | null }

/** What stays open after an attempt; null: the next one has a new id. */
function openAfter(delivery: Exclude<Delivery, { kind: 'delivered' }>, before: OpenId | null, begun: OpenId | null): OpenId | null {
  if (begun === null) return before
  const answeredAtGate = before && { ...before, refused: true }
  switch (delivery.kind) {
    case 'unproven':
      return before
    case 'pause':
      return answeredAtGate
    case 'refused':
      return delivery.atGate ? answeredAtGate : null
    case 'retry':
      if (delivery.answered) return delivery.atGate ? answeredAtGate : null
      if (delivery.sent === false) return before
      return delivery.note === undefined ? begun : { ...begun, note: delivery.note }
  }
}
