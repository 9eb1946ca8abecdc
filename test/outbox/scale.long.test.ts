import { expect, test } from 'vitest'
import { measureScale } from './scale.ts'

test('with 1,000,000 reports waiting storing, sending, starting and memory are as with none', async () => {
  const figures = await measureScale(1_000_000, 1000)
  console.log(JSON.stringify(figures))
  expect(figures.startMs).toBeLessThan(1000)
  expect(figures.memoryMiB).toBeLessThan(40)
  expect(figures.statusMs).toBeLessThan(1)
  expect(figures.enqueueMs.full).toBeLessThan(figures.enqueueMs.empty * 1.3)
  expect(figures.deliverMs.full).toBeLessThan(figures.deliverMs.empty * 1.3)
}, 600_000)
