/** A report that a technician revives goes before the later ones of its visit, and stays before them when it fails again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMemoryStore } from '../../src/outbox/memory-store.ts'
import { openDatabase } from '../../src/outbox/open-database.ts'
import { createSqliteStore } from '../../src/outbox/sqlite-store.ts'
import type { Store } from '../../src/outbox/store.ts'

const error = { code: 'X', message: 'm', advice: 'a' }
const NOW = 1_800_000_000_000

function judge(store: Store): void {
  const row = (key: string) => ({ kind: 'k', group: 'g', key, seal: () => Buffer.from(key) })
  const [first, second] = store.insert([row('1'), row('2')], NOW) as [string, string]
  const common = { open: null, attempts: 1, sent: true, error }
  expect(store.claim('k', NOW)?.id).toBe(first)
  store.settle(first, { kind: 'dead', ...common }, NOW)
  // The second is under way when a technician revives the first; then it fails.
  expect(store.claim('k', NOW)?.id).toBe(second)
  store.revive(first)
  store.settle(second, { kind: 'retry', sleepMs: 0, ...common }, NOW)
  expect(store.get(second)?.state).toBe('behind')
  expect(store.claim('k', NOW + 1000)?.id).toBe(first)
  store.settle(first, { kind: 'delivered' }, NOW + 1000)
  expect(store.claim('k', NOW + 2000)?.id).toBe(second)
  store.close()
}

test('on the memory store', () => judge(createMemoryStore()))
test('on the sqlite store', () => {
  const directory = mkdtempSync(join(tmpdir(), 'outbox-order-'))
  judge(createSqliteStore(openDatabase(join(directory, 'outbox.db'))))
  rmSync(directory, { recursive: true })
})
