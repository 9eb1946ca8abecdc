/** How far a patient's code has come: from phone to platform to HIS to the report. */
import type { Outcome } from '../../transcode/outcome.ts'
import type { TakenFormat } from '../api/screen-types.ts'
import type { StageName } from './desk-state.ts'

export type Stop = 'done' | 'now' | 'wait' | 'stopped' | 'skipped'
export type Stops = readonly [Stop, Stop, Stop, Stop]

/** The four stops of `deskZhCn.bridge.stops` for what the stage shows; `formats` say whether a platform was asked. */
export function bridgeStops(stage: StageName, outcome: Outcome | null, formats: readonly TakenFormat[] = []): Stops {
  switch (stage) {
    case 'waiting':
      return ['now', 'wait', 'wait', 'wait']
    case 'working':
      return ['done', 'now', 'wait', 'wait']
    case 'choose':
      return ['done', 'done', 'wait', 'wait']
    case 'accepted': {
      const isAsked = formats.some(({ format, platform }) => format === outcome?.code.format && platform !== null)
      // Nobody is known by it and no other code came of it: it was handed on as it is.
      const isHandedOn = !outcome?.patient && outcome?.targets.every(({ type }) => type === outcome.code.format)
      const asked: Stop = outcome && (isHandedOn || !isAsked) ? 'skipped' : 'done'
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
