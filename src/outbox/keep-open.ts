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
 * @param options.inPlace whether the files of the open store are still the ones at their paths
 * @param options.rescue puts the files of an open store back and gives the store of them; where it throws the store is still open
 * @param options.onFault called with null when storing works again
 */
export function keepOpen(options: {
  open: (damaged: boolean) => Store
  inPlace: () => boolean
  rescue: (store: Store) => Store
  onFault: (fault: ReportFault | null) => void
}): OpenStore {
  let store: Store | undefined
  let closed = false
  let fault: ReportFault | null = null
  const timer = setInterval(look, PROBE_EVERY_MS).unref()

  function opened(): Store {
    if (closed) throw new OutboxError('OUTBOX_CLOSED')
    return (store ??= options.open(false))
  }

  /** Puts back what was removed, renamed or replaced; true where that was so. */
  function restored(): boolean {
    if (!store || options.inPlace()) return false
    store = options.rescue(store)
    return true
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
      const open = opened()
      // A commit into a file that nobody finds again is none.
      if (restored()) throw new OutboxError('OUTBOX_FILES_GONE')
      const result = attempt(work, open)
      // Gone during the commit: what is put back holds it.
      restored()
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

  function attempt<T>(work: (store: Store) => T, open: Store): T {
    try {
      return work(open)
    } catch (error) {
      switch (storageFault(error)) {
        case 'OUTBOX_DISK_FULL':
          // Moving the log into the database may free what one more commit needs.
          tidied(open)
          return work(open)
        case 'OUTBOX_DAMAGED':
          // Found by SQLite on the way. What lies at the path of a file that is gone is not the damaged one.
          if (!options.inPlace()) throw error
          drop()
          store = options.open(true)
          return work(store)
        default:
          throw error
      }
    }
  }

  function setFault(next: ReportFault | null): void {
    const changed = fault?.code !== next?.code
    fault = next
    if (changed) options.onFault(next)
  }

  function look(): void {
    if (closed || (fault === null && (!store || options.inPlace()))) return
    try {
      // Opened anew: a file system that came back may not be the one that was there. What only the open files hold is put back first.
      if (fault !== null && fault.code !== 'OUTBOX_DISK_FULL' && !restored()) drop()
      use((open) => open.probe())
    } catch {
      // Still at fault; the next look asks again.
    }
  }

  return {
    use,
    read(work, otherwise) {
      if (!store) return otherwise
      try {
        return attempt(work, store)
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
