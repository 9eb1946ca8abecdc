import { expect, test } from 'vitest'
import { ID_ORDERS } from '../../src/simulator/health-card/gateway.ts'
import { killRepeatedly } from './kill.ts'

test.each(ID_ORDERS)('100 kills at random moments lose nothing that was acknowledged, and count nothing twice: %s', async (idOrder) => {
  const counts = await killRepeatedly(100, idOrder)
  console.log(JSON.stringify(counts))
  expect(counts).toMatchObject({ lost: 0, doubleUses: 0, outOfOrder: 0 })
  expect(counts.acknowledged).toBeGreaterThan(1000)
  expect(counts.repeatedIds).toBeGreaterThan(0)
}, 900_000)
