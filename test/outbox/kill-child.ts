/**
 * The process that is killed: stores reports as fast as it can, tells each on
 * standard output once it is acknowledged, and delivers them meanwhile.
 * Arguments: directory, receiver's URL, number of the first report, `drain` to store nothing and end when all is delivered.
 */
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { loadSealer } from '../../src/outbox/key-file.ts'
import type { Delivery, ReportFault } from '../../src/outbox/outbox.ts'

const [directory = '', receiver = '', first = '0', mode] = process.argv.slice(2)
const fault = (code: string): ReportFault => ({ code, message: '平台未接受', advice: '稍后重试' })

const outbox = createOutbox({
  file: join(directory, 'outbox.db'),
  sealer: loadSealer(directory),
  canSend: () => true,
  newRequestId: randomUUID,
  retryFirstMs: 5,
  retryMaxMs: 50,
  send: async (report, attempt, signal): Promise<Delivery> => {
    const code = await post({ requestId: attempt.requestId, ...report.payload }, signal)
    if (code === undefined) return { kind: 'retry', answered: false, error: fault('NETWORK_RESET') }
    if (code === '0' || (code === '10054' && attempt.repeated)) return { kind: 'delivered' }
    return { kind: 'retry', answered: true, error: fault(code) }
  },
})
outbox.start()

if (mode === 'drain') {
  const timer = setInterval(() => {
    if (outbox.status().pending > 0) return
    clearInterval(timer)
    void outbox.close().then(() => process.exit(0))
  }, 20)
} else {
  let number = Number(first)
  setInterval(() => {
    const size = 1 + Math.floor(Math.random() * 3)
    const batch = Array.from({ length: size }, (_, at) => number + at)
    outbox.enqueue(
      batch.map((n) => ({ kind: `lane/${n % 2}`, payload: { n }, group: `visit ${Math.floor(n / 8)}`, key: `trade ${n}` })),
    )
    // Straight to the file descriptor: an acknowledgement in a buffer would die with the process.
    writeSync(1, batch.map((n) => `${n}\n`).join(''))
    number += size
  }, 2)
}

function post(body: object, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request(receiver, { method: 'POST', signal, timeout: 2000 }, (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (part: string) => (text += part))
      reply.on('end', () => resolve(text || undefined)).on('error', () => resolve(undefined))
    })
    call.on('error', () => resolve(undefined)).on('timeout', () => call.destroy())
    call.end(JSON.stringify(body))
  })
}
