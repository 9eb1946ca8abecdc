/** How an accepted outcome is to be taken: plainly, or with care. */
import type { Mark } from '../design/state-mark.vue'
import type { Outcome } from '../../transcode/outcome.ts'
import { deskZhCn } from '../messages/desk-zh-cn.ts'

export type AcceptedWords = {
  headline: string
  mark: Mark
  /** The colour of the stage: an accepted red code must not look green. */
  tone: 'accepted' | 'unavailable' | 'rejected'
}

/** The colour of the code comes first, then what failed beside it. */
export function acceptedWords({ code, patient, failures }: Outcome): AcceptedWords {
  const words = deskZhCn.accepted
  if (patient?.healthLevel === '3') return { headline: words.red, mark: 'unavailable', tone: 'rejected' }
  if (patient?.healthLevel === '2') return { headline: words.yellow, mark: 'unavailable', tone: 'unavailable' }
  if (failures.length && !patient) return { headline: words.partly, mark: 'unavailable', tone: 'unavailable' }
  const headline = code.format === 'identity-number' ? words.manual : patient ? words.headline : words.handed
  return { headline, mark: 'accepted', tone: 'accepted' }
}
