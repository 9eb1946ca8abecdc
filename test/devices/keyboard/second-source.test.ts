import { describe, expect, test } from 'vitest'
import { createSecondSource, type OfferedReading, type SecondSourceOptions } from '../../../src/devices/keyboard/second-source.ts'

const TEXT = 'https://akm.ahzwfw.gov.cn/x?id=1'
const READING: OfferedReading = { text: TEXT, keys: TEXT.length, startedAt: 100_000, endedAt: 100_200 }

/** A page at 100,210 ms, just after the shell's reading, that has listened since 50,000 ms. */
function page(more: Partial<SecondSourceOptions> = {}) {
  let clock = 100_210
  let last = 0
  const due: { at: number; run: () => void }[] = []
  const taken: string[] = []
  const second = createSecondSource({
    take: (text) => taken.push(text),
    isBusy: () => false,
    listeningSince: 50_000,
    loadedAt: 49_000,
    lastVerdict: { get: () => last, set: (at) => (last = at) },
    now: () => clock,
    after: (run, ms) => due.push({ at: clock + ms, run }),
    ...more,
  })
  return {
    second,
    taken,
    at: (ms: number) => (clock = ms),
    pass(ms: number) {
      const until = clock + ms
      for (let next = due.findIndex(({ at }) => at <= until); next >= 0; next = due.findIndex(({ at }) => at <= until)) {
        const [{ at, run }] = due.splice(next, 1) as [{ at: number; run: () => void }]
        clock = Math.max(clock, at)
        run()
      }
      clock = until
    },
    typed(keys: number) {
      for (let key = 0; key < keys; key++) second.key()
    },
  }
}

describe('the shell\'s reading', () => {
  test('is taken where the page saw nothing of it', () => {
    const { second, pass, taken } = page()
    second.offer(READING)
    expect(taken).toEqual([])
    pass(400)
    expect(taken).toEqual([TEXT])
  })

  test('is taken where the page saw a part of its keys and made nothing of them', () => {
    const { second, typed, pass, taken } = page()
    typed(10)
    second.offer(READING)
    pass(400)
    expect(taken).toEqual([TEXT])
  })

  test('is left where the page saw all its keys: it judges better who typed', () => {
    const { second, typed, pass, taken } = page()
    typed(TEXT.length)
    second.offer(READING)
    pass(5000)
    expect(taken).toEqual([])
  })

  test.each([['the whole', TEXT], ['a part', TEXT.slice(0, 20)], ['nothing that it could trust', '']])('is left where the page read %s', (_name, own) => {
    for (const first of ['page', 'shell']) {
      const { second, pass, taken } = page()
      if (first === 'page') expect(second.verdict(own)).toBe(false)
      second.offer(READING)
      if (first === 'shell') expect(second.verdict(own)).toBe(false)
      pass(5000)
      expect(taken).toEqual([])
    }
  })

  test('waits for keys that the page has still to handle', () => {
    let busy = true
    const { second, pass, taken } = page({ isBusy: () => busy })
    second.offer(READING)
    pass(1000)
    expect(taken).toEqual([])
    expect(second.verdict(TEXT)).toBe(false)
    busy = false
    pass(1000)
    expect(taken).toEqual([])
  })

  test('once taken, is not given again by the page, whole or in part; another code is', () => {
    const { second, pass } = page()
    second.offer(READING)
    pass(400)
    expect([second.verdict(TEXT), second.verdict(TEXT.slice(8)), second.verdict('4240000000000000000000000001')]).toEqual([true, true, false])
    pass(10_001)
    expect(second.verdict(TEXT)).toBe(false)
  })

  test('is taken by a page that was loading, and not again by the one that is loaded after it', () => {
    let last = 0
    const lastVerdict = { get: () => last, set: (at: number) => void (last = at) }
    const loaded = { listeningSince: 101_500, loadedAt: 101_000, lastVerdict }
    const first = page(loaded)
    first.at(101_510)
    first.second.offer(READING)
    first.pass(400)
    expect(first.taken).toEqual([TEXT])
    const again = page({ ...loaded, listeningSince: 103_500, loadedAt: 103_000 })
    again.at(103_510)
    again.second.offer(READING)
    again.pass(400)
    expect(again.taken).toEqual([])
  })

  test('is left where the page did not want to listen, or the patient is long gone, or the page has ended', () => {
    const off = page({ listeningSince: 100_100 })
    off.second.offer(READING)
    off.pass(400)
    const late = page({ listeningSince: 101_500, loadedAt: 101_000 })
    late.at(105_300)
    late.second.offer(READING)
    late.pass(400)
    const ended = page()
    ended.second.offer(READING)
    ended.second.stop()
    ended.pass(400)
    expect([off.taken, late.taken, ended.taken]).toEqual([[], [], []])
  })
})
