/** The outbox: a store that is kept open, lanes that send, and the port they make together. */
import { createDelivery } from './delivery.ts'
import { sealDeadExport } from './dead-export.ts'
import { createForgetting } from './forgetting.ts'
import { keepOpen } from './keep-open.ts'
import { createLanes } from './lanes.ts'
import { isResealed, lockOnce, sqliteStoreFile, storeDigest } from './open-store.ts'
import { OutboxError, type NewReport, type Outbox, type OutboxOptions, type OutboxStatus, type ReportView } from './outbox.ts'
import { outboxStatus, reportView } from './outbox-view.ts'
import { createPayloads } from './payloads.ts'
import type { Lane, NewRow, Row, Store } from './store.ts'

/** Quiet time after a delivery before the log, which still holds what was erased, is emptied; ms. */
const TIDY_AFTER_MS = 2000
/** The same where deliveries never pause; ms. */
const TIDY_LATEST_MS = 10_000
const RECEIPT_MS = 400 * 24 * 3_600_000

/**
 * Opens the outbox. Faults of storing are shown by `status().fault` and pass
 * by themselves; only OUTBOX_IN_USE is thrown, since another process has the
 * directory.
 * @param options.openStore another store than the file's, such as the memory store
 */
export function createOutbox(options: OutboxOptions & { openStore?: () => Store }): Outbox {
  const { now = Date.now, random = Math.random, log = () => {}, canSend, beside = [] } = options
  const { maxAttempts = 0, retryFirstMs = 1000, retryMaxMs = 600_000, isProven = () => false, unproven = 'hold' } = options
  const listeners = new Set<(status: OutboxStatus) => void>()
  const lock = lockOnce(options.file)
  let sealer = options.sealer
  const payloads = createPayloads(() => sealer)
  let digest: (text: string) => string = sealer.digest
  let setAside: string | null = null
  let filesWereGone = false
  const storeFile = sqliteStoreFile(options.file, {
    now,
    onSetAside(path) {
      setAside = path
      log('outbox.setAside', { path })
    },
  })
  let lanesSeen: Lane[] = []
  let told = true
  let tidyTimer: NodeJS.Timeout | undefined
  let tidyLatest: NodeJS.Timeout | undefined
  let closing: Promise<void> | undefined

  const store = keepOpen({
    open(damaged) {
      const opened = options.openStore?.() ?? openFile(damaged)
      try {
        digest = storeDigest(opened, sealer)
        return opened
      } catch (error) {
        opened.close()
        throw error
      }
    },
    inPlace: () => storeFile.inPlace() && lock.inPlace() && beside.every((each) => each.inPlace()),
    rescue(opened) {
      filesWereGone = true
      // Before anything is moved: another terminal may have taken the directory meanwhile.
      if (!lock.inPlace()) lock.take()
      for (const each of beside) if (!each.inPlace()) each.restore()
      if (storeFile.inPlace()) return opened
      const fresh = storeFile.rescue()
      log('outbox.rescued')
      return fresh
    },
    onFault(fault) {
      log(fault ? 'outbox.fault' : 'outbox.recovered', { code: fault?.code })
      changed()
      if (!fault) wakeAll()
    },
  })
  const underWay = new Set<string>()
  const tools = { store, now, random, retryFirstMs, retryMaxMs, lane: laneOf }
  const lanes = createLanes({
    ...tools,
    canSend,
    deliver: createDelivery({ ...tools, send: options.send, newRequestId: options.newRequestId, isProven, unproven, maxAttempts, log, open: payloads.open, underWay }),
    onChange() {
      changed()
      tidySoon()
    },
    onDefect: (kind, error) => log('outbox.defect', { kind, error: error instanceof Error ? error.name : typeof error }),
  })

  const forgetting = createForgetting({ store, now: options.confirmedNow ?? now, receiptMs: options.receiptMs ?? RECEIPT_MS })

  function openFile(damaged: boolean): Store {
    lock.take()
    return storeFile.open(damaged)
  }

  function lanesNow(): Lane[] {
    return (lanesSeen = store.read((open) => open.lanes(), lanesSeen))
  }

  function laneOf(kind: string): Lane {
    const none = { kind, pending: 0, dead: 0, unproven: 0, pausedAt: 0, pauseMs: 0, growth: 0, reason: null }
    return lanesNow().find((lane) => lane.kind === kind) ?? none
  }

  function view(row: Row): ReportView {
    return reportView(row, { isHeld: row.id <= heldUpTo(), canSend, now: now(), pauseLeft: lanes.pauseLeft(laneOf(row.kind)) })
  }

  function heldUpTo(): string {
    return store.read((open) => open.heldUpTo(), '')
  }

  function wakeAll(): void {
    for (const lane of lanesNow()) lanes.wake(lane.kind)
  }

  function status(): OutboxStatus {
    const oldestAt = store.read((open) => open.oldestAt(), undefined)
    return outboxStatus(lanesNow(), { oldestAt, fault: store.fault(), setAside, filesWereGone, held: store.read((open) => open.heldCount(), 0), now: now(), pauseLeft: lanes.pauseLeft })
  }

  // Once for all the changes of one turn.
  function changed(): void {
    if (!told || listeners.size === 0) return
    told = false
    queueMicrotask(() => {
      told = true
      const current = status()
      for (const listener of listeners) listener(current)
    })
  }

  function tidy(): void {
    endTidying()
    store.read((open) => open.tidy(), undefined)
  }

  function endTidying(): void {
    clearTimeout(tidyTimer)
    clearTimeout(tidyLatest)
    tidyLatest = undefined
  }

  function tidySoon(): void {
    clearTimeout(tidyTimer)
    tidyTimer = setTimeout(tidy, TIDY_AFTER_MS).unref()
    tidyLatest ??= setTimeout(tidy, TIDY_LATEST_MS).unref()
  }

  function newRow({ kind, payload, group, key }: NewReport): NewRow {
    return {
      kind,
      group: group === undefined ? null : digest(`group ${kind}\n${group}`).slice(0, 32),
      key: key === undefined ? null : digest(`key ${key}`),
      seal: (id) => payloads.seal(payload, { id, kind }),
    }
  }

  async function reseal(): Promise<void> {
    await payloads.reseal(store, () => closing !== undefined)
    log('outbox.resealed')
  }

  const outbox: Outbox = {
    enqueue(reports) {
      if (reports.length === 0) return []
      const ids = store.use((open) => open.insert(reports.map(newRow), now()))
      for (const kind of new Set(reports.map((report) => report.kind))) lanes.wake(kind)
      changed()
      return ids
    },
    amend(ids, reports) {
      const amended = store.use((open) => {
        const rows = ids.map((id) => open.get(id))
        if (rows.some((row) => row === undefined || row.sent || underWay.has(row.id))) return undefined
        const byKind = new Map(rows.map((row) => [row!.kind, row!]))
        const replace = reports.flatMap(({ kind, payload }) => {
          const row = byKind.get(kind)
          return row ? [{ id: row.id, payload: payloads.seal(payload, row) }] : []
        })
        const remove = ids.filter((id) => !replace.some((each) => each.id === id))
        const added = reports.filter(({ kind }) => !byKind.has(kind))
        const addedIds = open.amend({ replace, remove, insert: added.map(newRow) }, now())
        return reports.map((report) => byKind.get(report.kind)?.id ?? addedIds[added.indexOf(report)]!)
      })
      if (amended) {
        for (const { kind } of reports) lanes.wake(kind)
        changed()
        tidySoon()
      }
      return amended
    },
    start() {
      lanes.start()
      forgetting.start()
    },
    status,
    reports(limit = 500, only) {
      return store.read((open) => (only === undefined ? open.list(limit) : open.listIn(only, '', limit)), []).map(view)
    },
    report(id) {
      const row = store.read((open) => open.get(id), undefined)
      return row && view(row)
    },
    retry(id) {
      const kind = store.use((open) => (open.revive(id) ? open.get(id)?.kind : undefined))
      if (kind === undefined) return false
      lanes.force(kind, id)
      changed()
      return true
    },
    settle(id) {
      const settled = store.use((open) => {
        if (open.get(id)?.state !== 'unproven') return false
        open.settle(id, { kind: 'delivered' }, now())
        return true
      })
      if (settled) {
        changed()
        tidySoon()
      }
      return settled
    },
    resume(kind) {
      lanes.resume(kind)
      changed()
    },
    hold() {
      store.use((open) => open.hold())
      changed()
    },
    release() {
      store.use((open) => open.release())
      wakeAll()
      changed()
    },
    isBehind({ id, number }) {
      const row = store.read((open) => open.get(id), undefined)
      return row ? row.attempts < number : store.read((open) => !open.hasGivenOut(id), false)
    },
    readReport(id) {
      const row = store.read((open) => open.get(id), undefined)
      return row && payloads.open(row)
    },
    editReport(id, payload) {
      const edited = store.use((open) => {
        const row = open.get(id)
        if (row?.state !== 'dead') return false
        open.replacePayload(id, payloads.seal(payload, row))
        return true
      })
      if (edited) changed()
      return edited
    },
    removeDead(id) {
      const removed = store.use((open) => open.removeDead(id))
      if (removed) {
        changed()
        tidySoon()
      }
      return removed
    },
    exportDead: async (passphrase) => sealDeadExport(payloads.ended(store), passphrase),
    delivered: (since) => store.read((open) => open.deliveredSince(since), {}),
    async rekey(next) {
      sealer = next
      await reseal()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close(graceMs = 5000) {
      forgetting.stop()
      return (closing ??= lanes.stop(graceMs).then(() => {
        endTidying()
        store.close()
        lock.release()
      }))
    },
  }

  try {
    const resealed = store.use((open) => isResealed(open, sealer))
    if (!resealed) setImmediate(() => void reseal().catch(() => log('outbox.resealLater')))
  } catch (error) {
    if (!(error instanceof OutboxError)) throw error
    if (error.code === 'OUTBOX_IN_USE') {
      store.close()
      throw error
    }
  }
  return outbox
}
