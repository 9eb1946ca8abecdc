import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { orientationOf, turned } from '../../../../src/transcode/platforms/health-card/exif-orientation.ts'
import { imageForOcr } from '../../../../src/transcode/platforms/health-card/image-for-ocr.ts'

/** Noise, which no encoder makes small, with the left half red. */
function noisy(width: number, height: number) {
  const data = Buffer.alloc(width * height * 4, 255)
  let seed = 7
  for (let at = 0; at < data.length; at += 4) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    const isLeft = (at / 4) % width < width / 2
    data[at] = isLeft ? 255 : seed & 63
    data[at + 1] = isLeft ? 0 : (seed >> 8) & 63
    data[at + 2] = (seed >> 16) & 255
  }
  return { width, height, data }
}

function withOrientation(jpegBytes: Buffer, orientation: number): Buffer {
  const tiff = Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0])
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2])
  return Buffer.concat([head, exif, jpegBytes.subarray(2)])
}

describe('a picture for OCR', () => {
  it.each(['data:image/jpeg;base64,', 'image/png;base64', 'image/jpeg/png;base64,', 'data:;base64,', 'data:image/jpeg;charset=utf-8;base64,', 'data:IMAGE/PNG;name=a.png;base64,', '  data:image/png;base64,', ''])('loses its head %j', async (head) => {
    expect(await imageForOcr(`${head}/9j/4AAQSkZJ`)).toBe('/9j/4AAQSkZJ')
  })
  it.each(['data:image/gif;base64,R0lGODlh', 'data:image/jpeg;base64,R0lGODlh', 'R0lGODlh'])('of any small format is the platform’s to judge: %j', async (text) => {
    expect(await imageForOcr(text)).toBe('R0lGODlh')
  })
  it.each([
    ['nothing', ''],
    ['a head alone', 'data:image/jpeg;base64,'],
    ['a text', Buffer.from('姓名 无名 这不是图片').toString('base64')],
    ['words', '这不是图片'],
    ['a large one that cannot be made smaller', Buffer.alloc(301 * 1024, 'GIF8').toString('base64')],
  ])('is refused: %s', async (_what, text) => {
    await expect(imageForOcr(text)).rejects.toMatchObject({ code: 'REQUEST_INVALID', fields: [{ path: 'imageContent' }] })
  })
  it.each([
    ['JPEG', () => Buffer.from(jpeg.encode(noisy(800, 480), 100).data)],
    ['PNG', () => PNG.sync.write(Object.assign(new PNG({ width: 600, height: 360 }), noisy(600, 360)))],
  ])('that is a large %s comes down to 300 KB', async (_kind, made) => {
    const large = made()
    expect(large.length).toBeGreaterThan(300 * 1024)
    const small = Buffer.from(await imageForOcr(large.toString('base64')), 'base64')
    expect(small.length).toBeLessThanOrEqual(300 * 1024)
    const { width, height, data } = jpeg.decode(small, { useTArray: true })
    expect(width / height).toBeCloseTo(5 / 3, 1)
    const pixel = (Math.floor(height / 2) * width + Math.floor(width / 4)) * 4
    expect(data[pixel]).toBeGreaterThan(150)
    expect(data[pixel + 1]).toBeLessThan(100)
  })
  it('is upright afterwards: the mark of a turned photo is obeyed', async () => {
    const lying = withOrientation(Buffer.from(jpeg.encode(noisy(800, 480), 100).data), 6)
    const small = jpeg.decode(Buffer.from(await imageForOcr(lying.toString('base64')), 'base64'), { useTArray: true })
    expect(small.width).toBeLessThan(small.height)
    // Turned clockwise, the left half is on top.
    const top = (Math.floor(small.height / 4) * small.width + Math.floor(small.width / 2)) * 4
    expect(small.data[top]).toBeGreaterThan(150)
  })
  it('that is damaged is refused', async () => {
    const broken = Buffer.alloc(400 * 1024, 7)
    broken.set([0xff, 0xd8, 0xff, 0xe0])
    await expect(imageForOcr(broken.toString('base64'))).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })
  it('with more pixels than memory is refused', async () => {
    const bomb = Buffer.alloc(400 * 1024)
    bomb.set(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))
    bomb.writeUInt32BE(60_000, 16)
    bomb.writeUInt32BE(60_000, 20)
    await expect(imageForOcr(bomb.toString('base64'))).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })
})

describe('orientation', () => {
  const plain = Buffer.from(jpeg.encode(noisy(8, 8), 90).data)
  it('is read, and 1 where there is none or it is damaged', () => {
    expect(orientationOf(plain)).toBe(1)
    expect(orientationOf(withOrientation(plain, 8))).toBe(8)
    expect(orientationOf(withOrientation(plain, 3).subarray(0, 20))).toBe(1)
    expect(orientationOf(Buffer.alloc(0))).toBe(1)
  })
  it('puts the pixels where they belong', () => {
    const pixels = (values: number[]) => Uint8Array.from(values.flatMap((value) => [value, value, value, 255]))
    const picture = { width: 3, height: 2, data: pixels([1, 2, 3, 4, 5, 6]) }
    const seen = (orientation: number) => {
      const { width, data } = turned(picture, orientation)
      return [width, ...Array.from({ length: 6 }, (_, at) => data[at * 4])]
    }
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(seen)).toEqual([
      [3, 1, 2, 3, 4, 5, 6], [3, 3, 2, 1, 6, 5, 4], [3, 6, 5, 4, 3, 2, 1], [3, 4, 5, 6, 1, 2, 3],
      [2, 1, 4, 2, 5, 3, 6], [2, 4, 1, 5, 2, 6, 3], [2, 6, 3, 5, 2, 4, 1], [2, 3, 6, 2, 5, 1, 4],
    ])
  })
})
