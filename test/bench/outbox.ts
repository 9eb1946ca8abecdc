/** Durable enqueue against the floor: append and fsync of the same bytes, taken in turn on the same disk. */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { createSealer } from '../../src/outbox/sealer.ts'

export type EnqueueFigures = { rounds: number; enqueueP50Ms: number; enqueueP99Ms: number; floorP50Ms: number; floorP99Ms: number; ratio: number }

/** Measures `rounds` commits of one report each (about 600 bytes sealed); `directory` is on the disk in question. */
export async function benchEnqueue(rounds = 500, directory = tmpdir()): Promise<EnqueueFigures> {
  const place = mkdtempSync(join(directory, 'outbox-bench-'))
  const outbox = createOutbox({
    file: join(place, 'outbox.db'),
    sealer: createSealer(randomBytes(32)),
    canSend: () => false,
    newRequestId: () => '',
    send: async (_, attempt) => (attempt.begin(), { kind: 'delivered' }),
  })
  const floor = openSync(join(place, 'floor'), 'a')
  const bytes = randomBytes(600)
  const enqueued: number[] = []
  const appended: number[] = []
  try {
    for (let n = -20; n < rounds; n++) {
      const startedAt = performance.now()
      outbox.enqueue([benchReport(n)])
      const stored = performance.now()
      writeSync(floor, bytes)
      fsyncSync(floor)
      // The first rounds warm the compiler and the file system.
      if (n >= 0) {
        enqueued.push(stored - startedAt)
        appended.push(performance.now() - stored)
      }
    }
  } finally {
    closeSync(floor)
    await outbox.close(0)
    rmSync(place, { recursive: true })
  }
  return {
    rounds,
    enqueueP50Ms: percentile(enqueued, 0.5),
    enqueueP99Ms: percentile(enqueued, 0.99),
    floorP50Ms: percentile(appended, 0.5),
    floorP99Ms: percentile(appended, 0.99),
    ratio: percentile(enqueued, 0.5) / percentile(appended, 0.5),
  }
}

/** A usage report of the usual size. */
export function benchReport(n: number): { kind: string; payload: Record<string, unknown>; group: string; key: string } {
  return {
    kind: 'health-card/reportHISData',
    payload: { number: n, text: '用'.repeat(160) },
    group: `visit ${n}`,
    key: `trade ${n}`,
  }
}

export function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0
}

if (import.meta.main) console.log(JSON.stringify(await benchEnqueue()))
