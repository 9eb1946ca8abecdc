/**
 * A second observer of the same keys (the shell, where the page stood still, died or was
 * loading): its reading is taken only where the page's own listener missed keys of it.
 */

/** What the other observer read; times in ms since 1970. */
export type OfferedReading = {
  readonly text: string
  /** How many keys stood for its characters. */
  readonly keys: number
  readonly startedAt: number
  readonly endedAt: number
}

/** Subscribes to offers; returns what ends it. */
export type SecondSource = (offer: (reading: OfferedReading) => void) => () => void

export type SecondSourceOptions = {
  readonly take: (text: string) => void
  /** Whether the page has a code under way or keys that wait to be handled. */
  readonly isBusy: () => boolean
  /** When the page began to listen, and when it was loaded, ms since 1970. */
  readonly listeningSince: number
  readonly loadedAt: number
  /** When this page, or the one before it in this window, last came to a verdict; outlives the page. */
  readonly lastVerdict: { get(): number; set(at: number): void }
  /** ms since 1970. */
  readonly now?: () => number
  /** Replaced in tests. */
  readonly after?: (run: () => void, ms: number) => unknown
}

/** Keys that the page has queued come to be handled within this, ms. */
const GRACE_MS = 400
/** The clocks of the two observers differ by less, ms. */
const APART_MS = 500
/** A page that listens this soon after it was loaded missed keys because it was loading, ms. */
const LOADING_MS = 10_000
/** An older offer is of no patient who stands there still, ms. */
const STALE_MS = 5000
const REMEMBERED_MS = 10_000

export function createSecondSource(options: SecondSourceOptions) {
  const { take, isBusy, listeningSince, loadedAt, lastVerdict, now = Date.now, after = setTimeout } = options
  let keys: number[] = []
  let taken: { readonly text: string; readonly at: number } | undefined
  let stopped = false

  /** The page listened when it began, or did not because it was being loaded. */
  function mayHaveMissed({ startedAt }: OfferedReading): boolean {
    return listeningSince <= startedAt || listeningSince - loadedAt < LOADING_MS
  }

  function decide(reading: OfferedReading): void {
    if (stopped) return
    if (isBusy()) return void after(() => decide(reading), GRACE_MS)
    const from = reading.startedAt - APART_MS
    const own = keys.filter((at) => at >= from).length
    if (now() - reading.endedAt > STALE_MS || own >= reading.keys || lastVerdict.get() >= from) return
    if (!mayHaveMissed(reading)) return
    taken = { text: reading.text, at: now() }
    lastVerdict.set(taken.at)
    take(reading.text)
  }

  return {
    offer: (reading: OfferedReading): void => void after(() => decide(reading), GRACE_MS),
    /** The page was given a key that stands for a character. */
    key(): void {
      const at = now()
      keys.push(at)
      if (keys.length > 512) keys = keys.filter((each) => each > at - REMEMBERED_MS)
    },
    /** The page's own verdict on a scan; true where this text was taken from the other observer already. */
    verdict(text = ''): boolean {
      const at = now()
      lastVerdict.set(at)
      return taken !== undefined && at - taken.at < REMEMBERED_MS && text !== '' && taken.text.includes(text)
    },
    stop(): void {
      stopped = true
    },
  }
}
