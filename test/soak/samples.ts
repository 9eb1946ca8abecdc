/** What a soak measures, and how fast it grows. */

/** `heapBytes` is data; what the engine compiles from the sources is counted apart, as it grows towards a limit of its own. */
export type Held = { heapBytes: number; codeBytes: number; rssBytes: number; handles: number; descriptors: number }
/** One look at the terminal; `life` counts its processes, since each begins anew. */
export type Sample = Held & { minute: number; life: number; databaseBytes: number; pending: number; scans: number }

/**
 * Growth of one measure by another, over all lives together: each life has its
 * own level, as a process that was started anew has its own heap. 0 where there
 * is too little to tell.
 */
export function slopeOf(samples: readonly Sample[], value: (sample: Sample) => number, by: (sample: Sample) => number): number {
  let above = 0
  let below = 0
  for (const life of new Set(samples.map((sample) => sample.life))) {
    const own = samples.filter((sample) => sample.life === life)
    const mean = (read: (sample: Sample) => number) => own.reduce((sum, sample) => sum + read(sample), 0) / own.length
    const [meanX, meanY] = [mean(by), mean(value)]
    for (const sample of own) {
      above += (by(sample) - meanX) * (value(sample) - meanY)
      below += (by(sample) - meanX) ** 2
    }
  }
  return below === 0 ? 0 : above / below
}
