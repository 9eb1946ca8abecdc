/** What the HIS did with an outcome becomes the reports that are owed, on disk before the HIS has its answer. */
import type { NewReport, Outbox } from '../outbox/outbox.ts'
import type { HisResult } from '../transcode/outcome.ts'
import type { Platform } from '../transcode/platforms/platform.ts'
import { AgentError } from './fault.ts'
import type { StateStore } from './state-store.ts'
import type { StoredOutcome } from './stored.ts'

export type TakeResult = (stored: StoredOutcome, result: HisResult) => string[]

/**
 * Stores the reports of a result and returns their ids; the same tradeNo for the
 * same outcome returns the same ids. Throws AgentError (409), RequestFault (400, 422)
 * or OutboxError (507); then nothing was stored.
 */
export function createTakeResult(options: {
  platforms: readonly Platform[]
  outbox: Pick<Outbox, 'enqueue'>
  state: Pick<StateStore, 'resultOf' | 'putResult' | 'updateOutcome'>
  now: () => number
  /** By which what is kept grows old, ms since 1970. */
  age: () => number
  /** Told after each result: also where nothing is owed, screens show that the HIS has answered. */
  onHandled: () => void
}): TakeResult {
  return (stored, result) => {
    const { outcome, kept } = stored
    if (outcome.status !== 'accepted') throw new AgentError('OUTCOME_NOT_ACCEPTED')
    const before = options.state.resultOf(outcome.id, result.tradeNo)
    if (before) return before
    const at = options.now()
    const drafts = options.platforms.flatMap((platform) => platform.reportsFor?.(outcome, kept, result, at) ?? [])
    const reports = drafts.map((draft): NewReport => ({
      kind: draft.kind,
      payload: draft.payload,
      group: outcome.id,
      // A crash between the outbox and the line below must not make a second use of the same trade.
      key: `${outcome.id}\n${result.tradeNo}\n${draft.kind}`,
    }))
    const ids = reports.length === 0 ? [] : options.outbox.enqueue(reports)
    options.state.putResult(outcome.id, result.tradeNo, ids, options.age())
    const known = new Set(outcome.reports)
    const all = [...outcome.reports, ...ids.filter((id) => !known.has(id))]
    options.state.updateOutcome({ outcome: { ...outcome, reports: all, handledAt: new Date(at).toISOString() }, kept })
    options.onHandled()
    return ids
  }
}
