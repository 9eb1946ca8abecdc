/** One suite for every store: what each call keeps and gives back. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { createMemoryStore } from '../../src/outbox/memory-store.ts'
import { openDatabase } from '../../src/outbox/open-database.ts'
import { createSqliteStore } from '../../src/outbox/sqlite-store.ts'
import type { Ending, NewRow, Store } from '../../src/outbox/store.ts'
import { claim as begin, dead, error, retry, unproven } from './attempt.ts'

const T0 = 1_800_000_000_000
const row = (kind: string, more: Partial<NewRow> = {}): NewRow => ({
  kind,
  group: null,
  key: null,
  seal: (id) => Buffer.from(`sealed for ${id}`),
  ...more,
})

const directories: string[] = []
afterEach(() => directories.splice(0).forEach((directory) => rmSync(directory, { recursive: true })))

function openSqlite(): { store: Store; reopen: () => Store } {
  const directory = mkdtempSync(join(tmpdir(), 'outbox-store-'))
  directories.push(directory)
  const open = () => createSqliteStore(openDatabase(join(directory, 'outbox.db')))
  let store = open()
  return {
    store,
    reopen() {
      store.close()
      return (store = open())
    },
  }
}
function openMemory(): { store: Store; reopen: () => Store } {
  const store = createMemoryStore()
  return { store, reopen: () => store }
}

describe.each([
  ['sqlite', openSqlite],
  ['memory', openMemory],
] as const)('%s store', (_, open) => {
  let n = 0
  const newId = () => `R${++n}`

  test('keeps rows, keys, lanes and the secret across reopening', () => {
    const { store, reopen } = open()
    const [a, b] = store.insert([row('k/a', { key: 'K' }), row('k/b')], T0)
    store.keepSecret(Buffer.from('s'))
    store.pause('k/b', { pausedAt: T0, pauseMs: 5, growth: 2, reason: error })
    const again = reopen()
    expect(again.list(10)).toMatchObject([
      { id: a, kind: 'k/a', state: 'ready', attempts: 0, requestId: null, createdAt: T0 },
      { id: b, kind: 'k/b' },
    ])
    expect(Buffer.from(again.get(a!)!.payload).toString()).toBe(`sealed for ${a}`)
    expect(again.insert([row('k/a', { key: 'K' })], T0)).toEqual([a])
    expect(Buffer.from(again.secret()!).toString()).toBe('s')
    expect(again.lanes()).toMatchObject([
      { kind: 'k/a', pending: 1, dead: 0, pauseMs: 0 },
      { kind: 'k/b', pending: 1, pauseMs: 5, growth: 2, reason: error },
    ])
    expect(again.oldestAt()).toBe(T0)
    again.close()
  })

  test('ids grow even where the clock goes back', () => {
    const { store, reopen } = open()
    const ids = [...store.insert([row('k'), row('k')], T0), ...store.insert([row('k')], T0 - 86_400_000)]
    ids.push(...reopen().insert([row('k')], 0))
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(4)
  })

  test('a claim keeps the requestId of an attempt without an answer, a crash included', () => {
    const { store, reopen } = open()
    store.insert([row('k')], T0)
    const first = begin(store, 'k', T0, newId)!
    expect(first).toMatchObject({ repeated: false, number: 1 })
    const again = reopen()
    const second = begin(again, 'k', T0, newId)!
    expect(second).toMatchObject({ requestId: first.requestId, repeated: true, number: 2 })
    again.settle(second.row.id, retry(10, false, 2), T0)
    expect(begin(again, 'k', T0, newId)).toBeUndefined()
    const third = begin(again, 'k', T0 + 10, newId)!
    expect(third).toMatchObject({ requestId: first.requestId, repeated: true })
    again.settle(third.row.id, retry(10, true, 3), T0)
    const fourth = begin(again, 'k', T0 + 20, newId)!
    expect(fourth.repeated).toBe(false)
    expect(fourth.requestId).not.toBe(first.requestId)
    again.close()
  })

  test('says when a lane’s next report is due, and never later than the longest sleep', () => {
    const { store } = open()
    expect(store.nextDue('k', T0)).toBeUndefined()
    const [id] = store.insert([row('k')], T0)
    expect(store.nextDue('k', T0)).toBe(0)
    begin(store, 'k', T0, newId)
    store.settle(id!, retry(5000), T0)
    expect(store.nextDue('k', T0)).toBe(T0 + 5000)
    expect(store.nextDue('k', T0 - 86_400_000)).toBe(0)
    expect(begin(store, 'k', T0 - 86_400_000, newId)?.row.id).toBe(id)
    store.close()
  })

  test('what sleeps and wakes keeps its place', () => {
    const { store } = open()
    const [a, b] = store.insert([row('k'), row('k')], T0)
    begin(store, 'k', T0, newId)
    store.settle(a!, retry(10), T0)
    expect(begin(store, 'k', T0, newId)!.row.id).toBe(b)
    store.settle(b!, retry(1), T0)
    expect(begin(store, 'k', T0 + 20, newId)!.row.id).toBe(a)
    store.close()
  })

  test('delivered leaves a receipt and its key, and nothing else', () => {
    const { store, reopen } = open()
    const [id] = store.insert([row('k', { key: 'K' })], T0)
    begin(store, 'k', T0, newId)
    store.settle(id!, { kind: 'delivered' }, T0 + 5)
    const again = reopen()
    expect(again.get(id!)).toBeUndefined()
    expect(again.lanes()).toMatchObject([{ pending: 0, dead: 0 }])
    expect(again.deliveredSince(T0)).toEqual({ k: 1 })
    expect(again.deliveredSince(T0 + 1000)).toEqual({})
    expect(again.insert([row('k', { key: 'K' })], T0)).toEqual([id])
    expect(again.nextDue('k', T0)).toBeUndefined()
    again.close()
  })

  test('a revived report of a group holds back the later ones', () => {
    const { store } = open()
    const [a, b, c] = store.insert([row('k', { group: 'g' }), row('k', { group: 'g' }), row('k', { group: 'g' })], T0)
    expect(store.list(9).map((each) => each.state)).toEqual(['ready', 'behind', 'behind'])
    begin(store, 'k', T0, newId)
    store.settle(a!, dead(), T0)
    expect(store.list(9).map((each) => each.state)).toEqual(['dead', 'ready', 'behind'])
    expect(store.listIn('dead', '', 9).map((each) => each.id)).toEqual([a])
    expect(store.revive(a!)).toBe(true)
    expect(store.list(9).map((each) => each.state)).toEqual(['ready', 'behind', 'behind'])
    for (const id of [a, b, c]) {
      expect(begin(store, 'k', T0, newId)!.row.id).toBe(id)
      store.settle(id!, { kind: 'delivered' }, T0)
    }
    expect(store.lanes()).toMatchObject([{ pending: 0, dead: 0 }])
    store.close()
  })

  test('a dead report is erased on a word, and neither its number nor its key comes back', () => {
    const { store, reopen } = open()
    const [a, b] = store.insert([row('k', { key: 'K' }), row('k', { group: 'g' })], T0)
    expect(store.removeDead(a!)).toBe(false)
    begin(store, 'k', T0, newId)
    store.settle(a!, dead(), T0)
    begin(store, 'k', T0, newId)
    store.settle(b!, dead(), T0)
    expect([store.removeDead(b!), store.removeDead(b!), store.removeDead(a!), store.removeDead('nobody')]).toEqual([true, false, true, false])
    const again = reopen()
    expect(again.list(9)).toEqual([])
    expect(again.lanes()).toMatchObject([{ pending: 0, dead: 0 }])
    expect(again.deliveredSince(0)).toEqual({})
    expect(again.insert([row('k', { key: 'K' })], T0)).toEqual([a])
    const [c] = again.insert([row('k')], T0 - 86_400_000)
    expect(c! > b!).toBe(true)
    again.close()
  })

  test('reports that never left are amended: replaced, erased with their keys, and others stored, in one commit', () => {
    const { store, reopen } = open()
    const [a, b, c] = store.insert([row('k', { key: 'A', group: 'g' }), row('m', { key: 'B' }), row('k', { group: 'g' })], T0)
    expect(store.get(a!)).toMatchObject({ sent: false })
    const [d] = store.amend({ replace: [{ id: c!, payload: Buffer.from('other') }], remove: [a!, b!], insert: [row('m', { key: 'B' })] }, T0)
    const again = reopen()
    expect(again.list(9).map(({ id, state }) => [id, state])).toEqual([[c, 'ready'], [d, 'ready']])
    expect(Buffer.from(again.get(c!)!.payload).toString()).toBe('other')
    expect([a, b, c]).not.toContain(d)
    expect(again.lanes()).toMatchObject([{ kind: 'k', pending: 1 }, { kind: 'm', pending: 1 }])
    expect(again.insert([row('m', { key: 'B' })], T0)).toEqual([d])
    expect(again.insert([row('k', { key: 'A' })], T0)).not.toEqual([a])
    begin(again, 'k', T0, newId)
    expect(again.get(c!)).toMatchObject({ sent: true })
    again.close()
  })

  test('old receipts and keys are forgotten, a few at a time; what waits and what is newer stays', () => {
    const { store, reopen } = open()
    const days = 86_400_000
    const deliver = (kind: string, key: string, at: number) => {
      const [id] = store.insert([row(kind, { key })], at)
      begin(store, kind, at, newId)
      store.settle(id!, { kind: 'delivered' }, at)
      return id!
    }
    const [waiting] = store.insert([row('k/waits', { key: 'W' })], T0)
    const old = Array.from({ length: 7 }, (_, n) => deliver('k', `old ${n}`, T0 + n))
    const fresh = deliver('k', 'fresh', T0 + 10 * days)
    let turns = 0
    while (store.forget(T0 + 5 * days, 2)) turns++
    expect(turns).toBeLessThan(20)
    const again = reopen()
    expect(again.deliveredSince(0)).toEqual({ k: 1 })
    const ask = (key: string) => again.insert([row('k', { key })], T0 + 11 * days)[0]
    expect([ask('fresh'), ask('W')]).toEqual([fresh, waiting])
    expect(old).not.toContain(ask('old 0'))
    again.forget(T0 + 100 * days, 99)
    expect(again.deliveredSince(0)).toEqual({})
    const last = again.list(99).at(-1)!.id
    expect(reopen().insert([row('k')], 0)[0]! > last).toBe(true)
  })

  test('payloads are sealed anew in order, a few at a time', () => {
    const { store } = open()
    store.insert(Array.from({ length: 5 }, () => row('k')), T0)
    const visits: number[] = []
    for (let after: string | undefined = ''; after !== undefined; ) {
      let count = 0
      after = store.resealAfter(after, 2, () => (count++, Buffer.from('new')))
      visits.push(count)
    }
    expect(visits).toEqual([2, 2, 1, 0])
    expect(store.list(9).every((each) => Buffer.from(each.payload).toString() === 'new')).toBe(true)
    store.close()
  })
})

test('the two stores agree on any sequence of calls', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('insert' as const), kind: fc.constantFrom('a', 'b'), group: fc.constantFrom(null, 'g', 'h'), key: fc.constantFrom(null, 'x', 'y') }),
    fc.record({
      do: fc.constant('attempt' as const),
      kind: fc.constantFrom('a', 'b'),
      end: fc.constantFrom<Ending | undefined>(
        undefined,
        { kind: 'delivered' },
        retry(50),
        retry(5000, false),
        dead(false),
        { kind: 'pause', open: null, attempts: 1, sent: true, pause: { pausedAt: T0, pauseMs: 9, growth: 3, reason: error }, error },
        unproven('n'),
      ),
    }),
    fc.record({ do: fc.constant('revive' as const), at: fc.nat(9) }),
    fc.record({ do: fc.constant('remove' as const), at: fc.nat(9) }),
    fc.record({ do: fc.constant('settle' as const), at: fc.nat(9) }),
    fc.record({ do: fc.constant('forget' as const) }),
    fc.record({ do: fc.constant('clock' as const), by: fc.constantFrom(10, 1000, -20_000) }),
    fc.record({ do: fc.constant('reopen' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const sides = [openSqlite(), openMemory()].map((side) => ({ ...side, ids: [] as string[], requests: 0 }))
      const seen = sides.map((side) => {
        let clock = T0
        const log: unknown[] = []
        const place = (id: string) => side.ids.indexOf(id)
        for (const each of steps) {
          if (each.do === 'clock') clock += each.by
          else if (each.do === 'reopen') side.store = side.reopen()
          else if (each.do === 'insert') {
            const [id] = side.store.insert([row(each.kind, each)], clock)
            if (place(id!) < 0) side.ids.push(id!)
            log.push(place(id!))
          } else if (each.do === 'remove') log.push(side.store.removeDead(side.ids[each.at] ?? ''))
          else if (each.do === 'settle') side.store.settle(side.ids[each.at] ?? '', { kind: 'delivered' }, clock)
          else if (each.do === 'forget') while (side.store.forget(clock - 500, 1));
          else if (each.do === 'revive') log.push(side.store.revive(side.ids[each.at] ?? ''))
          else {
            const claim = begin(side.store, each.kind, clock, () => `R${++side.requests}`)
            log.push(claim && [place(claim.row.id), claim.requestId, claim.repeated, claim.number])
            if (claim && each.end) side.store.settle(claim.row.id, each.end, clock)
          }
          log.push(['a', 'b'].map((kind) => [side.store.nextDue(kind, clock), side.store.unproven(kind, 2).map(({ id }) => place(id))]))
        }
        log.push(side.store.list(99).map((r) => [place(r.id), r.kind, r.state, r.due, r.attempts, r.requestId, r.open?.note, r.error?.code]))
        log.push(side.store.lanes().filter((lane) => lane.pending + lane.dead + lane.unproven + lane.pauseMs > 0).toSorted((a, b) => (a.kind < b.kind ? -1 : 1)))
        side.store.close()
        return log
      })
      expect(seen[0]).toEqual(seen[1])
    }),
    { numRuns: 60, interruptAfterTimeLimit: 20_000 },
  )
}, 30_000)
