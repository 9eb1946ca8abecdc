/** Opens the SQLite store of a file: locked, checked, repaired where it is damaged, its secret unsealed. */
import { randomBytes } from 'node:crypto'
import { lockFile } from './file-lock.ts'
import { openDatabase } from './open-database.ts'
import { OutboxError, type Sealer } from './outbox.ts'
import { createSealer } from './sealer.ts'
import { finishSetAside, setAside } from './set-aside.ts'
import { createSqliteStore } from './sqlite-store.ts'
import { storageFault } from './storage-fault.ts'
import type { Store } from './store.ts'

const SECRET = 'outbox secret'

/**
 * @param options.damaged true where damage was found while it was in use
 * @param options.onSetAside called with the place of a damaged file
 */
export function openSqliteStore(
  file: string,
  options: { now: () => number; damaged: boolean; onSetAside: (path: string) => void },
): Store {
  const { now, damaged, onSetAside } = options
  const aside = finishSetAside(file, now())
  if (aside !== undefined) onSetAside(aside)
  try {
    if (damaged) throw new OutboxError('OUTBOX_DAMAGED')
    return open(file)
  } catch (error) {
    if (storageFault(error) !== 'OUTBOX_DAMAGED') throw error
    onSetAside(setAside(file, now()))
    return open(file)
  }
}

function open(file: string): Store {
  const db = openDatabase(file)
  try {
    return createSqliteStore(db)
  } catch (error) {
    db.close()
    throw error
  }
}

/** Lock of the file, taken once and kept while the store is opened again and again. */
export function lockOnce(file: string): { take(): void; release(): void } {
  let release: (() => void) | undefined
  return {
    take: () => void (release ??= lockFile(file)),
    release() {
      release?.()
      release = undefined
    },
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
