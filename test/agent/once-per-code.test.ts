import { expect, onTestFinished, test, vi } from 'vitest'
import { createOncePerCode } from '../../src/agent/once-per-code.ts'
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
