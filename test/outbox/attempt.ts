/** An attempt as the delivery makes it, for tests of a store alone. */
import type { OpenId, ReportFault } from '../../src/outbox/outbox.ts'
import type { Ending, Row, Store } from '../../src/outbox/store.ts'

export type Claim = { row: Row; requestId: string; repeated: boolean; number: number }

export const error: ReportFault = { code: 'X', message: 'm', advice: 'a' }
const open: OpenId = { note: '', refused: false }

/** Takes a lane's next report and puts the attempt on disk. */
export function claim(store: Store, kind: string, now: number, newId: () => string, only?: string): Claim | undefined {
  const row = store.claim(kind, now, only)
  if (!row) return undefined
  const begun = { row, requestId: row.requestId ?? newId(), repeated: row.open !== null, number: row.attempts + 1 }
  store.begin(row.id, { requestId: begun.requestId, open, attempts: begun.number })
  return begun
}

/** Its end; `answered` false leaves the id open. */
export const retry = (sleepMs: number, answered = true, attempts = 1): Ending => ({ kind: 'retry', open: answered ? null : open, attempts, sent: true, sleepMs, error })
export const dead = (answered = true, attempts = 1): Ending => ({ kind: 'dead', open: answered ? null : open, attempts, sent: true, error })
export const unproven = (note = '', attempts = 1): Ending => ({ kind: 'unproven', open: { note, refused: false }, attempts, sent: true, error })
