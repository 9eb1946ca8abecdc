import { describe, expect, it } from 'vitest'
import { openFault } from '../../../src/devices/serial/open-fault.ts'

// The words are those of @serialport/bindings-cpp 13 on Linux, macOS and Windows.
describe('openFault', () => {
  it.each([
    ['Error: No such file or directory, cannot open /dev/ttyUSB0', 'DEVICE_MISSING'],
    ['Opening COM3: File not found', 'DEVICE_MISSING'],
    ['Opening COM3: Unknown error code 433', 'DEVICE_MISSING'],
    ['Error: Permission denied, cannot open /dev/ttyUSB0', 'DEVICE_PERMISSION'],
    ['Error Resource temporarily unavailable Cannot lock port', 'DEVICE_BUSY'],
    ['Error: Resource busy, cannot open /dev/cu.usbmodem1', 'DEVICE_BUSY'],
    ['Opening COM3: Access denied', 'DEVICE_BUSY'],
    ['Opening COM3: Unknown error code 31', 'DEVICE_BUSY'],
    ['Opening COM3: Unknown error code 121', 'DEVICE_BUSY'],
    ['No native build was found for platform=linux arch=loong64', 'DEVICE_DRIVER'],
    ['Something nobody has seen', 'DEVICE_FAILED'],
  ])('%s -> %s', (words, code) => {
    const fault = openFault(new Error(words))
    expect(fault.code).toBe(code)
    expect(fault.detail).toContain(words)
    expect(fault.advice).not.toBe('')
  })

  it('goes by the code where there is one', () => {
    expect(openFault(Object.assign(new Error('x'), { code: 'EACCES' })).code).toBe('DEVICE_PERMISSION')
    expect(openFault(undefined).code).toBe('DEVICE_FAILED')
  })
})
