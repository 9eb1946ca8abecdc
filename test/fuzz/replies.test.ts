import { expect, test } from 'vitest'
import { REPLIES } from './replies.ts'
import { fuzz } from './run.ts'
import seeds from './seeds.json' with { type: 'json' }

test('every platform has replies to spoil', () => expect(REPLIES.map(({ name }) => name)).toHaveLength(6))

test.each(REPLIES.map((target) => [target.name, target] as const))('%s: a result or a declared error, within 50 ms', async (_name, target) => {
  await fuzz(target, seeds.short, 700)
}, 60_000)
