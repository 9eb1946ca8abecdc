/** The outbox: a store that is kept open, lanes that send, and the port they make together. */
import { createDelivery } from './delivery.ts'
import { sealDeadExport, type DeadReport } from './dead-export.ts'
import { keepOpen } from './keep-open.ts'
import { createLanes } from './lanes.ts'
import { isResealed, lockOnce, openSqliteStore, resealSecret, storeDigest } from './open-store.ts'
import { OutboxError, type Outbox, type OutboxOptions, type OutboxStatus, type StoredReport } from './outbox.ts'
import { outboxStatus, reportView } from './outbox-view.ts'
import type { Lane, Row, Store } from './store.ts'

/** Rows sealed anew in one commit. */
const RESEAL_AT_ONCE = 50
/** Quiet time after a delivery before the log, which still holds what was erased, is emptied; ms. */
const TIDY_AFTER_MS = 2000

/**
 * Opens the outbox. Faults of storing are shown by `status().fault` and pass
 * by themselves; only OUTBOX_IN_USE is thrown, since another process has the
 * directory.
 * @param options.openStore another store than the file's, such as the memory store
 */
export function createOutbox(options: OutboxOptions & { openStore?: () => Store }): Outbox {
  const { now = Date.now, random = Math.random, log = () => {}, canSend } = options
  const { maxAttempts = 0, retryFirstMs = 1000, retryMaxMs = 600_000 } = options
  const listeners = new Set<(status: OutboxStatus) => void>()
  const lock = lockOnce(options.file)
  let sealer = options.sealer
  let digest: (text: string) => string = sealer.digest
  let setAside: string | null = null
  let lanesSeen: Lane[] = []
  let told = true
  let tidyTimer: NodeJS.Timeout | undefined
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
    onFault(fault) {
      log(fault ? 'outbox.fault' : 'outbox.recovered', { code: fault?.code })
      changed()
      if (!fault) wakeAll()
    },
  })
  const tools = { store, now, random, retryFirstMs, retryMaxMs, lane: laneOf }
  const lanes = createLanes({
    ...tools,
    canSend,
    deliver: createDelivery({ ...tools, send: options.send, newRequestId: options.newRequestId, maxAttempts, log, open: openRow }),
    onChange() {
      changed()
      tidySoon()
    },
    onDefect: (kind, error) => log('outbox.defect', { kind, error: error instanceof Error ? error.name : typeof error }),
  })

  function openFile(damaged: boolean): Store {
    lock.take()
    const onSetAside = (path: string) => {
      setAside = path
      log('outbox.setAside', { path })
    }
    return openSqliteStore(options.file, { now, damaged, onSetAside })
  }

  function lanesNow(): Lane[] {
    return (lanesSeen = store.read((open) => open.lanes(), lanesSeen))
  }

  function laneOf(kind: string): Lane {
    const none = { kind, pending: 0, dead: 0, pausedAt: 0, pauseMs: 0, growth: 0, reason: null }
    return lanesNow().find((lane) => lane.kind === kind) ?? none
  }

  function wakeAll(): void {
    for (const lane of lanesNow()) lanes.wake(lane.kind)
  }

  function status(): OutboxStatus {
    const oldestAt = store.read((open) => open.oldestAt(), undefined)
    return outboxStatus(lanesNow(), { oldestAt, fault: store.fault(), setAside, now: now(), pauseLeft: lanes.pauseLeft })
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

  function tidySoon(): void {
    clearTimeout(tidyTimer)
    tidyTimer = setTimeout(() => store.read((open) => open.tidy(), undefined), TIDY_AFTER_MS).unref()
  }

  function sealRow(payload: Record<string, unknown>, id: string, kind: string): Uint8Array {
    return sealer.seal(Buffer.from(JSON.stringify(payload)), `report ${id} ${kind}`)
  }

  function plainOf(row: Row): Uint8Array {
    return sealer.open(row.payload, `report ${row.id} ${row.kind}`)
  }

  function openRow(row: Row): StoredReport {
    const payload = JSON.parse(Buffer.from(plainOf(row)).toString('utf8')) as Record<string, unknown>
    return { id: row.id, kind: row.kind, payload, createdAt: row.createdAt }
  }

  async function reseal(): Promise<void> {
    const next = (after: string) => (open: Store) =>
      open.resealAfter(after, RESEAL_AT_ONCE, (row) => {
        if (sealer.isCurrent(row.payload)) return row.payload
        try {
          return sealer.seal(plainOf(row), `report ${row.id} ${row.kind}`)
        } catch {
          // Damaged: left as it is, for its delivery to find and show.
          return row.payload
        }
      })
    for (let after: string | undefined = ''; after !== undefined && !closing; ) {
      after = store.use(next(after))
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (closing) throw new OutboxError('OUTBOX_CLOSED')
    store.use((open) => {
      resealSecret(open, sealer)
      open.tidy()
    })
    log('outbox.resealed')
  }

  function deadReports(): DeadReport[] {
    const found: DeadReport[] = []
    for (let after = ''; ; ) {
      const rows = store.read((open) => open.listDead(after, 500), [])
      for (const row of rows) {
        const { id, kind, attempts, error: lastError } = row
        const createdAt = new Date(row.createdAt).toISOString()
        found.push({ id, kind, createdAt, attempts, lastError, payload: openRow(row).payload })
      }
      if (rows.length === 0) return found
      after = rows.at(-1)!.id
    }
  }

  const outbox: Outbox = {
    enqueue(reports) {
      if (reports.length === 0) return []
      const ids = store.use((open) =>
        open.insert(
          reports.map(({ kind, payload, group, key }) => ({
            kind,
            group: group === undefined ? null : digest(`group ${kind}\n${group}`).slice(0, 32),
            key: key === undefined ? null : digest(`key ${key}`),
            seal: (id) => sealRow(payload, id, kind),
          })),
          now(),
        ),
      )
      for (const kind of new Set(reports.map((report) => report.kind))) lanes.wake(kind)
      changed()
      return ids
    },
    start: () => lanes.start(),
    status,
    reports(limit = 500) {
      const rows = store.read((open) => open.list(limit), [])
      return rows.map((row) => reportView(row, { canSend, now: now(), pauseLeft: lanes.pauseLeft(laneOf(row.kind)) }))
    },
    retry(id) {
      const kind = store.use((open) => (open.revive(id) ? open.get(id)?.kind : undefined))
      if (kind === undefined) return false
      lanes.force(kind, id)
      changed()
      return true
    },
    resume(kind) {
      store.use((open) => open.pause(kind, { pausedAt: 0, pauseMs: 0, growth: 0, reason: null }))
      lanes.endRest(kind)
      changed()
    },
    readReport(id) {
      const row = store.read((open) => open.get(id), undefined)
      return row && openRow(row)
    },
    editReport(id, payload) {
      const edited = store.use((open) => {
        const row = open.get(id)
        if (row?.state !== 'dead') return false
        open.replacePayload(id, sealRow(payload, id, row.kind))
        return true
      })
      if (edited) changed()
      return edited
    },
    exportDead: async (passphrase) => sealDeadExport(deadReports(), passphrase),
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
      return (closing ??= lanes.stop(graceMs).then(() => {
        clearTimeout(tidyTimer)
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
