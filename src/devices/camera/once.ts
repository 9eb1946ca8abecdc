/** One reading for one code in view, and a new code at once. */
export type Once = {
  /** Whether this code has just come into view; `now` in ms. */
  isNew(text: string, now: number): boolean
  /** Something that may be the code is still there, though it cannot be read. */
  stillThere(now: number): void
  /** Forgets every code, as after a stop. */
  clear(): void
}

/** A code is forgotten `forgetMs` (3000 by default) after it was last seen; several may be in view by turns. */
export function createOnce({ forgetMs = 3000 }: { forgetMs?: number } = {}): Once {
  const seenAt = new Map<string, number>()

  function forget(now: number): void {
    for (const [text, at] of seenAt) if (now - at > forgetMs) seenAt.delete(text)
  }

  return {
    isNew: (text, now) => {
      forget(now)
      const isNew = !seenAt.has(text)
      seenAt.set(text, now)
      return isNew
    },
    stillThere: (now) => {
      forget(now)
      for (const text of seenAt.keys()) seenAt.set(text, now)
    },
    clear: () => seenAt.clear(),
  }
}
