import { describe, expect, it } from 'vitest'
import { hidSettings } from '../../src/devices/hid/hid-settings.ts'
import { serialSettings } from '../../src/devices/serial/serial-settings.ts'

type Schema = { safeParse(value: unknown): { success: boolean; error?: { issues: { path: PropertyKey[]; message: string }[] } } }

const faults = (schema: Schema, value: unknown): string[] =>
  (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`).sort()

describe('settings of a serial scanner', () => {
  it('needs a path or USB ids, and fills in the rest', () => {
    const rest = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1, terminator: 'auto', idleMs: 50, encoding: 'auto', prefix: '', suffix: '', ack: false }
    expect(serialSettings.parse({ path: '/dev/ttyUSB0' })).toEqual({ path: '/dev/ttyUSB0', ...rest })
    expect(serialSettings.parse({ match: { vendorId: '0403' } })).toEqual({ match: { vendorId: '0403' }, ...rest })
  })

  it.each([
    [{}, ['path: required (or match)']],
    [{ path: 'COM3', match: { vendorId: '0403' } }, ['match: must not stand beside path']],
    [{ path: '' }, ['path: required']],
    [{ path: 7 }, ['path: must be text']],
    [{ match: {} }, ['match.vendorId: required']],
    [{ match: { vendorId: '403', productId: 'zzzz' } }, ['match.productId: must be 4 hexadecimal digits', 'match.vendorId: must be 4 hexadecimal digits']],
    [{ path: 'COM3', baudRate: '9600' }, ['baudRate: must be a whole number']],
    [{ path: 'COM3', baudRate: 1 }, ['baudRate: must be at least 110']],
    [{ path: 'COM3', dataBits: 9, parity: 'maybe', stopBits: 3 }, ['dataBits: must be 7 or 8', 'parity: must be none, even or odd', 'stopBits: must be 1 or 2']],
    [{ path: 'COM3', idleMs: 1, encoding: 'big5' }, ['encoding: must be auto, utf8 or gbk', 'idleMs: must be at least 5']],
    [{ path: 'COM3', bautRate: 9600 }, [': must not have bautRate']],
    ['COM3', [': must be an object']],
    [undefined, [': required']],
  ])('%j -> %j', (value, expected) => {
    expect(faults(serialSettings, value)).toEqual(expected)
  })
})

describe('settings of a HID scanner', () => {
  it('needs the vendor', () => {
    expect(hidSettings.parse({ vendorId: 1504, productId: 4864 })).toMatchObject({ vendorId: 1504, productId: 4864 })
    expect(faults(hidSettings, {})).toEqual(['vendorId: required'])
    expect(faults(hidSettings, { vendorId: '05e0' })).toEqual(['vendorId: must be a whole number'])
    expect(faults(hidSettings, { vendorId: 70_000 })).toEqual(['vendorId: must be at most 65535'])
  })
})
