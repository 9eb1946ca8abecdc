import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { encode as encodeJpeg } from 'jpeg-js'
import { PNG } from 'pngjs'
import QRCode from 'qrcode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modulesOf, page, partsOf } from '../support/qr-parts.ts'
import { blankPicture, render, type Picture } from '../support/qr-pictures.ts'

const CODE = '8A41B2C3D4E5F60718293A4B5C6D7E8F8A41B2C3D4E5F60718293A4B5C6D7E8F:1'
const LONG = '0123456789'.repeat(700)
const root = join(import.meta.dirname, '..', '..')
const entries = ['src/terminal/decode.ts', 'out/terminal/decode.js'].filter((path) => existsSync(join(root, path)))
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maqiao-decode-'))
  const picture = render({ text: CODE, width: 640, height: 480, degrees: 20, glare: 0.4 })
  await save('code.png', png(picture))
  await save('code.jpg', jpg(picture))
  await save('code.bmp', bmp(picture))
  await save('transparent.png', await QRCode.toBuffer(CODE, { color: { light: '#0000' } }))
  await save('blank.png', png(blankPicture(3, 640, 480)))
  await save('torn.png', png(picture).subarray(0, 2000))
  await save('notes.txt', Buffer.from('不是图片'))
  await save('deep.png', deepPng(picture))
  await save('palette.png', palettePng())
  await save('long.png', await QRCode.toBuffer(LONG, { scale: 4, errorCorrectionLevel: 'L' }))
  const jpeg = jpg(blankPicture(4, 640, 480))
  await save('cut.jpg', jpeg.subarray(0, jpeg.length / 2))
  const high = jpg(render({ text: CODE, width: 640, height: 480, size: 0.4, centre: [0.5, 0.3] }))
  await save('half.jpg', high.subarray(0, high.length * 0.8))
  await save('cut-header.jpg', jpeg.subarray(0, 100))
  await save('liar.jpg', lying(jpeg, jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5, 2))
  await save('liar.png', lying(png(picture), 16, 4))
  await save('small-liar.png', shrunk(png(picture)))
  await save('liar.bmp', lying(bmp(picture), 18, 2))
  await save('liar.gif', Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(40, 0xff)]))
  await save('phone.webp', Buffer.from('RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a', 'latin1'))
  await save('phone.heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'))
  await save('arithmetic.jpg', Buffer.from(jpeg.map((byte, at) => (at === jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 1 ? 0xc9 : byte))))
  await save('empty.png', Buffer.alloc(0))
  const rest = Buffer.from('appended by a program that saves pictures\0\0\0')
  for (const [name, bytes] of [['png', png(picture)], ['jpg', jpg(picture)], ['bmp', bmp(picture)]] as const) await save(`longer.${name}`, Buffer.concat([bytes, rest]))
  await save('torn-note.png', noted(png(picture)))
  await save('light-ink.png', await QRCode.toBuffer(CODE, { color: { light: '#0000', dark: '#ffff' } }))
  await save('two-patients.png', sheet([CODE, CODE.replace('8A41', '9B52')]))
  await save('payment-beside.png', sheet(['134567890123456789', CODE]))
  const parts = partsOf(new TextEncoder().encode(CODE), 2)
  await save('part.png', png(page(300, 300, [{ modules: parts[1]!, x: 10, y: 10, scale: 6 }])))
  await save('parts.png', png(page(700, 300, parts.map((modules, at) => ({ modules, x: 10 + at * 340, y: 10, scale: 6 })))))
})

afterAll(() => rm(directory, { recursive: true, force: true }))

