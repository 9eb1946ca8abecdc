/** What the HIS did with an outcome, or with a card scanned elsewhere, becomes the reports that are owed, on disk before the HIS has its answer. */
import type { NewReport, Outbox } from '../outbox/outbox.ts'
import type { HisResult } from '../transcode/outcome.ts'
import { MEDICAL_STEPS } from '../transcode/platforms/health-card/dictionaries.ts'
import type { Platform, ReportDraft } from '../transcode/platforms/platform.ts'
import { AgentError } from './fault.ts'
import type { StateStore } from './state-store.ts'
import type { StoredOutcome } from './stored.ts'

/** `corrected`: the same number with other content took the place of what had not been sent. */
export type Taken = { reports: string[]; corrected?: true }

/** A use of a card that was not scanned here (电子健康卡 2.7.2). */
export type OwnReport = {
  /** The HIS's own number of it: the same number again is the same report. */
  key: string
  /** Such as `health-card/reportHISData`. */
  kind: string
  /** The document's request fields; what the settings hold may be left out. */
  content: Record<string, unknown>
}

export type TradeStates = { success: readonly string[]; failure: readonly string[] }

export type Results = {
  /**
   * Stores the reports of a result. The same tradeNo for the same outcome with the same content gives the same ids; with
   * other content it is a correction where nothing was sent, else 409 RESULT_DIFFERS. Throws AgentError (400, 409),
   * RequestFault (400, 422) or OutboxError (507); then nothing was stored.
   */
  take(stored: StoredOutcome, result: HisResult): Taken
  /** Stores a report of the HIS's own; throws as `take` does, and 404 for a kind that nobody takes. */
  report(own: OwnReport): Taken
}

/** What the results of reports without an outcome are kept under. */
const OWN = 'own report'

export function createResults(options: {
  platforms: readonly Platform[]
  outbox: Pick<Outbox, 'enqueue' | 'amend'>
  state: Pick<StateStore, 'resultOf' | 'putResult' | 'updateOutcome'>
  tradeStates: TradeStates
  now: () => number
  /** By which what is kept grows old, ms since 1970. */
  age: () => number
  /** Told after each result: also where nothing is owed, screens show that the HIS has answered. */
  onHandled: () => void
}): Results {
  const { platforms, outbox, state, tradeStates } = options

  /** Stores, or amends what stands under the number. */
  function store(standing: readonly string[] | undefined, reports: NewReport[], differs: () => AgentError): Taken {
    if (standing === undefined) return { reports: reports.length === 0 ? [] : outbox.enqueue(reports) }
    const ids = standing.length + reports.length === 0 ? [] : outbox.amend(standing, reports)
    if (ids === undefined) throw differs()
    return { reports: ids, corrected: true }
  }

  return {
    take({ outcome, kept }, given) {
      // A static card whose platform was away is used all the same: staff looked at the paper.
      const isUnverified = outcome.status === 'unavailable' && kept.codeText !== undefined
      if (outcome.status !== 'accepted' && !isUnverified) throw new AgentError('OUTCOME_NOT_ACCEPTED')
      const result = withoutBlank(given)
      const succeeded = judge(result, tradeStates)
      const standing = state.resultOf(outcome.id, result.tradeNo)
      const before = kept.results?.[result.tradeNo]
      // A result that an earlier version took was kept without its content.
      if (standing && (before === undefined || differences(before, result).length === 0)) return { reports: standing }
      const at = options.now()
      const drafts = platforms.flatMap((platform) => platform.reportsFor?.(outcome, kept, { ...result, succeeded }, at) ?? [])
      // The key: a crash between the outbox and what follows must not make a second use of the same trade.
      const reports = drafts.map((draft) => newReport(draft, outcome.id, `${outcome.id}\n${result.tradeNo}\n${draft.kind}`))
      const taken = store(standing, reports, () => differing(before!, result))
      state.putResult(outcome.id, result.tradeNo, taken.reports, options.age())
      const others = outcome.reports.filter((id) => !standing?.includes(id) && !taken.reports.includes(id))
      state.updateOutcome({
        outcome: { ...outcome, reports: [...others, ...taken.reports], handledAt: new Date(at).toISOString() },
        kept: { ...kept, results: { ...kept.results, [result.tradeNo]: result } },
      })
      options.onHandled()
      return taken
    },

    report({ key, kind, content }) {
      const draft = platforms.map((platform) => platform.reportOf?.(kind, content)).find((each) => each !== undefined)
      if (draft === undefined) throw new AgentError('REPORT_KIND_UNKNOWN')
      const exact = `${key}\n${kind}\n${JSON.stringify(Object.entries(draft.payload).sort(([a], [b]) => (a < b ? -1 : 1)))}`
      const same = state.resultOf(OWN, exact)
      if (same) return { reports: same }
      const taken = store(state.resultOf(OWN, key), [newReport(draft, undefined, `${OWN}\n${key}`)], () => new AgentError('RESULT_DIFFERS', [{ path: 'content', message: '这个 key 已提交过其他内容，并且已经上报' }]))
      for (const name of [key, exact]) state.putResult(OWN, name, taken.reports, options.age())
      return taken
    },
  }
}

function newReport({ kind, payload }: ReportDraft, group: string | undefined, key: string): NewReport {
  return { kind, payload, key, ...(group === undefined ? {} : { group }) }
}

/** Whether the trade succeeded. Throws TRADE_STATE_UNKNOWN, and REPORT_STEP_UNKNOWN for a step outside the table (电子健康卡 3.3.1). */
function judge({ tradeState, medicalStep }: HisResult, { success, failure }: TradeStates): boolean {
  if (medicalStep !== undefined && !Object.hasOwn(MEDICAL_STEPS, medicalStep)) {
    throw new AgentError('REPORT_STEP_UNKNOWN', [{ path: 'medicalStep', message: `应为用卡环节表（3.3.1）中的 ${Object.keys(MEDICAL_STEPS).join('、')}` }])
  }
  if (success.includes(tradeState)) return true
  if (failure.includes(tradeState)) return false
  throw new AgentError('TRADE_STATE_UNKNOWN', [{ path: 'tradeState', message: `成功为 ${success.join('、')}；失败为 ${failure.join('、')}` }])
}

/** Blank means absent, at the ends of a value too. */
function withoutBlank(result: HisResult): HisResult {
  const filled = Object.entries(result).map(([name, value]) => [name, value?.trim()] as const).filter(([, value]) => value)
  return { msg: '', ...Object.fromEntries(filled) } as HisResult
}

/** Values that name nobody: told where a result differs from the one that stands. */
const TOLD = ['tradeState', 'tradeTime', 'medicalStep', 'department'] as const

function differences(before: HisResult, result: HisResult): (keyof HisResult)[] {
  const names = new Set([...Object.keys(before), ...Object.keys(result)]) as Set<keyof HisResult>
  return [...names].filter((name) => before[name] !== result[name])
}

function differing(before: HisResult, result: HisResult): AgentError {
  const fields = differences(before, result).map((path) => {
    const stands = TOLD.find((told) => told === path)
    return { path, message: stands ? `已上报的是 ${before[stands] ?? '空'}` : '与已上报的不同' }
  })
  return new AgentError('RESULT_DIFFERS', fields)
}
