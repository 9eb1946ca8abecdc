/** Everything that the kiosk says aloud, by a name that recordings share: the words' own place in the messages. */
import type { KioskWords } from '../messages/kiosk-zh-cn.ts'

/** Hints of the camera that a patient without glasses should hear; the others change nothing for them. */
export const SPOKEN_HINTS = ['far', 'dark', 'dim', 'bright', 'unclear'] as const

/** How a call for help stands, where it is news. */
const SPOKEN_CALLS = ['told', 'seen', 'failed'] as const

const STEPS = [1, 2, 3] as const

/** Name -> text. Nothing in it depends on a patient. */
export function promptsOf(words: KioskWords): Record<string, string> {
  const { welcome, codes, guide, scan, working, accepted, choose, endings, noCode, card, phone, call, offline, time, register } = words
  const texts = new Map<string, string>()
  const put = (place: string, said: Readonly<Record<string, unknown>>, ...keys: string[]) => {
    for (const key of keys) texts.set(`${place}.${key}`, String(said[key]))
  }
  put('time', time, 'spoken')
  put('welcome', welcome, 'headline', 'leadElder', 'closedHeadline', 'closedLead')
  put('guide', guide, 'pickHeadline', 'pickLead')
  for (const [kind, { name }] of Object.entries(codes)) texts.set(`guide.headline.${kind}`, guide.headline(name))
  for (const [kind, lines] of Object.entries(guide.steps)) lines.forEach((line, index) => texts.set(`guide.steps.${kind}.${index + 1}`, line))
  for (const step of STEPS) texts.set(`guide.of.${step}`, guide.of(step, STEPS.length))
  put('scan', scan, 'headline', 'cameraLead', 'scannerLead', 'lostHeadline', 'lostLead')
  put('scan.guidance', scan.guidance, ...SPOKEN_HINTS)
  put('working', working, 'headline', 'lead', 'slowHeadline', 'slowLead')
  put('accepted', accepted, 'headline', 'lead', 'handedHeadline', 'handedLead', 'adviceHeadline', 'adviceLead', 'yellowLead', 'notSelf')
  put('choose', choose, 'headline', 'lead')
  for (const [family, said] of Object.entries(endings)) put(`endings.${family}`, said, 'headline', 'lead')
  put('noCode', noCode, 'headline', 'lead')
  for (const step of ['who', 'photo', 'reading', 'check', 'sending'] as const) put(`register.${step}`, register[step], 'headline', 'lead')
  for (const [problem, said] of Object.entries(register.problems)) put(`register.problems.${problem}`, said, 'headline', 'lead')
  put('card', card, 'headline', 'lead')
  put('phone', phone, 'headline', 'lead')
  put('offline', offline, 'headline', 'lead')
  put('call', call, 'spokenPlain')
  for (const state of SPOKEN_CALLS) texts.set(`call.states.${state}`, call.states[state].headline)
  return Object.fromEntries(texts)
}

/** Text -> name; of two places with the same words, the first. */
export function namesOf(words: KioskWords): ReadonlyMap<string, string> {
  return new Map(Object.entries(promptsOf(words)).reverse().map(([name, text]) => [text, name]))
}
