/** Which of several codes in view is taken, and what is said where none is. */
import type { LookOptions, SeenCode, Sight } from './decode.ts'
import { createParts, type Parts } from './parts.ts'

/** `one`: the text at `index`, `patient` where it is in a format of patients' codes. `several`: codes of more than one patient. */
export type Choice = { readonly kind: 'one'; readonly index: number; readonly patient: boolean } | { readonly kind: 'several' }
/** Chooses among one text or more; only whoever has the settings knows every format. */
export type Choose = (texts: readonly string[]) => Choice | Promise<Choice>

export const firstOf: Choose = () => ({ kind: 'one', index: 0, patient: true })

/** What is taken from a picture. `part`: symbol `index` (from 0) of `count` that carry one text together. */
export type Taken =
  | { readonly kind: 'read'; readonly code: Pick<SeenCode, 'text' | 'aim'>; readonly patient: boolean }
  | { readonly kind: 'part'; readonly index: number; readonly count: number }
  | { readonly kind: 'several' }
  | { readonly kind: 'nothing' }

/** Words for what is not taken, with a stable code. */
export type Notice = { readonly code: 'CODE_PART' | 'CODE_SEVERAL_PATIENTS'; readonly message: string; readonly advice: string }

export function noticeOf(taken: Exclude<Taken, { kind: 'read' | 'nothing' }>): Notice {
  if (taken.kind === 'several') return { code: 'CODE_SEVERAL_PATIENTS', message: '画面里有两个人的码，没有采用', advice: '请只出示一个人的码。' }
  const { index, count } = taken
  return { code: 'CODE_PART', message: `这是第 ${index + 1}/${count} 部分，不是完整的码`, advice: '请依次出示其余部分，或出示完整的二维码。' }
}

/** One still picture, looked through for other codes where what was read at first is no patient's; `parts` remembers those of pictures before. */
export async function readStill(look: (options: LookOptions) => Promise<Sight>, choose: Choose, parts: Parts = createParts(), now = 0): Promise<Taken> {
  let sight = await look({})
  let taken = await take(sight, choose)
  const more = sight.kind === 'part' || (sight.kind === 'read' && (sight.unread || (taken.kind === 'read' && !taken.patient)))
  if (more) {
    sight = await look({ all: true })
    taken = await take(sight, choose)
  }
  return withParts(sight, taken, parts, now)
}

/** Of the whole codes in view; the choice is asked only where there is one to make. */
export async function take(sight: Sight, choose: Choose): Promise<Taken> {
  if (sight.kind !== 'read') return { kind: 'nothing' }
  const codes = [sight, ...sight.beside]
  const choice = await chosen(choose, codes.map(({ text }) => text))
  if (!choice) return { kind: 'nothing' }
  return choice.kind === 'several' ? choice : { kind: 'read', code: codes[choice.index] ?? sight, patient: choice.patient }
}

/** Undefined where nobody can tell: whoever is asked may be out of reach. One code alone is taken then. */
async function chosen(choose: Choose, texts: readonly string[]): Promise<Choice | undefined> {
  try {
    return await choose(texts)
  } catch {
    return texts.length === 1 ? { kind: 'one', index: 0, patient: true } : undefined
  }
}

/** Parts count where no patient's code is whole: they may be one. */
export function withParts(sight: Sight, taken: Taken, parts: Parts, now: number): Taken {
  if (sight.kind !== 'read' && sight.kind !== 'part') return taken
  if (taken.kind === 'several' || (taken.kind === 'read' && taken.patient)) return taken
  const seen = parts.add(sight.parts, now)
  if (!seen) return taken
  const { text, ...part } = seen
  return text === undefined ? { kind: 'part', ...part } : { kind: 'read', code: { text, aim: ']Q1' }, patient: true }
}
