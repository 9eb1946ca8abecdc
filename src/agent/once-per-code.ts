/** The same code read twice in a moment is one scan: the second gets the first one's outcome. */
import type { Scan } from '../devices/scan.ts'
import type { Outcome } from '../transcode/outcome.ts'

export type OncePerCode = (scan: Scan, run: () => Promise<Outcome>) => Promise<Outcome>

/**
 * Remembers the last code only, and for `withinMs` after it was read last; 0 runs every one.
 * @param options.isOver whether the first one's outcome lets the second run
 */
export function createOncePerCode(options: { withinMs: number; now: () => number; isOver?: (outcome: Outcome) => boolean }): OncePerCode {
  let last: { text: string; at: number; outcome: Promise<Outcome> } | undefined
  let forget: NodeJS.Timeout | undefined
  return (scan, run) => {
    const at = options.now()
    const isRepeat = last?.text === scan.text && at - last.at < options.withinMs
    const outcome = isRepeat && last ? last.outcome : run()
    const mine = { text: scan.text, at, outcome }
    last = mine
    const end = (): void => void (last === mine && (last = undefined))
    if (options.isOver) outcome.then((ended) => options.isOver?.(ended) && end(), end)
    // The text is personal: it does not stay longer than it is compared with.
    clearTimeout(forget)
    forget = setTimeout(() => (last = undefined), options.withinMs)
    forget.unref()
    return outcome
  }
}

/** A scanner that waits for an acknowledgement sends its code again after a few seconds, two or three times, ms. */
const RETRANSMITTED_MS = 10_000

/**
 * For the codes of serial scanners that a platform takes once: such a code again from the
 * same scanner, no other one between, is a retransmission for 10 s after its last reading,
 * and gets the first one's outcome. Where no platform answered, it is asked again.
 */
export function createRetransmissions(options: { isOneTime(text: string): boolean; now: () => number }): OncePerCode {
  const devices = new Map<string, OncePerCode>()
  return (scan, run) => {
    const { device, kind } = scan.source
    if (kind !== 'serial') return run()
    const once = devices.get(device) ?? createOncePerCode({ withinMs: RETRANSMITTED_MS, now: options.now, isOver: ({ status }) => status === 'unavailable' })
    devices.set(device, once)
    if (options.isOneTime(scan.text)) return once(scan, run)
    // Another code between ends it, and is none itself.
    devices.delete(device)
    return run()
  }
}
