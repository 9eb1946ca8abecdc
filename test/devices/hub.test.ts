import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHub } from '../../src/devices/hub.ts'
import type { Scan } from '../../src/devices/scan.ts'
import { DeviceError, type DeviceStatus } from '../../src/devices/scanner.ts'
import { createVirtualScanner } from '../../src/devices/serial/virtual-scanner.ts'
import { createPlayedTimers } from '../support/played-timers.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-01-02T03:04:05.000Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(options: { repeatWithinMs?: number } = {}) {
  const one = createVirtualScanner({ id: 'serial:one' })
  const two = createVirtualScanner({ id: 'serial:two' })
  const hub = createHub({ scanners: [one, two], ...options })
  const scans: Scan[] = []
  const statuses: DeviceStatus[] = []
  hub.onScan((scan) => scans.push(scan))
  hub.onStatus((status) => statuses.push(status))
  hub.start()
  return { one, two, hub, scans, statuses, texts: () => scans.map(({ text }) => text) }
}

describe('hub', () => {
  it('makes one stream of many scanners', () => {
    const { one, two, scans } = setUp()
    one.feed('A')
    two.feed(Buffer.from(']Q1B\r'))
    expect(scans).toEqual([
      { text: 'A', source: { device: 'serial:one', kind: 'serial' }, scannedAt: '2026-01-02T03:04:05.000Z' },
      { text: 'B', source: { device: 'serial:two', kind: 'serial' }, scannedAt: '2026-01-02T03:04:05.000Z', aim: ']Q1' },
    ])
  })

  it('takes a code held in view for one scan, on whatever device', () => {
    const { one, two, texts } = setUp()
    for (let reading = 0; reading < 10; reading++) {
      ;(reading % 2 ? one : two).feed('A')
      vi.advanceTimersByTime(1500)
    }
    one.feed('B')
    expect(texts()).toEqual(['A', 'B'])
    vi.advanceTimersByTime(2000)
    one.feed('A')
    expect(texts()).toEqual(['A', 'B', 'A'])
  })

  it('drops nothing where the setting is 0', () => {
    const { one, texts } = setUp({ repeatWithinMs: 0 })
    one.feed('A')
    one.feed('A')
    expect(texts()).toEqual(['A', 'A'])
  })

  it('gives on 2000 codes of one burst as 2000', () => {
    const { one, texts } = setUp()
    const codes = Array.from({ length: 2000 }, (_, index) => `CODE${index}`)
    one.feed(Buffer.from(codes.map((code) => `${code}\r\n`).join('')))
    expect(texts()).toEqual(codes)
  })

  it('goes on when a listener throws', () => {
    const { one, hub, texts } = setUp()
    hub.onScan(() => {
      throw new Error('of its own')
    })
    const after: string[] = []
    hub.onScan(({ text }) => after.push(text))
    one.feed('A')
    expect(texts()).toEqual(['A'])
    expect(after).toEqual(['A'])
  })

  it('keeps the failure of one scanner from the others', () => {
    const good = createVirtualScanner({ id: 'serial:good' })
    const bad = { ...createVirtualScanner({ id: 'serial:bad' }), open: () => { throw new DeviceError('DEVICE_DRIVER') } }
    const hub = createHub({ scanners: [bad, good] })
    const texts: string[] = []
    hub.onScan(({ text }) => texts.push(text))
    hub.start()
    good.feed('A')
    expect(texts).toEqual(['A'])
    expect(hub.status().map(({ id, state, fault }) => [id, state, fault?.code])).toEqual([
      ['serial:bad', 'failed', 'DEVICE_DRIVER'],
      ['serial:good', 'open', undefined],
    ])
  })

  it('tells states with their reasons, and nothing after the stop', async () => {
    const { one, two, hub, statuses, texts } = setUp()
    one.unplug()
    expect(statuses.at(-1)).toMatchObject({ id: 'serial:one', state: 'missing', fault: { code: 'DEVICE_UNPLUGGED', message: '扫码枪被拔出' } })
    one.plug()
    expect(hub.status()[0]).toMatchObject({ state: 'open' })
    two.feed(Buffer.from([0x81, 0x20, 0x41, 0x0d]))
    expect(hub.status()[1]).toMatchObject({ state: 'open', fault: { code: 'DEVICE_GARBLED' } })
    await hub.stop()
    one.feed('LATE')
    expect(texts()).toEqual([])
    hub.start()
    one.feed('AGAIN')
    expect(texts()).toEqual(['AGAIN'])
  })

  it('lends a device and takes it back', async () => {
    const { one, two, hub, texts } = setUp()
    const takeBack = await hub.lend('serial:one', { timeLimitMs: 5000 })
    expect(hub.status()[0]).toMatchObject({ state: 'lent', lentUntil: '2026-01-02T03:04:10.000Z' })
    one.feed('NOT OURS')
    two.feed('OURS')
    expect(texts()).toEqual(['OURS'])
    await expect(hub.lend('serial:one')).rejects.toMatchObject({ code: 'DEVICE_BUSY' })
    await expect(hub.lend('serial:none')).rejects.toMatchObject({ code: 'DEVICE_MISSING' })
    takeBack()
    takeBack()
    one.feed('BACK')
    expect(texts()).toEqual(['OURS', 'BACK'])
    expect(hub.status()[0]).not.toHaveProperty('lentUntil')
  })

  it('lends to one after the other in the order of asking, without opening in between', async () => {
    const { hub, one, statuses, texts } = setUp()
    const order: string[] = []
    const borrow = async (name: string, waitMs: number) => {
      const giveBack = await hub.lend('serial:one', { waitMs })
      order.push(name)
      return giveBack
    }
    const first = await borrow('first', 10_000)
    const second = borrow('second', 10_000)
    const third = borrow('third', 10_000)
    const hasty = borrow('hasty', 1000).catch((error: DeviceError) => error.code)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await hasty).toBe('DEVICE_BUSY')
    const since = statuses.length
    first()
    ;(await second)()
    const last = await third
    expect(order).toEqual(['first', 'second', 'third'])
    expect(statuses.slice(since).map(({ state }) => state)).not.toContain('open')
    expect(hub.status()[0]).toMatchObject({ state: 'lent' })
    last()
    one.feed('BACK')
    expect(texts()).toEqual(['BACK'])
  })

  it('passes a loan on at the limit of the one before, and to nobody after the stop', async () => {
    const { hub } = setUp()
    await hub.lend('serial:one', { timeLimitMs: 5000 })
    const next = hub.lend('serial:one', { waitMs: 10_000, timeLimitMs: 60_000 })
    const never = hub.lend('serial:one', { waitMs: 10_000 }).catch((error: DeviceError) => error.code)
    await vi.advanceTimersByTimeAsync(5000)
    await next
    expect(hub.status()[0]).toMatchObject({ state: 'lent' })
    await hub.stop()
    expect(await never).toBe('DEVICE_BUSY')
  })

  it('lets a program use at once what a technician has released for it', async () => {
    const { hub } = setUp()
    const takeBack = await hub.lend('serial:one', { released: true })
    const done = await hub.lend('serial:one', { waitMs: 10_000 })
    done()
    expect(hub.status()[0]).toMatchObject({ state: 'lent' })
    takeBack()
    expect(hub.status()[0]).toMatchObject({ state: 'open' })
  })

  it('takes a device back at the limit from a borrower who forgets it', async () => {
    const { one, hub, texts } = setUp()
    const takeBack = await hub.lend('serial:one', { timeLimitMs: 5000 })
    vi.advanceTimersByTime(4999)
    expect(hub.status()[0]?.state).toBe('lent')
    vi.advanceTimersByTime(1)
    expect(hub.status()[0]?.state).toBe('open')
    one.feed('BACK')
    expect(texts()).toEqual(['BACK'])
    const again = await hub.lend('serial:one', { timeLimitMs: 5000 })
    takeBack()
    expect(hub.status()[0]?.state).toBe('lent')
    again()
    expect(hub.takeBack('serial:one')).toBe(false)
    await hub.stop()
  })

  it('opens its devices anew after the computer has slept, but for those that are lent', async () => {
    const timers = createPlayedTimers()
    const one = createVirtualScanner({ id: 'serial:one' })
    const two = createVirtualScanner({ id: 'serial:two' })
    const hub = createHub({ scanners: [one, two], timers })
    hub.start()
    await hub.lend('serial:two')
    const opened: string[] = []
    hub.onStatus(({ id, state }) => opened.push(`${id} ${state}`))
    timers.pass(60_000)
    expect(opened).toEqual([])
    timers.stall(3_600_000)
    timers.pass(0)
    await vi.advanceTimersByTimeAsync(0)
    expect(opened).toEqual(['serial:one opening', 'serial:one open'])
    await hub.stop()
    timers.stall(3_600_000)
    timers.pass(0)
    await vi.advanceTimersByTimeAsync(0)
    expect(opened).toHaveLength(2)
  })
})
