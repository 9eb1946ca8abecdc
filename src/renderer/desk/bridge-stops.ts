/** How far a patient's code has come: from phone to platform to HIS to the report. */
import type { Outcome } from '../../transcode/outcome.ts'
import type { StageName } from './desk-state.ts'

export type Stop = 'done' | 'now' | 'wait' | 'stopped' | 'skipped'
export type Stops = readonly [Stop, Stop, Stop, Stop]

/** Formats that no platform is asked about. */
const UNASKED = new Set(['identity-number', 'hospital-card', 'social-security-card'])

/** The four stops of `deskZhCn.bridge.stops` for what the stage shows. */
export function bridgeStops(stage: StageName, outcome: Outcome | null): Stops {
  switch (stage) {
    case 'waiting':
      return ['now', 'wait', 'wait', 'wait']
    case 'working':
      return ['done', 'now', 'wait', 'wait']
    case 'choose':
      return ['done', 'done', 'wait', 'wait']
    case 'accepted': {
      const handed = outcome?.code.format === 'e-voucher' && !outcome.patient
      const asked: Stop = outcome && (handed || UNASKED.has(outcome.code.format)) ? 'skipped' : 'done'
      return outcome?.handledAt ? ['done', asked, 'done', 'done'] : ['done', asked, 'now', 'wait']
    }
    case 'rejected':
    case 'unavailable':
      return ['done', 'stopped', 'wait', 'wait']
    case 'unrecognised':
    case 'offline':
      return ['stopped', 'wait', 'wait', 'wait']
  }
}
