import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createNumbering } from '../../src/agent/numbering.ts'
import { openStateDatabase } from '../../src/agent/state-database.ts'
import { openStateStore } from '../../src/agent/state-store.ts'
import type { StoredOutcome } from '../../src/agent/stored.ts'
import { createSealer } from '../../src/outbox/sealer.ts'

const KEY = new Uint8Array(32).fill(7)
const NAME = '欧阳测试'

function outcome(id: string): StoredOutcome {
  return {
    outcome: {
      id,
      seq: 0,
      scannedAt: '2026-11-22T00:00:00.000Z',
      elapsedMs: 1,
      source: { device: 'serial:x', kind: 'serial' },
      code: { format: 'ankang' },
      status: 'accepted',
      patient: { name: NAME, idNumber: '34010119850612004X' },
      targets: [],
      failures: [],
      reports: [],
    },
    kept: { codeText: 'https://akm.example/secret-code', countedSteps: [] },
  }
}

function place() {
  const directory = mkdtempSync(join(tmpdir(), 'maqiao-state-'))
  const file = join(directory, 'state.db')
  return { directory, file, open: (key = KEY) => openStateStore({ file, sealer: createSealer(key) }) }
}

describe('state store', () => {
  test('numbers go on after a clean restart and never back after a crash', () => {
    const { open } = place()
    const first = open().store
    expect(first.putOutcome(outcome('a'), 1).outcome.seq).toBe(1)
    expect(first.putOutcome(outcome('b'), 2).outcome.seq).toBe(2)
    first.close()
    const second = open().store
    expect(second.putOutcome(outcome('c'), 3).outcome.seq).toBe(3)
    // No close: as after kill -9.
    const third = open().store
    const { seq } = third.putOutcome(outcome('d'), 4).outcome
    expect(seq).toBeGreaterThan(3)
    expect(third.outcomesAfter(0, 10, 0).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
    third.close()
    second.close()
  })

  test('an outcome chosen later is listed again under a new number, once', () => {
    const { store } = place().open()
    const stored = store.putOutcome(outcome('a'), 1)
    store.putOutcome(outcome('b'), 2)
    store.putOutcome(stored, 3)
    expect(store.outcomesAfter(0, 10, 0).map(({ id, seq }) => [id, seq])).toEqual([['b', 2], ['a', 3]])
    store.close()
  })

  test('tells expired from unknown, and erases what expired', () => {
    const { store, } = place().open()
    store.putOutcome(outcome('a'), 1000)
    expect(store.outcome('a', 2000)).toBe('expired')
    store.expire(2000)
    expect(store.outcome('a', 0)).toBe('expired')
    expect(store.outcome('nobody', 0)).toBe('unknown')
    expect(store.outcomesAfter(0, 10, 0)).toEqual([])
    store.close()
  })

  test('keeps nothing readable on disk', () => {
    const { directory, open } = place()
    const { store } = open()
    store.putOutcome(outcome('a'), 1)
    store.putResult('a', 'TRADE-0001', ['r1'], 1)
    store.close()
    for (const file of readdirSync(directory)) {
      const bytes = readFileSync(join(directory, file))
      for (const secret of [NAME, '34010119850612004X', 'secret-code', 'TRADE-0001']) expect(bytes.includes(secret), `${secret} in ${file}`).toBe(false)
    }
  })

  test('a platform’s note is sealed, outlives a restart and a new key, and is gone under a lost one', async () => {
    const { open, file } = place()
    const { store } = open()
    expect(store.note('quanzhou')).toBeUndefined()
    store.putNote('quanzhou', 'first')
    store.putNote('quanzhou', NAME)
    await store.rekey(createSealer(new Uint8Array(32).fill(8), [KEY]))
    store.close()
    for (const suffix of ['', '-wal']) expect(existsSync(file + suffix) && readFileSync(file + suffix).includes(NAME)).toBe(false)
    const next = open(new Uint8Array(32).fill(8)).store
    expect([next.note('quanzhou'), next.note('ankang')]).toEqual([NAME, undefined])
    next.close()
    expect(open(KEY).store.note('quanzhou')).toBeUndefined()
  })

  test('the same trade leads to the same reports', () => {
    const { store } = place().open()
    expect(store.resultOf('a', 'T1')).toBeUndefined()
    store.putResult('a', 'T1', ['r1', 'r2'], 1)
    expect(store.resultOf('a', 'T1')).toEqual(['r1', 'r2'])
    store.putResult('a', 'T1', ['r3'], 2) // a correction takes its place
    expect(store.resultOf('a', 'T1')).toEqual(['r3'])
    expect(store.resultOf('b', 'T1')).toBeUndefined()
    store.close()
  })

  test('a damaged file is set aside and a new one begun', () => {
    const { file, directory, open } = place()
    const before = open().store
    const { seq } = before.putOutcome(outcome('a'), 1).outcome
    before.close()
    writeFileSync(file, Buffer.alloc(8192, 'rubbish'))
    const { store, setAside } = open()
    expect(setAside).toContain('.damaged-')
    expect(readdirSync(directory).some((name) => name.includes('.damaged-'))).toBe(true)
    expect(store.putOutcome(outcome('b'), 1).outcome.seq).toBeGreaterThan(seq)
    store.close()
  })

  test('outcomes under a lost key are gone, not a crash', () => {
    const { open } = place()
    const first = open().store
    first.putOutcome(outcome('a'), 1)
    first.close()
    const { store } = open(new Uint8Array(32).fill(9))
    expect(store.outcome('a', 0)).toBe('expired')
    expect(store.outcomesAfter(0, 10, 0)).toEqual([])
    store.close()
  })
})

describe('a disk that takes nothing', () => {
  test.skipIf(process.getuid?.() !== 0)('(needs root, for a small disk) numbers, outcomes and events go on in memory and are written when there is room', () => {
    const directory = mkdtempSync(join(tmpdir(), 'maqiao-full-'))
    const disk = join(directory, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', disk])
    try {
      const { store } = openStateStore({ file: join(disk, 'state.db'), sealer: createSealer(KEY) })
      const first = store.putOutcome(outcome('a'), 1).outcome.seq
      writeFileSync(join(disk, 'filler'), '')
      try {
        for (;;) appendFileSync(join(disk, 'filler'), Buffer.alloc(512))
      } catch {
        // full now
      }
      const seqs = Array.from({ length: 300 }, (_, index) => store.putOutcome(outcome(`b${index}`), 2).outcome.seq)
      const events = Array.from({ length: 300 }, () => store.putEvent('device', 2, { state: 'open' }).seq)
      expect(store.isUnstored()).toBe(true)
      expect(store.putNote('quanzhou', 'x'.repeat(5000))).toBe(false)
      expect(seqs).toEqual(Array.from({ length: 300 }, (_, index) => first + 1 + index))
      expect(store.outcome('b299', 0)).toMatchObject({ outcome: { seq: seqs.at(-1) } })
      expect(store.outcomesAfter(first, 1000, 0)).toHaveLength(300)
      expect(store.eventsAfter(0, 1000).map(({ seq }) => seq)).toEqual(events)

      rmSync(join(disk, 'filler'))
      execFileSync('mount', ['-o', 'remount,size=64m', disk])
      store.expire(0)
      expect(store.isUnstored()).toBe(false)
      store.close()
      const again = openStateStore({ file: join(disk, 'state.db'), sealer: createSealer(KEY) }).store
      expect(again.outcomesAfter(first, 1000, 0).map(({ seq }) => seq)).toEqual(seqs)
      expect(again.putOutcome(outcome('c'), 3).outcome.seq).toBeGreaterThan(seqs.at(-1)!)
      again.close()
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  })
})

test('everything is sealed anew under another key, and read under it alone', async () => {
  const [first, second] = [new Uint8Array(32).fill(21), new Uint8Array(32).fill(22)]
  const file = join(mkdtempSync(join(tmpdir(), 'maqiao-rekey-')), 'state.db')
  const digest = createSealer(first).digest
  const { store } = openStateStore({ file, sealer: createSealer(first), digest })
  for (let index = 0; index < 120; index++) store.putOutcome(outcome(`k${index}`), 1)
  expect(store.putNote('quanzhou', 'a transaction whose ending is unknown')).toBe(true)
  store.putResult('k1', 'T1', ['r1'], 1)
  await store.rekey(createSealer(second, [first]))
  store.close()
  const { store: again } = openStateStore({ file, sealer: createSealer(second), digest })
  expect(again.outcomesAfter(0, 500, 0)).toHaveLength(120)
  expect(again.note('quanzhou')).toBe('a transaction whose ending is unknown')
  expect(again.resultOf('k1', 'T1')).toEqual(['r1'])
  again.close()
})

test('numbers never go back where a disk without room at the start has room later, and the power goes', () => {
  const { sql, tryStore, close } = openStateDatabase(place().file)
  let hasRoom = true
  const begin = () => createNumbering({ name: 'outcome', floor: 0, sql, tryStore: (work) => hasRoom && tryStore(work) })
  const first = begin()
  expect([first.next(), first.next()]).toEqual([1, 2])
  first.close()
  hasRoom = false
  const second = begin()
  hasRoom = true
  const given = [second.next(), second.next()].at(-1)!
  // No close: as after kill -9.
  expect(begin().next()).toBeGreaterThan(given)
  close()
})

test('numbers do not go back after any count of them and an abrupt end', () => {
  const { sql, tryStore, close } = openStateDatabase(place().file)
  const begin = () => createNumbering({ name: 'event', floor: 0, sql, tryStore })
  const first = begin()
  // More than two blocks.
  let given = 0
  for (let count = 0; count < 2500; count++) given = first.next()
  // No close: as after kill -9.
  expect(begin().next()).toBeGreaterThan(given)
  close()
})
