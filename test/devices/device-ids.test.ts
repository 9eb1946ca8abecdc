import { describe, expect, it } from 'vitest'
import { claim, inTurn } from '../../src/devices/claims.ts'
import { hidIds, serialIds } from '../../src/devices/device-ids.ts'

describe('the ids of configured devices', () => {
  it('say what finds them, and number those found alike', () => {
    const alike = { match: { vendorId: '0C2E', productId: '0B6A' } }
    expect(
      serialIds([
        { path: '/dev/ttyS0' },
        alike,
        { match: { vendorId: '0c2e', serialNumber: 'A1' } },
        { match: { ...alike.match, usbPort: '1-1.2' } },
        alike,
        alike,
      ]),
    ).toEqual([
      { id: 'serial:/dev/ttyS0', place: 0 },
      { id: 'serial:0c2e:0b6a', place: 0 },
      { id: 'serial:0c2e:A1', place: 0 },
      { id: 'serial:0c2e:0b6a@1-1.2', place: 0 },
      { id: 'serial:0c2e:0b6a#2', place: 1 },
      { id: 'serial:0c2e:0b6a#3', place: 2 },
    ])
    expect(hidIds([{ vendorId: 0x05e0, productId: 0x1300 }, { vendorId: 0x05e0 }, { vendorId: 0x05e0, productId: 0x1300 }]).map(({ id }) => id)).toEqual([
      'hid:05e0:1300', 'hid:05e0', 'hid:05e0:1300#2',
    ])
  })

  it('go with one candidate each, by the socket, whatever the ports are called', () => {
    const ports = [{ path: '/dev/ttyACM0', usbPort: '1-1.10' }, { path: '/dev/ttyACM1', usbPort: '1-1.2' }, { path: '/dev/ttyACM2', usbPort: '1-1.3' }]
    expect([0, 1, 2, 3].map((place) => inTurn(ports, place)[0]?.usbPort)).toEqual(['1-1.2', '1-1.3', '1-1.10', '1-1.2'])
    expect(inTurn([], 1)).toEqual([])
  })

  it('hold what they have against each other alone', () => {
    const world = {}
    const letGo = claim(world, 'COM3')
    expect(claim(world, 'COM3')).toBeUndefined()
    expect(claim({}, 'COM3')).toBeTypeOf('function')
    letGo!()
    expect(claim(world, 'COM3')).toBeTypeOf('function')
  })
})
