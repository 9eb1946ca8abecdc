import QRCode from 'qrcode'
import { describe, expect, test } from 'vitest'
import { mendSymbol } from '../../../src/devices/camera/mend-symbol.ts'
import { correctCodewords } from '../../../src/devices/camera/correct-codewords.ts'
import { blocksOf, layoutOf, MAX_VERSION } from '../../../src/devices/camera/symbol.ts'
import { unblurred } from '../../../src/devices/camera/unblur.ts'
import { seeded } from '../../support/qr-pictures.ts'

const LEVELS = ['L', 'M', 'Q', 'H'] as const
/** Long enough for any version asked for to be the one made. */
const textFor = (version: number) => 'a1'.repeat(2 + Math.floor((version * version) / 8))

describe('a symbol', () => {
  test.each(LEVELS)('of every version at level %s is mended module for module as an independent encoder made it', (level) => {
    for (let version = 1; version <= MAX_VERSION; version++) {
      const { modules } = QRCode.create(textFor(version), { version, errorCorrectionLevel: level })
      const truth = Uint8Array.from(modules.data, (value) => (value ? 1 : 0))
      const layout = layoutOf(version)
      expect(layout.size).toBe(modules.size)
      const random = seeded(version)
      // Here and there a module turned round, and doubtful.
      const values = Float32Array.from(truth, (dark) => (dark ? 1 : -1) * (random() < 0.004 ? -0.2 : 1))
      expect(mendSymbol(values, layout), `version ${version}-${level}`).toEqual(truth)
    }
  })

  test('of noise is none, whatever the version', () => {
    const random = seeded(5)
    for (let round = 0; round < 300; round++) {
      const layout = layoutOf(1 + (round % MAX_VERSION))
      const values = Float32Array.from({ length: layout.size ** 2 }, () => random() * 2 - 1)
      expect(mendSymbol(values, layout)).toBe(undefined)
    }
  })
})

describe('blur', () => {
  const layout = layoutOf(8)
  const { size, fixed } = layout
  const truth = QRCode.create(textFor(8), { version: 8, errorCorrectionLevel: 'M' }).modules.data

  /** As a lens or a hand shows them: so much of the neighbours beside, above and across the corners, and a sensor's noise. */
  function blurred([beside, above, across]: readonly [number, number, number], seed: number): Float32Array {
    const random = seeded(seed)
    const at = (row: number, column: number) => (row >= 0 && column >= 0 && row < size && column < size && truth[row * size + column] ? 1 : -1)
    return Float32Array.from({ length: size * size }, (_, place) => {
      const [row, column] = [Math.floor(place / size), place % size]
      const sides = beside * (at(row, column - 1) + at(row, column + 1)) + above * (at(row - 1, column) + at(row + 1, column))
      const corners = across * (at(row - 1, column - 1) + at(row - 1, column + 1) + at(row + 1, column - 1) + at(row + 1, column + 1))
      return 0.1 + 0.65 * (at(row, column) + sides + corners) + 0.15 * (random() - 0.5)
    })
  }
  const wrong = (values: Float32Array) => values.reduce((count, value, place) => count + (value > 0 === Boolean(truth[place]) ? 0 : 1), 0)

  test.each([
    ['a lens out of focus', [0.35, 0.35, 0.1]],
    ['a hand that moves along', [0.42, 0.05, 0.02]],
    ['a hand that moves down', [0.05, 0.42, 0.02]],
  ] as const)('of %s is taken back', (_, shares) => {
    const shown = blurred(shares, 3)
    expect(wrong(shown)).toBeGreaterThan(100)
    expect(mendSymbol(shown, layout)).toBe(undefined)
    let modules = shown
    for (let round = 0; round < 3; round++) modules = unblurred(shown, modules, fixed, size)!
    expect(wrong(modules)).toBeLessThan(10)
    expect(mendSymbol(modules, layout)).toEqual(Uint8Array.from(truth, Number))
  })

  test('where there is none leaves the modules as they are', () => {
    const shown = blurred([0, 0, 0], 4)
    expect(wrong(unblurred(shown, shown, fixed, size)!)).toBe(0)
  })

  test('taken back from noise makes no symbol, and from an even ground nothing', () => {
    const random = seeded(6)
    for (let round = 0; round < 60; round++) {
      const noise = Float32Array.from({ length: size * size }, () => random() * 2 - 1)
      let modules: Float32Array | undefined = noise
      for (let again = 0; modules && again < 3; again++) {
        modules = unblurred(noise, modules, fixed, size)
        if (modules) expect(mendSymbol(modules, layout)).toBe(undefined)
      }
    }
    const even = new Float32Array(size * size)
    expect(unblurred(even, even, fixed, size)).toBe(undefined)
  })
})

describe('a block', () => {
  const { data, checks } = blocksOf(layoutOf(2), 'M')[0]!
  const clean = new Uint8Array(data + checks)

  test('takes as many wrong codewords as its checks allow with two to spare, and twice as many that are known to be doubtful', () => {
    const spoilt = (count: number) => clean.map((value, at) => (at < count ? value ^ (at + 1) : value))
    const most = (checks - 2) / 2
    const block = spoilt(most)
    expect(correctCodewords(block, checks, [])).toBe(most)
    expect(block).toEqual(clean)
    expect(correctCodewords(spoilt(most + 1), checks, [])).toBe(-1)
    const doubtful = Array.from({ length: checks - 4 }, (_, at) => at)
    const known = spoilt(checks - 4)
    expect(correctCodewords(known, checks, doubtful)).toBe(0)
    expect(known).toEqual(clean)
    expect(correctCodewords(spoilt(checks - 3), checks, [...doubtful, checks - 4])).toBe(-1)
  })
})
