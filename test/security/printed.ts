/** One of each thing that must not be printed, made as the product makes it. */
import { randomBytes } from 'node:crypto'
import { parseSettings } from '../../src/agent/settings-file.ts'
import { unprintedStored } from '../../src/agent/unprinted.ts'
import { createHub } from '../../src/devices/hub.ts'
import type { Scan } from '../../src/devices/scan.ts'
import { createVirtualScanner } from '../../src/devices/serial/virtual-scanner.ts'
import { createMemoryStore } from '../../src/outbox/memory-store.ts'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import type { StoredReport } from '../../src/outbox/outbox.ts'
import { createSealer } from '../../src/outbox/sealer.ts'
import { createRecogniser } from '../../src/transcode/recognise.ts'
import type { Secret } from '../../src/transcode/secret.ts'

export const NUMBER = '340104198810220010'
export const NAME = '欧阳测试'
export const PHONE = '13800138009'
export const KEY = 'a-secret-that-no-line-may-hold'
export const WANTED = [NUMBER, NAME, PHONE, KEY]

export function scanIn(): Scan {
  const scanner = createVirtualScanner({ id: 'serial:virtual' })
  const hub = createHub({ scanners: [scanner] })
  let seen: Scan | undefined
  hub.onScan((scan) => (seen = scan))
  hub.start()
  scanner.feed(`${NUMBER}\r`)
  void hub.stop()
  if (seen?.text !== NUMBER) throw new Error('no scan')
  return seen
}

export const codeIn = () => createRecogniser()(NUMBER)

export function settingsIn() {
  return parseSettings({
    terminal: { id: 'W1', cityNo: '340100' },
    hospital: { id: '1', code: '1', name: 'x', cityCode: '110000', cityName: 'x' },
    platforms: {
      ankang: { endpoints: { transcode: 'https://a.example' }, targetTypes: ['3401002'], headers: { 'x-key': KEY } },
      healthCard: { baseUrl: 'https://h.example', appId: 'a', appSecret: KEY },
    },
    api: { token: KEY, clients: [{ name: 'lab', token: `${KEY}-2`, rights: ['scan'] }] },
  })
}

export const secretIn = () => (settingsIn().platforms['healthCard'] as { appSecret: Secret }).appSecret

export function outcomeIn() {
  const { outcome } = unprintedStored({
    outcome: {
      id: '11111111-2222-3333-4444-555555555555',
      seq: 7,
      scannedAt: '2026-11-22T00:00:00.000Z',
      elapsedMs: 1,
      source: { device: 'serial:virtual', kind: 'serial' },
      code: { format: 'identity-number' },
      status: 'accepted',
      patient: { name: NAME, idNumber: NUMBER, phone: PHONE },
      eVoucher: { ecToken: KEY },
      targets: [{ type: '3401002', typeName: '电子健康码', qrCode: NUMBER, id: NUMBER, object: {} }],
      failures: [],
      reports: [],
    },
    kept: { codeText: NUMBER, countedSteps: [] },
  })
  return outcome
}

export async function reportIn(): Promise<StoredReport> {
  const outbox = createOutbox({
    file: 'nowhere',
    openStore: createMemoryStore,
    sealer: createSealer(randomBytes(32)),
    canSend: () => true,
    newRequestId: () => 'R',
    send: async () => ({ kind: 'delivered' }),
  })
  const [id] = outbox.enqueue([{ kind: 'ankang/message', payload: { name: NAME, idcardNo: NUMBER } }])
  const report = outbox.readReport(id as string)
  await outbox.close()
  return report as StoredReport
}
