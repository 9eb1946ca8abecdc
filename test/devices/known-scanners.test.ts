import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { KNOWN_SCANNERS, knownScanner, sheetOfModel } from '../../src/devices/known-scanners.ts'
import { SETUP_SHEETS, setupCodes } from '../../src/devices/setup/setup-sheets.ts'

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

it('tells the mode of a Newland scanner by the end of its product id', () => {
  expect(['1a03', '1a06', '1a10', '1aff'].map((productId) => knownScanner('1eab', productId)?.mode)).toEqual(['keyboard', 'serial', 'hid', undefined])
})

it('sends each model the bytes of its maker\'s manual, and old ones of a bought maker none', () => {
  const sent = (vendorId: string, productId: string) => {
    const { commands = {} } = knownScanner(vendorId, productId) ?? {}
    return Object.fromEntries(Object.entries(commands).map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')]))
  }
  expect(sent('0c2e', '0b6a')).toEqual({ trigger: '\u0016T\r', release: '\u0016U\r', beep: '\u0016\u0007\r' })
  expect(sent('0c2e', '0700')).toEqual({})
  expect(sent('05f9', '4204')).toEqual({ beep: '\u0001' })
  expect(sent('1eab', '1e06')).toEqual({ trigger: '~\u00010000#SCNTRG1;\u0003', release: '~\u00010000#SCNTRG0;\u0003' })
})

it('points from a model to a set-up sheet that switches it to a mode we read', () => {
  for (const { model, sheet } of KNOWN_SCANNERS) {
    expect(sheetOfModel(model)).toBe(sheet)
    if (sheet) expect(setupCodes(sheet).map(({ purpose }) => purpose)).toContain('serial')
  }
  expect(sheetOfModel('Honeywell Vuquest 3310g')).toBe('honeywell')
  expect(sheetOfModel('Metrologic MS7120')).toBeUndefined()
  expect(sheetOfModel(undefined)).toBeUndefined()
})

it('names a public source for every set-up sheet', () => {
  for (const { sources, models, maker } of Object.values(SETUP_SHEETS)) {
    expect(sources.length).toBeGreaterThan(0)
    expect(models.length * maker.length).toBeGreaterThan(0)
  }
})
