/** Outcomes as they pass through the agent: whole to whoever asks the API, a number and an ending to whatever prints them. */
import { personal } from '../devices/scan.ts'
import type { StoredOutcome } from './stored.ts'

/** The same objects, what is kept beside the outcome (the code's text) too. */
export function unprintedStored(stored: StoredOutcome): StoredOutcome {
  const { outcome, kept } = stored
  const { id, seq, code, status, patient, eVoucher, targets } = outcome
  for (const part of [patient, eVoucher, kept, ...targets]) if (part) personal(part, '***', { json: false })
  personal(outcome, `outcome ${seq} ${code.format} ${status} ${id}`, { json: false })
  return stored
}
