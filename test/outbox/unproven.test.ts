/** What becomes of a report whose answer was lost: asserted on the platform's books, whichever of id and gate it looks at first. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createOutbox } from '../../src/outbox/create-outbox.ts'
import { openDeadExport } from '../../src/outbox/dead-export.ts'
import type { Outbox, OutboxOptions } from '../../src/outbox/outbox.ts'
import { createSealer } from '../../src/outbox/sealer.ts'
import { ID_ORDERS } from '../../src/simulator/health-card/gateway.ts'
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { healthCard } from '../../src/transcode/platforms/health-card/health-card.ts'
import { createHttpClient, type HttpClient } from '../../src/transcode/platforms/http.ts'

const KIND = 'health-card/reportHISData'
const key = randomBytes(32)
let simulator: Simulator
let http: HttpClient
let place: string
let outbox: Outbox
let newId: () => string
/** What the terminal's clock is ahead, ms. */
let ahead = 0

beforeEach(async () => {
  simulator = createSimulator()
  await simulator.listen(0)
  http = createHttpClient()
  place = mkdtempSync(join(tmpdir(), 'outbox-unproven-'))
  ahead = 0
  const ids = Array.from({ length: 100 }, () => randomBytes(16).toString('hex'))
  newId = () => ids.pop()!
})
afterEach(async () => {
  await outbox.close(0)
  await http.close()
  await simulator.close()
  rmSync(place, { recursive: true })
})

function begin(extra: Partial<OutboxOptions> = {}): void {
  const { terminal, hospital, platforms } = simulator.settings()
  const now = () => Date.now() + ahead
  const platform = healthCard.create(healthCard.settings.parse(platforms.healthCard), { http, now, newId, site: { terminal, hospital }, log: () => {} })
  outbox = createOutbox({
    file: join(place, 'outbox.db'),
    sealer: createSealer(key),
    canSend: () => true,
    isProven: platform.isProven!,
    newRequestId: newId,
    retryFirstMs: 10,
    retryMaxMs: 20,
    send: ({ kind, payload }, attempt, signal) => platform.deliver!({ kind, payload }, attempt, { signal }),
    ...extra,
  })
  outbox.start()
}
function enqueue(department: string): string {
  const qrCodeText = simulator.samples().find(({ id }) => id === 'card-static')!.text()
  const payload = { qrCodeText, time: '2026-01-02 09:30:00', hospitalId: '10086', scene: '010105', department, cardType: '11', cardChannel: '0100' }
  return outbox.enqueue([{ kind: KIND, payload }])[0]!
}
/** Departments in the books, one for each use that was counted. */
const counted = () => (simulator.books()['health-card'] as { uses: { req: { department: string } }[] }).uses.map(({ req }) => req.department)
const until = (done: () => boolean) => expect.poll(done, { timeout: 20_000, interval: 5 }).toBe(true)
const settled = () => until(() => outbox.status().pending === 0)
async function delivered(department: string): Promise<void> {
  enqueue(department)
  await until(() => counted().includes(department))
  await settled()
}
const lose = (code?: string) =>
  simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'reset', recorded: true, times: 1, ...(code ? { code } : {}) })
const refuse = (code: string) => simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'code', code, times: 1 })

describe.each(ID_ORDERS)('a platform that looks %s', (order) => {
  beforeEach(() => simulator.control.requestIdOrder(order))

  test.each(['21001', '21003', '21004', '21005', '21006', '20000', '10034', '21007', '-10038', '-1', '10005', '10042', '10051', '10020', '20001'])(
    'a refusal %s that was lost: the report is counted once, or kept as unproven',
    async (code) => {
      begin()
      await delivered('A')
      lose(code)
      const id = enqueue('B')
      await settled()
      expect(counted().filter((name) => name === 'B').length + outbox.status().unproven).toBe(1)
      expect(outbox.status().dead).toBe(0)
      if (outbox.status().unproven === 1) expect(outbox.report(id)).toMatchObject({ state: 'unproven', nextAttemptAt: null, lastError: { code: '10054' } })
    },
  )

  test('a token that died, its refusal lost: counted once, or kept', async () => {
    begin()
    await delivered('A')
    simulator.control.killToken()
    lose()
    enqueue('B')
    await settled()
    // What is accepted under the next token says nothing of the one that died.
    await delivered('C')
    await settled()
    expect(counted()).toEqual(order === 'id-first' ? ['A', 'C'] : ['A', 'B', 'C'])
    expect(outbox.status().unproven).toBe(order === 'id-first' ? 1 : 0)
  })

  test.each([['21003'], ['-10038'], ['20000'], ['-1']])('counted and its answer lost, then %s at the gate: counted once', async (code) => {
    begin()
    await delivered('A')
    lose()
    refuse(code)
    const id = enqueue('B')
    await until(() => outbox.status().pending === 0)
    expect(counted()).toEqual(['A', 'B'])
    expect(outbox.report(id)?.state).toBe('unproven')
  })

  test('counted, its answer lost, then the token dies: counted once', async () => {
    begin()
    await delivered('A')
    lose()
    const id = enqueue('B')
    await until(() => counted().includes('B'))
    simulator.control.killToken()
    await settled()
    await delivered('C')
    expect(counted()).toEqual(['A', 'B', 'C'])
    expect(outbox.report(id)?.state).toBe('unproven')
  })

  test('counted and its answer lost: the next report that the same token is accepted for proves it', async () => {
    begin()
    await delivered('A')
    lose()
    const id = enqueue('B')
    await until(() => outbox.status().unproven === 1)
    await delivered('C')
    await until(() => outbox.status().unproven === 0)
    expect(outbox.report(id)).toBeUndefined()
    expect(counted()).toEqual(['A', 'B', 'C'])
    expect(outbox.delivered(0)).toEqual({ [KIND]: 3 })
  })

  test('what was accepted between the lost answer and 10054 proves it at once', async () => {
    begin({ retryFirstMs: 300, retryMaxMs: 300 })
    await delivered('A')
    lose()
    enqueue('B')
    await until(() => counted().includes('B'))
    await delivered('C')
    await settled()
    expect(outbox.status().unproven).toBe(0)
    expect(counted()).toEqual(['A', 'B', 'C'])
  })
})

