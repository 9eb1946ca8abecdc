import { test } from 'vitest'
import { INBOUND } from './inbound.ts'
import { fuzz } from './run.ts'
import seeds from './seeds.json' with { type: 'json' }

test.each(INBOUND.map((target) => [target.name, target] as const))('%s: 20,000 of them', async (name, target) => {
  const { slowestMs } = await fuzz(target, seeds.long, 20_000)
  console.log(`${name}: 20000 inputs, the slowest ${slowestMs.toFixed(1)} ms`)
})
