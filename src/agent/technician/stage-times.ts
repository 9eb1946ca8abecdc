/** How long each stage of the last scans took: a ring of numbers, so that measuring costs a scan nothing. */

const STAGES = {
  /** First byte to last. */
  read: '读码',
  /** Last byte to the text: the quiet time that ends a code without a terminator. */
  frame: '成帧',
  recognise: '识别',
  platform: '平台',
  store: '存储',
  publish: '发布',
  total: '合计',
} as const satisfies Record<string, string>
export type Stage = keyof typeof STAGES

const NAMES = Object.keys(STAGES) as Stage[]
const KEPT_SCANS = 500
/** A device that was silent for this long begins a new code, ms. */
const SILENCE_MS = 1000
/** Upper edges of the histogram, ms; what is above the last is in one more bucket. */
const EDGES_MS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] as const

export type StageHistogram = {
  stage: Stage
  title: string
  count: number
  p50Ms: number | null
  p90Ms: number | null
  p99Ms: number | null
  maxMs: number | null
  buckets: { fromMs: number; toMs: number | null; count: number }[]
}

/** The stopwatch of one scan. */
export type ScanTimes = {
  /** Ends a stage that began when the one before ended. */
  lap(stage: Stage): void
  /** Keeps what was measured. */
  end(): void
}

export type StageTimes = {
  /** Some bytes came from a device. */
  onBytes(device: string): void
  begin(device: string): ScanTimes
  histograms(): { scans: number; stages: StageHistogram[] }
}

/** @param clock ms, never going back */
export function createStageTimes(clock: () => number = () => performance.now()): StageTimes {
  const ring = new Float64Array(KEPT_SCANS * NAMES.length).fill(NaN)
  const reading = new Map<string, { first: number; last: number }>()
  let scans = 0

  return {
    onBytes(device) {
      const at = clock()
      const current = reading.get(device)
      if (current && at - current.last < SILENCE_MS) current.last = at
      else reading.set(device, { first: at, last: at })
    },
    begin(device) {
      const begun = clock()
      const bytes = reading.get(device)
      reading.delete(device)
      const row = new Float64Array(NAMES.length).fill(NaN)
      const put = (stage: Stage, ms: number) => void (row[NAMES.indexOf(stage)] = ms)
      if (bytes) {
        put('read', bytes.last - bytes.first)
        put('frame', begun - bytes.last)
      }
      let lapAt = begun
      return {
        lap(stage) {
          const at = clock()
          put(stage, at - lapAt)
          lapAt = at
        },
        end() {
          put('total', clock() - (bytes?.first ?? begun))
          ring.set(row, (scans % KEPT_SCANS) * NAMES.length)
          scans++
        },
      }
    },
    histograms() {
      const kept = Math.min(scans, KEPT_SCANS)
      return { scans: kept, stages: NAMES.map((stage, column) => histogram(stage, columnOf(column, kept))) }
    },
  }

  function columnOf(column: number, rows: number): number[] {
    const values: number[] = []
    for (let row = 0; row < rows; row++) {
      const value = ring[row * NAMES.length + column]!
      if (!Number.isNaN(value)) values.push(value)
    }
    return values.sort((a, b) => a - b)
  }
}

/** @param sorted ascending */
function histogram(stage: Stage, sorted: readonly number[]): StageHistogram {
  const quantile = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))])
  const buckets = [...EDGES_MS, Infinity].map((toMs, index) => {
    const fromMs = EDGES_MS[index - 1] ?? 0
    return {
      fromMs,
      toMs: Number.isFinite(toMs) ? toMs : null,
      count: sorted.filter((ms) => ms >= fromMs && ms < toMs).length,
    }
  })
  return {
    stage,
    title: STAGES[stage],
    count: sorted.length,
    p50Ms: quantile(0.5),
    p90Ms: quantile(0.9),
    p99Ms: quantile(0.99),
    maxMs: round(sorted.at(-1)),
    buckets,
  }
}

function round(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1000) / 1000
}
