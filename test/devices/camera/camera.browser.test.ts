import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import type { Browser, Page } from 'playwright-core'
import { PNG } from 'pngjs'
import QRCode from 'qrcode'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { CameraState } from '../../../src/devices/camera/camera.ts'
import { launchChromium } from '../../support/chromium.ts'
import { modulesOf, page as sheet, partsOf, type Modules } from '../../support/qr-parts.ts'
import { blankPicture, render, type Picture, type Scene } from '../../support/qr-pictures.ts'
import { servePage } from '../../support/serve-page.ts'
import { writeY4m } from '../../support/y4m.ts'

const ANKANG = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?id=6F9E2C41D0B84A7A9C53E1F02B7D8A64&cityNo=340100000000'
const CARD = '8A41B2C3D4E5F60718293A4B5C6D7E8F8A41B2C3D4E5F60718293A4B5C6D7E8F'
/** Every format's shape, each under another disturbance. */
const CODES: readonly (Partial<Scene> & { text: string; bytes?: Uint8Array })[] = [
  { text: ANKANG, degrees: 12 },
  { text: `${CARD}:1`, glare: 0.5 },
  { text: `${CARD}:0:0F1E2D3C4B5A69788796A5B4C3D2E1F0::340100`, perspective: 0.25 },
  { text: '4240000000000000000000000001', dark: 90, light: 150 },
  { text: 'https://ykm.gdzwfw.example/code?c=a1b2c3d4e5f6', inverted: true },
  { text: '432901198810228888', degrees: 200, blur: 1.2 },
  { text: '姓名:李小国;科室:内科', bytes: new TextEncoder().encode('姓名:李小国;科室:内科') },
  { text: '门诊号:陈顺;楼层:三', bytes: iconv.encode('门诊号:陈顺;楼层:三', 'gbk') },
]

const PAGE = `<!doctype html><meta charset="utf-8"><video id="video" width="320"></video><canvas id="canvas" width="640" height="360"></canvas>
<script type="module">
import { createCamera } from '/src/devices/camera/camera.ts'
import { decodePicture } from '/src/devices/camera/picture.ts'
window.seen = { readings: [], states: [] }
window.make = (options = {}) => window.camera = createCamera({
  video, forgetMs: 60000, ...options,
  onReading: (reading) => seen.readings.push(reading),
  onState: (state) => seen.states.push({ at: performance.now(), ...state }),
})
window.decodePicture = decodePicture
// A played camera: what is on the canvas.
window.play = () => {
  window.opened = 0
  window.drawing = true
  const context = canvas.getContext('2d')
  window.picture = undefined
  const draw = () => {
    if (drawing) {
      context.fillStyle = picture === 'black' ? '#000' : '#999'
      context.fillRect(0, 0, canvas.width, canvas.height)
      if (picture instanceof ImageBitmap) context.drawImage(picture, canvas.width / 2 - 150, canvas.height / 2 - 150, 300, 300)
    }
  }
  setInterval(draw, 40)
  navigator.mediaDevices.getUserMedia = async () => { opened++; return window.stream = canvas.captureStream(25) }
}
window.show = async (url) => { window.picture = url === 'black' || !url ? url : await createImageBitmap(await (await fetch(url)).blob()) }
window.ready = true
</script>`

let server: Awaited<ReturnType<typeof servePage>>
let directory: string
const browsers: Browser[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maqiao-camera-'))
  server = await servePage(PAGE)
}, 60_000)

// A page that stays open goes on decoding.
afterEach(async () => {
  for (const browser of browsers) for (const page of browser.contexts().flatMap((context) => context.pages())) await page.close()
})

