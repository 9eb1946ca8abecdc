/** How the outbox behaves with many reports waiting, measured against an empty one in the same run. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { openDatabase } from '../../src/outbox/open-database.ts'
import { createSealer } from '../../src/outbox/sealer.ts'
import { createSqliteStore } from '../../src/outbox/sqlite-store.ts'
import type { Outbox, OutboxOptions, Sealer } from '../../src/outbox/outbox.ts'
import type { Store } from '../../src/outbox/store.ts'
import { benchReport, percentile } from '../bench/outbox.ts'
import { claim } from './attempt.ts'

const KIND = 'health-card/reportHISData'

export type ScaleFigures = {
  waiting: number
  startMs: number
  statusMs: number
  /** Resident memory above that of an empty outbox after the same work. */
  memoryMiB: number
  enqueueMs: { empty: number; full: number }
  deliverMs: { empty: number; full: number }
}

/** Fills an outbox with `waiting` reports and compares its median times with those of an empty one, taken in turn. */
export async function measureScale(waiting: number, rounds: number): Promise<ScaleFigures> {
  const place = mkdtempSync(join(tmpdir(), 'outbox-scale-'))
  const sealer = createSealer(Buffer.alloc(32, 1))
  const options = (name: string): OutboxOptions => ({
    file: join(place, name),
    sealer,
    canSend: () => true,
    newRequestId: () => randomBytes(16).toString('hex'),
    send: async (_, attempt) => (attempt.begin(), { kind: 'delivered' }),
  })
  try {
    fill(join(place, 'full.db'), waiting, sealer)
    const alone = inOwnProcess(join(place, 'full.db'), rounds)
    const memoryMiB = (alone.rss - inOwnProcess(join(place, 'empty.db'), rounds).rss) / 2 ** 20
    const [full, empty] = [createOutbox(options('full.db')), createOutbox(options('empty.db'))]
    const enqueueMs = compare<Outbox>(rounds, (outbox, n) => outbox.enqueue([benchReport(n)]), empty, full)
    const askedAt = performance.now()
    for (let n = 0; n < 100; n++) full.status()
    const statusMs = (performance.now() - askedAt) / 100
    await full.close(0)
    await empty.close(0)
    const stores = ['empty.db', 'full.db'].map((name) => createSqliteStore(openDatabase(join(place, name))))
    const deliverMs = compare(rounds, claimAndAcknowledge, stores[0]!, stores[1]!)
    for (const store of stores) store.close()
    return { waiting, startMs: alone.startMs, memoryMiB, statusMs, enqueueMs, deliverMs }
  } finally {
    rmSync(place, { recursive: true })
  }
}

/** Oldest reports that are sealed in earnest: more than are ever delivered here. */
const SEALED = 10_000

// Through the store; behind those that will be sent stand bytes of the right size, since sealing a million would only take time.
function fill(file: string, waiting: number, sealer: Sealer): void {
  const db = openDatabase(file)
  db.exec('PRAGMA synchronous = OFF')
  const store = createSqliteStore(db)
  const payload = randomBytes(620)
  const batch = 5000
  for (let done = 0; done < waiting; done += batch) {
    const seal = (id: string) =>
      done < SEALED ? sealer.seal(Buffer.from(JSON.stringify(benchReport(0).payload)), `report ${id} ${KIND}`) : payload
    const rows = Array.from({ length: Math.min(batch, waiting - done) }, () => ({
      kind: KIND,
      group: randomBytes(16).toString('hex'),
      key: randomBytes(32).toString('hex'),
      seal,
    }))
    store.insert(rows, Date.now())
  }
  store.close()
}

// Each in a process of its own, so that nothing of this one is counted.
function inOwnProcess(file: string, rounds: number): { startMs: number; rss: number } {
  const child = join(import.meta.dirname, 'scale-child.ts')
  const output = execFileSync(process.execPath, ['--expose-gc', child, file, String(rounds)], { encoding: 'utf8' })
  return JSON.parse(output) as { startMs: number; rss: number }
}

function claimAndAcknowledge(store: Store): void {
  const claimed = claim(store, KIND, Date.now(), () => 'R')
  if (!claimed) throw new Error('nothing to send')
  store.settle(claimed.row.id, { kind: 'delivered' }, Date.now())
}

function compare<T>(rounds: number, work: (subject: T, n: number) => unknown, empty: T, full: T) {
  const times = { empty: [] as number[], full: [] as number[] }
  for (let n = 0; n < rounds; n++) {
    for (const [name, subject] of [['empty', empty], ['full', full]] as const) {
      const startedAt = performance.now()
      work(subject, n + 1_000_000)
      times[name].push(performance.now() - startedAt)
    }
  }
  return { empty: percentile(times.empty, 0.5), full: percentile(times.full, 0.5) }
}
