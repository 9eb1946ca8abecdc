import { expect, test } from 'vitest'
import { transportError } from '../../../src/transcode/platforms/transport-error.ts'

test.each([
  [401, false], [403, false], [404, false], [405, false], [407, false], [429, true], [500, true], [502, true], [503, true],
] as const)('HTTP %i: another try may end otherwise: %s', (status, retryable) => {
  const { message, retryable: told } = transportError('ankang', 'HTTP_STATUS', { status }).fault
  expect(told).toBe(retryable)
  expect(message).toContain(`HTTP ${status}`)
})

test('a fault of the way itself may pass', () => {
  expect(transportError('ankang', 'NETWORK_TIMEOUT').fault).toMatchObject({ code: 'NETWORK_TIMEOUT', retryable: true })
})
