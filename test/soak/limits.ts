/** What a soak may not have: anything lost, doubled or growing. */
import type { SoakReport } from './run-soak.ts'

/** Minutes from which growth is told from noise and from caches that still fill. */
const LONG_MINUTES = 20

/** The limits on growth are wide for a short soak: the same few MB are much for each minute of half a minute. */
export function faultsOf({ minutes, lost, twice, stillWaiting, seqBack, idsChanged, slopes, samples, scans, outcomes, acknowledged }: SoakReport): string[] {
  const growth = (long: number, short: number) => (minutes >= LONG_MINUTES ? long : (short * LONG_MINUTES) / minutes)
  const limits: [name: string, value: number, most: number][] = [
    ['acknowledged reports lost', lost.length, 0],
    ['uses counted twice', twice.length, 0],
    ['reports still waiting', stillWaiting, 0],
    ['outcomes whose seq went back', seqBack, 0],
    ['repeated trades with other ids', idsChanged, 0],
    ['data on the heap, MB a minute', slopes.heapMbPerMinute, growth(0.05, 0.25)],
    ['compiled code, MB a minute', slopes.codeMbPerMinute, growth(0.1, 0.25)],
    ['resident memory, MB a minute', slopes.rssMbPerMinute, growth(1, 10)],
    ['handles a minute', slopes.handlesPerMinute, growth(0.1, 0.5)],
    ['file descriptors a minute', slopes.descriptorsPerMinute, growth(0.2, 0.5)],
    // An outcome with its events is some 2 KB, kept for 24 h.
    ['databases, MB', (samples.at(-1)?.databaseBytes ?? 0) / 1e6, 2 + scans * 0.01],
    // Both fill to their 4 MB once.
    ['write-ahead logs, MB', (samples.at(-1)?.walBytes ?? 0) / 1e6, 10],
    ...(minutes < 5 ? [] : [['database, bytes a scan', slopes.databaseBytesPerScan, 10_000] as [string, number, number]]),
  ]
  const few: [name: string, value: number, least: number][] = [
    ['outcomes', outcomes, minutes * 100],
    ['results acknowledged', acknowledged, minutes * 40],
  ]
  return [
    ...limits.filter(([, value, most]) => value > most).map(([name, value, most]) => `${name}: ${value.toFixed(2)}, at most ${most.toFixed(2)}`),
    ...few.filter(([, value, least]) => value < least).map(([name, value, least]) => `${name}: ${value}, at least ${least}`),
  ]
}
