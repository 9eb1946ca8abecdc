/** The store on node:sqlite. Counts are kept in memory: nobody else writes to the file. */
import type { DatabaseSync } from 'node:sqlite'
import { countOf, loadLanes, parseFault, parseOpen, type StoredLane } from './lane-counts.ts'
import { firstRowNumber, nextRowNumber, rowId, rowNumber } from './row-id.ts'
import { sqliteQueries, type ReportRow } from './sqlite-queries.ts'
import { afterDelivery, ROW_STATES, type NewRow, type Row, type Store } from './store.ts'

const READY = 0
const ASLEEP = 1
const BEHIND = 2
const DEAD = 3
const UNPROVEN = 4

/** Sleepers woken by one claim, so that no claim takes long. */
const WAKE_AT_ONCE = 100

/** Wraps a database that `openDatabase` gave. */
export function createSqliteStore(db: DatabaseSync): Store {
  const sql = sqliteQueries(db)
  const lanes = loadLanes(sql)
  let last = sql.lastNumber()
  /** How far the keys were looked through. */
  let keysSeen = ''
  let held = rowNumber(Buffer.from(sql.meta('held') ?? []).toString()) ?? 0

  /** All of it or nothing; what `work` returns is done to the counts in memory once it is on disk. */
  function commit<T>(work: () => { result: T; count?: () => void }): T {
    sql.begin()
    let done
    try {
      done = work()
      sql.commit()
    } catch (error) {
      sql.rollback()
      throw error
    }
    done.count?.()
    return done.result
  }

  function toRow(row: ReportRow): Row {
    return {
      id: rowId(row.n),
      kind: lanes.byId(row.lane)!.kind,
      state: ROW_STATES[row.state] ?? 'dead',
      due: row.due,
      attempts: row.attempts,
      requestId: row.request,
      open: parseOpen(row.request, row.open),
      sent: row.sent !== 0,
      error: parseFault(row.error),
      createdAt: row.created,
      payload: row.payload,
    }
  }

  function find(id: string): ReportRow | undefined {
    const n = rowNumber(id)
    return n === undefined ? undefined : sql.report(n)
  }

  function put(rows: readonly NewRow[], now: number): { result: string[]; count: () => void } {
    let number = last
    const added: StoredLane[] = []
    const result = rows.map((row) => {
      const known = row.key === null ? undefined : sql.known(row.key)
      if (known !== undefined) return rowId(known)
      const lane = lanes.of(row.kind)
      number = nextRowNumber(number, now)
      const state = row.group !== null && sql.hasGroup(row.group) ? BEHIND : READY
      sql.insert(number, lane.id, state, now, row.group, row.seal(rowId(number)))
      if (row.key !== null) sql.remember(row.key, number)
      added.push(lane)
      return rowId(number)
    })
    const count = () => {
      last = number
      for (const lane of added) lane.pending++
    }
    return { result, count }
  }

  // A report that goes lets the next of its group go on.
  function letNextGo(row: ReportRow): void {
    if (row.grp === null) return
    const next = sql.nextOfGroup(row.grp, row.n)
    if (next?.state === BEHIND) sql.place(next.n, READY, 0)
  }

  return {
    insert(rows, now) {
      for (const row of rows) lanes.of(row.kind)
      return commit(() => put(rows, now))
    },

    amend({ replace, remove, insert }, now) {
      for (const row of insert) lanes.of(row.kind)
      return commit(() => {
        const gone = remove.flatMap((id) => find(id) ?? [])
        for (const { id, payload } of replace) sql.replacePayload(rowNumber(id)!, payload)
        for (const row of gone) {
          sql.remove(row.n)
          sql.dropKeysOf(row.n)
          letNextGo(row)
        }
        if (gone.length > 0) sql.keepLast(last)
        const { result, count } = put(insert, now)
        return {
          result,
          count: () => {
            count()
            for (const row of gone) lanes.byId(row.lane)![countOf(ROW_STATES[row.state])]--
          },
        }
      })
    },

    claim(kind, now, only) {
      const lane = lanes.find(kind)
      if (!lane) return undefined
      return commit(() => {
        // A sleep longer than the longest ever ordered means that the clock was put back.
        sql.wake(lane.id, now, now + lane.longestSleep, WAKE_AT_ONCE)
        const row = only === undefined ? sql.firstReady(lane.id, held) : find(only)
        if (!row || row.lane !== lane.id || row.state !== READY) return { result: undefined }
        return { result: toRow(row) }
      })
    },

    begin(id, { requestId, open, attempts }) {
      const row = find(id)
      if (row) sql.beginAttempt(row.n, requestId, JSON.stringify(open), attempts)
    },

    nextDue(kind, now) {
      const lane = lanes.find(kind)
      if (!lane || lane.pending === 0) return undefined
      if (sql.firstReady(lane.id, held)) return 0
      const { first, last } = sql.sleep(lane.id)
      return last !== null && last > now + lane.longestSleep ? 0 : (first ?? undefined)
    },

    settle(id, ending, now) {
      const row = find(id)
      if (!row || row.state === DEAD || (row.state === UNPROVEN && ending.kind !== 'delivered')) return
      const lane = lanes.byId(row.lane)!
      const end = (state: number, due = 0) => {
        if (ending.kind === 'delivered') return
        const open = ending.open && JSON.stringify(ending.open)
        sql.end(row.n, { state, due, error: JSON.stringify(ending.error), open, attempts: ending.attempts, sent: ending.sent })
      }
      commit(() => {
        switch (ending.kind) {
          case 'delivered': {
            sql.remove(row.n)
            sql.receipt(row.n, row.lane, now, row.attempts)
            if (row.state === UNPROVEN) return { result: undefined, count: () => void lane.unproven-- }
            letNextGo(row)
            const pause = afterDelivery(lane, now)
            if (pause) sql.pause(lane.id, pause)
            return { result: undefined, count: () => void (lane.pending--, Object.assign(lane, pause)) }
          }
          case 'dead':
          case 'unproven':
            end(ending.kind === 'dead' ? DEAD : UNPROVEN)
            letNextGo(row)
            return { result: undefined, count: () => void (lane.pending--, lane[ending.kind]++) }
          case 'pause':
            end(READY)
            sql.pause(lane.id, ending.pause)
            return { result: undefined, count: () => void Object.assign(lane, ending.pause) }
          case 'retry': {
            const longest = Math.max(lane.longestSleep, ending.sleepMs)
            if (longest > lane.longestSleep) sql.longestSleep(lane.id, longest)
            const behind = row.grp !== null && sql.hasEarlierOfGroup(row.grp, row.n)
            const due = behind ? 0 : now + ending.sleepMs
            end(behind ? BEHIND : ASLEEP, due)
            return { result: undefined, count: () => void (lane.longestSleep = longest) }
          }
        }
      })
    },

    lanes: () => lanes.all().map(({ id: _, longestSleep: __, ...lane }) => lane),

    pause(kind, pause) {
      const lane = lanes.of(kind)
      commit(() => {
        sql.pause(lane.id, pause)
        return { result: undefined, count: () => void Object.assign(lane, pause) }
      })
    },

    get(id) {
      const row = find(id)
      return row && toRow(row)
    },
    list: (limit) => sql.list(limit).map(toRow),
    listIn: (state, after, limit) => sql.listIn(ROW_STATES.indexOf(state), rowNumber(after) ?? 0, limit).map(toRow),
    unproven(kind, limit) {
      const lane = lanes.find(kind)
      return lane && lane.unproven > 0 ? sql.newestIn(lane.id, UNPROVEN, limit).map(toRow) : []
    },
    oldestAt: () => (lanes.all().some((lane) => lane.pending > 0) ? sql.oldest() : undefined),

    revive(id) {
      const row = find(id)
      if (!row) return false
      const lane = lanes.byId(row.lane)!
      return commit(() => {
        const behind = row.grp !== null && sql.hasEarlierOfGroup(row.grp, row.n)
        const from = countOf(ROW_STATES[row.state])
        if (from === 'pending' && behind) return { result: true }
        sql.place(row.n, behind ? BEHIND : READY, 0)
        if (from === 'unproven') sql.closeId(row.n)
        if (row.grp !== null) sql.holdLaterOfGroup(row.grp, row.n)
        return { result: true, count: () => void (lane[from]--, lane.pending++) }
      })
    },

    replacePayload(id, payload) {
      const row = find(id)
      if (row) sql.replacePayload(row.n, payload)
    },

    resealAfter(after, limit, reseal) {
      const rows = sql.after(rowNumber(after) ?? 0, limit)
      if (rows.length === 0) return undefined
      return commit(() => {
        for (const row of rows) sql.replacePayload(row.n, reseal(toRow(row)))
        return { result: rowId(rows.at(-1)!.n) }
      })
    },

    hold() {
      sql.setMeta('held', Buffer.from(rowId(last)))
      held = last
    },
    release() {
      sql.dropMeta('held')
      held = 0
    },
    heldUpTo: () => (held === 0 ? '' : rowId(held)),
    heldCount: () => (held === 0 ? 0 : sql.countUpTo(held)),
    hasGivenOut: (id) => (rowNumber(id) ?? Infinity) <= last,

    removeDead(id) {
      const row = find(id)
      if (row?.state !== DEAD) return false
      const lane = lanes.byId(row.lane)!
      return commit(() => {
        sql.remove(row.n)
        sql.keepLast(last)
        return { result: true, count: () => void lane.dead-- }
      })
    },

    forget(before, limit) {
      const first = firstRowNumber(before)
      return commit(() => {
        const receipts = sql.oldReceipts(first, limit)
        if (receipts.length > 0) {
          sql.dropReceipts(receipts.at(-1)!.n)
          sql.keepLast(last)
        }
        const keys = sql.keysAfter(keysSeen, limit)
        for (const { digest, n } of keys) if (n < first && !sql.report(n)) sql.dropKey(digest)
        const isMore = receipts.length === limit || keys.length === limit
        return { result: isMore, count: () => void (keysSeen = keys.length === limit ? keys.at(-1)!.digest : '') }
      })
    },

    deliveredSince: (since) => Object.fromEntries(
      sql.deliveredSince(firstRowNumber(since)).map(({ lane, count }) => [lanes.byId(lane)?.kind ?? `unknown/${lane}`, count]),
    ),

    secret: () => sql.meta('secret'),
    keepSecret: (sealed) => sql.setMeta('secret', sealed),
    probe() {
      sql.setMeta('probe', new Uint8Array(64 * 1024))
      sql.dropMeta('probe')
    },
    tidy: () => sql.checkpoint(),
    close: () => db.close(),
  }
}
