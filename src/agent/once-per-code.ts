/** The same code read twice in a moment is one scan: the second gets the first one's outcome. */
import type { Scan } from '../devices/scan.ts'
import type { Outcome } from '../transcode/outcome.ts'

export type OncePerCode = (scan: Scan, run: () => Promise<Outcome>) => Promise<Outcome>

/** Remembers the last code only, and for `withinMs` after it was read last; 0 runs every one. */
export function createOncePerCode(options: { withinMs: number; now: () => number }): OncePerCode {
  let last: { text: string; at: number; outcome: Promise<Outcome> } | undefined
  let forget: NodeJS.Timeout | undefined
  return (scan, run) => {
    const at = options.now()
    const isRepeat = last?.text === scan.text && at - last.at < options.withinMs
    const outcome = isRepeat && last ? last.outcome : run()
    last = { text: scan.text, at, outcome }
    // The text is personal: it does not stay longer than it is compared with.
    clearTimeout(forget)
    forget = setTimeout(() => (last = undefined), options.withinMs)
    forget.unref()
    return outcome
  }
}