afterAll(async () => {
  for (const browser of browsers) await browser.close()
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

describe('a camera, played from a video file', () => {
  test('reads every format, each once, in the order shown, the decoder off the screen thread', async () => {
    const size = { width: 640, height: 480 }
    const frames = CODES.flatMap(({ text, bytes, ...scene }, index) => [
      render({ ...size, size: 0.7, noise: 4, seed: index + 1, ...scene, text: bytes ?? text }),
      blankPicture(index + 100, size.width, size.height),
    ])
    const camera = join(directory, 'codes.y4m')
    await writeY4m(camera, frames, { fps: 20, repeat: 8 })
    const page = await openPage({ camera })
    await page.evaluate('make().start()')
    await page.waitForFunction(`seen.readings.length >= ${CODES.length}`, undefined, { timeout: 30_000 })
    // The video is played over and over: a code that comes again is still the same one.
    await page.waitForTimeout(3000)
    const texts: string[] = await page.evaluate('seen.readings.map(({ text }) => text)')
    const expected = CODES.map(({ text }) => text)
    const start = expected.indexOf(texts[0] ?? '')
    expect(texts).toEqual([...expected.slice(start), ...expected.slice(0, start)])
    expect(await page.evaluate<CameraState>('seen.states.at(-1)')).toMatchObject({ kind: 'watching', torch: undefined })
    await page.evaluate('camera.close()')
    expect(await page.evaluate('video.srcObject')).toBe(null)
    expect(await page.evaluate<CameraState>('seen.states.at(-1)')).toMatchObject({ kind: 'stopped' })
  }, 90_000)
})

describe('a camera that is not to be had', () => {
  test('none: says so, and keeps trying', async () => {
    const page = await openPage({ args: ['--use-fake-ui-for-media-stream'] })
    await page.evaluate('make().start()')
    expect(await lost(page, 'missing')).toMatchObject({ message: '没有找到摄像头', retryMs: 3000 })
  }, 60_000)

  // The headless browser has nobody to ask and cannot deny: the refusal is put in its place.
  test('denied: says how to allow it, does not ask again by itself, and reads when started again', async () => {
    const page = await playedPage()
    await page.evaluate(`{
      const given = navigator.mediaDevices.getUserMedia
      window.asked = 0
      window.denied = true
      navigator.mediaDevices.getUserMedia = () => (asked++, denied ? Promise.reject(new DOMException('', 'NotAllowedError')) : given())
    }`)
    await page.evaluate('make().start()')
    expect(await lost(page, 'denied')).toMatchObject({ message: '没有使用摄像头的权限', retryMs: undefined })
    await page.waitForTimeout(1500)
    expect(await page.evaluate('asked')).toBe(1)
    await page.evaluate('denied = false; camera.start()')
    await showCode(page, ANKANG)
    await readings(page, 1)
  }, 60_000)

  test('taken by another program: says so, and reads as soon as it is free', async () => {
    const page = await playedPage()
    await page.evaluate(`{
      const given = navigator.mediaDevices.getUserMedia
      window.taken = true
      navigator.mediaDevices.getUserMedia = () => taken ? Promise.reject(new DOMException('', 'NotReadableError')) : given()
    }`)
    await page.evaluate('make().start()')
    await lost(page, 'busy')
    await page.evaluate('taken = false')
    await showCode(page, ANKANG)
    await readings(page, 1)
  }, 60_000)
})

describe('a camera that is lost', () => {
  test('unplugged: comes back by itself and reads', async () => {
    const page = await playedPage()
    await page.evaluate('make().start()')
    await showCode(page, ANKANG)
    await readings(page, 1)
    await page.evaluate(`stream.getTracks()[0].dispatchEvent(new Event('ended'))`)
    await lost(page, 'unplugged')
    await showCode(page, CARD)
    expect(await readings(page, 2)).toEqual([ANKANG, CARD])
  }, 60_000)

  test('asleep, without an event: noticed by its missing frames', async () => {
    const page = await playedPage()
    await page.evaluate('make({ stallMs: 800 }).start()')
    await watching(page)
    await page.evaluate('drawing = false')
    await lost(page, 'asleep')
    await page.evaluate('drawing = true')
    await showCode(page, ANKANG)
    await readings(page, 1)
  }, 60_000)

  test('black, without an event: opened again, then named, then read when there is light', async () => {
    const page = await playedPage()
    await page.evaluate('make().start()')
    await watching(page)
    await page.evaluate(`show('black')`)
    await lost(page, 'black')
    await page.waitForFunction('opened === 2')
    // The one that is still black is not opened again and again.
    await page.waitForTimeout(5000)
    expect(await page.evaluate('opened')).toBe(2)
    expect(await page.evaluate<CameraState>('seen.states.at(-1)')).toMatchObject({ kind: 'lost', fault: 'black' })
    await showCode(page, ANKANG)
    await readings(page, 1)
  }, 60_000)

  test('of another resolution in the middle: goes on reading', async () => {
    const page = await playedPage()
    await page.evaluate('make().start()')
    await showCode(page, ANKANG)
    await readings(page, 1)
    await page.evaluate('canvas.width = 1280; canvas.height = 720')
    await showCode(page, CARD)
    expect(await readings(page, 2)).toEqual([ANKANG, CARD])
    expect(await page.evaluate('seen.states.at(-1)')).toMatchObject({ width: 1280, height: 720 })
  }, 60_000)
})

describe('readings', () => {
  test('one code that stays in view is read once; a new one at once; the old one again after it was forgotten', async () => {
    const page = await playedPage()
    await page.evaluate('make({ forgetMs: 1000 }).start()')
    await showCode(page, ANKANG)
    await readings(page, 1)
    await page.waitForTimeout(2500)
    const from = Date.now()
    await showCode(page, CARD)
    expect(await readings(page, 2)).toEqual([ANKANG, CARD])
    expect(Date.now() - from).toBeLessThan(2000)
    await page.evaluate('show(undefined)')
    await page.waitForTimeout(1500)
    await showCode(page, ANKANG)
    expect(await readings(page, 3)).toEqual([ANKANG, CARD, ANKANG])
  }, 60_000)

  test('start and stop in any order end as the last one said', async () => {
    const page = await playedPage()
    await page.evaluate(`{ const one = make(); one.start(); one.stop(); one.start(); one.stop(); one.start(); window.last = one.stop() }`)
    await page.evaluate('last')
    expect(await page.evaluate('video.srcObject')).toBe(null)
    await page.evaluate('camera.stop(); camera.start()')
    await watching(page)
  }, 60_000)

  test('a still picture is read from a file; one without a code and a broken one are told apart', async () => {
    const page = await playedPage()
    const png = await QRCode.toDataURL(ANKANG, { scale: 4 })
    const read = (expression: string) => page.evaluate<Record<string, string>>(
      `(async () => decodePicture(await (async () => ${expression})()))()`)
    expect(await read(`(await fetch(${JSON.stringify(png)})).blob()`)).toMatchObject({ kind: 'read', text: ANKANG })
    expect(await read(`new Promise((done) => canvas.toBlob(done))`)).toMatchObject({ kind: 'nothing' })
    expect(await read(`new Blob(['no picture'], { type: 'image/png' })`)).toMatchObject({ kind: 'broken', message: '无法打开这张图片' })
  }, 60_000)
})

describe('several symbols in view', () => {
  const CHOOSE = `(texts) => {
    const cards = texts.filter((text) => /:1$/.test(text))
    return cards.length > 1 ? { kind: 'several' } : { kind: 'one', index: Math.max(0, texts.indexOf(cards[0])), patient: cards.length === 1 }
  }`
  const beside = (texts: readonly string[]) => dataUrl(sheet(320 * texts.length, 320 * texts.length, texts.map((text, at) => ({ modules: modulesOf(text), x: 320 * at, y: 160, scale: 6 }))))
  const notice = `seen.states.at(-1).notice?.code`

  test('a patient’s code is read and not the payment code beside it; two patients’ are not, and the state says so', async () => {
    const page = await playedPage()
    await page.evaluate(`canvas.height = 640; make({ choose: ${CHOOSE} }).start()`)
    await page.evaluate(`show(${JSON.stringify(beside(['134567890123456789', `${CARD}:1`]))})`)
    expect(await readings(page, 1)).toEqual([`${CARD}:1`])
    await page.evaluate(`show(${JSON.stringify(beside([`${CARD.replace('8A', '9B')}:1`, `${CARD.replace('8A', '7C')}:1`]))})`)
    await page.waitForFunction(`${notice} === 'CODE_SEVERAL_PATIENTS'`, undefined, { timeout: 15_000 })
    expect(await readings(page, 1)).toEqual([`${CARD}:1`])
  }, 60_000)

  test('parts that come one after the other are read as one text, and until then the state says which is there', async () => {
    const page = await playedPage()
    await page.evaluate('make().start()')
    const parts = partsOf(new TextEncoder().encode(ANKANG), 2).map(single)
    await page.evaluate(`show(${JSON.stringify(parts[0])})`)
    await page.waitForFunction(`${notice} === 'CODE_PART'`, undefined, { timeout: 15_000 })
    expect(await page.evaluate('seen.states.at(-1).notice')).toMatchObject({ message: '这是第 1/2 部分，不是完整的码', part: { index: 0, count: 2 } })
    expect(await page.evaluate('seen.readings.length')).toBe(0)
    await page.evaluate(`show(${JSON.stringify(parts[1])})`)
    expect(await readings(page, 1)).toEqual([ANKANG])
  }, 60_000)

  test('pictures: a part is refused and completed by the next, a BMP without alpha and light ink on transparency are read', async () => {
    const page = await playedPage()
    await page.evaluate('make()')
    const read = (url: string) => page.evaluate<Record<string, string>>(`(async () => camera.decodePicture(await (await fetch(${JSON.stringify(url)})).blob()))()`)
    const parts = partsOf(new TextEncoder().encode(ANKANG), 2).map(single)
    expect(await read(parts[1]!)).toMatchObject({ kind: 'refused', code: 'CODE_PART' })
    expect(await read(parts[0]!)).toMatchObject({ kind: 'read', text: ANKANG })
    for (const [header, packing] of [[108, 3], [124, 3], [56, 3], [108, 0], [40, 0]] as const) {
      expect(await read(clearBmp(modulesOf(CARD), header, packing)), `${header} ${packing}`).toMatchObject({ kind: 'read', text: CARD })
    }
    expect(await read(await QRCode.toDataURL(CARD, { scale: 4, color: { dark: '#ffffffff', light: '#00000000' } }))).toMatchObject({ kind: 'read', text: CARD })
  }, 60_000)
})

const single = (modules: Modules) => dataUrl(sheet((modules.size + 8) * 6, (modules.size + 8) * 6, [{ modules, x: 0, y: 0, scale: 6 }]))

function dataUrl({ width, height, data }: Picture): string {
  const image = new PNG({ width, height })
  image.data = Buffer.from(data)
  return `data:image/png;base64,${PNG.sync.write(image).toString('base64')}`
}

/** 32 bits a pixel with an alpha of 0 everywhere; `header` bytes long (V3 56, V4 108, V5 124), `packing` 0 RGB or 3 by masks. */
function clearBmp({ size, data }: Modules, header: number, packing: number): string {
  const side = (size + 8) * 4
  const file = Buffer.alloc(14 + header + side * side * 4)
  file.write('BM')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(14 + header, 10)
  file.writeUInt32LE(header, 14)
  file.writeInt32LE(side, 18)
  file.writeInt32LE(side, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(32, 28)
  file.writeUInt32LE(packing, 30)
  if (packing === 3) [0xff0000, 0xff00, 0xff, 0xff000000].forEach((mask, at) => file.writeUInt32LE(mask, 54 + 4 * at))
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [row, column] = [Math.floor((side - 1 - y) / 4) - 4, Math.floor(x / 4) - 4]
      const dark = row >= 0 && column >= 0 && row < size && column < size && data[row * size + column] === 1
      file.fill(dark ? 0 : 255, 14 + header + 4 * (y * side + x), 14 + header + 4 * (y * side + x) + 3)
    }
  }
  return `data:image/bmp;base64,${file.toString('base64')}`
}

async function openPage(options: Parameters<typeof launchChromium>[0]): Promise<Page> {
  const browser = await launchChromium(options)
  browsers.push(browser)
  return load(browser)
}

let played: Promise<Browser> | undefined

async function playedPage(): Promise<Page> {
  played ??= launchChromium().then((browser) => (browsers.push(browser), browser))
  const page = await load(await played)
  await page.evaluate('play()')
  return page
}

async function load(browser: Browser): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.waitForFunction('window.ready')
  return page
}

async function showCode(page: Page, text: string): Promise<void> {
  await page.evaluate(`show(${JSON.stringify(await QRCode.toDataURL(text, { scale: 6 }))})`)
}

async function readings(page: Page, count: number): Promise<string[]> {
  await page.waitForFunction(`seen.readings.length >= ${count}`, undefined, { timeout: 15_000 })
  return page.evaluate<string[]>('seen.readings.map(({ text }) => text)')
}

async function watching(page: Page): Promise<void> {
  await page.waitForFunction(`seen.states.at(-1)?.kind === 'watching'`, undefined, { timeout: 15_000 })
}

async function lost(page: Page, fault: string): Promise<CameraState> {
  const handle = await page.waitForFunction(`seen.states.find((state) => state.fault === '${fault}')`, undefined, { timeout: 15_000 })
  return (await handle.jsonValue()) as CameraState
}
