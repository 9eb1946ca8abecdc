import { test } from 'vitest'
import { PURE, SHARES } from './pure.ts'
import { fuzz } from './run.ts'
import seeds from './seeds.json' with { type: 'json' }

const INPUTS = 1_000_000

test.each(PURE.map((target) => [target.name, target] as const))('%s: a million inputs among all', async (name, target) => {
  const count = Math.ceil((INPUTS * target.share) / SHARES)
  const { slowestMs } = await fuzz(target, seeds.long, count)
  console.log(`${name}: ${count} inputs, the slowest ${slowestMs.toFixed(1)} ms`)
})
