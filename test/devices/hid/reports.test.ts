import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layoutOf, POS_LAYOUT, type ReportLayout } from '../../../src/devices/hid/report-layout.ts'
import { createReports } from '../../../src/devices/hid/reports.ts'
import { POS_DESCRIPTOR, posReports } from '../../support/hid-pos.ts'
import { createPlayedTimers } from '../../support/played-timers.ts'

function setUp(layout?: ReportLayout) {
  const codes: string[] = []
  const aims: (string | undefined)[] = []
  const broken: string[] = []
  const timers = createPlayedTimers()
  const reports = createReports({
    ...(layout && { layout }),
    timers,
    code({ bytes, aim }) {
      codes.push(Buffer.from(bytes).toString('latin1'))
      aims.push(aim)
    },
    broken: (reason) => broken.push(reason),
  })
  const push = (list: readonly Uint8Array[]): void => {
    for (const report of list) reports.push(report)
  }
  return { reports, push, codes, aims, broken, timers }
}

describe('report descriptor', () => {
  it('gives the layout of a HID POS scanner', () => {
    expect(layoutOf(POS_DESCRIPTOR)).toEqual(POS_LAYOUT)
  })

  it('gives other places where the maker has others', () => {
    const descriptor = Uint8Array.of(
      0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x12, 0xa1, 0x02,
      0x75, 0x08, 0x95, 0x01, 0x05, 0x01, 0x09, 0x3b, 0x81, 0x02,
      0x05, 0x8c, 0x95, 0x20, 0x09, 0xfe, 0x81, 0x02, 0xc0, 0xc0,
    )
    expect(layoutOf(descriptor)).toEqual({ lengthAt: 0, dataAt: 1, dataBytes: 32 })
  })

  it('knows what is no scanner, and survives any bytes', () => {
    const keyboard = Uint8Array.of(0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0xc0)
    expect(layoutOf(keyboard)).toBeUndefined()
    expect(layoutOf(new Uint8Array())).toBeUndefined()
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void layoutOf(bytes)))
  })
})

describe('reports of a HID POS scanner', () => {
  it('gives back any code of any length', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 10 }), (list) => {
        const { push, codes, broken } = setUp()
        for (const bytes of list) push(posReports(bytes))
        expect(codes).toEqual(list.map((bytes) => Buffer.from(bytes).toString('latin1')))
        expect(broken).toEqual([])
      }),
    )
  })

  it('hands on the AIM identifier of the first report', () => {
    const { push, aims } = setUp()
    push(posReports('x'.repeat(100), ']d2'))
    push(posReports('y', '\0\0\0'))
    expect(aims).toEqual([']d2', undefined])
  })

  it('refuses a report that lies about its length, and reads the next code', () => {
    const { push, codes, broken } = setUp()
    const [lying] = posReports('x')
    lying![1] = 200
    push([lying!, lying!.subarray(0, 3), ...posReports('GOOD')])
    expect(broken).toEqual(['length', 'length'])
    expect(codes).toEqual(['GOOD'])
  })

  it('drops a code of more than 8192 bytes with all its reports', () => {
    const { push, codes, broken } = setUp()
    push(posReports('x'.repeat(7000)))
    push(posReports('x'.repeat(20_000)))
    push(posReports('GOOD'))
    expect(broken).toEqual(['overflow'])
    expect(codes.map((code) => code.length)).toEqual([7000, 4])
  })

  it('does not join the next code to one whose last report never came', () => {
    const { push, codes, timers } = setUp()
    push(posReports('a'.repeat(100)).slice(0, 1))
    timers.pass(300)
    push(posReports('GOOD'))
    expect(codes).toEqual(['a'.repeat(56), 'GOOD'])
  })

  it('forgets a half code on reset, and reports of other numbers', () => {
    const { reports, push, codes, timers } = setUp()
    push(posReports('a'.repeat(100)).slice(0, 1))
    reports.reset()
    timers.pass(1000)
    const [other] = posReports('OTHER')
    other![0] = 3
    push([other!, ...posReports('GOOD')])
    expect(codes).toEqual(['GOOD'])
  })

  it('reads a thousand codes of several reports', () => {
    const { push, codes } = setUp()
    const list = Array.from({ length: 1000 }, (_, index) => `${index}:${'x'.repeat(index % 300)}`)
    for (const code of list) push(posReports(code))
    expect(codes).toEqual(list)
  })

  it('survives any reports', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 50 }), (list) => {
        const { push, timers, codes } = setUp()
        push(list.map((bytes) => Uint8Array.of(2, ...bytes)))
        timers.pass(1000)
        push(posReports('GOOD'))
        expect(codes.at(-1)).toBe('GOOD')
      }),
    )
  })
})
