/** Whether keystrokes come from a scanner or a person, judged against their own speed. */

/** One key that stands for a character (or a digit of one): when, and what held it together with the key before. */
export type Beat = {
  /** ms */
  readonly at: number
  /** Keys held with it: a gap that includes pressing Shift is compared with other such gaps. */
  readonly modifiers: string
  readonly key: string
  /** How long it was held, ms; unknown until (or unless) its release is seen. */
  heldMs?: number
  /** Another character key was still down when it was pressed. */
  readonly overlaps: boolean
}

/** No person keeps up a median gap this short over a whole code, ms. */
const FAST_GAP_MS = 35
/** Slower than this no scanner types, ms a key. */
const SLOWEST_GAP_MS = 130
/** A gap that may still belong to the same code while its speed is unknown, ms. */
const FIRST_GAP_MS = 160
/** A pause between a person's keys; a scanner is waited for longer. */
const SHORTEST_PAUSE_MS = 150
/** A scanner lets a key go at once, a person holds it for 50 ms and more. */
const BRISK_HOLD_MS = 25
/** A device's speed shows in its latest keys; a long code need not be sorted whole at each of them. */
const LATEST = 64
/** A pause is this many times the device's own usual gap. */
const PAUSE_FACTOR = 4
const LONGEST_PAUSE_MS = 600

/** The pause in ms after which a code with these beats has ended. */
export function pauseMs(beats: readonly Beat[]): number {
  const gaps = gapsOf(beats.slice(-LATEST))
  if (gaps.length < 3) return FIRST_GAP_MS
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, PAUSE_FACTOR * median(gaps)))
}

/**
 * Whether these beats are a scanner's. Up to 35 ms a key speed alone decides; up
 * to 130 ms the beat must be even, its keys released one by one and not all the
 * same: with the stricter measure where `inField`, for there a person may be typing.
 */
export function isScanner(beats: readonly Beat[], inField: boolean): boolean {
  const gaps = gapsOf(beats)
  if (gaps.length === 0) return false
  const usual = median(gaps)
  if (usual <= FAST_GAP_MS) return true
  if (usual > SLOWEST_GAP_MS || beats.length < (inField ? 16 : 8)) return false
  if (beats.some(({ overlaps }) => overlaps) || new Set(beats.map(({ key }) => key)).size < 4) return false
  const allowed = inField ? Math.max(5, usual * 0.1) : Math.max(8, usual * 0.18)
  return unevenness(beats) <= allowed && holdsAreEven(beats, allowed)
}

/** Whether a code still being typed is certain enough to keep its keys from the page. */
export function isCertain(beats: readonly Beat[], inField: boolean): boolean {
  if (beats.length < 6) return false
  const latest = beats.slice(-LATEST)
  return gapsOf(latest).every((gap) => gap <= FAST_GAP_MS) || (latest.length >= 16 && isScanner(latest, inField))
}

/** Whether so few keys may already be a scanner's: in quick succession, or each let go at once. */
export function isBrisk(beats: readonly Beat[]): boolean {
  const latest = beats.slice(-LATEST)
  const gaps = gapsOf(latest)
  const holds = holdsOf(latest)
  return (gaps.length > 0 && median(gaps) <= FAST_GAP_MS) || (holds.length > 0 && holds.every((held) => held <= BRISK_HOLD_MS))
}

function gapsOf(beats: readonly Beat[]): number[] {
  return beats.slice(1).map((beat, index) => beat.at - (beats[index]?.at ?? beat.at))
}

/** Mean distance in ms of the gaps from the median of their own kind (with or without a change of Shift). */
function unevenness(beats: readonly Beat[]): number {
  const kinds = new Map<string, number[]>()
  gapsOf(beats).forEach((gap, index) => {
    const kind = `${beats[index]?.modifiers}>${beats[index + 1]?.modifiers}`
    kinds.set(kind, [...(kinds.get(kind) ?? []), gap])
  })
  const groups = [...kinds.values()].filter((gaps) => gaps.length > 1)
  const count = groups.reduce((sum, gaps) => sum + gaps.length, 0)
  if (count < 5) return Infinity
  return groups.reduce((sum, gaps) => sum + deviation(gaps) * gaps.length, 0) / count
}

function holdsAreEven(beats: readonly Beat[], allowed: number): boolean {
  const holds = holdsOf(beats)
  return holds.length < 5 || deviation(holds) <= allowed
}

function holdsOf(beats: readonly Beat[]): number[] {
  return beats.flatMap(({ heldMs }) => (heldMs === undefined ? [] : [heldMs]))
}

function deviation(values: readonly number[]): number {
  const middle = median(values)
  return values.reduce((sum, value) => sum + Math.abs(value - middle), 0) / values.length
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
