/** A data directory that is put back from a backup or copied: nothing is sent twice, no number is given twice, staff are told. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from '../../src/agent/agent.ts'
import { createAgent } from '../../src/agent/create-agent.ts'
import { createLog } from '../../src/agent/log.ts'
import { parseSettings } from '../../src/agent/settings-file.ts'
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { sampleText, until } from '../support/terminal.ts'

const KIND = 'health-card/reportHISData'
let place: string
let simulator: Simulator
const running = new Set<Agent>()
const before = process.env['MAQIAO_MARKER_DIR']
const data = () => join(place, 'data')
const copy = () => join(place, 'copy')

beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), 'maqiao-copy-'))
  process.env['MAQIAO_MARKER_DIR'] = join(place, 'markers')
  simulator = createSimulator()
  await simulator.listen(0)
})
afterEach(async () => {
  for (const agent of running) await stop(agent)
  process.env['MAQIAO_MARKER_DIR'] = before
  await simulator.close()
  rmSync(place, { recursive: true })
})

async function start(dataDir = data()): Promise<Agent> {
  const settings = parseSettings({ ...simulator.settings(), outbox: { retryFirstMs: 20, retryMaxMs: 50 } })
  const agent = createAgent({ settings, dataDir, log: createLog({ write: () => {} }), version: '0' })
  running.add(agent)
  await agent.start()
  return agent
}
async function stop(agent: Agent): Promise<void> {
  running.delete(agent)
  await agent.stop(200)
}
const scan = (agent: Agent, text = sampleText(simulator, 'card-static')) => agent.scan(text, { device: 'api', kind: 'api' })
const post = (agent: Agent, id: string, tradeNo: string) => agent.result(id, { tradeNo, tradeState: '1', msg: 'ok', medicalStep: '010105', department: tradeNo })
const counted = () => (simulator.books()['health-card']?.['uses'] as { by: string; req: { department: string } }[]).filter(({ by }) => by === 'reportHISData').map(({ req }) => req.department)
const codes = (agent: Agent) => agent.notices().map(({ code }) => code)
const refuseOnce = () => simulator.control.fault({ platform: 'health-card', operation: 'reportHISData', mode: 'code', code: '10034', times: 1 } as never)
const sent = (agent: Agent) => until(() => agent.outbox.status().pending === 0)

/** One report that waits behind the platform's limit. */
async function withOnePaused(): Promise<{ agent: Agent; outcome: string }> {
  const agent = await start()
  const { id } = await scan(agent)
  refuseOnce()
  post(agent, id, 'T1')
  await until(() => agent.outbox.status().lanes.some(({ pausedUntil }) => pausedUntil !== null))
  return { agent, outcome: id }
}

function putBack(): void {
  rmSync(data(), { recursive: true })
  cpSync(copy(), data(), { recursive: true })
}

describe('a copy that is older than its installation', () => {
  test('keeps back what waited in it until a technician releases it, and numbers beyond all that were given out', async () => {
    const first = await withOnePaused()
    await stop(first.agent)
    cpSync(data(), copy(), { recursive: true })
    const later = await start()
    later.outbox.resume(KIND)
    await sent(later)
    const { seq } = await scan(later)
    const newest = Math.max(seq, later.events.lastSeq())
    await stop(later)
    putBack()

    let restored = await start()
    restored.outbox.resume(KIND)
    expect(codes(restored)).toEqual(expect.arrayContaining(['DATA_RESTORED', 'REPORTS_HELD']))
    expect(restored.outbox.reports()[0]).toMatchObject({ state: 'paused', nextAttemptAt: null })
    const after = await scan(restored)
    expect(after.seq).toBeGreaterThan(newest)
    // Newer ones are sent.
    post(restored, after.id, 'T2')
    await until(() => counted().length === 2)
    expect(counted()).toEqual(['T1', 'T2'])
    await stop(restored)

    // The next start is an ordinary one: what was kept back stays so.
    restored = await start()
    expect(codes(restored)).toContain('REPORTS_HELD')
    expect(codes(restored)).not.toContain('DATA_RESTORED')
    expect(restored.outbox.status()).toMatchObject({ pending: 1, held: 1 })
    restored.outbox.release()
    await sent(restored)
    expect(counted()).toEqual(['T1', 'T2', 'T1'])
    expect(codes(restored)).toEqual([])
  })

  test('made while the terminal ran, put back after it was killed', async () => {
    const { agent } = await withOnePaused()
    cpSync(data(), copy(), { recursive: true })
    agent.outbox.resume(KIND)
    await sent(agent)
    const marker = () => readdirSync(join(place, 'markers')).filter((name) => name.endsWith('.json'))
    expect(marker()).toHaveLength(1)
    await stop(agent)
    putBack()
    const restored = await start()
    restored.outbox.resume(KIND)
    expect(restored.outbox.status()).toMatchObject({ pending: 1, held: 1 })
    expect(codes(restored)).toContain('DATA_RESTORED')
  })

  test('a copy that runs beside its original is told, and sends nothing of what waits', async () => {
    const { agent } = await withOnePaused()
    cpSync(data(), copy(), { recursive: true })
    const clone = await start(copy())
    clone.outbox.resume(KIND)
    expect(codes(clone)).toEqual(expect.arrayContaining(['INSTALLATION_CLONED', 'REPORTS_HELD']))
    expect((await scan(clone)).seq).toBeGreaterThan(1_000_000_000)
    agent.outbox.resume(KIND)
    await sent(agent)
    expect(counted()).toEqual(['T1'])
  })
})

describe('no alarm', () => {
  test('at an ordinary restart, an abrupt end, a moved directory, a marker that is gone', async () => {
    const { agent } = await withOnePaused()
    await stop(agent)
    for (const change of [
      () => {},
      // As after a power cut: the mark is older than the data.
      () => cpSync(join(place, 'markers-before'), join(place, 'markers'), { recursive: true }),
      () => {
        renameSync(data(), join(place, 'elsewhere'))
        renameSync(join(place, 'elsewhere'), data())
      },
      () => rmSync(join(place, 'markers'), { recursive: true }),
    ]) {
      cpSync(join(place, 'markers'), join(place, 'markers-before'), { recursive: true })
      change()
      const next = await start()
      expect(codes(next)).toEqual([])
      const { id } = await scan(next)
      refuseOnce()
      post(next, id, `T ${id.slice(0, 8)}`)
      next.outbox.resume(KIND)
      await until(() => next.outbox.status().lanes.some(({ pausedUntil }) => pausedUntil !== null))
      await stop(next)
    }
    renameSync(data(), join(place, 'moved'))
    const moved = await start(join(place, 'moved'))
    expect(codes(moved)).toEqual([])
    moved.outbox.resume(KIND)
    await sent(moved)
  })

  test('where the mark cannot be written the terminal works and says so', async () => {
    mkdirSync(join(place, 'not-a-folder'), { recursive: true })
    process.env['MAQIAO_MARKER_DIR'] = '/dev/null/marks'
    const agent = await start()
    expect(codes(agent)).toEqual(['MARKER_NOT_KEPT'])
    const { id } = await scan(agent)
    post(agent, id, 'T1')
    await sent(agent)
  })
})
