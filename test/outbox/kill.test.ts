import { expect, test } from 'vitest'
import { ID_ORDERS } from '../../src/simulator/health-card/gateway.ts'
import { killRepeatedly } from './kill.ts'

test.each(ID_ORDERS)('10 kills at random moments lose nothing that was acknowledged, and count nothing twice: %s', async (idOrder) => {
  const counts = await killRepeatedly(10, idOrder)
  console.log(JSON.stringify(counts))
  expect(counts).toMatchObject({ lost: 0, doubleUses: 0, outOfOrder: 0 })
  expect(counts.acknowledged).toBeGreaterThan(50)
  expect(counts.unanswered).toBeGreaterThan(0)
}, 90_000)