describe.each(entries)('%s', (entry) => {
  test('reads PNG, JPEG and BMP; a picture without a code is null and no error', async () => {
    const { code, lines } = await run(entry, ['code.png', 'code.jpg', 'code.bmp', 'transparent.png', 'blank.png'])
    expect(lines.map(({ text }) => text)).toEqual([CODE, CODE, CODE, CODE, null])
    expect(lines.map(({ file }) => file.slice(directory.length + 1))).toEqual(['code.png', 'code.jpg', 'code.bmp', 'transparent.png', 'blank.png'])
    expect(lines.every(({ ms, error }) => ms > 0 && error === undefined)).toBe(true)
    expect(code).toBe(0)
  })

  test('names what is missing or broken, reads the rest, and fails at the end', async () => {
    const { code, lines } = await run(entry, ['gone.png', 'torn.png', 'notes.txt', 'code.png'])
    expect(lines.map(({ error }) => error?.code)).toEqual(['PICTURE_MISSING', 'PICTURE_BROKEN', 'PICTURE_BROKEN', undefined])
    expect(lines.map(({ text }) => text)).toEqual([null, null, null, CODE])
    expect(code).toBe(1)
  })

  test('reads 16-bit and palette PNG, a code of 7,000 digits, and a JPEG cut below its code', async () => {
    const { code, lines } = await run(entry, ['deep.png', 'palette.png', 'long.png', 'half.jpg'])
    expect(lines.map(({ text }) => text)).toEqual([CODE, CODE, LONG, CODE])
    expect(code).toBe(0)
  })

  test('says what is wrong with a picture that is cut, lies about its size, or is of another format, and goes on', async () => {
    const expected: Record<string, string> = {
      'cut.jpg': 'PICTURE_CUT',
      'cut-header.jpg': 'PICTURE_BROKEN',
      'liar.jpg': 'PICTURE_TOO_LARGE',
      'liar.png': 'PICTURE_TOO_LARGE',
      'small-liar.png': 'PICTURE_BROKEN',
      'liar.bmp': 'PICTURE_BROKEN',
      'liar.gif': 'PICTURE_TOO_LARGE',
      'phone.webp': 'PICTURE_FORMAT',
      'phone.heic': 'PICTURE_FORMAT',
      'arithmetic.jpg': 'PICTURE_FORMAT',
      'empty.png': 'PICTURE_BROKEN',
    }
    const { code, lines } = await run(entry, [...Object.keys(expected), 'code.png'])
    const got = lines.map(({ file, error }) => [file.slice(directory.length + 1), error?.code])
    expect(Object.fromEntries(got)).toEqual({ ...expected, 'code.png': undefined })
    expect(lines.find(({ file }) => file.endsWith('.webp'))?.error?.message).toContain('WebP')
    expect(lines.at(-1)?.text).toBe(CODE)
    expect(code).toBe(1)
  })

  test('reads a picture with bytes after its end, one whose description is damaged, and light ink on transparency', async () => {
    const { code, lines } = await run(entry, ['longer.png', 'longer.jpg', 'longer.bmp', 'torn-note.png', 'light-ink.png'])
    expect(lines.map(({ text }) => text)).toEqual(Array(5).fill(CODE))
    expect(code).toBe(0)
  })

  test('takes the patient’s code of several, joins parts in view, and says why it takes none', async () => {
    const { code, lines } = await run(entry, ['payment-beside.png', 'parts.png', 'part.png', 'two-patients.png'])
    expect(lines.map(({ text }) => text)).toEqual([CODE, CODE, null, null])
    expect(lines.map(({ notice }) => notice?.code)).toEqual([undefined, undefined, 'CODE_PART', 'CODE_SEVERAL_PATIENTS'])
    expect(lines[2]?.notice).toMatchObject({ part: 2, of: 2 })
    expect(code).toBe(0)
  })

  test('without a picture says how it is used', async () => {
    expect(await run(entry, [])).toMatchObject({ code: 64, lines: [] })
  })
})

type Line = { file: string; text: string | null; ms: number; notice?: { code: string; part?: number; of?: number }; error?: { code: string; message: string } }

function run(entry: string, names: string[]): Promise<{ code: number; lines: Line[] }> {
  return new Promise((resolve) => {
    const files = names.map((name) => join(directory, name))
    const child = execFile(process.execPath, [join(root, entry), ...files], (_error, stdout) => {
      const lines = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Line)
      resolve({ code: child.exitCode ?? -1, lines })
    })
  })
}

