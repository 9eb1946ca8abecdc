/** Pixels -> text: one quick look at every picture, and others by turns where it sees nothing. */
import { createEngine, type Corner, type Finding } from './engine.ts'
import {
  DEAR_LOOKS, firstLook, REGION_LOOKS, regionLook, SECOND_LOOKS, viewsOf,
  type DearLook, type Prepared, type RegionLook, type SecondLook, type Views,
} from './looks.ts'
import { lightOf, toLuma, type Box, type Pixels } from './luma.ts'

/** Mean brightness, burnt-out and black share of a picture, 0 to 1. */
export type Light = { readonly mean: number; readonly burnt: number; readonly black: number }

/** What a picture showed; corners in its own pixels, clockwise from the code's top left. */
export type Sight =
  | { readonly kind: 'read'; readonly text: string; readonly aim: string; readonly corners: readonly Corner[]; readonly light: Light }
  | { readonly kind: 'unreadable'; readonly corners: readonly Corner[]; readonly light: Light }
  | { readonly kind: 'nothing'; readonly light: Light }

export type Decoder = {
  /** One frame of a moving picture: the first look, and on a miss one second look, another one each time. */
  frame(pixels: Pixels): Promise<Sight>
  /** A still picture: every look until one reads. */
  picture(pixels: Pixels): Promise<Sight>
  /** The bytes of a picture file that nothing else unpacks (BMP, GIF); rejects with TypeError where they are none. */
  file(bytes: Uint8Array): Promise<string | undefined>
}

type LookName = SecondLook | RegionLook | DearLook

const SECOND_NAMES = Object.keys(SECOND_LOOKS) as SecondLook[]
const REGION_NAMES = Object.keys(REGION_LOOKS) as RegionLook[]
const DEAR_NAMES = Object.keys(DEAR_LOOKS) as DearLook[]
/** The second looks of moving pictures, round and round. */
const FRAME_NAMES: readonly LookName[] = [...SECOND_NAMES, ...SECOND_NAMES, ...DEAR_NAMES]
const STILL_NAMES: readonly LookName[] = [...SECOND_NAMES, ...DEAR_NAMES, ...REGION_NAMES]
const LOOKS = { ...SECOND_LOOKS, ...DEAR_LOOKS }
/** A code seen this many frames ago may have moved on. */
const PLACE_LASTS = 12
const NO_LIGHT: Light = { mean: 0, burnt: 0, black: 1 }

/** A warmed decoder; `wasm` is zxing-wasm's reader module, handed in so that no network is asked. */
export async function createDecoder({ wasm }: { wasm: ArrayBuffer }): Promise<Decoder> {
  const engine = await createEngine(wasm)
  let turn = 0
  let place: { readonly box: Box; age: number } | undefined

  /** What one look finds, in the whole picture's pixels: a reading before one that cannot be read. */
  async function ask({ pixels, options, factor, offset }: Prepared): Promise<Finding | undefined> {
    const found = await engine(pixels, options)
    const best = found.find(({ text }) => text !== undefined) ?? found[0]
    const { x: left, y: top } = offset ?? { x: 0, y: 0 }
    return best && { ...best, corners: best.corners.map(({ x, y }) => ({ x: x / factor + left, y: y / factor + top })) }
  }

  async function frame(pixels: Pixels): Promise<Sight> {
    if (isEmpty(pixels)) return { kind: 'nothing', light: NO_LIGHT }
    const views = viewsOf(toLuma(pixels))
    let finding = await ask(firstLook(views))
    if (finding?.text === undefined) finding = (await ask(prepare(nextName(), views))) ?? finding
    if (place && ++place.age > PLACE_LASTS) place = undefined
    if (finding) place = { box: around(finding.corners, views), age: 0 }
    return sightOf(finding, views)
  }

  async function picture(pixels: Pixels): Promise<Sight> {
    if (isEmpty(pixels)) return { kind: 'nothing', light: NO_LIGHT }
    const views = viewsOf(toLuma(pixels))
    place = undefined
    let finding = await ask(firstLook(views))
    for (const name of STILL_NAMES) {
      if (finding?.text !== undefined) break
      if (finding) place = { box: around(finding.corners, views), age: 0 }
      if (isRegion(name) && !place) break
      finding = (await ask(prepare(name, views))) ?? finding
    }
    place = undefined
    return sightOf(finding, views)
  }

  /** Looks by turns, at a region only while something was seen there. */
  function nextName(): LookName {
    const names = place ? [...SECOND_NAMES, ...REGION_NAMES] : FRAME_NAMES
    return names[turn++ % names.length]!
  }

  function prepare(name: LookName, views: Views): Prepared {
    return isRegion(name) ? regionLook(views, fit(place!.box, views), name) : LOOKS[name](views)
  }

  async function file(bytes: Uint8Array): Promise<string | undefined> {
    const found = await engine(bytes, { tryDownscale: true })
    return found.find(({ text }) => text !== undefined)?.text
  }

  await warm(picture)
  return { frame, picture, file }
}

/** The first picture through each look costs ten times the next ones: let it be one that nobody waits for. */
async function warm(picture: Decoder['picture']): Promise<void> {
  const [width, height] = [640, 480]
  const data = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < data.length; i++) data[i] = 128 + 60 * Math.sin(i * i)
  for (let round = 0; round < 3; round++) await picture({ width, height, data })
}

function sightOf(finding: Finding | undefined, views: Views): Sight {
  const light = lightOf(views.half)
  if (!finding) return { kind: 'nothing', light }
  const corners = finding.corners.map(({ x, y }) => ({ x: x / views.wholeFactor, y: y / views.wholeFactor }))
  if (finding.text === undefined) return { kind: 'unreadable', corners, light }
  return { kind: 'read', text: finding.text, aim: finding.aim, corners, light }
}

/** The box around a code and a third of its size more on each side: its corners may have been misjudged. */
function around(corners: readonly Corner[], views: Views): Box {
  const [left, right] = [Math.min(...corners.map(({ x }) => x)), Math.max(...corners.map(({ x }) => x))]
  const [top, bottom] = [Math.min(...corners.map(({ y }) => y)), Math.max(...corners.map(({ y }) => y))]
  const margin = Math.max(16, (right - left) / 3, (bottom - top) / 3)
  return fit({ x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin }, views)
}

/** The part of a box that lies in the picture, in whole pixels; the resolution may have changed since. */
function fit(box: Box, { whole }: Views): Box {
  const x = Math.max(0, Math.min(whole.width - 1, Math.floor(box.x)))
  const y = Math.max(0, Math.min(whole.height - 1, Math.floor(box.y)))
  return {
    x, y,
    width: Math.max(1, Math.min(whole.width - x, Math.ceil(box.width))),
    height: Math.max(1, Math.min(whole.height - y, Math.ceil(box.height))),
  }
}

function isRegion(name: LookName): name is RegionLook {
  return name in REGION_LOOKS
}

function isEmpty({ width, height, data }: Pixels): boolean {
  return width < 1 || height < 1 || data.length < width * height * 4
}
