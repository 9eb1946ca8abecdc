/** A call for staff: told once however often it is pressed, tried again for a minute, over when nobody needs it. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createStaffCalls, type CallMessage, type Delivered, type StaffCall } from '../../src/agent/staff-call.ts'
import { createPlayedTimers } from '../support/played-timers.ts'

type Answer = Delivered | 'silence' | (() => Promise<Delivered>)

function play(...answers: Answer[]) {
  const timers = createPlayedTimers()
  const start = timers.now()
  const sent: (CallMessage & { afterMs: number })[] = []
  const told: (StaffCall['state'] | 'over')[] = []
  const calls = createStaffCalls({
    origin: () => ({ terminalId: 'K03', department: '内科' }),
    send: async (message) => {
      sent.push({ ...message, afterMs: timers.now() - start })
      const answer = answers[Math.min(sent.length, answers.length) - 1]
      if (typeof answer === 'function') return answer()
      return answer === 'silence' ? new Promise<Delivered>(() => {}) : answer!
    },
    log() {},
    now: timers.now,
    after: timers.after,
  })
  calls.onChange((call) => told.push(call?.state ?? 'over'))
  /** Second by second, so that each answer arrives before the clock goes on. */
  const pass = async (ms: number) => {
    for (let gone = 0; gone < ms; gone += 500) {
      timers.pass(500)
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    }
  }
  return { calls, sent, told, pass, timers }
}

describe('a call that is taken', () => {
  it('is sent once, however often it is pressed, and holds nothing of a patient', async () => {
    const { calls, sent, told, pass } = play('taken')
    for (let press = 0; press < 50; press++) calls.call('help')
    await pass(20_000)
    expect(sent).toEqual([{ terminalId: 'K03', department: '内科', at: expect.stringMatching(/^\d{4}-.+Z$/), reason: 'help', afterMs: 0 }])
    expect(told).toEqual(['sending', 'told'])
  })

  it('is not sent again where a child calls and withdraws 50 times', async () => {
    const { calls, sent, pass } = play('taken')
    for (let press = 0; press < 50; press++) {
      calls.call('help')
      await pass(500)
      calls.withdraw()
    }
    expect(sent).toHaveLength(1)
    expect(calls.call('help').state).toBe('told')
  })

  it('is sent anew half a minute later, to a patient of their own', async () => {
    const { calls, sent, pass } = play('taken')
    const first = calls.call('help')
    await pass(1000)
    calls.withdraw()
    await pass(31_000)
    expect(calls.call('no-code').id).not.toBe(first.id)
    await pass(1000)
    expect(sent.map(({ reason }) => reason)).toEqual(['help', 'no-code'])
  })
})

describe('a call that is not taken', () => {
  it('is tried again for a minute and no longer, then said not to have arrived', async () => {
    const { calls, sent, told, pass } = play('lost')
    calls.call('ending')
    await pass(150_000)
    expect(sent.length).toBeGreaterThan(3)
    expect(sent.at(-1)!.afterMs).toBeLessThanOrEqual(61_000)
    expect(told).toEqual(['sending', 'failed'])
    expect(new Set(sent.map(({ at }) => at)).size).toBe(1)
  })

  it('is said not to have arrived after a minute too where each attempt takes its 30 s', async () => {
    const { calls, sent, told, pass, timers } = play((): Promise<Delivered> => new Promise((done) => timers.after(30_000, () => done('lost'))))
    calls.call('help')
    await pass(70_000)
    expect(told).toEqual(['sending', 'failed'])
    expect(sent.map(({ afterMs }) => afterMs)).toEqual([0, 36_000])
  })

  it('arrives at a later attempt', async () => {
    const { calls, told, pass } = play('lost', 'lost', 'taken')
    calls.call('help')
    await pass(10_000)
    expect(calls.current()?.state).toBe('told')
    expect(told).toEqual(['sending', 'told'])
  })

  it('is not tried again where it was refused, but is when the patient rings again', async () => {
    const { calls, sent, told, pass } = play('refused', 'taken')
    calls.call('help')
    await pass(70_000)
    expect(sent).toHaveLength(1)
    expect(calls.current()?.state).toBe('failed')
    calls.call('help')
    await pass(5000)
    expect(told).toEqual(['sending', 'failed', 'sending', 'told'])
  })

  it('never reaches the system faster than every 3 s', async () => {
    const { calls, sent, pass } = play('silence')
    for (let press = 0; press < 40; press++) {
      calls.call('help')
      await pass(500)
      calls.withdraw()
    }
    const gaps = sent.slice(1).map(({ afterMs }, index) => afterMs - sent[index]!.afterMs)
    expect(Math.min(...gaps, 3000)).toBeGreaterThanOrEqual(3000)
  })
})

describe('a call', () => {
  it('says that nobody is told where no address is set', () => {
    const calls = createStaffCalls({ origin: () => ({ terminalId: 'K03', department: '' }), send: undefined, log() {} })
    expect(calls.call('help').state).toBe('local')
    calls.stop()
  })

  it('is seen by a desk once, and only while it lasts', async () => {
    const { calls, told, pass } = play('lost')
    const { id } = calls.call('help')
    expect(calls.see('another')).toBe(false)
    expect(calls.see(id)).toBe(true)
    await pass(60_000)
    expect(told).toEqual(['sending', 'seen'])
    calls.withdraw()
    expect(calls.see(id)).toBe(false)
  })

  it('is over after three minutes without a ring', async () => {
    const { calls, told, pass } = play('taken')
    calls.call('help')
    await pass(170_000)
    calls.call('help')
    await pass(170_000)
    expect(calls.current()).not.toBeNull()
    await pass(15_000)
    expect(calls.current()).toBeNull()
    expect(told.at(-1)).toBe('over')
  })
})

it('is sent to the next patient also where the clock was put back meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  let sent = 0
  const calls = createStaffCalls({ origin: () => ({ terminalId: 'K03', department: '' }), send: async () => (sent++, 'taken' as const), log() {} })
  onTestFinished(() => calls.stop())
  calls.call('help')
  await vi.advanceTimersByTimeAsync(1000)
  calls.withdraw()
  vi.setSystemTime(Date.now() - 3_600_000)
  await vi.advanceTimersByTimeAsync(31_000)
  calls.call('help')
  await vi.advanceTimersByTimeAsync(1000)
  expect([sent, calls.current()?.state]).toEqual([2, 'told'])
})
