import { expect, it } from 'vitest'
import { portName, type PortInfo } from '../../../src/devices/serial/port-list.ts'
import { watchWhileOpen } from '../../../src/devices/serial/watch-port.ts'

/** A list as Windows gives it, and how often it was asked. */
function playedList(first: string[]) {
  let names = first
  let asked = 0
  let waiting: { until: number; done: () => void } | undefined
  return {
    set: (next: string[]) => void (names = next),
    async list(): Promise<PortInfo[]> {
      asked++
      if (waiting && asked >= waiting.until) waiting.done()
      return names.map((path) => ({ path }))
    },
    /** Resolves when it was asked `more` times from now. */
    asked: (more: number) => new Promise<void>((done) => (waiting = { until: asked + more, done })),
  }
}

it.each(['COM5', 'com5', 'COM5:', '\\\\.\\COM5', '\\\\.\\com5', '\\\\?\\COM5'])('%s is COM5, whatever the list calls it', async (path) => {
  expect(portName(path)).toBe('COM5')
  const played = playedList(['COM4', 'COM5'])
  let gone = 0
  const stop = watchWhileOpen(path, () => gone++, { list: played.list, pollMs: 5 })
  await played.asked(3)
  expect(gone).toBe(0)
  played.set(['COM4'])
  await expect.poll(() => gone).toBe(1)
  stop()
})

it('an open port that the list never had is not taken for unplugged; once listed, it is watched', async () => {
  const played = playedList(['COM1'])
  let gone = 0
  const stop = watchWhileOpen('COM8', () => gone++, { list: played.list, pollMs: 5 })
  await played.asked(4)
  expect(gone).toBe(0)
  played.set(['COM1', 'COM8'])
  await played.asked(2)
  played.set(['COM1'])
  await expect.poll(() => gone).toBe(1)
  stop()
})
