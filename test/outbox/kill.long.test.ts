import { expect, test } from 'vitest'
import { killRepeatedly } from './kill.ts'

test('200 kills at random moments lose nothing that was acknowledged, and count nothing twice', async () => {
  const counts = await killRepeatedly(200)
  console.log(JSON.stringify(counts))
  expect(counts).toMatchObject({ lost: 0, doubleUses: 0, outOfOrder: 0 })
  expect(counts.acknowledged).toBeGreaterThan(2000)
  expect(counts.repeatedIds).toBeGreaterThan(0)
}, 900_000)
