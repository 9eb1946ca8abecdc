import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepOpen } from '../../src/devices/keep-open.ts'
import { DeviceError, type DeviceState } from '../../src/devices/scanner.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A device whose presence the test decides. */
function setUp({ there = false, slow = 0 } = {}) {
  const device = { there, slow, tries: 0, closed: 0, lose: (_fault: DeviceError): void => {}, mayBeBack: (): void => {} }
  const states: string[] = []
  const kept = keepOpen({
    async connect(lost) {
      device.tries++
      if (device.slow > 0) await new Promise((resolve) => setTimeout(resolve, device.slow))
      if (!device.there) throw new DeviceError('DEVICE_MISSING')
      device.lose = lost
      return { close: async () => void device.closed++ }
    },
    state: (state: DeviceState, fault) => void states.push(fault ? `${state} ${fault.code}` : state),
    watch(mayBeBack) {
      device.mayBeBack = mayBeBack
      return () => {}
    },
  })
  return { device, states, kept, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
}

describe('keepOpen', () => {
  it('tries again after 250 ms, then twice as long each time up to 5 s', async () => {
    const { device, states, kept, pass } = setUp()
    await pass(0)
    const waits = [250, 500, 1000, 2000, 4000, 5000, 5000]
    for (const [index, wait] of waits.entries()) {
      await pass(wait - 1)
      expect(device.tries).toBe(index + 1)
      await pass(1)
      expect(device.tries).toBe(index + 2)
    }
    expect(new Set(states)).toEqual(new Set(['opening', 'missing DEVICE_MISSING']))
    await kept.close()
  })

  it('tries at once when the device may be back, and begins with short waits again', async () => {
    const { device, states, kept, pass } = setUp()
    await pass(10_000)
    const { tries } = device
    device.mayBeBack()
    await pass(0)
    expect(device.tries).toBe(tries + 1)
    device.there = true
    await pass(250)
    expect(states.at(-1)).toBe('open')
    await kept.close()
    expect(device.closed).toBe(1)
  })

  it('closes what was lost before it opens again', async () => {
    const { device, states, kept, pass } = setUp({ there: true })
    await pass(1000)
    device.lose(new DeviceError('DEVICE_UNPLUGGED'))
    device.lose(new DeviceError('DEVICE_FAILED'))
    await pass(0)
    expect([device.closed, states.at(-1)]).toEqual([1, 'missing DEVICE_UNPLUGGED'])
    await pass(251)
    expect(states.at(-1)).toBe('open')
    await kept.close()
  })

  it('waits longer and longer for a device that opens and fails at once', async () => {
    const { device, kept, pass } = setUp({ there: true })
    await pass(0)
    for (let round = 0; round < 40; round++) {
      device.lose(new DeviceError('DEVICE_FAILED'))
      await pass(250)
    }
    expect(device.tries).toBeLessThan(10)
    await kept.close()
  })

  it('may be closed or lent while it is opening, and leaves nothing open', async () => {
    const { device, states, kept, pass } = setUp({ there: true, slow: 100 })
    await pass(50)
    const lending = kept.lend()
    await pass(50)
    const giveBack = await lending
    expect([device.tries, device.closed, states.at(-1)]).toEqual([1, 1, 'lent'])
    expect(states).not.toContain('open')
    giveBack()
    await pass(50)
    const closing = kept.close()
    await pass(50)
    await closing
    expect([device.tries, device.closed]).toEqual([2, 2])
    giveBack()
    await pass(1000)
    expect(device.tries).toBe(2)
  })
})
