/** Texts that must outlive a restart, one a name, sealed: what platforms note, and where the audit ended. */
import type { StatementSync } from 'node:sqlite'
import type { Sealer } from '../outbox/outbox.ts'

export type PlatformNotes = {
  /** As it was last written; undefined where there is none, or nobody can read it any more. */
  read(name: string): string | undefined
  /** Throws where the disk takes nothing. */
  write(name: string, text: string): void
  all(): { name: string; text: string }[]
}

const bound = (name: string) => `note ${name}`

/** A note as it was last written; undefined where there is none, or nobody can read it any more. */
export function readNote(sql: (text: string) => StatementSync, sealer: Sealer, name: string): string | undefined {
  const row = sql('SELECT sealed FROM notes WHERE name = ?').get(name) as { sealed: Uint8Array } | undefined
  try {
    return row && Buffer.from(sealer.open(row.sealed, bound(name))).toString()
  } catch {
    return undefined
  }
}

/** @param sealer asked for each time: the key may change */
export function createPlatformNotes(sql: (text: string) => StatementSync, sealer: () => Sealer): PlatformNotes {
  sql('CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT').run()
  const read = (name: string) => readNote(sql, sealer(), name)

  return {
    read,
    write(name, text) {
      sql('INSERT OR REPLACE INTO notes VALUES (?, ?)').run(name, sealer().seal(Buffer.from(text), bound(name)))
    },
    all() {
      const names = sql('SELECT name FROM notes').all() as { name: string }[]
      return names.flatMap(({ name }) => {
        const text = read(name)
        return text === undefined ? [] : [{ name, text }]
      })
    },
  }
}
