/**
 * The process that is killed: stores usage reports as fast as it can, tells each on standard output once it
 * is acknowledged, and delivers them meanwhile to a 电子健康卡 platform.
 * Arguments: directory, the platform's settings as JSON, number of the first report, `drain` to store nothing,
 * tell the unproven ones (`? number`) and end when all others are delivered.
 */
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { loadSealer } from '../../src/outbox/key-file.ts'
import { healthCard } from '../../src/transcode/platforms/health-card/health-card.ts'
import { createHttpClient } from '../../src/transcode/platforms/http.ts'
import type { Site } from '../../src/transcode/platforms/platform.ts'

const [directory = '', given = '{}', first = '0', mode] = process.argv.slice(2)
const { settings, site, card } = JSON.parse(given) as { settings: unknown; site: Site; card: string }
const KIND = 'health-card/reportHISData'
const newId = () => randomUUID().replaceAll('-', '').toUpperCase()
const platform = healthCard.create(healthCard.settings.parse(settings), { http: createHttpClient(), now: Date.now, newId, site, log: () => {} })

const outbox = createOutbox({
  file: join(directory, 'outbox.db'),
  sealer: loadSealer(directory),
  canSend: () => true,
  isProven: platform.isProven!,
  newRequestId: newId,
  retryFirstMs: 5,
  retryMaxMs: 50,
  send: ({ kind, payload }, attempt, signal) => platform.deliver!({ kind, payload }, attempt, { signal }),
})
outbox.start()

if (mode === 'drain') {
  const timer = setInterval(() => {
    if (outbox.status().pending > 0) return
    clearInterval(timer)
    const unproven = outbox.reports(1_000_000, 'unproven').map(({ id }) => outbox.readReport(id)!.payload['department'])
    writeSync(1, unproven.map((n) => `? ${n}\n`).join(''))
    void outbox.close().then(() => process.exit(0))
  }, 20)
} else {
  let number = Number(first)
  setInterval(() => {
    const batch = Array.from({ length: 1 + Math.floor(Math.random() * 3) }, () => number++)
    outbox.enqueue(batch.map((n) => ({ kind: KIND, payload: use(n), group: `visit ${Math.floor(n / 8)}`, key: `trade ${n}` })))
    // Straight to the file descriptor: an acknowledgement in a buffer would die with the process.
    writeSync(1, batch.map((n) => `${n}\n`).join(''))
  }, 6)
}

function use(n: number): Record<string, string> {
  const time = '2026-01-02 09:30:00'
  return { qrCodeText: card, time, hospitalId: site.hospital!.id, scene: '010105', department: String(n), cardType: '11', cardChannel: '0100' }
}
