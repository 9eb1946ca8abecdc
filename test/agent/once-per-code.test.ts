import { expect, onTestFinished, test, vi } from 'vitest'
import { createOncePerCode, createRetransmissions } from '../../src/agent/once-per-code.ts'
import type { Outcome } from '../../src/transcode/outcome.ts'

test('a code held before the camera is one scan for as long as it is held, and another when it comes again', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const once = createOncePerCode({ withinMs: 2000, now: Date.now })
  let runs = 0
  const read = (text: string) => once({ text, source: { device: 'camera:screen', kind: 'camera' }, scannedAt: '' }, async () => ({ seq: ++runs }) as Outcome)
  const seqs: number[] = []
  for (let n = 0; n < 10; n++) {
    seqs.push((await read('held')).seq)
    vi.advanceTimersByTime(1500)
  }
  expect(seqs).toEqual(Array<number>(10).fill(1))
  vi.advanceTimersByTime(501)
  expect((await read('held')).seq).toBe(2)
  expect((await read('another')).seq).toBe(3)
  expect((await read('held')).seq).toBe(4)
})

test('a one-time code that a serial scanner sends again unacknowledged is asked once; shown later, or unanswered, again', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const retransmissions = createRetransmissions({ isOneTime: (text) => text.startsWith('dynamic'), now: Date.now })
  let runs = 0
  let status: Outcome['status'] = 'accepted'
  const read = (text: string, device = 'serial:one', kind: 'serial' | 'hid' = 'serial') =>
    retransmissions({ text, source: { device, kind }, scannedAt: '' }, async () => ({ seq: ++runs, status }) as Outcome)
  const seqs: number[] = []
  for (let n = 0; n < 3; n++) {
    seqs.push((await read('dynamic')).seq)
    await vi.advanceTimersByTimeAsync(2200)
  }
  expect(seqs).toEqual([1, 1, 1])
  // Another scanner, another code between, and ten seconds of nothing.
  expect((await read('dynamic', 'serial:two')).seq).toBe(2)
  expect((await read('static')).seq).toBe(3)
  expect((await read('dynamic')).seq).toBe(4)
  await vi.advanceTimersByTimeAsync(10_001)
  expect((await read('dynamic')).seq).toBe(5)
  // What a platform takes many times, and what another kind of scanner read.
  for (const seq of [6, 7]) expect((await read('static')).seq).toBe(seq)
  for (const seq of [8, 9]) expect((await read('dynamic', 'hid:one', 'hid')).seq).toBe(seq)
  status = 'unavailable'
  for (const seq of [10, 11]) {
    expect((await read('dynamic')).seq).toBe(seq)
    await vi.advanceTimersByTimeAsync(2200)
  }
})
