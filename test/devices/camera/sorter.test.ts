import { describe, expect, test } from 'vitest'
import type { Choice } from '../../../src/devices/camera/choice.ts'
import type { Sight } from '../../../src/devices/camera/decode.ts'
import { createSorter } from '../../../src/devices/camera/sorter.ts'

const light = { mean: 0.5, burnt: 0, black: 0 }
const nothing: Sight = { kind: 'nothing', light }
const code = (text: string) => ({ text, aim: ']Q1', corners: [] })
const seen = (texts: string[], unread = false): Sight => {
  const [first, ...beside] = texts.map(code)
  return { kind: 'read', ...first!, beside, parts: [], unread, light }
}

/** Patients' codes begin with P, and one patient's with the same letter after it. */
function choose(texts: readonly string[]): Choice {
  const patients = texts.filter((text) => text.startsWith('P'))
  if (new Set(patients.map((text) => text[1])).size > 1) return { kind: 'several' }
  return { kind: 'one', index: Math.max(0, texts.indexOf(patients[0]!)), patient: patients.length > 0 }
}

function sorter() {
  const asked: (readonly string[])[] = []
  const made = createSorter({ choose: (texts) => (asked.push(texts), choose(texts)), forgetMs: 3000 })
  return { ...made, asked, read: async (sight: Sight, now: number) => {
    const { taken, isNew } = await made.sort(sight, now)
    return isNew && taken.kind === 'read' ? taken.code.text : taken.kind === 'several' ? taken.kind : undefined
  } }
}

describe('codes from frame to frame', () => {
  test('one alone is taken at once, without a question, and once', async () => {
    const { read, asked } = sorter()
    expect([await read(seen(['PA1']), 0), await read(seen(['PA1']), 100), await read(seen(['x']), 200)]).toEqual(['PA1', undefined, 'x'])
    expect(asked).toEqual([])
  })

  test('a patient’s goes before another, which is not reported when it stays alone in view', async () => {
    const { read } = sorter()
    expect(await read(seen(['pay', 'PA1']), 0)).toBe('PA1')
    for (let now = 100; now < 6000; now += 100) expect(await read(seen(['pay']), now)).toBe(undefined)
  })

  test('what is no patient’s waits where something beside it could not be read, and the next frames look for it', async () => {
    const { read, wantsAll } = sorter()
    expect(await read(seen(['poster'], true), 0)).toBe(undefined)
    expect(wantsAll()).toBe(true)
    expect(await read(seen(['poster', 'PA1']), 200)).toBe('PA1')
    const other = sorter()
    const reported = []
    for (let now = 0; now <= 600; now += 100) reported.push(await other.read(seen(['poster'], true), now))
    expect(reported.filter(Boolean)).toEqual(['poster'])
  })

  test('a known code in view does not keep others from being looked for', async () => {
    const { read, wantsAll } = sorter()
    await read(seen(['poster']), 0)
    expect(wantsAll()).toBe(false)
    await read(seen(['poster']), 100)
    expect(wantsAll()).toBe(true)
    await read(nothing, 200)
    expect(wantsAll()).toBe(false)
  })

  test('two patients’ are nobody’s, also where a frame shows one of them alone, until one is gone', async () => {
    const { read } = sorter()
    expect(await read(seen(['PA1', 'PB1']), 0)).toBe('several')
    expect(await read(seen(['PB1']), 100)).toBe('several')
    expect(await read(seen(['PB1', 'PA1']), 1000)).toBe('several')
    expect(await read(seen(['PA1']), 2000)).toBe('several')
    expect(await read(seen(['PA1']), 2600)).toBe('PA1')
  })

  test('where nobody can choose, none of several is taken, and it is asked again', async () => {
    let broken = true
    const { sort } = createSorter({ choose: (texts) => (broken ? Promise.reject(new Error('out of reach')) : choose(texts)), forgetMs: 3000 })
    expect((await sort(seen(['pay', 'PA1']), 0)).taken.kind).toBe('nothing')
    broken = false
    expect((await sort(seen(['pay', 'PA1']), 100)).taken).toMatchObject({ kind: 'read', code: { text: 'PA1' } })
  })
})
