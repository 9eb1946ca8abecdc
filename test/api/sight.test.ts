/** How much of an outcome each kind of caller sees, and for how long a kiosk has its own. */
import { expect, test } from 'vitest'
import { maskOutcome, withoutIdentity } from '../../src/agent/masking.ts'
import type { Settings } from '../../src/agent/settings.ts'
import { DESK, KIOSK, type Caller, type Right } from '../../src/api/access.ts'
import { createSight } from '../../src/api/sight.ts'
import type { Outcome } from '../../src/transcode/outcome.ts'

const BEGAN = Date.parse('2026-01-01T08:00:00+08:00')
const SCREEN_MINUTES = 2
const caller = (...rights: Right[]): Caller => ({ name: 'his', rights: new Set(rights) })

function outcome(seq: number, atMs: number): Outcome {
  return {
    id: `outcome ${seq}`, seq, scannedAt: new Date(BEGAN + atMs).toISOString(), elapsedMs: 1, source: { device: 'd', kind: 'serial' }, code: { format: 'ankang' },
    status: 'accepted', patient: { name: '周小川', idNumber: '340101199003077427' }, targets: [], failures: [], reports: [],
  }
}

/** The agent gives its outcomes newest number first. */
function made(...outcomes: Outcome[]) {
  let clock = BEGAN
  const asked: number[] = []
  const sight = createSight(
    {
      forScreen: masked,
      latestOutcomes: (count: number) => (asked.push(count), outcomes.toReversed().slice(0, count)),
      settings: { retention: { screenMinutes: SCREEN_MINUTES } } as Settings,
    },
    () => clock,
  )
  return { sight, asked, at: (ms: number) => void (clock = BEGAN + ms) }
}

/** As the agent gives it to a screen. */
const masked = (each: Outcome) => ({ ...maskOutcome(each), offers: [] })
const idsFor = (sight: ReturnType<typeof made>['sight'], outcomes: Outcome[]) => sight.list(KIOSK, outcomes).map(({ id }) => id)
const UNKNOWN = expect.objectContaining({ code: 'OUTCOME_UNKNOWN' })

test('with `scan` it is whole, at a desk masked, for all others without identity, however old', () => {
  const [old, late] = [outcome(1, 0), outcome(2, 1000)]
  const { sight, at } = made(old, late)
  at(86_400_000)
  for (const each of [old, late]) {
    expect(sight.shown(caller('scan'), each)).toBe(each)
    expect(sight.shown(DESK, each)).toEqual(masked(each))
    expect(sight.shown(caller('result', 'admin'), each)).toEqual(withoutIdentity(each))
    sight.check(DESK, each.id)
  }
  expect(sight.list(caller('scan'), [old, late])).toEqual([old, late])
  expect(sight.list(caller('admin'), [old, late])).toEqual([old, late].map(withoutIdentity))
})

test('a kiosk has the latest scan alone, which one that took longer does not replace', () => {
  const [slow, present] = [outcome(2, 0), outcome(1, 500)]
  const { sight, at } = made(present, slow)
  at(1000)
  expect([sight.shown(KIOSK, present), sight.shown(KIOSK, slow)]).toEqual([masked(present), withoutIdentity(slow)])
  expect(sight.list(KIOSK, [slow, present])).toEqual([masked(present)])
  sight.check(KIOSK, present.id)
  expect(() => sight.check(KIOSK, slow.id)).toThrow(UNKNOWN)
})

test('of two scans of one moment the later number is the present one', () => {
  const [first, second] = [outcome(1, 0), outcome(2, 0)]
  const { sight } = made(first, second)
  expect(idsFor(sight, [first, second])).toEqual([second.id])
})

test('a kiosk has it until the screen forgets it', () => {
  const only = outcome(1, 0)
  const { sight, at } = made(only)
  at(SCREEN_MINUTES * 60_000)
  expect([sight.shown(KIOSK, only), idsFor(sight, [only])]).toEqual([masked(only), [only.id]])
  at(SCREEN_MINUTES * 60_000 + 1)
  expect([sight.shown(KIOSK, only), idsFor(sight, [only])]).toEqual([withoutIdentity(only), []])
  expect(() => sight.check(KIOSK, only.id)).toThrow(UNKNOWN)
})

test('a kiosk has nothing of a visit that has ended, and all of the next', () => {
  const [before, after] = [outcome(1, 0), outcome(2, 1000)]
  const { sight, at } = made(before, after)
  at(1000)
  sight.endVisit(BEGAN + 1000)
  // An earlier end that is told later takes nothing back.
  sight.endVisit(BEGAN)
  expect([sight.shown(KIOSK, before), idsFor(sight, [before, after])]).toEqual([withoutIdentity(before), [after.id]])
  at(1001)
  sight.endVisit(BEGAN + 1001)
  expect([sight.shown(KIOSK, after), idsFor(sight, [before, after])]).toEqual([withoutIdentity(after), []])
})

test('an end in the future is now: it hides nobody who comes before it', () => {
  const next = outcome(1, 500)
  const { sight, at } = made(next)
  sight.endVisit(BEGAN + 86_400_000)
  at(500)
  expect(idsFor(sight, [next])).toEqual([next.id])
})

test('without outcomes a kiosk has none', () => {
  const { sight, asked } = made()
  expect(idsFor(sight, [outcome(1, 0)])).toEqual([])
  expect(() => sight.check(KIOSK, 'outcome 1')).toThrow(UNKNOWN)
  expect(asked).toEqual([20, 20])
})
