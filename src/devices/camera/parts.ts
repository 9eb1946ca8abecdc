/** Symbols that carry one text together (Structured Append, ISO/IEC 18004, 8), seen at once or one after the other. */
import { spelled } from './spelled.ts'

/** One symbol of a sequence; `text` has one character for each byte whose character set it does not declare. */
export type Part = {
  /** From 0. */
  readonly index: number
  /** 2 to 16. */
  readonly count: number
  /** All bytes of the whole text XORed. */
  readonly parity: number
  readonly bytes: Uint8Array
  readonly text: string
  /** Whether the symbol declares the character set of its bytes (ECI). */
  readonly declared: boolean
}

/** `index` is the latest part's; `text` the whole one once all parts are there. */
export type PartsSeen = { readonly index: number; readonly count: number; readonly text: string | undefined }

export type Parts = {
  /** Adds what is in view at `now`, ms; undefined where that is nothing. */
  add(parts: readonly Part[], now: number): PartsSeen | undefined
  clear(): void
}

/** Parts of another text, and those older than `withinMs` (30 s by default), are forgotten. */
export function createParts({ withinMs = 30_000 }: { withinMs?: number } = {}): Parts {
  let held = new Map<number, Part>()
  let lastAt = -Infinity

  function add(parts: readonly Part[], now: number): PartsSeen | undefined {
    if (now - lastAt > withinMs) held = new Map()
    for (const part of parts) {
      const [other] = held.values()
      const same = held.get(part.index)
      if ((other && !belongTogether(other, part)) || (same && same.text !== part.text)) held = new Map()
      held.set(part.index, part)
      lastAt = now
    }
    const latest = parts.at(-1)
    if (!latest) return undefined
    const text = joined([...held.values()])
    if (text !== undefined) held = new Map()
    return { index: latest.index, count: latest.count, text }
  }

  return { add, clear: () => void (held = new Map()) }
}

/** The text of all its parts, each once, if their bytes make up the parity that each of them states. */
function joined(parts: readonly Part[]): string | undefined {
  const [first] = parts
  if (!first || parts.length !== first.count) return undefined
  const ordered = [...parts].sort((a, b) => a.index - b.index)
  const parity = ordered.reduce((sum, { bytes }) => bytes.reduce((one, byte) => one ^ byte, sum), 0)
  if (parity !== first.parity) return undefined
  const text = ordered.map((part) => part.text).join('')
  // A character may begin in one part and end in the next.
  return parts.some(({ declared }) => declared) ? text : spelled(text)
}

function belongTogether(one: Part, other: Part): boolean {
  return one.parity === other.parity && one.count === other.count
}