/** The codes side by side. */
function sheet(texts: readonly string[]): Buffer {
  return png(page(300 * texts.length, 300, texts.map((text, at) => ({ modules: modulesOf(text), x: 300 * at, y: 0, scale: 6 }))))
}

/** With a text chunk before the pixels whose check sum is wrong. */
function noted(bytes: Buffer): Buffer {
  const note = Buffer.concat([Buffer.from([0, 0, 0, 4]), Buffer.from('tEXtA\0bc'), Buffer.from([1, 2, 3, 4])])
  return Buffer.concat([bytes.subarray(0, 33), note, bytes.subarray(33)])
}

function save(name: string, bytes: Uint8Array): Promise<void> {
  return writeFile(join(directory, name), bytes)
}

function png({ width, height, data }: Picture): Buffer {
  const image = new PNG({ width, height })
  image.data = Buffer.from(data)
  return PNG.sync.write(image)
}

/** 24 bits a pixel, bottom row first. */
function bmp({ width, height, data }: Picture): Buffer {
  const stride = (width * 3 + 3) & ~3
  const file = Buffer.alloc(54 + stride * height)
  file.write('BM')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(54, 10)
  file.writeUInt32LE(40, 14)
  file.writeInt32LE(width, 18)
  file.writeInt32LE(height, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(24, 28)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 4 * ((height - 1 - y) * width + x)
      file.set([data[from + 2] ?? 0, data[from + 1] ?? 0, data[from] ?? 0], 54 + y * stride + 3 * x)
    }
  }
  return file
}

function jpg(picture: Picture): Buffer {
  return Buffer.from(encodeJpeg({ ...picture, data: Buffer.from(picture.data) }, 70).data)
}

/** 16 bits a channel. */
function deepPng({ width, height, data }: Picture): Buffer {
  const deep = Buffer.alloc(width * height * 8)
  for (let i = 0; i < data.length; i++) deep.writeUInt16LE((data[i] ?? 0) * 257, 2 * i)
  const image = new PNG({ width, height, bitDepth: 16 })
  image.data = deep
  return PNG.sync.write(image, { bitDepth: 16 })
}

/** Two colours, one bit a pixel. */
function palettePng(): Buffer {
  const { modules } = QRCode.create(CODE, {})
  const side = (modules.size + 8) * 4
  const rows = Buffer.alloc(side * (1 + Math.ceil(side / 8)))
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [row, column] = [(y >> 2) - 4, (x >> 2) - 4]
      const inside = row >= 0 && column >= 0 && row < modules.size && column < modules.size
      if (!inside || modules.get(row, column) === 0) continue
      const at = y * (1 + Math.ceil(side / 8)) + 1 + (x >> 3)
      rows[at] = (rows[at] ?? 0) | (0x80 >> (x & 7))
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([1, 3, 0, 0, 0], 8)
  const chunks = [chunk('IHDR', header), chunk('PLTE', Buffer.from([250, 250, 240, 20, 40, 120])), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...chunks])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** The same file, its width and height given as the largest number of so many bytes. */
function lying(file: Buffer, at: number, bytes: number): Buffer {
  const lie = Buffer.from(file)
  lie.fill(0xff, at, at + 2 * bytes)
  // The sign bit of a four-byte number stays clear.
  if (bytes === 4) for (const start of [at, at + 4]) lie[start] = 0x7f
  return lie
}

/** A PNG that says it is an eighth as wide and high as its data. */
function shrunk(file: Buffer): Buffer {
  const lie = Buffer.from(file)
  lie.writeUInt32BE(file.readUInt32BE(16) / 8, 16)
  lie.writeUInt32BE(file.readUInt32BE(20) / 8, 20)
  lie.writeUInt32BE(crc32(lie.subarray(12, 29)), 29)
  return lie
}
