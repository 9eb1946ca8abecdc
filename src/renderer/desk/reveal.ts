/** A patient in full, only as long as somebody holds the key or the time for a reason lasts. */
import { shallowRef } from 'vue'
import type { Outcome } from '../../transcode/outcome.ts'

export type Reveal = ReturnType<typeof createReveal>

/** `ask` fetches the whole outcome; nothing of it outlives `release`. */
export function createReveal(ask: (id: string, reason?: string) => Promise<Outcome>, onError: (error: unknown) => void) {
  const full = shallowRef<Outcome | null>(null)
  const secondsLeft = shallowRef<number | null>(null)
  let asked = 0
  let timer: ReturnType<typeof setInterval> | undefined

  function release(): void {
    asked++
    full.value = null
    secondsLeft.value = null
    clearInterval(timer)
  }

  async function fetchFull(id: string, reason?: string): Promise<boolean> {
    const mine = ++asked
    try {
      const outcome = await ask(id, reason)
      // Let go before the answer came: it must not flash up afterwards.
      if (mine !== asked) return false
      full.value = outcome
      return true
    } catch (error) {
      onError(error)
      return false
    }
  }

  return {
    full,
    secondsLeft,
    release,
    hold: (id: string) => fetchFull(id),
    /** Shows for `seconds` (default 20) after a reason was given. */
    async show(id: string, reason: string, seconds = 20): Promise<void> {
      release()
      if (!(await fetchFull(id, reason))) return
      secondsLeft.value = seconds
      timer = setInterval(() => {
        secondsLeft.value = (secondsLeft.value ?? 1) - 1
        if (secondsLeft.value <= 0) release()
      }, 1000)
    },
  }
}
