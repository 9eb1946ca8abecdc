import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { KNOWN_SCANNERS, knownScanner } from '../../src/devices/known-scanners.ts'

it('every row has USB ids of four hexadecimal digits, and none is hidden behind another', () => {
  KNOWN_SCANNERS.forEach((row) => {
    expect(`${row.vendorId}${row.productId ?? ''}`).toMatch(/^[0-9a-f]{4}([0-9a-f]{4})?$/)
    expect(knownScanner(row.vendorId.toUpperCase(), row.productId)).toBe(row)
  })
})

it('knows the maker of a product that has no row', () => {
  expect(knownScanner('05E0', 'ffff')?.model).toBe('Zebra/Symbol')
  expect(knownScanner('dead')).toBeUndefined()
  expect(knownScanner(undefined)).toBeUndefined()
})

it('the udev rules let every known maker of scanners through', () => {
  const rules = readFileSync(new URL('../../resources/udev/70-maqiao-scanners.rules', import.meta.url), 'utf8')
  const chips = new Set(['0403', '067b', '10c4', '1a86'])
  for (const { vendorId } of KNOWN_SCANNERS) if (!chips.has(vendorId)) expect(rules).toContain(`ATTRS{idVendor}=="${vendorId}"`)
})
