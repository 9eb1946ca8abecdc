import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode as encodeJpeg } from 'jpeg-js'
import { PNG } from 'pngjs'
import QRCode from 'qrcode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blankPicture, render, type Picture } from '../support/qr-pictures.ts'

const CODE = '8A41B2C3D4E5F60718293A4B5C6D7E8F8A41B2C3D4E5F60718293A4B5C6D7E8F:1'
const root = join(import.meta.dirname, '..', '..')
const entries = ['src/terminal/decode.ts', 'out/terminal/decode.js'].filter((path) => existsSync(join(root, path)))
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maqiao-decode-'))
  const picture = render({ text: CODE, width: 640, height: 480, degrees: 20, glare: 0.4 })
  await save('code.png', png(picture))
  await save('code.jpg', Buffer.from(encodeJpeg({ ...picture, data: Buffer.from(picture.data) }, 70).data))
  await save('code.bmp', bmp(picture))
  await save('transparent.png', await QRCode.toBuffer(CODE, { color: { light: '#0000' } }))
  await save('blank.png', png(blankPicture(3, 640, 480)))
  await save('torn.png', png(picture).subarray(0, 2000))
  await save('notes.txt', Buffer.from('不是图片'))
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

  test('without a picture says how it is used', async () => {
    expect(await run(entry, [])).toMatchObject({ code: 64, lines: [] })
  })
})

type Line = { file: string; text: string | null; ms: number; error?: { code: string } }

function run(entry: string, names: string[]): Promise<{ code: number; lines: Line[] }> {
  return new Promise((resolve) => {
    const files = names.map((name) => join(directory, name))
    const child = execFile(process.execPath, [join(root, entry), ...files], (_error, stdout) => {
      const lines = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Line)
      resolve({ code: child.exitCode ?? -1, lines })
    })
  })
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
