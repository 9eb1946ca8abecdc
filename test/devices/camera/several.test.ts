/** More than one symbol in a picture: other people's, other formats', parts of one text; and the pictures that the looks were not made for. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import iconv from 'iconv-lite'
import { beforeAll, describe, expect, test } from 'vitest'
import { readStill, type Choose } from '../../../src/devices/camera/choice.ts'
import { createDecoder, type Decoder } from '../../../src/devices/camera/decode.ts'
import { createParts } from '../../../src/devices/camera/parts.ts'
import { chooseCode } from '../../../src/transcode/choose-code.ts'
import { createRecogniser } from '../../../src/transcode/recognise.ts'
import { modulesOf, page, partsOf } from '../../support/qr-parts.ts'
import { render, type Picture } from '../../support/qr-pictures.ts'

const CARD = '7B1D9E0C44A25F6688BB3310CDEF9042A1B2C3D4E5F60718293A4B5C6D7E8F90:1'
const OTHER_CARD = '2A4A19745AC6D6475C2AA48290B513F818F056277858104C89979A39E49D1444:1'
const ANKANG = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:0f1e2d3c4b5a69788796a5b4c3d2e1f0&cityNo=340100000000'
const PAYMENT = '134567890123456789'
const POSTER = 'https://mp.weixin.qq.com/a/~~Hospital'

let decoder: Decoder
const recognise = createRecogniser()
const choose: Choose = (texts) => chooseCode(texts, recognise)
const read = (picture: Picture, parts = createParts(), now = 0) => readStill((options) => decoder.picture(picture, options), choose, parts, now)
const textOf = async (picture: Picture) => {
  const taken = await read(picture)
  return taken.kind === 'read' ? taken.code.text : taken.kind
}

beforeAll(async () => {
  const wasm = await readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  decoder = await createDecoder({ wasm: Uint8Array.from(wasm).buffer })
})

/** `other` beside the card, whose modules are of 6 pixels. */
function pair(other: string, place: string, scale: number, text = CARD): Picture {
  const [card, beside] = [modulesOf(text), modulesOf(other)]
  const [a, b] = [(card.size + 8) * 6, Math.ceil((beside.size + 8) * scale)]
  const across = place === 'left' || place === 'right'
  const [width, height] = across ? [a + b, Math.max(a, b)] : [Math.max(a, b), a + b]
  const first = place === 'left' || place === 'above'
  const at = (offset: number) => (across ? { x: offset, y: 0 } : { x: 0, y: offset })
  return page(width, height, [{ modules: card, scale: 6, ...at(first ? b : 0) }, { modules: beside, scale, ...at(first ? 0 : a) }])
}

describe('several codes in one picture', () => {
  const cases = [PAYMENT, POSTER].flatMap((other) => ['left', 'right', 'above', 'below'].flatMap((place) => [3, 6, 11].map((scale) => [other, place, scale] as const)))
  test.each(cases)('the patient is taken and not %s %s of it, of %i pixels a module', async (other, place, scale) => {
    expect(await textOf(pair(other, place, scale))).toBe(CARD)
  }, 30_000)

  test('of a photograph too, where the other code is read first and the card is small', async () => {
    const far = page(1280, 720, [
      { modules: modulesOf(POSTER), x: 60, y: 150, scale: 11 },
      { modules: modulesOf(CARD), x: 900, y: 300, scale: 2 },
    ])
    expect(await textOf(far)).toBe(CARD)
  }, 30_000)

  test.each([['two cards', CARD, OTHER_CARD], ['a card and an 安康码', ANKANG, CARD], ['a card and an identity number', CARD, '340101199003077427']])(
    '%s are nobody’s', async (_name, one, other) => {
      expect(await read(pair(other, 'right', 6, one))).toEqual({ kind: 'several' })
    }, 30_000)

  test('two codes of one card are its owner’s, and the same code twice is one', async () => {
    const dynamic = `${CARD.slice(0, -1)}0:0123456789ABCDEF0123456789ABCDEF::10086`
    expect([CARD, dynamic]).toContain(await textOf(pair(dynamic, 'right', 6)))
    expect(await textOf(pair(CARD, 'below', 4))).toBe(CARD)
  }, 30_000)
})

