/** Keeps a store open through faults: opens it again, makes room, repairs, and says what is wrong meanwhile. */
import { OUTBOX_FAULTS, OutboxError, type OutboxFaultCode, type ReportFault } from './outbox.ts'
import { storageFault } from './storage-fault.ts'
import type { Store } from './store.ts'

/** How often a store at fault is tried again, ms. */
const PROBE_EVERY_MS = 2000

export type OpenStore = {
  /** Runs a commit. Throws OutboxError where it is not on disk; other errors pass as they are. */
  use<T>(work: (store: Store) => T): T
  /** Runs a query; `otherwise` where it is not open or cannot be read. */
  read<T>(work: (store: Store) => T, otherwise: T): T
  fault(): ReportFault | null
  close(): void
}

/**
 * @param options.open opens the store, repairing it where it is found or said to be damaged; throws storage faults
 * @param options.onFault called with null when storing works again
 */
export function keepOpen(options: { open: (damaged: boolean) => Store; onFault: (fault: ReportFault | null) => void }): OpenStore {
  let store: Store | undefined
  let closed = false
  let fault: ReportFault | null = null
  let timer: NodeJS.Timeout | undefined

  function opened(): Store {
    if (closed) throw new OutboxError('OUTBOX_CLOSED')
    return (store ??= options.open(false))
  }

  function drop(): void {
    try {
      store?.close()
    } catch {
      // A store at fault may not close cleanly; what was committed is in its log.
    }
    store = undefined
  }

  function use<T>(work: (store: Store) => T): T {
    try {
      const result = attempt(work)
      setFault(null)
      return result
    } catch (error) {
      const code = storageFault(error)
      if (code === undefined || code === 'OUTBOX_CLOSED') throw error
      const raised = error instanceof OutboxError ? error : new OutboxError(code)
      setFault({ code, message: raised.message, advice: raised.advice })
      throw raised
    }
  }

  function attempt<T>(work: (store: Store) => T): T {
    try {
      return work(opened())
    } catch (error) {
      switch (storageFault(error)) {
        case 'OUTBOX_DISK_FULL':
          // Moving the log into the database may free what one more commit needs.
          if (!store) throw error
          tidied(store)
          return work(store)
        case 'OUTBOX_DAMAGED':
          // Found by SQLite on the way, or while opening what was repaired already: then it stays a fault.
          if (!store) throw error
          drop()
          store = options.open(true)
          return work(store)
        default:
          throw error
      }
    }
  }

  function setFault(next: ReportFault | null): void {
    if (next === null) clearInterval(timer)
    else if (fault === null) timer = setInterval(probe, PROBE_EVERY_MS).unref()
    const changed = fault?.code !== next?.code
    fault = next
    if (changed) options.onFault(next)
  }

  function probe(): void {
    // Opened anew: a file system that came back may not be the one that was there.
    if (fault?.code !== 'OUTBOX_DISK_FULL') drop()
    try {
      use((open) => open.probe())
    } catch {
      // Still at fault; the next probe asks again.
    }
  }

  return {
    use,
    read(work, otherwise) {
      if (!store) return otherwise
      try {
        return attempt(work)
      } catch (error) {
        if (storageFault(error) === undefined) throw error
        return otherwise
      }
    },
    fault: () => fault,
    close() {
      closed = true
      clearInterval(timer)
      drop()
    },
  }
}

function tidied(store: Store): void {
  try {
    store.tidy()
  } catch {
    // No room was made; the commit that follows says so.
  }
}

/** A fault as a report or a status shows it. */
export function faultView(code: OutboxFaultCode): ReportFault {
  return { code, ...OUTBOX_FAULTS[code] }
}
