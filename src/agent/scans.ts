/** A scan to its end: asked, numbered, kept, published; and the choice that some scans need. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scan } from '../devices/scan.ts'
import type { Outcome, Target } from '../transcode/outcome.ts'
import type { Asking, Transcode } from '../transcode/transcode.ts'
import type { EventLog } from './event-log.ts'
import { AgentError } from './fault.ts'
import type { Log } from './log.ts'
import type { StateStore } from './state-store.ts'
import type { StoredOutcome } from './stored.ts'
import type { ScanTimes, StageTimes } from './technician/stage-times.ts'

/** For what was cut off to become its outcome. */
const CUT_MS = 200

export type Scans = {
  /** Rejects with AgentError STOPPING only: whatever else happens is an Outcome. */
  run(scan: Scan, extra?: { name?: string }): Promise<Outcome>
  /** An outcome with what is kept beside it. Throws AgentError OUTCOME_UNKNOWN or OUTCOME_EXPIRED. */
  stored(id: string): StoredOutcome
  /** The chosen target alone, under the same id and a new number. Rejects with AgentError. */
  choose(id: string, targetId: string): Promise<Outcome>
  onAsking(listener: (scanId: string, asking: Asking) => void): () => void
  /** Takes no more; resolves when what is in flight has ended, cut off after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

export function createScans(options: {
  transcode: Transcode
  state: StateStore
  events: EventLog
  times: StageTimes
  log: Log
  now: () => number
  /** Outcomes before this moment have expired, ms since 1970. */
  notBefore: () => number
}): Scans {
  const { transcode, state, events, times, log, now } = options
  const listeners = new Set<(scanId: string, asking: Asking) => void>()
  const inFlight = new Set<Promise<unknown>>()
  /** Two clicks on one choice must not verify twice. */
  const choosing = new Set<string>()
  const cut = new AbortController()
  let stopping = false
  let closed = false

  async function watched<T>(work: Promise<T>): Promise<T> {
    inFlight.add(work)
    try {
      return await work
    } finally {
      inFlight.delete(work)
    }
  }

  async function toItsEnd(scan: Scan, extra: { name?: string }): Promise<Outcome> {
    const id = randomUUID()
    const begun = performance.now()
    const stages = times.begin(scan.source.device)
    let asked = false
    const { kept, format, patient, ...rest } = await transcode.scan(scan.text, {
      signal: cut.signal,
      onAsking(asking) {
        if (!asked) stages.lap('recognise')
        asked = true
        for (const listener of listeners) listener(id, asking)
      },
    })
    stages.lap(asked ? 'platform' : 'recognise')
    const whole = extra.name && format === 'identity-number' ? { ...patient, name: extra.name } : patient
    const outcome: Outcome = {
      id,
      seq: 0,
      scannedAt: scan.scannedAt,
      elapsedMs: Math.round((performance.now() - begun) * 10) / 10,
      source: scan.source,
      code: { format },
      ...rest,
      ...(whole ? { patient: whole } : {}),
      reports: [],
    }
    const published = publish({ outcome, kept }, stages)
    stages.end()
    return published
  }

  function publish(unnumbered: StoredOutcome, stages?: ScanTimes): Outcome {
    if (closed) throw new AgentError('STOPPING')
    const { outcome } = state.putOutcome(unnumbered, now())
    stages?.lap('store')
    log.info('scan.ended', {
      id: outcome.id,
      seq: outcome.seq,
      device: outcome.source.device,
      format: outcome.code.format,
      status: outcome.status,
      code: outcome.error?.code,
      requestId: outcome.error?.requestId,
      targets: outcome.targets.length,
      failures: outcome.failures.length,
      ms: outcome.elapsedMs,
    })
    events.publish('outcome', outcome)
    stages?.lap('publish')
    return outcome
  }

  function stored(id: string): StoredOutcome {
    const found = state.outcome(id, options.notBefore())
    if (found === 'unknown') throw new AgentError('OUTCOME_UNKNOWN')
    if (found === 'expired') throw new AgentError('OUTCOME_EXPIRED')
    return found
  }

  async function chosen(id: string, targetId: string): Promise<Outcome> {
    const before = stored(id)
    const { patient: _before, ...outcome } = before.outcome
    if (outcome.status !== 'choose' || choosing.has(id)) throw new AgentError('OUTCOME_NOT_CHOOSE')
    const target = chosenTarget(outcome.targets, targetId)
    choosing.add(id)
    try {
      const { patient, kept, failures } = await transcode.choose(target, {
        kept: before.kept,
        ...(before.outcome.patient ? { patient: before.outcome.patient } : {}),
      })
      return publish({
        outcome: { ...outcome, ...(patient ? { patient } : {}), status: 'accepted', targets: [target], failures: [...outcome.failures, ...failures] },
        kept,
      })
    } finally {
      choosing.delete(id)
    }
  }

  return {
    async run(scan, extra = {}) {
      if (stopping) throw new AgentError('STOPPING')
      return watched(toItsEnd(scan, extra))
    },
    stored,
    choose: (id, targetId) => watched(chosen(id, targetId)),
    onAsking(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop(graceMs) {
      stopping = true
      const ended = () => Promise.allSettled([...inFlight])
      await Promise.race([ended(), sleep(graceMs, undefined, { ref: false })])
      cut.abort()
      // What is cut off ends at once, but for a question that others share (a token): nobody waits for that one.
      await Promise.race([ended(), sleep(CUT_MS, undefined, { ref: false })])
      closed = true
    },
  }
}

/** The target in that place (`#1` is the first), else the one of that id. Throws AgentError TARGET_AMBIGUOUS where several have the id, TARGET_UNKNOWN where none is meant. */
function chosenTarget(targets: readonly Target[], wanted: string): Target {
  const inPlace = targets.find((_, at) => wanted === `#${at + 1}`)
  const [target, other] = inPlace ? [inPlace] : targets.filter(({ id }) => id !== '' && id === wanted)
  if (other) throw new AgentError('TARGET_AMBIGUOUS')
  if (!target) throw new AgentError('TARGET_UNKNOWN')
  return target
}
