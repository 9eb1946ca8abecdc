/** Where the audit ended, remembered a second time, sealed, in the state database: an older log put back is noticed. */
import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Sealer } from '../../outbox/outbox.ts'
import { readNote } from '../platform-notes.ts'
import type { StateStore } from '../state-store.ts'

/** The last entry that was written: its number and the end of the chain. */
export type AuditHead = { seq: number; chain: string }

export type AuditWitness = {
  /** Undefined where nothing is remembered. */
  read(): AuditHead | undefined
  write(head: AuditHead): void
}

/** A name that no platform has. */
const NOTE = 'audit'

/** The witness of a running terminal. */
export function auditWitness(state: Pick<StateStore, 'note' | 'putNote'>): AuditWitness {
  return {
    read: () => headIn(state.note(NOTE)),
    write: ({ seq, chain }) => void state.putNote(NOTE, `${seq} ${chain}`),
  }
}

/** What the state database remembers, read from outside without making a file; undefined where there is none. Throws where it cannot be read. */
export function readAuditWitness(dataDir: string, sealer: Sealer): AuditHead | undefined {
  const file = join(dataDir, 'state.db')
  if (!existsSync(file) || statSync(file).size === 0) return undefined
  const place = pathToFileURL(file)
  // Where nobody has it open, reading it the usual way would leave files behind that belong to whoever looked.
  if (!existsSync(`${file}-shm`)) place.searchParams.set('immutable', '1')
  const db = new DatabaseSync(place, { readOnly: true, timeout: 2000 })
  try {
    return headIn(readNote((text) => db.prepare(text), sealer, NOTE))
  } finally {
    db.close()
  }
}

function headIn(text: string | undefined): AuditHead | undefined {
  const [, seq, chain] = /^(\d+) ([0-9a-f]{64})$/.exec(text ?? '') ?? []
  return seq === undefined || chain === undefined ? undefined : { seq: Number(seq), chain }
}
