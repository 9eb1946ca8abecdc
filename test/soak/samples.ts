/** What a soak measures, and how fast it grows. */

/** `heapBytes` is data; what the engine compiles from the sources is counted apart, as it grows towards a limit of its own. */
export type Held = { heapBytes: number; codeBytes: number; rssBytes: number; handles: number; descriptors: number }
/** One look at the terminal; `life` counts its processes, since each begins anew. */
export type Sample = Held & { minute: number; life: number; databaseBytes: number; walBytes: number; pending: number; scans: number }

/**
 * Growth of one measure by another, over all lives together: the median of the
 * growth between any two samples of one life (Theil and Sen), which the connections
 * that happen to be open at one of them do not move. 0 where there is too little to tell.
 */
export function slopeOf(samples: readonly Sample[], value: (sample: Sample) => number, by: (sample: Sample) => number): number {
  const slopes = samples.flatMap((one, index) =>
    samples.slice(index + 1)
      .filter((other) => other.life === one.life && by(other) !== by(one))
      .map((other) => (value(other) - value(one)) / (by(other) - by(one))))
  slopes.sort((a, b) => a - b)
  const half = slopes.length / 2
  return slopes.length === 0 ? 0 : (slopes[Math.floor(half)]! + slopes[Math.ceil(half) - 1]!) / 2
}
