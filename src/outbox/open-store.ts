/** Opens the SQLite store of a file: locked, checked, repaired where it is damaged, its secret unsealed. */
import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { lockFile } from './file-lock.ts'
import { databaseInPlace, filesInPlace } from './files-in-place.ts'
import { openDatabase } from './open-database.ts'
import { OutboxError, type Sealer } from './outbox.ts'
import { createSealer } from './sealer.ts'
import { finishSetAside, rescue, setAside } from './set-aside.ts'
import { createSqliteStore } from './sqlite-store.ts'
import { storageFault } from './storage-fault.ts'
import type { Store } from './store.ts'

const SECRET = 'outbox secret'

/** The store of a file, opened again and again. */
export type StoreFile = {
  /** @param damaged true where damage was found while it was in use */
  open(damaged: boolean): Store
  /** Whether the files that are open are still the ones at their paths. */
  inPlace(): boolean
  /** Writes what the open store holds to new files; closes it and opens them. Where it throws the store is still open. */
  rescue(): Store
}

/** @param options.onSetAside called with the place of a damaged file, or of one that lay in the place of ours */
export function sqliteStoreFile(file: string, options: { now: () => number; onSetAside: (path: string) => void }): StoreFile {
  const { now, onSetAside } = options
  let db: DatabaseSync | undefined
  let inPlace = () => true
  let isOurs = () => true

  function open(): Store {
    const opened = openDatabase(file)
    try {
      const store = createSqliteStore(opened)
      db = opened
      inPlace = databaseInPlace(file, ['-wal'])
      isOurs = filesInPlace([file])
      return store
    } catch (error) {
      opened.close()
      throw error
    }
  }

  return {
    open(damaged) {
      const aside = finishSetAside(file, now())
      if (aside !== undefined) onSetAside(aside)
      try {
        if (damaged) throw new OutboxError('OUTBOX_DAMAGED')
        return open()
      } catch (error) {
        if (storageFault(error) !== 'OUTBOX_DAMAGED') throw error
        onSetAside(setAside(file, now()))
        return open()
      }
    },
    inPlace: () => inPlace(),
    rescue() {
      const aside = rescue(file, db!, { now: now(), isOurs: isOurs() })
      if (aside !== undefined) onSetAside(aside)
      return open()
    },
  }
}

export type Lock = {
  /** Takes it where it is not held, or its file is gone. Throws OUTBOX_IN_USE. */
  take(): void
  inPlace(): boolean
  release(): void
}

/** Lock of the file, kept while the store is opened again and again. */
export function lockOnce(file: string): Lock {
  let held: { release: () => void; inPlace: () => boolean } | undefined
  const release = () => {
    held?.release()
    held = undefined
  }
  return {
    take() {
      if (held && !held.inPlace()) release()
      held ??= { release: lockFile(file), inPlace: filesInPlace([`${file}.lock`]) }
    },
    inPlace: () => held?.inPlace() !== false,
    release,
  }
}

/**
 * The digest by which keys and groups are stored. Its secret is the store's
 * own, so that it outlives a change of the installation's key.
 * Throws OUTBOX_KEY where the store was sealed under a key we do not have.
 */
export function storeDigest(store: Store, sealer: Sealer): (text: string) => string {
  let sealed = store.secret()
  if (sealed === undefined) {
    sealed = sealer.seal(randomBytes(32), SECRET)
    store.keepSecret(sealed)
  }
  try {
    return createSealer(sealer.open(sealed, SECRET)).digest
  } catch {
    throw new OutboxError('OUTBOX_KEY')
  }
}

/** Seals the store's secret anew; done last, since it tells that everything else is. */
export function resealSecret(store: Store, sealer: Sealer): void {
  const sealed = store.secret()
  if (sealed) store.keepSecret(sealer.seal(sealer.open(sealed, SECRET), SECRET))
}

export function isResealed(store: Store, sealer: Sealer): boolean {
  const sealed = store.secret()
  return sealed === undefined || sealer.isCurrent(sealed)
}
