import { expect, test } from 'vitest'
import { PURE, SHARES } from './pure.ts'
import { fuzz } from './run.ts'
import seeds from './seeds.json' with { type: 'json' }

const INPUTS = 20_000

test.each(PURE.map((target) => [target.name, target] as const))('%s: ends in a declared way, within 50 ms', async (_name, target) => {
  await fuzz(target, seeds.short, Math.ceil((INPUTS * target.share) / SHARES))
}, 60_000)

test('the search stops at what is not declared and at what is slow', async () => {
  await expect(fuzz({ name: 'x', run: (random) => void (random.below(10) === 3 && expect.fail('found')) }, 1, 100)).rejects.toThrow(/x, seed \d+: .*found/s)
  const busy = () => {
    const began = process.threadCpuUsage()
    while (process.threadCpuUsage(began).user < 60_000);
  }
  await expect(fuzz({ name: 'y', run: busy }, 1, 1)).rejects.toThrow(/y, seed 1: \d+ ms/)
})
