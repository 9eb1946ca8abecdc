/** A process of its own whose memory is nothing but the outbox's: opens the file of its argument, works a little, tells its figures. */
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { createSealer } from '../../src/outbox/sealer.ts'
import { benchReport } from '../bench/outbox.ts'

const [file = '', rounds = '0'] = process.argv.slice(2)
const startedAt = performance.now()
const outbox = createOutbox({
  file,
  sealer: createSealer(Buffer.alloc(32, 1)),
  canSend: () => true,
  newRequestId: () => '',
  send: async (_, attempt) => (attempt.begin(), { kind: 'delivered' }),
})
outbox.status()
const startMs = performance.now() - startedAt
for (let n = 0; n < Number(rounds); n++) outbox.enqueue([benchReport(n)])
outbox.reports()
outbox.start()
await new Promise((resolve) => setTimeout(resolve, 300))
globalThis.gc?.()
console.log(JSON.stringify({ startMs, rss: process.memoryUsage.rss() }))
await outbox.close(0)
