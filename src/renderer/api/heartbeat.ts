/** Notices a terminal that stands still: its socket stays open, but it answers nothing. */
import { baseUrl } from './session.ts'

export type HeartbeatOptions = {
  /** Told after two unanswered beats, and again at the first answer. */
  onChange(alive: boolean): void
  /** Between beats; 5000 by default. */
  everyMs?: number
  /** For one answer; 4000 by default. */
  limitMs?: number
}

/** Asks `/health` until the returned function is called. */
export function startHeartbeat({ onChange, everyMs = 5000, limitMs = 4000 }: HeartbeatOptions): () => void {
  let missed = 0
  let timer: ReturnType<typeof setTimeout>
  let stopped = false

  async function beat(): Promise<void> {
    const answered = await fetch(new URL('api/v1/health', baseUrl()), { cache: 'no-store', signal: AbortSignal.timeout(limitMs) }).then(
      () => true,
      () => false,
    )
    if (stopped) return
    if (answered && missed >= 2) onChange(true)
    missed = answered ? 0 : missed + 1
    if (missed === 2) onChange(false)
    timer = setTimeout(() => void beat(), everyMs)
  }

  timer = setTimeout(() => void beat(), everyMs)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
