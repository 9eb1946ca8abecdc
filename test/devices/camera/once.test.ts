import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSteadyGuidance, guidanceOf } from '../../../src/devices/camera/guidance.ts'
import { createOnce } from '../../../src/devices/camera/once.ts'

describe('one reading for one code in view', () => {
  test('two codes by turns are two readings, however long they stay', () => {
    const once = createOnce({ forgetMs: 1000 })
    const fresh = Array.from({ length: 500 }, (_, frame) => once.isNew(frame % 2 ? 'A' : 'B', frame * 33))
    expect(fresh.filter(Boolean)).toHaveLength(2)
  })

  test('a code that cannot be read for a while but is still seen is not new', () => {
    const once = createOnce({ forgetMs: 1000 })
    expect(once.isNew('A', 0)).toBe(true)
    for (let now = 500; now <= 5000; now += 500) once.stillThere(now)
    expect(once.isNew('A', 5500)).toBe(false)
    expect(once.isNew('A', 7000)).toBe(true)
  })

  test('a code is new exactly when it was not seen within the time', () => {
    const events = fc.array(fc.record({ text: fc.constantFrom('A', 'B', 'C'), after: fc.integer({ min: 0, max: 2000 }) }), { maxLength: 60 })
    fc.assert(fc.property(events, (sightings) => {
      const once = createOnce({ forgetMs: 1000 })
      const last = new Map<string, number>()
      let now = 0
      for (const { text, after } of sightings) {
        now += after
        const before = last.get(text)
        expect(once.isNew(text, now)).toBe(before === undefined || now - before > 1000)
        last.set(text, now)
      }
    }), { seed: 20240713 })
  })
})

describe('guidance', () => {
  const light = { mean: 0.5, burnt: 0.05, black: 0.1 }
  const square = (side: number) => [{ x: 10, y: 10 }, { x: 10 + side, y: 10 }, { x: 10 + side, y: 10 + side }, { x: 10, y: 10 + side }]
  test.each([
    ['ready', { kind: 'read', text: 'x', aim: ']Q1', corners: square(90), beside: [], parts: [], unread: false, light } as const],
    ['searching', { kind: 'nothing', light } as const],
    ['dark', { kind: 'nothing', light: { ...light, mean: 0.05 } } as const],
    ['bright', { kind: 'unreadable', corners: square(300), light: { ...light, burnt: 0.4 } } as const],
    ['far', { kind: 'unreadable', corners: square(90), light } as const],
    ['unclear', { kind: 'unreadable', corners: square(300), light } as const],
  ])('%s', (guidance, sight) => {
    expect(guidanceOf(sight, 1280, 720)).toBe(guidance)
  })

  test('holds still long enough to be read, and a reading shows at once', () => {
    const steady = createSteadyGuidance({ holdMs: 600 })
    expect([0, 100, 200, 300].map((now) => steady(now % 200 ? 'dark' : 'bright', now))).toEqual(Array(4).fill('searching'))
    expect(steady('dark', 800)).toBe('searching')
    expect(steady('dark', 900)).toBe('dark')
    expect(steady('ready', 910)).toBe('ready')
  })

  test('is not lost where every other look misses the code', () => {
    const steady = createSteadyGuidance({ holdMs: 600 })
    const shown = Array.from({ length: 12 }, (_, index) => steady(index % 3 === 0 ? 'far' : 'searching', index * 100))
    expect(shown.at(-1)).toBe('far')
    for (let now = 1200; now < 3000; now += 100) steady('searching', now)
    expect(steady('searching', 3000)).toBe('searching')
  })
})
