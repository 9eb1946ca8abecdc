/** How the outbox behaves with many reports waiting, measured against an empty one in the same run. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { openDatabase } from '../../src/outbox/open-database.ts'
import { createSealer } from '../../src/outbox/sealer.ts'
import { createSqliteStore } from '../../src/outbox/sqlite-store.ts'
import type { Outbox, OutboxOptions } from '../../src/outbox/outbox.ts'
import { benchReport, percentile } from '../bench/outbox.ts'

const KIND = 'health-card/reportHISData'

export type ScaleFigures = {
  waiting: number
  startMs: number
  statusMs: number
  memoryMiB: number
  enqueueMs: { empty: number; full: number }
  deliverMs: { empty: number; full: number }
}

/** Fills an outbox with `waiting` reports and compares its median times with those of an empty one, taken in turn. */
export async function measureScale(waiting: number, rounds: number): Promise<ScaleFigures> {
  const place = mkdtempSync(join(tmpdir(), 'outbox-scale-'))
  const sealer = createSealer(randomBytes(32))
  const options = (name: string): OutboxOptions => ({
    file: join(place, name),
    sealer,
    canSend: () => true,
    newRequestId: () => randomBytes(16).toString('hex'),
    send: async () => ({ kind: 'delivered' }),
  })
  try {
    fill(join(place, 'full.db'), waiting)
    const memory = await memoryOf(options('full.db'), rounds)
    const [full, empty] = [createOutbox(options('full.db')), createOutbox(options('empty.db'))]
    const enqueueMs = compare(rounds, (outbox, n) => outbox.enqueue([benchReport(n)]), empty, full)
    const askedAt = performance.now()
    for (let n = 0; n < 100; n++) full.status()
    const statusMs = (performance.now() - askedAt) / 100
    const deliverMs = { empty: await deliver(empty, rounds), full: await deliver(full, rounds) }
    await full.close(0)
    await empty.close(0)
    return { waiting, ...memory, statusMs, enqueueMs, deliverMs }
  } finally {
    rmSync(place, { recursive: true })
  }
}

// Through the store, with bytes of the right size instead of sealed ones: sealing a million would only take time.
function fill(file: string, waiting: number): void {
  const db = openDatabase(file)
  db.exec('PRAGMA synchronous = OFF')
  const store = createSqliteStore(db)
  const payload = randomBytes(620)
  const batch = 5000
  for (let done = 0; done < waiting; done += batch) {
    const rows = Array.from({ length: Math.min(batch, waiting - done) }, () => ({
      kind: KIND,
      group: randomBytes(16).toString('hex'),
      key: randomBytes(32).toString('hex'),
      seal: () => payload,
    }))
    store.insert(rows, Date.now())
  }
  store.close()
}

async function memoryOf(options: OutboxOptions, rounds: number): Promise<{ startMs: number; memoryMiB: number }> {
  const before = settledMemory()
  const startedAt = performance.now()
  const outbox = createOutbox(options)
  outbox.status()
  const startMs = performance.now() - startedAt
  for (let n = 0; n < rounds; n++) outbox.enqueue([benchReport(n)])
  outbox.reports()
  const memoryMiB = (settledMemory() - before) / 2 ** 20
  await outbox.close(0)
  return { startMs, memoryMiB }
}

function settledMemory(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

function compare(rounds: number, work: (outbox: Outbox, n: number) => unknown, empty: Outbox, full: Outbox) {
  const times = { empty: [] as number[], full: [] as number[] }
  for (let n = 0; n < rounds; n++) {
    for (const [name, outbox] of [['empty', empty], ['full', full]] as const) {
      const startedAt = performance.now()
      work(outbox, n + 1_000_000)
      times[name].push(performance.now() - startedAt)
    }
  }
  return { empty: percentile(times.empty, 0.5), full: percentile(times.full, 0.5) }
}

/** Median time from one delivery to the next: claim, send and acknowledge. */
async function deliver(outbox: Outbox, rounds: number): Promise<number> {
  const times: number[] = []
  const goal = outbox.status().pending - rounds
  let last = performance.now()
  const done = new Promise<void>((resolve) => {
    outbox.onChange((status) => {
      times.push(performance.now() - last)
      last = performance.now()
      if (status.pending <= goal) resolve()
    })
  })
  outbox.start()
  await done
  return percentile(times, 0.5)
}
