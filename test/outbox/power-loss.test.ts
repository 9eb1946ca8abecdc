/** Loss of power: what is on disk is cut at every page and frame, and each cut opens with what was acknowledged before it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/outbox/open-database.ts'
import { createSqliteStore } from '../../src/outbox/sqlite-store.ts'
import type { Store } from '../../src/outbox/store.ts'
import { claim, retry } from './attempt.ts'

const PAGE = 4096
const WAL_HEADER = 32
const FRAME = PAGE + 24

/** A recorded run: the files at its end, and what was in the store after each commit with the frames written by then. */
let run: { before: Buffer; log: Buffer; after: Buffer; commits: { frames: number; state: string }[] }
let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'outbox-power-'))
  const file = join(directory, 'recorded.db')
  const db = openDatabase(file)
  const store = createSqliteStore(db)
  const payload = (n: number) => Buffer.alloc(n % 7 === 0 ? 9000 : 500, n)
  const commits: { frames: number; state: string }[] = []
  const note = () => commits.push({ frames: framesIn(readFileSync(`${file}-wal`)), state: stateOf(store) })
  for (let n = 0; n < 40; n++) {
    store.insert([{ kind: `k${n % 2}`, group: n % 3 === 0 ? 'g' : null, key: `key ${n}`, seal: () => payload(n) }], 1_800_000_000_000 + n)
    note()
    if (n % 2 === 0) continue
    const claimed = claim(store, 'k0', 1_900_000_000_000, () => `R${n}`)
    note()
    if (!claimed) continue
    const ending = n % 5 === 0 ? retry(5, false) : { kind: 'delivered' as const }
    store.settle(claimed.row.id, ending, 1_900_000_000_000)
    note()
  }
  const before = readFileSync(file)
  const log = readFileSync(`${file}-wal`)
  db.exec('PRAGMA wal_checkpoint(FULL)')
  const after = readFileSync(file)
  store.close()
  run = { before, log, after, commits }
})
afterAll(() => rmSync(directory, { recursive: true }))

function framesIn(log: Buffer): number {
  const salt = log.subarray(16, 24)
  let count = 0
  while (WAL_HEADER + (count + 1) * FRAME <= log.length) {
    const at = WAL_HEADER + count * FRAME
    if (!log.subarray(at + 8, at + 16).equals(salt)) break
    count++
  }
  return count
}

function stateOf(store: Store): string {
  return JSON.stringify(store.list(1000).map((row) => [row.id, row.state, row.attempts, row.requestId, row.payload.length]))
}

function openCopy(database: Buffer, log: Buffer): string {
  const file = join(directory, 'copy.db')
  rmSync(`${file}-wal`, { force: true })
  writeFileSync(file, database)
  writeFileSync(`${file}-wal`, log)
  const store = createSqliteStore(openDatabase(file))
  try {
    return stateOf(store)
  } finally {
    store.close()
  }
}

const acknowledgedBy = (frames: number) => run.commits.findLast((commit) => commit.frames <= frames)?.state ?? '[]'

test('the log cut after every frame holds exactly what was acknowledged by then', () => {
  const total = framesIn(run.log)
  expect(total).toBeGreaterThan(200)
  for (let frames = 0; frames <= total; frames++) {
    const cut = run.log.subarray(0, WAL_HEADER + frames * FRAME)
    expect(openCopy(run.before, cut), `cut after ${frames} frames`).toBe(acknowledgedBy(frames))
  }
}, 60_000)

test('the log torn in the middle of a frame, with zeros or noise behind, holds what was acknowledged before it', () => {
  const total = framesIn(run.log)
  for (let frames = 0; frames < total; frames += 3) {
    const torn = Buffer.from(run.log)
    torn.fill(frames % 2 === 0 ? 0 : 0xa5, WAL_HEADER + frames * FRAME + 700)
    // Where a page ends in the very bytes that were put there, its frame is whole all the same.
    const end = WAL_HEADER + (frames + 1) * FRAME
    const whole = torn.subarray(0, end).equals(run.log.subarray(0, end))
    expect(openCopy(run.before, torn), `torn in frame ${frames}`).toBe(acknowledgedBy(frames + (whole ? 1 : 0)))
  }
}, 60_000)

test('the database cut or half written at every page while its log is moved into it loses nothing', () => {
  const all = run.commits.at(-1)!.state
  for (let pages = 1; pages <= run.after.length / PAGE; pages++) {
    const half = Buffer.concat([run.after.subarray(0, pages * PAGE), run.before.subarray(pages * PAGE)])
    expect(openCopy(half, run.log), `${pages} pages written`).toBe(all)
    // Its length before was on disk already.
    if (pages * PAGE < run.before.length) continue
    expect(openCopy(run.after.subarray(0, pages * PAGE), run.log), `cut after ${pages} pages`).toBe(all)
  }
}, 60_000)
