import { expect, test } from 'vitest'
import { killRepeatedly } from './kill.ts'

test('200 kills at random moments lose nothing that was acknowledged, and count nothing twice', async () => {
  const counts = await killRepeatedly(200)
  console.log(JSON.stringify(counts))
  expect(counts).toMatchObject({ lost: 0, doubleUses: 0, outOfOrder: 0 })
  // On a machine that others keep busy little is stored between two kills.
  expect(counts.acknowledged).toBeGreaterThan(1000)
  expect(counts.repeatedIds).toBeGreaterThan(0)
}, 900_000)
