/** From frame to frame: which code in view is taken, and whether it is new. */
import { take, withParts, type Choice, type Choose, type Taken } from './choice.ts'
import type { Sight } from './decode.ts'
import { createOnce } from './once.ts'
import { createParts } from './parts.ts'

/** `isNew`: to be reported now. */
export type Sorted = { readonly taken: Taken; readonly isNew: boolean }

export type SorterOptions = {
  readonly choose: Choose
  readonly forgetMs: number
  /** So long a code that is no patient's waits for a patient's beside it; 400 ms by default. */
  readonly holdMs?: number
  /** So long after codes of two patients were in view together, none of them is taken; 1500 ms by default. */
  readonly apartMs?: number
}

export type Sorter = {
  sort(sight: Sight, now: number): Promise<Sorted>
  /** Whether the next frame is to be searched for codes beside the one that is known. */
  wantsAll(): boolean
  clear(): void
}

/** A code alone in view is taken without a question. */
export function createSorter({ choose, forgetMs, holdMs = 400, apartMs = 1500 }: SorterOptions): Sorter {
  const once = createOnce({ forgetMs })
  const parts = createParts()
  /** Codes that were in view together with another patient's, and when last. */
  const together = new Map<string, number>()
  let answered: { readonly key: string; readonly choice: Choice } | undefined
  let held: { readonly since: number; readonly at: number } | undefined
  let known = false

  async function remembered(texts: readonly string[]): Promise<Choice> {
    const key = texts.join('\n')
    if (answered?.key !== key) answered = { key, choice: await choose(texts) }
    return answered.choice
  }

  async function sort(sight: Sight, now: number): Promise<Sorted> {
    known = false
    if (sight.kind === 'unreadable') once.stillThere(now)
    if (sight.kind !== 'read' && sight.kind !== 'part') return { taken: { kind: 'nothing' }, isNew: false }
    const codes = sight.kind === 'read' ? [sight, ...sight.beside] : []
    const alone = codes.length === 1 && sight.kind === 'read' && !sight.unread
    const chosen: Taken = alone ? { kind: 'read', code: sight, patient: true } : await take(sight, remembered)
    const taken = withParts(sight, chosen, parts, now)
    if (taken.kind !== 'read') {
      if (taken.kind === 'several') for (const { text } of codes) together.set(text, now)
      known = taken.kind === 'part'
      return { taken, isNew: false }
    }
    const { text } = taken.code
    if (now - (together.get(text) ?? -Infinity) < apartMs) return { taken: { kind: 'several' }, isNew: false }
    together.clear()
    if (!taken.patient && isHeld(now)) return { taken, isNew: false }
    for (const other of codes) if (other.text !== text) once.isNew(other.text, now)
    const isNew = once.isNew(text, now)
    known = !isNew
    return { taken, isNew }
  }

  function isHeld(now: number): boolean {
    held = held && now - held.at < forgetMs ? { since: held.since, at: now } : { since: now, at: now }
    known = now - held.since < holdMs
    return known
  }

  return {
    sort,
    wantsAll: () => known,
    clear() {
      once.clear()
      parts.clear()
      together.clear()
      answered = held = undefined
      known = false
    },
  }
}
