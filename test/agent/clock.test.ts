/** A clock that is wrong for a while: a dead battery, a wrong time server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createAgeClock } from '../../src/agent/age-clock.ts'
import type { Agent } from '../../src/agent/agent.ts'
import { createAgent } from '../../src/agent/create-agent.ts'
import { createLog } from '../../src/agent/log.ts'
import { parseSettings } from '../../src/agent/settings-file.ts'
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { sampleText } from '../support/terminal.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('the clock of ages', () => {
  let [wall, up] = [0, 0]
  const NOON = Date.parse('2026-11-22T04:00:00Z')
  const make = (known?: number) => createAgeClock({ wall: () => wall, uptime: () => up, known })
  const pass = (ms: number) => ((wall += ms), (up += ms))
  /** An hour and a bit, looked at each minute. */
  const hold = (clock: ReturnType<typeof make>) => {
    for (let minute = 0; minute < 62; minute++) pass(60_000), clock.now()
  }

  test('goes with the system’s clock and its small corrections', () => {
    wall = NOON
    const clock = make()
    pass(HOUR)
    expect([clock.now(), clock.confirmed()]).toEqual([wall, wall])
    wall -= 60_000
    expect([clock.now(), clock.confirmed()]).toEqual([wall, wall])
  })

  test.each([[2 * DAY], [-2 * DAY], [-20 * 365 * DAY], [400 * DAY]])('does not follow a jump of %d ms until it has held for an hour', (jump) => {
    wall = NOON
    const clock = make()
    clock.now()
    wall += jump
    pass(60_000)
    expect([clock.now(), clock.confirmed()]).toEqual([NOON + 60_000, NOON + 60_000])
    hold(clock)
    expect([clock.now(), clock.confirmed()]).toEqual([wall, wall])
  })

  test('follows at once where a platform’s clock agrees, and not where it does not', () => {
    wall = NOON
    const clock = make()
    wall += 2 * DAY
    clock.heard(-2 * DAY)
    expect(clock.now()).toBe(NOON)
    clock.heard(1000)
    expect([clock.now(), clock.confirmed()]).toEqual([wall, wall])
  })

  test('a start with a clock that is ahead hides at once and erases when it is confirmed', () => {
    wall = NOON + 2 * DAY
    const clock = make(NOON)
    expect([clock.now(), clock.confirmed()]).toEqual([wall, NOON])
    hold(clock)
    expect([clock.now(), clock.confirmed()]).toEqual([wall, wall])
  })

  test('put right within the hour it has erased nothing', () => {
    wall = NOON + 2 * DAY
    const clock = make(NOON)
    pass(30 * 60_000)
    clock.now()
    wall -= 2 * DAY
    pass(60_000)
    expect(clock.confirmed()).toBe(NOON + 31 * 60_000)
    expect(clock.now()).toBe(wall)
  })

  test('a start with a clock far back goes on from the last run', () => {
    wall = 0
    const clock = make(NOON)
    pass(60_000)
    expect([clock.now(), clock.confirmed()]).toEqual([NOON + 60_000, NOON + 60_000])
    wall = NOON + 2 * 60_000
    expect(clock.now()).toBe(wall)
  })
})

describe('an agent whose clock is wrong', () => {
  let place: string
  let simulator: Simulator
  let agent: Agent
  let shift = 0
  afterEach(async () => {
    await agent.stop(500)
    await simulator.close()
    rmSync(place, { recursive: true })
  })

  async function begin() {
    place = mkdtempSync(join(tmpdir(), 'maqiao-clock-'))
    simulator = createSimulator()
    await simulator.listen(0)
    await start(0)
  }
  async function start(ahead: number) {
    shift = ahead
    agent = createAgent({ settings: parseSettings(simulator.settings()), dataDir: join(place, 'data'), log: createLog({ write: () => {} }), version: '0', now: () => Date.now() + shift })
    await agent.start()
  }
  async function restart(ahead: number) {
    await agent.stop(500)
    await start(ahead)
  }
  const scan = (text = sampleText(simulator, 'card-static')) => agent.scan(text, { device: 'api', kind: 'api' })
  const post = (id: string, tradeNo: string) => agent.result(id, { tradeNo, tradeState: '1', msg: 'ok', medicalStep: '010105', department: tradeNo }).reports
  const expired = expect.objectContaining({ code: 'OUTCOME_EXPIRED' })

  test.each([['two days ahead', 2 * DAY], ['401 days ahead', 401 * DAY], ['far back', -10 * 365 * DAY]])('one start %s erases nothing: outcomes, trades and events are there afterwards', async (_, ahead) => {
    await begin()
    const [open, done] = [await scan(), await scan()]
    const ids = post(done.id, 'T1')
    await restart(ahead)
    if (ahead > 0) expect(() => post(open.id, 'T0')).toThrow(expired)
    await restart(0)
    expect(post(open.id, 'T2')).toHaveLength(1)
    expect(post(done.id, 'T1')).toEqual(ids)
    const replayed = [...agent.events.after(0, agent.notBefore())].filter(({ type }) => type === 'outcome').map(({ data }) => (data as { id: string }).id)
    expect(replayed).toEqual(expect.arrayContaining([open.id, done.id]))
  })

  test('a running terminal whose clock jumps goes on taking results', async () => {
    await begin()
    const outcome = await scan()
    shift = 2 * DAY
    expect(post(outcome.id, 'T1')).toHaveLength(1)
    shift = -2 * DAY
    expect(post(outcome.id, 'T2')).toHaveLength(1)
  })

  test('what was scanned while the clock was far back is not old when it is right again', async () => {
    await begin()
    await scan()
    await restart(-10 * 365 * DAY)
    const outcome = await scan('MZ2020000101')
    await restart(0)
    expect(agent.outcome(outcome.id).status).toBe('accepted')
  })

  test('what was scanned while the clock was ahead is kept no longer than a day from when it is right again', async () => {
    await begin()
    await restart(400 * DAY)
    const outcome = await scan('MZ2020000101')
    await restart(0)
    agent.state.expire(Date.now() - 1000, Date.now())
    expect(agent.outcome(outcome.id).status).toBe('accepted')
    agent.state.expire(Date.now() + 1000)
    expect(() => agent.outcome(outcome.id)).toThrow(expired)
  })
})
