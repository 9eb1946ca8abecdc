/** How much of an outcome a caller sees: all, masked, or nothing of a person; and which outcomes are a kiosk's. */
import type { Agent } from '../agent/agent.ts'
import { AgentError } from '../agent/fault.ts'
import { withoutIdentity } from '../agent/masking.ts'
import type { Outcome } from '../transcode/outcome.ts'
import type { Caller } from './access.ts'

export type Sight = {
  /**
   * The outcome as `caller` may hold it: whole with `scan`, masked at a screen,
   * without any identity for all others. At a kiosk what is not of the present
   * visit is without identity too.
   */
  shown(caller: Caller, outcome: Outcome): Outcome
  /** Those of a list that the caller may have: at a kiosk the present visit's alone. */
  list(caller: Caller, outcomes: readonly Outcome[]): Outcome[]
  /** Throws AgentError OUTCOME_UNKNOWN for a kiosk if the outcome is not of the present visit. */
  check(caller: Caller, id: string): void
  /** The patient at the kiosk has left; `at` is ms since 1970. */
  endVisit(at: number): void
}

/** A kiosk shows the latest scan; one that was asked slowly may have been numbered after it. */
const LOOKED_THROUGH = 20

export function createSight(agent: Pick<Agent, 'forScreen' | 'latestOutcomes' | 'settings'>, now: () => number = Date.now): Sight {
  let visitBegan = 0
  const timeOf = (outcome: Outcome) => Date.parse(outcome.scannedAt)
  const from = () => Math.max(visitBegan, now() - agent.settings.retention.screenMinutes * 60_000)

  /** The outcome of the present visit: the latest scan since the last patient left, until the screen must forget it. */
  function current(): Outcome | undefined {
    const latest = agent
      .latestOutcomes(LOOKED_THROUGH)
      .reduce<Outcome | undefined>((best, each) => (best && timeOf(best) >= timeOf(each) ? best : each), undefined)
    return latest && timeOf(latest) >= from() ? latest : undefined
  }

  function shown(caller: Caller, outcome: Outcome): Outcome {
    if (caller.rights.has('kiosk') && (timeOf(outcome) < from() || current()?.id !== outcome.id)) return withoutIdentity(outcome)
    if (caller.rights.has('screen')) return agent.forScreen(outcome)
    return caller.rights.has('scan') ? outcome : withoutIdentity(outcome)
  }

  return {
    shown,
    list(caller, outcomes) {
      if (!caller.rights.has('kiosk')) return outcomes.map((outcome) => shown(caller, outcome))
      const visit = current()
      return outcomes.filter(({ id }) => id === visit?.id).map((outcome) => agent.forScreen(outcome))
    },
    check(caller, id) {
      if (caller.rights.has('kiosk') && current()?.id !== id) throw new AgentError('OUTCOME_UNKNOWN')
    },
    endVisit(at) {
      visitBegan = Math.max(visitBegan, Math.min(at, now()))
    },
  }
}
