/** What has expired, was sealed under an older key or was delivered cannot be opened in any file with the directory's own keys. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStateStore } from '../../src/agent/state-store.ts'
import type { StoredOutcome } from '../../src/agent/stored.ts'
import { finishRotation } from '../../src/agent/technician/rotation.ts'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { loadKey, loadOlderKeys, loadSealer, rotateKey } from '../../src/outbox/key-file.ts'
import type { Sealer } from '../../src/outbox/outbox.ts'
import { createSealer } from '../../src/outbox/sealer.ts'
import { until } from '../support/terminal.ts'

let directory: string
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'maqiao-erased-'))))
afterEach(() => rmSync(directory, { recursive: true }))

const MOST_BYTES = 700
/** Sealed texts in the files of a database that open under one of the bound texts. */
function opened(file: string, sealer: Sealer, bound: readonly string[]): number {
  const start = Buffer.from(sealer.seal(Buffer.from('x'), 'y')).subarray(0, 5)
  let found = 0
  for (const name of readdirSync(directory).filter((each) => each.startsWith(file))) {
    const bytes = readFileSync(join(directory, name))
    for (let at = bytes.indexOf(start); at >= 0; at = bytes.indexOf(start, at + 1)) {
      for (const aad of bound) {
        for (let length = 21 + 16 + 32; length <= MOST_BYTES && at + length <= bytes.length; length += 16) {
          try {
            sealer.open(bytes.subarray(at, at + length), aad)
            found++
            break
          } catch {
            // Not this length, or not this text.
          }
        }
      }
    }
  }
  return found
}

const outcome = (id: string): StoredOutcome => ({
  outcome: {
    id, seq: 0, scannedAt: '2026-11-22T00:00:00.000Z', elapsedMs: 1, source: { device: 'x', kind: 'serial' }, code: { format: 'ankang' },
    status: 'accepted', patient: { name: '欧阳测试' }, targets: [], failures: [], reports: [],
  },
  kept: { codeText: 'x', countedSteps: [] },
})
const open = (sealer = loadSealer(directory)) => openStateStore({ file: join(directory, 'state.db'), sealer, digest: (text) => text }).store

test('an outcome that expired while the terminal runs', () => {
  const state = open()
  const ids = ['o1', 'o2', 'o3']
  for (const id of ids) state.putOutcome(outcome(id), 1000)
  expect(opened('state.db', loadSealer(directory), ids)).toBeGreaterThanOrEqual(3)
  state.expire(2000)
  expect(opened('state.db', loadSealer(directory), ids)).toBe(0)
  state.close()
})

test('a row that expired leaves nothing in a free page either', () => {
  const state = open()
  const ids = ['o1', 'o2', 'o3']
  for (const id of ids) state.putOutcome(outcome(id), 1000)
  state.expire(1000)
  state.expire(2000 + 40 * 86_400_000)
  state.close()
  expect(opened('state.db', loadSealer(directory), ids)).toBe(0)
})

test('an outcome under the key before a rotation', async () => {
  const state = open()
  const older = createSealer(loadKey(directory))
  state.putOutcome(outcome('o'), 1000)
  rotateKey(directory)
  await state.rekey(loadSealer(directory))
  expect(opened('state.db', older, ['o'])).toBe(0)
  expect(opened('state.db', createSealer(loadKey(directory)), ['o'])).toBeGreaterThan(0)
  state.close()
})

test('a rotation that a crash cut is ended at the next start: one key is left, and opens everything', async () => {
  const first = open()
  first.putOutcome(outcome('o'), 1000)
  first.putNote('quanzhou', 'a note')
  const box = () => createOutbox({ file: join(directory, 'outbox.db'), sealer: loadSealer(directory), canSend: () => false, newRequestId: () => 'r', send: async () => ({ kind: 'delivered' }) })
  let outbox = box()
  const [id] = outbox.enqueue([{ kind: 'a/b', payload: { n: 1 } }])
  await outbox.close()
  first.close()
  rotateKey(directory)
  rotateKey(directory)
  expect(loadOlderKeys(directory)).toHaveLength(2)
  outbox = box()
  const state = open()
  await finishRotation({ directory, outbox, state })
  expect(loadOlderKeys(directory)).toEqual([])
  await outbox.close()
  state.close()
  outbox = box()
  const again = open()
  expect([outbox.readReport(id!)?.payload, again.note('quanzhou'), typeof again.outcome('o', 0)]).toEqual([{ n: 1 }, 'a note', 'object'])
  await outbox.close()
  again.close()
})

test('a delivered payload, though deliveries never pause', async () => {
  const sealer = loadSealer(directory)
  const outbox = createOutbox({ file: join(directory, 'outbox.db'), sealer, canSend: () => true, newRequestId: () => 'r', send: async () => ({ kind: 'delivered' }) })
  outbox.start()
  const [id] = outbox.enqueue([{ kind: 'a/b', payload: { name: '欧阳测试' } }])
  const bound = [`report ${id} a/b`]
  expect(opened('outbox.db', sealer, bound)).toBeGreaterThan(0)
  const busy = setInterval(() => outbox.enqueue([{ kind: 'a/b', payload: { n: 1 } }]), 500)
  await until(() => opened('outbox.db', sealer, bound) === 0, Boolean, 60_000)
  clearInterval(busy)
  await outbox.close()
}, 90_000)
