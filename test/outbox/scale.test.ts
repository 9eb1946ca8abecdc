import { expect, test } from 'vitest'
import { measureScale } from './scale.ts'

test('with 20,000 reports waiting the start is quick and memory flat', async () => {
  const figures = await measureScale(20_000, 60)
  console.log(JSON.stringify(figures))
  expect(figures.startMs).toBeLessThan(1000)
  expect(figures.memoryMiB).toBeLessThan(40)
  expect(figures.statusMs).toBeLessThan(1)
}, 60_000)