describe('parts of one text (Structured Append)', () => {
  const bytes = new TextEncoder().encode(ANKANG)
  const alone = (modules: ReturnType<typeof modulesOf>, scale = 6) => page((modules.size + 8) * scale, (modules.size + 8) * scale, [{ modules, x: 0, y: 0, scale }])

  test.each([[2, 0], [2, 1], [3, 1], [4, 3]])('of %i, part %i alone is none', async (count, index) => {
    expect(await read(alone(partsOf(bytes, count)[index]!))).toEqual({ kind: 'part', index, count })
  }, 30_000)

  test('a part that looks like a whole code is none', async () => {
    const [identity] = partsOf(new TextEncoder().encode(`340101199003077427${POSTER.slice(0, 18)}`), 2)
    expect(await read(alone(identity!))).toEqual({ kind: 'part', index: 0, count: 2 })
  }, 30_000)

  test.each([[2, 6], [3, 4]])('all %i in view make the text, in any order', async (count, scale) => {
    const all = partsOf(bytes, count).reverse()
    const side = (all[0]!.size + 16) * scale
    const sheet = page(side * count, side, all.map((modules, at) => ({ modules, x: at * side, y: 0, scale })))
    expect(await textOf(sheet)).toBe(ANKANG)
  }, 30_000)

  test('one after the other make the text, a character that is cut in two included', async () => {
    const text = '姓名:李小国;科室:内科;就诊号:20260101'
    for (const encoded of [new TextEncoder().encode(text), Uint8Array.from(iconv.encode(text, 'gbk'))]) {
      const parts = createParts()
      const [one, other] = partsOf(encoded, 2)
      expect((await read(alone(other!), parts, 1000)).kind).toBe('part')
      expect(await read(alone(one!), parts, 5000)).toMatchObject({ kind: 'read', code: { text } })
    }
  }, 30_000)

  test('not too late, not of two texts, and not against their parity', async () => {
    const [one, other] = partsOf(bytes, 2)
    const late = createParts({ withinMs: 30_000 })
    await read(alone(one!), late, 0)
    expect((await read(alone(other!), late, 30_001)).kind).toBe('part')
    const mixed = createParts()
    await read(alone(one!), mixed, 0)
    expect((await read(alone(partsOf(new TextEncoder().encode(ANKANG.replace('0f1e', '1f0f')), 2)[1]!), mixed, 10)).kind).toBe('part')
    const wrong = createParts()
    for (const part of partsOf(bytes, 2, 7)) expect((await read(alone(part), wrong, 0)).kind).toBe('part')
  }, 30_000)

  test('a patient’s whole code beside a part is taken', async () => {
    const [part] = partsOf(bytes, 2)
    const card = modulesOf(CARD)
    expect(await textOf(page(700, 320, [{ modules: card, x: 0, y: 0, scale: 6 }, { modules: part!, x: 350, y: 0, scale: 6 }]))).toBe(CARD)
  }, 30_000)
})

test.each(['鲁迅|ZY0012345678', '鲁-ZY0012345678', '陆|模|1', '李建国|男|34'])('undeclared GBK is read as from a serial scanner: %s', async (text) => {
  expect(await textOf(render({ text: Uint8Array.from(iconv.encode(text, 'gbk')), width: 640, height: 480 }))).toBe(text)
}, 30_000)

describe('pictures that the looks were not made for', () => {
  test.each([[2480, 3508, 2], [4000, 3000, 2], [4000, 3000, 3]])('%i×%i with modules of %i pixels', async (width, height, scale) => {
    const sheet = page(width, height, [{ modules: modulesOf(CARD), x: Math.floor(width * 0.6), y: Math.floor(height * 0.55), scale }])
    expect(await textOf(sheet)).toBe(CARD)
  }, 60_000)

  test.each([[0x1c, 6], [60, 4], [40, 9]])('on a ground of %i without a light margin, %i pixels a module', async (ground, scale) => {
    const modules = modulesOf(CARD)
    const side = modules.size * scale + 120
    expect(await textOf(page(side, side, [{ modules, x: 60, y: 60, scale }], { ground, quiet: 0 }))).toBe(CARD)
  }, 30_000)

  test.each([['black', 0], ['white', 255]])('%s ink on transparency', async (_name, ink) => {
    const modules = modulesOf(CARD)
    const clear = page(280, 280, [{ modules, x: 5, y: 5, scale: 6 }], { ground: ink, paper: ink, ink, alpha: 0 })
    expect(await textOf(clear)).toBe(CARD)
  }, 30_000)
})
