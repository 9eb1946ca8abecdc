import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import iconv from 'iconv-lite'
import { beforeAll, describe, expect, test } from 'vitest'
import { createDecoder, type Decoder, type Sight } from '../../../src/devices/camera/decode.ts'
import { kept } from '../../support/kept-pictures.ts'
import { DISTURBANCES, disturbedPicture } from '../../support/qr-disturbances.ts'
import { photographOf, TUNING_SEED } from '../../support/qr-photographs.ts'
import { blankPicture, render, seeded } from '../../support/qr-pictures.ts'

const ANKANG = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=6F9E2C41D0B84A7A9C53E1F02B7D8A64&cityNo=340100000000'

const EACH = 2

let decoder: Decoder

beforeAll(async () => {
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  decoder = await createDecoder({ wasm: Uint8Array.from(wasm).buffer })
})

describe('the decoder', () => {
  test('reads the disturbed pictures: at least 94 % as stills, 88 % at the first frame, and never a false text', async () => {
    const missed: string[] = []
    let frames = 0
    let total = 0
    for (const name of Object.keys(DISTURBANCES)) {
      for (let round = 0; round < EACH; round++) {
        const { text, picture } = kept(`${name} ${round} of ${EACH}`, () => disturbedPicture(name, round, EACH))
        const still = textOf(await decoder.picture(picture))
        const frame = textOf(await decoder.frame(picture))
        for (const read of [still, frame]) if (read !== undefined) expect(read).toBe(text)
        total++
        if (still === undefined) missed.push(`${name} ${round}`)
        if (frame !== undefined) frames++
      }
    }
    expect(missed.length / total, missed.join(', ')).toBeLessThanOrEqual(0.06)
    expect(frames / total).toBeGreaterThanOrEqual(0.88)
  }, 300_000)

  // What the general engine alone cannot read: bent, slanting, a finder hidden, glare over the code, out of focus, tiny.
  test.each([
    ['perspective', 4], ['bent', 1], ['damage', 1], ['overexposed', 7], ['crumpled', 2], ['Chinese GBK', 0], ['version 8-M', 0], ['defocus', 6], ['small', 1], ['low light', 4], ['low contrast', 2], ['reflection', 0],
  ])('reads the simulated photograph %s %i', async (name, round) => {
    const { texts, picture } = kept(`photograph ${name} ${round} of ${TUNING_SEED}`, () => photographOf(name, round, TUNING_SEED))
    expect(texts).toContain(textOf(await decoder.picture(picture)))
  })

  test('reads within a few frames what the first look misses, its second looks taking turns', async () => {
    // About one pixel a module at half the size.
    const picture = render({ text: ANKANG, size: 0.15, degrees: 14, seed: 4 })
    let sight: Sight = { kind: 'nothing', light: { mean: 0, burnt: 0, black: 0 } }
    for (let frame = 0; frame < 8 && sight.kind !== 'read'; frame++) sight = await decoder.frame(picture)
    expect(sight).toMatchObject({ kind: 'read', text: ANKANG })
  })

  test.each([
    ['UTF-8', new TextEncoder().encode('姓名:李小国;科室:内科')],
    ['GBK', Uint8Array.from(iconv.encode('姓名:李小国;科室:内科', 'gbk'))],
  ])('reads Chinese in %s without a declared character set', async (_name, bytes) => {
    expect(await decoder.picture(render({ text: bytes, width: 640, height: 480 }))).toMatchObject({ text: '姓名:李小国;科室:内科' })
  })

  test('tells where the code is, in the picture as it came, however large', async () => {
    for (const [width, height] of [[640, 360], [1280, 720], [2880, 2160]] as const) {
      const sight = await decoder.picture(render({ text: ANKANG, width, height, size: 0.5 }))
      if (sight.kind !== 'read') throw new Error(`nothing read at ${width}×${height}`)
      const [topLeft, , bottomRight] = sight.corners
      expect((topLeft?.x ?? 0) / width).toBeCloseTo(0.5 - (0.25 * height) / width, 1)
      expect((bottomRight?.y ?? 0) / height).toBeCloseTo(0.75, 1)
    }
  })

  test('makes nothing of textures, noise, and frames of no size', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      expect((await decoder.picture(blankPicture(seed, 640, 480))).kind).not.toBe('read')
    }
    const random = seeded(99)
    const noise = Uint8ClampedArray.from({ length: 640 * 480 * 4 }, () => random() * 255)
    expect((await decoder.picture({ width: 640, height: 480, data: noise })).kind).not.toBe('read')
    const none = new Uint8ClampedArray(0)
    for (const [width, height] of [[0, 0], [0, 10], [10, 0], [10, 10]] as const) {
      expect((await decoder.frame({ width, height, data: none })).kind).toBe('nothing')
      expect((await decoder.picture({ width, height, data: none })).kind).toBe('nothing')
    }
    for (const side of [1, 2, 3, 7]) {
      const data = new Uint8ClampedArray(side * side * 4).fill(200)
      expect((await decoder.picture({ width: side, height: side, data })).kind).toBe('nothing')
    }
  })
})

function textOf(sight: Sight): string | undefined {
  return sight.kind === 'read' ? sight.text : undefined
}
