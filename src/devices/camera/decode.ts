/** Pixels -> text: quick looks at every picture, and dearer ones by turns where those see nothing. */
import { createEngine, type Corner, type Finding } from './engine.ts'
import { LOOKS, viewsOf, type Look, type Views } from './looks.ts'
import { lightOf, toLuma, type Pixels } from './luma.ts'
import { guessTriples } from './pairs.ts'
import { symbolPicture } from './symbol-picture.ts'
import { readSymbol, type SymbolSight } from './symbol-reader.ts'
import { findTriples, type Triple } from './triples.ts'
import { warmingPicture } from './warming.ts'

/** Mean brightness, burnt-out and black share of a picture, 0 to 1. */
export type Light = { readonly mean: number; readonly burnt: number; readonly black: number }

/** What a picture showed; corners in its own pixels, clockwise from the code's top left. */
export type Sight =
  | { readonly kind: 'read'; readonly text: string; readonly aim: string; readonly corners: readonly Corner[]; readonly light: Light }
  | { readonly kind: 'unreadable'; readonly corners: readonly Corner[]; readonly light: Light }
  | { readonly kind: 'nothing'; readonly light: Light }

export type Decoder = {
  /** One frame of a moving picture: the quick looks, and on a miss one more, another one each time. */
  frame(pixels: Pixels): Promise<Sight>
  /** A still picture: every look until one reads. */
  picture(pixels: Pixels): Promise<Sight>
  /** The bytes of a picture file that nothing else unpacks (BMP, GIF); rejects with TypeError where they are none. */
  file(bytes: Uint8Array): Promise<string | undefined>
}

/** Module by module under three finders, in a picture of each size; with the place of the third guessed last. */
const SYMBOL_LOOKS = {
  'symbol-half': ({ half }) => findTriples(half.scan(), MAX_TRIPLES),
  'symbol-quarter': ({ quarter }) => findTriples(quarter.scan(), MAX_TRIPLES),
  'symbol-faint': ({ faint }) => findTriples(faint.scan(), MAX_TRIPLES),
  'symbol-fine': ({ fine }) => findTriples(fine.scan(), MAX_TRIPLES),
  'symbol-whole': ({ whole }) => findTriples(whole.scan(), MAX_TRIPLES),
  'symbol-guessed': ({ half, quarter }) => guessTriples([half.scan(), quarter.scan()], MAX_GUESSES),
  'symbol-guessed-whole': ({ whole, half, quarter }) => guessTriples([whole.scan(), half.scan(), quarter.scan()], MAX_GUESSES),
} as const satisfies Record<string, (views: Views) => Triple[]>
type LookName = Look | keyof typeof SYMBOL_LOOKS

/** What most codes need, in the order of yield for the time. */
const QUICK: readonly LookName[] = ['half', 'symbol-half', 'symbol-quarter', 'symbol-faint']
/** The rest, in the same order: one a frame for a moving picture, all for a still one, and then those too dear for a frame. */
const FURTHER: readonly LookName[] = ['symbol-fine', 'symbol-guessed', 'whole', 'shrink', 'threshold', 'sharp', 'denoised', 'histogram']
const DEAR: readonly LookName[] = ['symbol-whole', 'symbol-guessed-whole', 'filtered']

const MAX_TRIPLES = 3
const MAX_GUESSES = 4
/** A grid that fits so well lies on a symbol, read or not; under three finders that were seen there is one anyway. */
const SEEN_FIT = 1.1
const NO_LIGHT: Light = { mean: 0, burnt: 0, black: 1 }

/** A warmed decoder; `wasm` is zxing-wasm's reader module, handed in so that no network is asked. */
export async function createDecoder({ wasm }: { wasm: ArrayBuffer }): Promise<Decoder> {
  const engine = await createEngine(wasm)
  let turn = 0

  /** What one look finds, in the whole picture's pixels. */
  async function ask(name: LookName, views: Views): Promise<Finding | undefined> {
    if (isSymbolLook(name)) return textOf(readSymbol(views.whole.luma, SYMBOL_LOOKS[name](views)), name.startsWith('symbol-guessed'))
    const { pixels, options, factor } = LOOKS[name](views)
    const [found] = await engine(pixels, options)
    return found && { ...found, corners: found.corners.map(({ x, y }) => ({ x: x / factor, y: y / factor })) }
  }

  /** The engine reads the mended symbol: character sets and the kinds of content are its own. */
  async function textOf(sight: SymbolSight | undefined, guessed: boolean): Promise<Finding | undefined> {
    if (!sight) return undefined
    const { symbol, corners, fit } = sight
    const [found] = symbol ? await engine(symbolPicture(symbol.modules, symbol.size), MENDED) : []
    if (found?.text !== undefined) return { ...found, corners }
    return fit >= SEEN_FIT || !guessed ? { text: undefined, aim: '', corners } : undefined
  }

  async function look(pixels: Pixels, further: readonly LookName[]): Promise<Sight> {
    if (isEmpty(pixels)) return { kind: 'nothing', light: NO_LIGHT }
    const views = viewsOf(toLuma(pixels))
    let finding: Finding | undefined
    for (const name of [...QUICK, ...further]) {
      finding = (await ask(name, views)) ?? finding
      if (finding?.text !== undefined) break
    }
    // What comes next is another code, and the best look is the first again.
    if (finding?.text !== undefined) turn = 0
    return sightOf(finding, views)
  }

  const picture = (pixels: Pixels) => look(pixels, [...FURTHER, ...DEAR])
  const frame = (pixels: Pixels) => look(pixels, [FURTHER[turn++ % FURTHER.length]!])

  async function file(bytes: Uint8Array): Promise<string | undefined> {
    const found = await engine(bytes, { tryDownscale: true })
    return found.find(({ text }) => text !== undefined)?.text
  }

  // The first pictures through each look cost ten times the next ones: let them be such as nobody waits for.
  for (let round = 0; round < 2; round++) await picture(warmingPicture(round))
  return { frame, picture, file }
}

const MENDED = { binarizer: 'FixedThreshold', tryDenoise: false, tryInvert: false, tryRotate: false } as const

function sightOf(finding: Finding | undefined, { half, wholeFactor }: Views): Sight {
  const light = lightOf(half.luma)
  if (!finding) return { kind: 'nothing', light }
  const corners = finding.corners.map(({ x, y }) => ({ x: x / wholeFactor, y: y / wholeFactor }))
  if (finding.text === undefined) return { kind: 'unreadable', corners, light }
  return { kind: 'read', text: finding.text, aim: finding.aim, corners, light }
}

function isSymbolLook(name: LookName): name is keyof typeof SYMBOL_LOOKS {
  return name in SYMBOL_LOOKS
}

function isEmpty({ width, height, data }: Pixels): boolean {
  return width < 1 || height < 1 || data.length < width * height * 4
}
