import fc from 'fast-check'
import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import { KEYMAPS, type KeymapName } from '../../../src/devices/keyboard/keymaps.ts'
import type { Keystroke } from '../../../src/devices/keyboard/keystroke.ts'
import { createWedge } from '../../../src/devices/keyboard/wedge.ts'
import { personKeys, read, scannerKeys, seeded } from './play.ts'

const ANKANG =
  'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=6F9E2C41D0B84A7A9C53E1F02B7D8A64&cityNo=340100000000'
const CARD = '8A41B2C3D4E5F60718293A4B5C6D7E8F8A41B2C3D4E5F60718293A4B5C6D7E8F:1'
const asciiText = fc
  .string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), minLength: 12, maxLength: 90 })
  .filter((text) => !text.startsWith(']') && new Set(text).size > 8)

describe('a scanner in keyboard mode', () => {
  test.each([2, 5, 12, 20, 35, 50, 80, 100])('is read at %i ms a key, outside a field and in one', (msPerKey) => {
    for (const inField of [false, true]) {
      const random = seeded(msPerKey)
      const { readings, faults } = read(scannerKeys(ANKANG, { msPerKey, inField, random }))
      expect(faults).toEqual([])
      expect(readings.map(({ text }) => text)).toEqual([ANKANG])
      expect(readings[0]?.msPerCharacter).toBeGreaterThan(msPerKey * 0.8)
      expect(readings[0]?.advice.includes('WEDGE_SLOW')).toBe(msPerKey > 25)
    }
  })

  test('gives the same text whatever input method, CapsLock, NumLock, speed and terminator do', () => {
    const disturbance = fc.record({
      msPerKey: fc.integer({ min: 2, max: 100 }),
      inputMethod: fc.boolean(),
      capsLock: fc.boolean(),
      terminator: fc.constantFrom('Enter' as const, 'Tab' as const, 'none' as const),
      inField: fc.boolean(),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(asciiText, disturbance, (text, { seed, ...play }) => {
        const length = play.inField && play.msPerKey > 30 ? text.length >= 40 : true
        fc.pre(length)
        const { texts, readings } = read(scannerKeys(text, { ...play, random: seeded(seed) }))
        expect(texts).toEqual([text])
        expect(readings[0]?.evidence).toMatchObject({
          inputMethod: play.inputMethod, capsLock: play.capsLock, terminated: play.terminator !== 'none',
        })
      }),
      { numRuns: 400, seed: 20240711 },
    )
  })

  test('is read when the input method swallows Enter: the pause ends it, relative to the speed', () => {
    const fast = read(scannerKeys(CARD, { msPerKey: 3, inputMethod: true, terminator: 'none' }))
    expect(fast.texts).toEqual([CARD])
    expect(fast.readings[0]?.advice).toEqual(['WEDGE_INPUT_METHOD', 'WEDGE_NO_TERMINATOR'])
    const two = [
      ...scannerKeys(CARD, { msPerKey: 3, terminator: 'none' }),
      ...scannerKeys(ANKANG, { msPerKey: 3, terminator: 'none' }, 1900),
    ]
    expect(read(two).texts).toEqual([CARD, ANKANG])
  })

  test('is read when the input method lets only the releases through', () => {
    const { texts } = read(scannerKeys(CARD.toLowerCase(), { msPerKey: 8, inputMethod: true, releasesOnly: true }))
    expect(texts).toEqual([CARD.toLowerCase()])
  })

  test('keeps a code whole over a stall of the bus once it is known to send Enter', () => {
    const stalled = scannerKeys(CARD, { msPerKey: 4 }, 5000).map((stroke, index) =>
      index < 60 ? stroke : { ...stroke, timeStamp: stroke.timeStamp + 350 })
    expect(read([...scannerKeys(ANKANG, { msPerKey: 4 }), ...stalled]).texts).toEqual([ANKANG, CARD])
  })

  describe('whose bus or machine stalls', () => {
    /** The keys from `from` on come `ms` later; a place is a whole key's, press and release. */
    const stall = (strokes: Keystroke[], from: number, ms: number) =>
      strokes.map((stroke, index) => (index < from ? stroke : { ...stroke, timeStamp: stroke.timeStamp + ms }))
    const stalled = fc.record({
      msPerKey: fc.integer({ min: 2, max: 30 }), share: fc.double({ min: 0, max: 1, noNaN: true }),
      ms: fc.integer({ min: 0, max: 990 }), seed: fc.nat(),
    })
    const stalledKeys = (text: string, play: { msPerKey: number; share: number; ms: number; seed: number }, start?: number, more = {}) => {
      const strokes = scannerKeys(text, { msPerKey: play.msPerKey, random: seeded(play.seed), ...more }, start)
      return stall(strokes, Math.floor(play.share * strokes.length), play.ms)
    }

    test('is read whole once it has sent a terminator, wherever it stalls after its second key for up to a second', () => {
      fc.assert(
        fc.property(asciiText, stalled, (text, play) => {
          const strokes = scannerKeys(text, { msPerKey: play.msPerKey, random: seeded(play.seed) }, 9000)
          const downs = strokes.flatMap(({ type, code }, index) => (type === 'down' && !code.startsWith('Shift') ? [index] : []))
          const from = Math.max((downs[1] ?? 0) + 1, Math.floor(play.share * strokes.length))
          const { texts, faults } = read([...scannerKeys(CARD, { msPerKey: 4 }), ...stall(strokes, from, play.ms - 2 * play.msPerKey)])
          expect(faults).toEqual([])
          expect(texts).toEqual([CARD, text])
        }),
        { numRuns: 300, seed: 20240713 },
      )
    })

    test('is read whole at the very first scan after up to half a second', () => {
      fc.assert(
        fc.property(asciiText, stalled, (text, play) => {
          const { texts, faults } = read(stalledKeys(text, { ...play, share: 0.3 + 0.7 * play.share, ms: play.ms / 2 }))
          expect(faults).toEqual([])
          expect(texts).toEqual([text])
        }),
        { numRuns: 300, seed: 20240714 },
      )
    })

    test('never gives two scans for one code, nor its end as a whole one, whatever came before', () => {
      fc.assert(
        fc.property(asciiText, stalled, fc.constantFrom('Enter' as const, 'none' as const, undefined), fc.boolean(), (text, play, before, inputMethod) => {
          const first = before === undefined ? [] : scannerKeys(CARD, { msPerKey: 4, terminator: before })
          const { texts, faults } = read([...first, ...stalledKeys(text, play, 9000, { inputMethod })])
          const own = texts.slice(first.length === 0 ? 0 : 1)
          expect(own.length).toBeLessThanOrEqual(1)
          const [only] = own
          if (only !== undefined && only !== text) {
            expect(text.startsWith(only)).toBe(true)
            expect(faults.map(({ code }) => code)).toEqual(['WEDGE_CUT'])
          }
        }),
        { numRuns: 600, seed: 20240715 },
      )
    })

    describe('and which sends no terminator', () => {
      const none = { terminator: 'none' } as const
      /** The same code as often as a device needs to show its shape, then once with a stall. */
      const afterUse = (text: string, play: { msPerKey: number; share: number; ms: number; seed: number }) =>
        [...scannerKeys(text, { msPerKey: 4, ...none }), ...stalledKeys(text, play, 20_000, none)]
      const WHOLE = [CARD, ANKANG, '4240000000000000000000000001', '110101199003072316', '{"code":"A1","name":"x"}', `${'9A'.repeat(16)}:0:${'7F'.repeat(16)}::ORG1`]

      test.each(WHOLE)('is read whole after up to a second where its code shows that it goes on: %s', (text) => {
        fc.assert(
          fc.property(stalled, (play) => {
            const cut = Math.max(0.5, Math.min(0.9, play.share))
            expect(read(stalledKeys(text, { ...play, share: cut, ms: play.ms * 0.95 }, 9000, none)).texts).toEqual([text])
          }),
          { numRuns: 25, seed: 20240716 },
        )
      })

      test('never gives two scans for one code, whatever the code', () => {
        const some = fc.oneof(asciiText, fc.constantFrom(...WHOLE))
        fc.assert(
          fc.property(some, stalled, (text, play) => {
            const { texts, faults } = read(stalledKeys(text, play, 9000, none))
            expect(texts.length).toBeLessThanOrEqual(1)
            if (texts.length === 1 && texts[0] !== text) expect(faults.map(({ code }) => code)).toEqual(['WEDGE_CUT'])
          }),
          { numRuns: 500, seed: 20240717 },
        )
      })

      test('is read whole once a code like it was read whole before', () => {
        const cards = ['0000012345', 'PT-20260001']
        for (const card of cards) {
          const cut = { msPerKey: 4, share: 0.7, ms: 900, seed: 3 }
          expect(read(afterUse(card, cut)).texts).toEqual([card, card])
        }
      })

      test('reads two codes 600 ms apart as two, where one of them looks whole', () => {
        const first = scannerKeys(ANKANG, { msPerKey: 3, ...none })
        const later = (first.at(-1)?.timeStamp ?? 0) + 600
        expect(read([...first, ...scannerKeys('0000012345', { msPerKey: 3, ...none }, later)]).texts).toEqual([ANKANG, '0000012345'])
      })

      test('learns nothing that makes Alt and the numeric keypad wait', () => {
        const text = '姓名:李小国;科室'
        const numpad = (character: string) => [character.codePointAt(0) ?? 0]
        const wedge = createWedge({ onReading: () => {} })
        for (const stroke of scannerKeys(CARD, { msPerKey: 4 })) wedge.press(stroke)
        for (const stroke of scannerKeys(text, { msPerKey: 4, numpad, ...none }, 9000)) wedge.press(stroke)
        wedge.settle(wedge.dueAt ?? 0)
        expect(wedge.dueAt).toBeUndefined()
      })

      test('waits no longer than 0.3 s for a code that looks whole', () => {
        const wedge = createWedge({ onReading: () => {} })
        for (const stroke of [...scannerKeys(CARD, { msPerKey: 4, ...none }), ...scannerKeys(ANKANG, { msPerKey: 4, ...none }, 9000)]) wedge.press(stroke)
        const due = wedge.dueAt ?? 0
        wedge.settle(due)
        expect(wedge.dueAt).toBeUndefined()
      })
    })

    test('is refused where no code ends so, or its scanner says where codes end; typed the same again, it is believed', () => {
      const half = (text: string, start: number) => scannerKeys(text, { msPerKey: 4, terminator: 'none' }, start)
      const first = read([...half(ANKANG.slice(0, 80), 1000), ...scannerKeys(ANKANG, { msPerKey: 4 }, 9000)])
      expect(first).toMatchObject({ texts: [ANKANG], faults: [{ code: 'WEDGE_CUT', message: '读码中途停顿，请重扫' }] })
      const known = read([...scannerKeys(CARD, { msPerKey: 4 }), ...half('PT-0001723', 9000), ...half('PT-0001723', 20_000)])
      expect(known).toMatchObject({ texts: [CARD, 'PT-0001723'], faults: [{ code: 'WEDGE_CUT' }] })
    })

    test('is refused where its head was handed out, its rest kept from the page', () => {
      const cut = stall(scannerKeys(CARD, { msPerKey: 4 }), 80, 800)
      const { texts, faults, verdicts, typed } = read(cut)
      expect(texts).toEqual([CARD.slice(0, 30)])
      expect(faults.map(({ code }) => code)).toEqual(['WEDGE_CUT'])
      expect({ typed, enter: verdicts.at(-1) }).toEqual({ typed: [], enter: 'scanner' })
      const endOnly = stall(scannerKeys(CARD, { msPerKey: 4 }), scannerKeys(CARD, { msPerKey: 4, terminator: 'none' }).length, 800)
      expect(read(endOnly)).toMatchObject({ texts: [CARD], faults: [], typed: [] })
      expect(read(endOnly).verdicts.at(-1)).toBe('scanner')
    })

    test('is waited for no longer than it needs: 0.3 s where it sends no terminator, none at all with one', () => {
      const plain = { msPerKey: 4, terminator: 'none' } as const
      const last = scannerKeys(ANKANG, plain, 5000).findLast(({ type, code }) => type === 'down' && !code.startsWith('Shift'))
      const wedge = createWedge({ onReading: () => {} })
      for (const stroke of [...scannerKeys(CARD, plain), ...scannerKeys(ANKANG, plain, 5000)]) wedge.press(stroke)
      expect((wedge.dueAt ?? 0) - (last?.timeStamp ?? 0)).toBeLessThanOrEqual(301)
      for (const stroke of scannerKeys(CARD, { msPerKey: 4 }, 9000)) wedge.press(stroke)
      expect(wedge.dueAt).toBeUndefined()
    })

    test('does not spoil a scan right after a person\'s key', () => {
      const key = { code: 'Digit4', key: '4', shiftKey: false, altKey: false, ctrlKey: false }
      const strokes: Keystroke[] = [{ ...key, type: 'down', timeStamp: 400 }, { ...key, type: 'up', timeStamp: 480 }]
      expect(read([...strokes, ...scannerKeys(CARD, { msPerKey: 4 })])).toMatchObject({ texts: [CARD], faults: [], typed: ['4'] })
    })
  })

  test('reads two codes one after the other, CR LF between them, and hides both ends from the page', () => {
    const first = scannerKeys(CARD, { msPerKey: 5 })
    const lineFeed = scannerKeys('', { msPerKey: 5 }, (first.at(-1)?.timeStamp ?? 0) + 4)
    const keys = [...first, ...lineFeed, ...scannerKeys(ANKANG, { msPerKey: 5 }, 4000)]
    const { texts, verdicts } = read(keys)
    expect(texts).toEqual([CARD, ANKANG])
    const ends = verdicts.filter((_, index) => keys[index]?.code === 'Enter')
    expect(ends).toEqual(Array(6).fill('scanner'))
  })

  test('is kept from the page from its sixth key on', () => {
    const strokes = scannerKeys(CARD.toLowerCase(), { msPerKey: 5 })
    const { verdicts } = read(strokes)
    const presses = verdicts.filter((_, index) => strokes[index]?.type === 'down')
    expect(presses.indexOf('scanner')).toBe(5)
    expect(presses.slice(5)).not.toContain('undecided')
  })

  test('takes the AIM identifier off and reports it', () => {
    const { readings } = read(scannerKeys(`]Q1${CARD}`, { msPerKey: 5 }))
    expect(readings[0]).toMatchObject({ aim: ']Q1', text: CARD })
    const { readings: withEci } = read(scannerKeys(`]Q2\\000026${CARD}`, { msPerKey: 5 }))
    expect(withEci[0]).toMatchObject({ aim: ']Q2', text: CARD })
  })

  test('reads digits of the numeric keypad with NumLock off', () => {
    const digits = [...'4240000000000000000000000001'].flatMap((digit, index): Keystroke[] => {
      const key = { code: `Numpad${digit}`, key: 'ArrowLeft', shiftKey: false, altKey: false, ctrlKey: false }
      return [{ ...key, type: 'down', timeStamp: index * 6 }, { ...key, type: 'up', timeStamp: index * 6 + 1 }]
    })
    expect(read(digits).texts).toEqual(['4240000000000000000000000001'])
  })

  test('reads by key where a remote desktop hides the physical one, and says so', () => {
    const { readings } = read(scannerKeys(CARD, { msPerKey: 5 }).map((stroke) => ({ ...stroke, code: '' })))
    expect(readings[0]).toMatchObject({ text: CARD, evidence: { withoutCode: true } })
  })

  test('reads keys that a program injects without their Shift', () => {
    const injected = scannerKeys(ANKANG, { msPerKey: 5 })
      .filter(({ code }) => !code.startsWith('Shift'))
      .map((stroke) => ({ ...stroke, shiftKey: false }))
    expect(read(injected).texts).toEqual([ANKANG])
  })

  test('refuses a code of which keys are unknown rather than giving a part of it', () => {
    const holes = scannerKeys(CARD, { msPerKey: 5 }).map((stroke, index) =>
      index > 20 && index < 24 ? { ...stroke, code: 'IntlRo' } : stroke)
    const { texts, faults } = read(holes)
    expect(texts).toEqual([])
    expect(faults.map(({ code }) => code)).toEqual(['WEDGE_KEYS_LOST'])
  })

  test('refuses a flood, in bounded memory, and reads the next code', () => {
    const flood = scannerKeys('a1b2c3d4'.repeat(2500), { msPerKey: 2 })
    const { texts, faults } = read([...flood, ...scannerKeys(CARD, { msPerKey: 2 }, 200_000)])
    expect(faults.map(({ code }) => code)).toEqual(['WEDGE_OVERFLOW'])
    expect(texts).toEqual([CARD])
  })

  test('follows a scanner that presses CapsLock itself', () => {
    const capsKey = { code: 'CapsLock', key: 'CapsLock', shiftKey: false, altKey: false, ctrlKey: false }
    const body = scannerKeys('abcdef', { msPerKey: 4 }).slice(0, -2)
    const loud = scannerKeys('ghijkl', { msPerKey: 4, capsLock: true }, 1060)
    const strokes: Keystroke[] = [
      ...body, { ...capsKey, type: 'down', timeStamp: 1055 }, { ...capsKey, type: 'up', timeStamp: 1056 }, ...loud,
    ]
    expect(read(strokes).texts).toEqual(['abcdefGHIJKL'])
  })
})

describe('Alt and the numeric keypad', () => {
  const text = '姓名:李小国;科室=内科,陈顺;小;'
  const gbk = (character: string) => [[...iconv.encode(character, 'gbk')].reduce((value, byte) => value * 256 + byte, 0)]
  const gbkBytes = (character: string) => [...iconv.encode(character, 'gbk')]
  const utf8Bytes = (character: string) => [...Buffer.from(character)]
  const unicode = (character: string) => [character.codePointAt(0) ?? 0]
  test.each([
    ['GBK numbers', gbk],
    ['GBK bytes', gbkBytes],
    ['UTF-8 bytes', utf8Bytes],
    ['Unicode code points', unicode],
  ])('%s make the same text, NumLock on or off', (_name, numpad) => {
    for (const numLockOff of [false, true]) {
      for (const terminator of ['Enter', 'none'] as const) {
        const { readings } = read(scannerKeys(text, { msPerKey: 5, numpad, numLockOff, terminator }))
        expect(readings[0]?.text).toBe(text)
        expect(readings[0]?.evidence.numpad).toBe(true)
        expect(readings[0]?.advice).toContain('WEDGE_NUMPAD')
      }
    }
  })
})

describe('layouts', () => {
  test.each(Object.keys(KEYMAPS) as KeymapName[])('%s: every character it has, by its own table', (name) => {
    const keymap = KEYMAPS[name]
    const characters = Object.entries(keymap.keys).filter(([code]) => !/^Numpad|^IntlBackslash|^Space/.test(code))
    const all = characters.flatMap(([, [plain = '', shifted = '']]) => [plain, shifted])
      .filter((character) => character !== '' && !(character in keymap.dead))
    const text = [...new Set(all)].join('')
    expect(read(scannerKeys(text, { msPerKey: 5, keymap }), { keymap }).texts).toEqual([text])
  })

  test('a German accent waits for its letter', () => {
    const keymap = KEYMAPS.german
    const keys = scannerKeys('abc^ e^edef', { msPerKey: 5, keymap })
    expect(read(keys, { keymap }).texts).toEqual(['abc^eêdef'])
  })
})

describe('a person', () => {
  test('in a field is never taken for a scanner, nor are the keys hidden from the page', () => {
    const speeds = fc.record({ median: fc.integer({ min: 75, max: 300 }), spread: fc.double({ min: 0.25, max: 0.7, noNaN: true }), seed: fc.nat() })
    fc.assert(
      fc.property(asciiText, speeds, (text, { median, spread, seed }) => {
        const { texts, faults, verdicts } = read(personKeys(text, median, spread, seeded(seed), true))
        expect(texts).toEqual([])
        expect(faults).toEqual([])
        expect(verdicts).not.toContain('scanner')
      }),
      { numRuns: 1000, seed: 20240712 },
    )
  })

  test('who taps one key evenly is not a scanner', () => {
    const taps = Array.from({ length: 20 }, (_, index) => index).flatMap((index): Keystroke[] => {
      const key = { code: 'Digit1', key: '1', shiftKey: false, altKey: false, ctrlKey: false, inField: true }
      return [{ ...key, type: 'down', timeStamp: index * 110 }, { ...key, type: 'up', timeStamp: index * 110 + 50 }]
    })
    expect(read(taps).texts).toEqual([])
  })

  test('who holds a key down is not a scanner', () => {
    const held = Array.from({ length: 60 }, (_, index): Keystroke => ({
      type: 'down', code: 'KeyA', key: 'a', shiftKey: false, altKey: false, ctrlKey: false, repeat: index > 0, timeStamp: index * 30,
    }))
    expect(read(held)).toMatchObject({ texts: [], faults: [] })
  })

  test('outside a field gives shortcuts, once it is clear that no scan begins', () => {
    const key = { code: 'Digit4', key: '4', shiftKey: false, altKey: false, ctrlKey: false }
    const once: Keystroke[] = [{ ...key, type: 'down', timeStamp: 10 }, { ...key, type: 'up', timeStamp: 90 }]
    expect(read(once).typed).toEqual(['4'])
    expect(read(scannerKeys('4240000000000000000000000001', { msPerKey: 5 })).typed).toEqual([])
  })
})
