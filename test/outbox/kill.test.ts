import { expect, test } from 'vitest'
import { killRepeatedly } from './kill.ts'

test('20 kills at random moments lose nothing that was acknowledged, and count nothing twice', async () => {
  const counts = await killRepeatedly(20)
  console.log(JSON.stringify(counts))
  expect(counts).toMatchObject({ lost: 0, doubleUses: 0, outOfOrder: 0 })
  expect(counts.acknowledged).toBeGreaterThan(100)
  expect(counts.repeatedIds).toBeGreaterThan(0)
}, 90_000)
