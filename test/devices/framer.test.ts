import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFramer, type FramerOptions } from '../../src/devices/framer.ts'
import { createPlayedTimers } from '../support/played-timers.ts'

function setUp(options: Partial<FramerOptions> = {}) {
  const timers = createPlayedTimers()
  const frames: string[] = []
  const endings: string[] = []
  let overflows = 0
  const framer = createFramer({
    timers,
    frame({ bytes, endedBy }) {
      frames.push(Buffer.from(bytes).toString('latin1'))
      endings.push(endedBy)
    },
    overflow: () => overflows++,
    ...options,
  })
  return { framer, timers, frames, endings, overflows: () => overflows, push: (text: string) => framer.push(Buffer.from(text, 'latin1')) }
}

/** Cuts bytes at the given places. */
function split(bytes: Buffer, cuts: number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
}

const codeBytes = (forbidden: readonly number[]) =>
  fc.array(fc.integer({ min: 0, max: 255 }).filter((byte) => !forbidden.includes(byte)), { minLength: 1, maxLength: 300 })
const cutsOf = fc.array(fc.nat(), { maxLength: 40 })

describe('framer', () => {
  it('gives back any list of codes under any built-in terminator and any split', () => {
    const codes = fc.array(codeBytes([0x02, 0x03, 0x0a, 0x0d]), { maxLength: 30 })
    fc.assert(
      fc.property(codes, fc.constantFrom('\r', '\n', '\r\n', '\x03', '\x03\r\n'), cutsOf, (list, terminator, cuts) => {
        const { framer, frames } = setUp()
        const bytes = Buffer.concat(list.flatMap((code) => [Buffer.from(code), Buffer.from(terminator, 'latin1')]))
        for (const chunk of split(bytes, cuts)) framer.push(chunk)
        expect(frames).toEqual(list.map((code) => Buffer.from(code).toString('latin1')))
      }),
    )
  })

  it('gives back any list of codes under a configured terminator of one to three bytes', () => {
    const terminator = fc.stringMatching(/^[#$%]{1,3}$/)
    const codes = fc.array(codeBytes([0x02, 0x23, 0x24, 0x25]), { maxLength: 20 })
    fc.assert(
      fc.property(codes, terminator, cutsOf, (list, ending, cuts) => {
        const { framer, frames } = setUp({ terminator: ending })
        const bytes = Buffer.concat(list.flatMap((code) => [Buffer.from(code), Buffer.from(ending)]))
        for (const chunk of split(bytes, cuts)) framer.push(chunk)
        expect(frames).toEqual(list.map((code) => Buffer.from(code).toString('latin1')))
      }),
    )
  })

  it('gives back any list of codes that silence alone divides', () => {
    const codes = fc.array(codeBytes([0x02]), { maxLength: 15 })
    fc.assert(
      fc.property(codes, cutsOf, (list, cuts) => {
        const { framer, frames, timers } = setUp({ terminator: 'none' })
        for (const code of list) {
          for (const chunk of split(Buffer.from(code), cuts)) {
            framer.push(chunk)
            timers.pass(49)
          }
          timers.pass(50)
        }
        expect(frames).toEqual(list.map((code) => Buffer.from(code).toString('latin1')))
      }),
    )
  })

  it('never gives out more than the maximum, and reads the next code after it', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.constantFrom('auto', '##'), cutsOf, (extra, terminator, cuts) => {
        const ending = terminator === 'auto' ? '\r' : terminator
        const { framer, frames, overflows } = setUp({ maxBytes: 64, terminator })
        const bytes = Buffer.from(`${'x'.repeat(extra)}${ending}good${ending}`)
        for (const chunk of split(bytes, cuts)) framer.push(chunk)
        expect(frames).toEqual(extra === 0 || extra > 64 ? ['good'] : ['x'.repeat(extra), 'good'])
        expect(overflows()).toBe(extra > 64 ? 1 : 0)
      }),
    )
  })

  it('reports one overflow for a megabyte without an end, and finds its way again at the gap', () => {
    const { framer, frames, overflows, timers, push } = setUp()
    for (let at = 0; at < 256; at++) framer.push(Buffer.alloc(4096, 0x41))
    expect(overflows()).toBe(1)
    timers.pass(50)
    push('good\r')
    expect(frames).toEqual(['good'])
  })

  it('takes a code of exactly the maximum', () => {
    const { frames, overflows, push } = setUp({ maxBytes: 8 })
    push('12345678\r')
    expect(frames).toEqual(['12345678'])
    expect(overflows()).toBe(0)
  })

  it('keeps a half code apart from the whole one after a pause', () => {
    const { frames, endings, timers, push } = setUp()
    push('half')
    timers.pass(50)
    push('whole\r')
    expect(frames).toEqual(['half', 'whole'])
    expect(endings).toEqual(['idle', 'terminator'])
  })

  it('judges the gap after each chunk: 130 characters at 9600 baud are one code', () => {
    const { framer, frames, timers } = setUp({ terminator: 'none' })
    for (const byte of Buffer.from('x'.repeat(130))) {
      framer.push(Buffer.of(byte))
      timers.pass(1)
    }
    expect(frames).toEqual([])
    timers.pass(50)
    expect(frames).toEqual(['x'.repeat(130)])
  })

  it('waits longer in the middle of a code once the device has sent a terminator', () => {
    const { frames, timers, push } = setUp()
    push('first\r')
    push('sec')
    timers.pass(140)
    push('ond\r')
    expect(frames).toEqual(['first', 'second'])
    push('half')
    timers.pass(150)
    expect(frames).toEqual(['first', 'second', 'half'])
  })

  it('does not take its own late timer for a gap', () => {
    const { frames, timers, push } = setUp()
    push('one ')
    timers.stall(400)
    timers.pass(0)
    push('code\r')
    expect(frames).toEqual(['one code'])
  })

  it('begins anew at STX', () => {
    const { frames, push } = setUp()
    push('broken\x02whole\x03')
    expect(frames).toEqual(['broken', 'whole'])
  })

  it('flushes on demand and forgets on reset', () => {
    const { framer, frames, timers, push } = setUp()
    push('a')
    framer.flush()
    push('b')
    framer.reset()
    timers.pass(1000)
    push('c\r')
    expect(frames).toEqual(['a', 'c'])
  })

  it('tells after which bytes of a code the device was silent: the first eight places', () => {
    const found: (readonly number[])[] = []
    const { framer, timers, push } = setUp({ pauseAfter: () => 1000, frame: ({ gaps }) => found.push(gaps) })
    const send = (parts: readonly [text: string, silentMs: number][]) => {
      for (const [text, silentMs] of parts) {
        push(text)
        timers.pass(silentMs)
      }
    }
    send([['a', 50], ['bc', 49], ['d', 60], ['\r', 80]])
    send([['e', 10], ['f', 0], ['\r', 0]])
    send([...Array.from({ length: 10 }, () => ['g', 50] as [string, number]), ['\r', 0]])
    send([['h', 50], ['i', 0]])
    framer.reset()
    send([['j', 0], ['\r', 0]])
    expect(found).toEqual([[1, 4], [], [1, 2, 3, 4, 5, 6, 7, 8], []])
  })
})
