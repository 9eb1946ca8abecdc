/** Numbers that grow for ever: reserved in blocks, so that a power cut which takes the last rows never takes a number back. */
import type { StatementSync } from 'node:sqlite'

const BLOCK = 1000

export type Numbering = {
  next(): number
  current(): number
  /** No number at or below this is given out. */
  raise(floor: number): void
  /** What was reserved and not given out is given out after the next start. */
  close(): void
}

/**
 * @param options.floor no number is at or below it
 * @param options.tryStore runs a write; false where the disk takes nothing
 */
export function createNumbering(options: {
  name: string
  floor: number
  sql: (text: string) => StatementSync
  tryStore: (work: () => void) => boolean
}): Numbering {
  const { name, sql, tryStore } = options
  const kept = (key: string) => (sql('SELECT value FROM numbers WHERE name = ?').get(key) as { value: number } | undefined)?.value
  let value = Math.max(options.floor, kept(`${name}.closed`) ?? kept(name) ?? 0)
  let limit = value
  const forgetClosed = () => void sql('DELETE FROM numbers WHERE name = ?').run(`${name}.closed`)
  tryStore(forgetClosed)

  return {
    current: () => value,
    raise(floor) {
      if (floor > value) value = limit = floor
    },
    next() {
      if (value >= limit) {
        tryStore(() => {
          // Where the start found no room the mark still stands, and would take these numbers back.
          forgetClosed()
          sql('INSERT INTO numbers VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, value + BLOCK)
          limit = value + BLOCK
        })
      }
      return ++value
    },
    close: () => void tryStore(() => void sql('INSERT OR REPLACE INTO numbers VALUES (?, ?)').run(`${name}.closed`, value)),
  }
}