test.each([
  ['another refusal stood between', async () => (refuse('-10038'), delivered('X'))],
  ['the clock was changed', async () => void (ahead = 60_000)],
  ['a day has ended', async () => void (ahead = 86_400_000)],
])('nothing is proven where %s', async (_what, between) => {
  simulator.control.requestIdOrder('gate-first')
  begin()
  await delivered('A')
  lose()
  enqueue('B')
  await until(() => outbox.status().unproven === 1)
  await between()
  simulator.control.clock(ahead)
  await delivered('C')
  expect(outbox.status().unproven).toBe(1)
})

test('an answer that was lost on the way there is asked for again under the same id', async () => {
  begin()
  await delivered('A')
  simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'reset', times: 1 })
  enqueue('B')
  await until(() => counted().includes('B'))
  await settled()
  expect(counted()).toEqual(['A', 'B'])
  expect(outbox.status().unproven).toBe(0)
})

async function unproven(extra: Partial<OutboxOptions> = {}): Promise<string> {
  begin(extra)
  await delivered('A')
  simulator.control.killToken()
  lose()
  const id = enqueue('B')
  await settled()
  return id
}

test('one that was never counted goes under a new id on a person’s word', async () => {
  const id = await unproven()
  expect(outbox.status()).toMatchObject({ pending: 0, dead: 0, unproven: 1 })
  expect(outbox.reports(9, 'unproven').map((report) => report.id)).toEqual([id])
  expect(outbox.reports(9, 'dead')).toEqual([])
  expect(outbox.retry(id)).toBe(true)
  await settled()
  expect(counted()).toEqual(['A', 'B'])
  expect(outbox.status().unproven).toBe(0)
})

test('one is closed as delivered on a person’s word, and no other is', async () => {
  const id = await unproven()
  expect(outbox.settle('0'.repeat(14))).toBe(false)
  expect(outbox.settle(id)).toBe(true)
  expect(outbox.settle(id)).toBe(false)
  expect(outbox.status()).toMatchObject({ pending: 0, dead: 0, unproven: 0 })
  expect(outbox.delivered(0)).toEqual({ [KIND]: 2 })
  expect(counted()).toEqual(['A'])
})

test('is not edited or removed as a dead one is, and leaves in the export with its payload', async () => {
  const id = await unproven()
  expect(outbox.editReport(id, {})).toBe(false)
  expect(outbox.removeDead(id)).toBe(false)
  expect(outbox.readReport(id)?.payload).toMatchObject({ department: 'B' })
  const exported = await openDeadExport(await outbox.exportDead('一个足够长的口令'), '一个足够长的口令')
  expect(exported).toMatchObject([{ id, state: 'unproven', payload: { department: 'B' } }])
})

test.each([
  ['resend', ['A', 'B']],
  ['settle', ['A']],
] as const)('the setting %s decides at once', async (setting, uses) => {
  await unproven({ unproven: setting })
  await settled()
  expect(counted()).toEqual(uses)
  expect(outbox.status()).toMatchObject({ pending: 0, dead: 0, unproven: 0 })
})

test('outlives a restart, counted apart; a new process proves nothing of an attempt before it with another token', async () => {
  const id = await unproven()
  await outbox.close()
  begin()
  await delivered('C')
  expect(outbox.status()).toMatchObject({ pending: 0, unproven: 1 })
  expect(outbox.report(id)?.state).toBe('unproven')
})

test('a file of an earlier version: what had gone unanswered is not taken for counted', async () => {
  begin({ canSend: () => false })
  enqueue('B')
  await outbox.close()
  const db = new DatabaseSync(join(place, 'outbox.db'))
  const spent = newId()
  db.exec(`ALTER TABLE report DROP COLUMN open; UPDATE report SET request = '${spent}', attempts = 1`)
  db.close()
  refuse('21003')
  newId = () => spent
  begin()
  await until(() => outbox.status().unproven === 1)
  expect(counted()).toEqual([])
  expect(outbox.readReport(outbox.reports()[0]!.id)?.payload).toMatchObject({ department: 'B' })
})
