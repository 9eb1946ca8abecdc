/** What staff do once a patient is accepted. */
import type { ScreenInfo } from '../api/screen-types.ts'
import type { Outcome } from '../../transcode/outcome.ts'
import { deskZhCn } from '../messages/desk-zh-cn.ts'

/** The colour of the code comes before the step that this desk works at. */
export function nextWords(outcome: Outcome, screen: ScreenInfo | null): string {
  const words = deskZhCn.accepted
  const level = outcome.patient?.healthLevel
  if (level === '3') return words.nextRed
  if (level === '2') return words.nextYellow
  const [failure] = outcome.failures
  if (failure && !outcome.patient) return failure.error.advice
  const step = screen?.dictionaries.medicalSteps.find(({ code }) => code === screen.terminal.medicalStep)?.name
  return step ? words.nextHis(step) : words.nextHisPlain
}
