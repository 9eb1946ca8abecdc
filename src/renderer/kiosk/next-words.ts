/** Where an accepted patient goes now, as far as the terminal was told. */
import type { ScreenInfo } from '../api/screen-types.ts'
import type { KioskWords } from '../messages/kiosk-zh-cn.ts'
import type { Language } from './speech.ts'

export function nextWords({ accepted, steps }: KioskWords, screen: ScreenInfo | null, language: Language): string {
  const code = screen?.terminal.medicalStep ?? ''
  const known = screen?.dictionaries.medicalSteps.find((entry) => entry.code === code)?.name
  // The dictionary is Chinese: in English an unlisted step is better left out.
  const step = steps[code] ?? (language === 'zh' ? known : undefined)
  if (!step) return accepted.nextPlain
  const department = screen?.terminal.department
  return department && language === 'zh' ? accepted.nextPlace(department, step) : accepted.nextStep(step)
}
