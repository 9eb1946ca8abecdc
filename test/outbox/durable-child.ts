/** Does each thing that must be on disk when it returns, between two lines on standard output. */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileDurably } from '../../src/agent/durable-file.ts'
import { openStateStore } from '../../src/agent/state-store.ts'
import { openAuditLog } from '../../src/agent/technician/audit-log.ts'
import { createDoor } from '../../src/agent/technician/door.ts'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { loadSealer, rotateKey } from '../../src/outbox/key-file.ts'

const directory = process.argv[2]!
const say = (line: string) => writeSync(1, `${line}\n`)
async function step(name: string, work: () => unknown): Promise<void> {
  say(`begin ${name}`)
  await work()
  say(`end ${name}`)
}

const sealer = loadSealer(directory)
const outbox = createOutbox({ file: join(directory, 'outbox.db'), sealer, canSend: () => false, newRequestId: () => 'r', send: async () => ({ kind: 'delivered' }) })
const { store } = openStateStore({ file: join(directory, 'state.db'), sealer, digest: sealer.digest })
let clock = Date.parse('2026-11-15T00:00:00Z')
const audit = openAuditLog({ file: join(directory, 'audit.jsonl'), digest: sealer.digest, now: () => clock })
const door = createDoor({ file: join(directory, 'technician.json'), audit })
outbox.enqueue([{ kind: 'a/b', payload: { n: 0 } }])

await step('enqueue', () => outbox.enqueue([{ kind: 'a/b', payload: { n: 1 } }]))
await step('durable', () => writeFileDurably(join(directory, 'small'), 'x', 0o600))
await step('rotate', () => rotateKey(directory))
await step('audit', () => audit.write('technician', 'door.opened'))
clock += 32 * 24 * 3_600_000
await step('month', () => audit.write('technician', 'door.opened'))
await step('note', () => store.putNote('quanzhou', 'a transaction whose ending is unknown'))
await step('number', () => store.putEvent('device', Date.now(), {}))
await door.setPin('123456')
await step('pin', async () => {
  const refused = door.open('654321')
  await refused.catch(() => say('answered'))
})
await outbox.close()
store.close()
audit.close()
