import { test } from 'vitest'
import { INBOUND } from './inbound.ts'
import { fuzz } from './run.ts'
import seeds from './seeds.json' with { type: 'json' }

test.each(INBOUND.map((target) => [target.name, target] as const))('%s: an answer, within 50 ms, and the HIS is asked only for who has signed', async (_name, target) => {
  await fuzz(target, seeds.short, 400)
}, 60_000)
