import QRCode from 'qrcode'
import { describe, expect, test } from 'vitest'
import { mend } from '../../../src/devices/camera/bits.ts'
import { correct } from '../../../src/devices/camera/codewords.ts'
import { blocksOf, layoutOf, MAX_VERSION } from '../../../src/devices/camera/symbol.ts'
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
      expect(mend(values, layout), `version ${version}-${level}`).toEqual(truth)
    }
  })

  test('of noise is none, whatever the version', () => {
    const random = seeded(5)
    for (let round = 0; round < 300; round++) {
      const layout = layoutOf(1 + (round % MAX_VERSION))
      const values = Float32Array.from({ length: layout.size ** 2 }, () => random() * 2 - 1)
      expect(mend(values, layout)).toBe(undefined)
    }
  })
})

describe('a block', () => {
  const { data, checks } = blocksOf(layoutOf(2), 'M')[0]!
  const clean = new Uint8Array(data + checks)

  test('takes as many wrong codewords as its checks allow with two to spare, and twice as many that are known to be doubtful', () => {
    const spoilt = (count: number) => clean.map((value, at) => (at < count ? value ^ (at + 1) : value))
    const most = (checks - 2) / 2
    const block = spoilt(most)
    expect(correct(block, checks, [])).toBe(most)
    expect(block).toEqual(clean)
    expect(correct(spoilt(most + 1), checks, [])).toBe(-1)
    const doubtful = Array.from({ length: checks - 4 }, (_, at) => at)
    const known = spoilt(checks - 4)
    expect(correct(known, checks, doubtful)).toBe(0)
    expect(known).toEqual(clean)
    expect(correct(spoilt(checks - 3), checks, [...doubtful, checks - 4])).toBe(-1)
  })
})
