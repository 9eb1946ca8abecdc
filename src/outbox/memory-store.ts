/** The store without a disk, in the spirit of the one in earnest: for tests of what stands on it. */
import { countOf } from './lane-counts.ts'
import { firstRowNumber, nextRowNumber, rowId } from './row-id.ts'
import { afterDelivery, type Lane, type NewRow, type Row, type Store } from './store.ts'

type Kept = Row & { group: string | null }

export function createMemoryStore(): Store {
  const rows = new Map<string, Kept>()
  const keys = new Map<string, string>()
  const lanes = new Map<string, Lane & { longestSleep: number }>()
  let receipts: { id: string; kind: string; createdAt: number }[] = []
  let last = 0
  let held = ''
  let secret: Uint8Array | undefined

  function laneOf(kind: string) {
    let lane = lanes.get(kind)
    if (!lane) {
      lane = { kind, pending: 0, dead: 0, unproven: 0, pausedAt: 0, pauseMs: 0, growth: 0, reason: null, longestSleep: 0 }
      lanes.set(kind, lane)
    }
    return lane
  }
  const isAlive = (row: Row) => countOf(row.state) === 'pending'
  const inOrder = () => [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const ofGroup = (group: string | null) => inOrder().filter((row) => group !== null && row.group === group && isAlive(row))
  const hasEarlier = (row: Kept) => ofGroup(row.group).some((other) => other.id < row.id)
  const publicRow = ({ group: _, ...row }: Kept): Row => ({ ...row })
  const letNextGo = (gone: Kept) => {
    const next = ofGroup(gone.group).find((row) => row.id > gone.id)
    if (next?.state === 'behind') next.state = 'ready'
  }

  function insert(added: readonly NewRow[], now: number): string[] {
    // All or none: whatever cannot be sealed is found out before anything is kept.
    for (const row of added) row.seal('')
    return added.map((row) => {
      const known = row.key === null ? undefined : keys.get(row.key)
      if (known !== undefined) return known
      last = nextRowNumber(last, now)
      const id = rowId(last)
      const state = ofGroup(row.group).length > 0 ? 'behind' : 'ready'
      const { kind, group } = row
      rows.set(id, { id, kind, group, state, due: 0, attempts: 0, requestId: null, open: null, sent: false, error: null, createdAt: now, payload: row.seal(id) })
      if (row.key !== null) keys.set(row.key, id)
      laneOf(kind).pending++
      return id
    })
  }

  return {
    insert,
    amend({ replace, remove, insert: added }, now) {
      for (const row of added) row.seal('')
      for (const { id, payload } of replace) rows.get(id)!.payload = payload
      for (const id of remove) {
        const row = rows.get(id)
        if (!row) continue
        rows.delete(id)
        for (const [key, of] of keys) if (of === id) keys.delete(key)
        laneOf(row.kind)[countOf(row.state)]--
        letNextGo(row)
      }
      return insert(added, now)
    },
    claim(kind, now, only) {
      const lane = laneOf(kind)
      const mine = inOrder().filter((row) => row.kind === kind && isAlive(row))
      for (const row of mine) {
        if (row.state === 'asleep' && (row.due <= now || row.due > now + lane.longestSleep)) Object.assign(row, { state: 'ready', due: 0 })
      }
      const row = mine.find((each) => each.state === 'ready' && (only === undefined ? each.id > held : each.id === only))
      return row && publicRow(row)
    },
    begin: (id, attempt) => void Object.assign(rows.get(id) ?? {}, structuredClone(attempt), { sent: true }),
    nextDue(kind, now) {
      const lane = laneOf(kind)
      const mine = inOrder().filter((row) => row.kind === kind)
      if (mine.some((row) => row.state === 'ready' && row.id > held)) return 0
      const dues = mine.filter((row) => row.state === 'asleep').map((row) => row.due)
      if (dues.length === 0) return undefined
      return Math.max(...dues) > now + lane.longestSleep ? 0 : Math.min(...dues)
    },
    settle(id, ending, now) {
      const row = rows.get(id)
      if (!row || row.state === 'dead' || (row.state === 'unproven' && ending.kind !== 'delivered')) return
      const lane = laneOf(row.kind)
      if (ending.kind !== 'delivered') {
        const { error, open, attempts, sent } = ending
        Object.assign(row, { error, open: structuredClone(open), attempts, sent, requestId: open && row.requestId })
      }
      switch (ending.kind) {
        case 'delivered':
          rows.delete(id)
          receipts.push({ id, kind: row.kind, createdAt: row.createdAt })
          lane[countOf(row.state)]--
          if (row.state === 'unproven') return
          Object.assign(lane, afterDelivery(lane, now))
          return letNextGo(row)
        case 'dead':
        case 'unproven':
          row.state = ending.kind
          lane.pending--
          lane[ending.kind]++
          return letNextGo(row)
        case 'pause':
          row.state = 'ready'
          return void Object.assign(lane, ending.pause)
        case 'retry':
          lane.longestSleep = Math.max(lane.longestSleep, ending.sleepMs)
          return void Object.assign(row, hasEarlier(row) ? { state: 'behind', due: 0 } : { state: 'asleep', due: now + ending.sleepMs })
      }
    },
    lanes: () => [...lanes.values()].map(({ longestSleep: _, ...lane }) => lane),
    pause: (kind, pause) => void Object.assign(laneOf(kind), pause),
    get(id) {
      const row = rows.get(id)
      return row && publicRow(row)
    },
    list: (limit) => inOrder().slice(0, limit).map(publicRow),
    listIn: (state, after, limit) => inOrder().filter((row) => row.state === state && row.id > after).slice(0, limit).map(publicRow),
    unproven: (kind, limit) => inOrder().filter((row) => row.state === 'unproven' && row.kind === kind).reverse().slice(0, limit).map(publicRow),
    oldestAt: () => inOrder().find(isAlive)?.createdAt,
    revive(id) {
      const row = rows.get(id)
      if (!row) return false
      const behind = hasEarlier(row)
      const from = countOf(row.state)
      if (from === 'pending' && behind) return true
      laneOf(row.kind)[from]--
      laneOf(row.kind).pending++
      if (from === 'unproven') Object.assign(row, { requestId: null, open: null })
      Object.assign(row, { state: behind ? 'behind' : 'ready', due: 0 })
      for (const later of ofGroup(row.group)) if (later.id > id) Object.assign(later, { state: 'behind', due: 0 })
      return true
    },
    replacePayload(id, payload) {
      const row = rows.get(id)
      if (row) row.payload = payload
    },
    resealAfter(after, limit, reseal) {
      const some = inOrder().filter((row) => row.id > after).slice(0, limit)
      for (const row of some) rows.get(row.id)!.payload = reseal(publicRow(row))
      return some.at(-1)?.id
    },
    hold: () => void (held = rowId(last)),
    release: () => void (held = ''),
    heldUpTo: () => held,
    heldCount: () => inOrder().filter((row) => row.id <= held && row.state !== 'dead').length,
    hasGivenOut: (id) => id <= rowId(last),
    removeDead(id) {
      const row = rows.get(id)
      if (row?.state !== 'dead') return false
      laneOf(row.kind).dead--
      return rows.delete(id)
    },
    forget(before) {
      const first = rowId(firstRowNumber(before))
      receipts = receipts.filter(({ id }) => id >= first)
      for (const [key, id] of keys) if (id < first && !rows.has(id)) keys.delete(key)
      return false
    },
    deliveredSince(since) {
      const counts: Record<string, number> = {}
      for (const { kind, createdAt } of receipts) if (createdAt >= since) counts[kind] = (counts[kind] ?? 0) + 1
      return counts
    },
    secret: () => secret,
    keepSecret: (sealed) => void (secret = sealed),
    probe() {},
    tidy() {},
    close() {},
  }
}
