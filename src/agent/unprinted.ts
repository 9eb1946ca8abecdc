/** Outcomes as they pass through the agent: whole to whoever asks the API, a number and an ending to whatever prints them. */
import { personal } from '../devices/scan.ts'
import type { Outcome } from '../transcode/outcome.ts'
import type { StoredOutcome } from './stored.ts'

export function unprinted(outcome: Outcome): Outcome {
  const { id, seq, code, status } = outcome
  const shown = `outcome ${seq} ${code.format} ${status} ${id}`
  for (const part of [outcome.patient, outcome.eVoucher, ...outcome.targets]) if (part) personal(part, '***', { json: false })
  return personal(outcome, shown, { json: false })
}

/** With what is kept beside it: the code's text. */
export function unprintedStored(stored: StoredOutcome): StoredOutcome {
  unprinted(stored.outcome)
  personal(stored.kept, '***', { json: false })
  return stored
}
