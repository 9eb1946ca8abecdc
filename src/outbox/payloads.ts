/** Payloads between reports and rows: sealed under the newest key, each bound to its row. */
import { OutboxError, type Sealer, type StoredReport } from './outbox.ts'
import type { OpenStore } from './keep-open.ts'
import { resealSecret } from './open-store.ts'
import type { EndedReport } from './dead-export.ts'
import type { EndState, Row } from './store.ts'

/** Rows sealed anew in one commit. */
const RESEAL_AT_ONCE = 50
/** Reports read at once for an export. */
const EXPORT_AT_ONCE = 500

type RowName = Pick<Row, 'id' | 'kind'>

export type Payloads = {
  seal(payload: Record<string, unknown>, row: RowName): Uint8Array
  /** Throws where the payload was changed or its key is unknown. */
  open(row: Row): StoredReport
  /** Everything that is not under the newest key, a little at a time; rejects where it could not be ended. */
  reseal(store: OpenStore, isClosing: () => boolean): Promise<void>
  /** Those that wait for a person's word, each with its payload. */
  ended(store: OpenStore): EndedReport[]
}

/** Printed by its report's name: on its way to a platform it is whole, and somebody's. */
function unprinted<T extends object>(payload: T, { id, kind }: RowName): T {
  const mask = { value: () => `${kind} ${id}` }
  return Object.defineProperties(payload, { toString: mask, [Symbol.for('nodejs.util.inspect.custom')]: mask })
}

export function createPayloads(sealer: () => Sealer): Payloads {
  const bound = ({ id, kind }: RowName) => `report ${id} ${kind}`
  const plain = (row: Row) => sealer().open(row.payload, bound(row))

  function open(row: Row): StoredReport {
    const payload = JSON.parse(Buffer.from(plain(row)).toString('utf8')) as Record<string, unknown>
    return { id: row.id, kind: row.kind, payload: unprinted(payload, row), createdAt: row.createdAt }
  }

  function resealed(row: Row): Uint8Array {
    if (sealer().isCurrent(row.payload)) return row.payload
    try {
      return sealer().seal(plain(row), bound(row))
    } catch {
      // Damaged: left as it is, for its delivery to find and show.
      return row.payload
    }
  }

  return {
    seal: (payload, row) => sealer().seal(Buffer.from(JSON.stringify(payload)), bound(row)),
    open,
    async reseal(store, isClosing) {
      for (let after: string | undefined = ''; after !== undefined; ) {
        const from: string = after
        after = store.use((stored) => stored.resealAfter(from, RESEAL_AT_ONCE, resealed))
        await new Promise((resolve) => setImmediate(resolve))
        if (isClosing()) throw new OutboxError('OUTBOX_CLOSED')
      }
      store.use((stored) => {
        resealSecret(stored, sealer())
        stored.tidy()
      })
    },
    ended: (store) => (['dead', 'unproven'] as const).flatMap((state) => endedIn(store, state)),
  }

  function endedIn(store: OpenStore, state: EndState): EndedReport[] {
    const found: EndedReport[] = []
    for (let after = ''; ; ) {
      const rows = store.read((stored) => stored.listIn(state, after, EXPORT_AT_ONCE), [])
      if (rows.length === 0) return found
      for (const row of rows) found.push(exported(row, state))
      after = rows.at(-1)!.id
    }
  }

  function exported(row: Row, state: EndState): EndedReport {
    const { id, kind, attempts, error: lastError } = row
    let payload: Record<string, unknown> | null = null
    try {
      ;({ payload } = open(row))
    } catch {
      // One damaged report does not keep the others from leaving.
    }
    return { id, kind, state, createdAt: new Date(row.createdAt).toISOString(), attempts, lastError, payload }
  }
}
