/** Pixels -> text: quick looks at every picture, and dearer ones by turns where those see nothing. */
import { createEngine, type Corner, type Engine, type Finding } from './engine.ts'
import { LOOKS, viewsOf, type Look, type Views } from './looks.ts'
import { isTransparent, lightOf, onGround, toLuma, without, type Luma, type Pixels } from './luma.ts'
import { readNative } from './native.ts'
import { guessTriples } from './pairs.ts'
import { createParts, type Part } from './parts.ts'
import { symbolPicture } from './symbol-picture.ts'
import { readSymbol, type SymbolSight } from './symbol-reader.ts'
import { bareScan, findTriples, type Triple } from './triples.ts'
import { warmingPicture } from './warming.ts'

/** Mean brightness, burnt-out and black share of a picture, 0 to 1. */
export type Light = { readonly mean: number; readonly burnt: number; readonly black: number }

/** A whole code: its text, its AIM identifier, its corners in the picture's pixels, clockwise from the code's top left. */
export type SeenCode = { readonly text: string; readonly aim: string; readonly corners: readonly Corner[] }

/**
 * What a picture showed. `read`: the code that was found first, with other codes
 * `beside` it. `part`: nothing but symbols of which others are missing
 * (Structured Append). `unread`: there is another symbol in view that could not
 * be read.
 */
export type Sight =
  | (SeenCode & { readonly kind: 'read'; readonly beside: readonly SeenCode[]; readonly parts: readonly Part[]; readonly unread: boolean; readonly light: Light })
  | { readonly kind: 'part'; readonly parts: readonly Part[]; readonly corners: readonly Corner[]; readonly light: Light }
  | { readonly kind: 'unreadable'; readonly corners: readonly Corner[]; readonly light: Light }
  | { readonly kind: 'nothing'; readonly light: Light }

/** `all`: other codes are looked for beside the one that was read, for the time that a picture without a code takes. */
export type LookOptions = { readonly all?: boolean }

export type Decoder = {
  /** One frame of a moving picture: the quick looks, and on a miss one more, another one each time. */
  frame(pixels: Pixels, options?: LookOptions): Promise<Sight>
  /** A still picture, which may be transparent: every look until one reads. */
  picture(pixels: Pixels, options?: LookOptions): Promise<Sight>
  /** The bytes of a picture file that nothing else unpacks (BMP, GIF); rejects with TypeError where they are none. */
  file(bytes: Uint8Array): Promise<Sight>
}

/** Module by module under three finders, in a picture of each size; with the place of the third guessed last. */
const SYMBOL_LOOKS = {
  'symbol-half': ({ half }) => findTriples(half.scan(), MAX_TRIPLES),
  'symbol-quarter': ({ quarter }) => findTriples(quarter.scan(), MAX_TRIPLES),
  'symbol-faint': ({ faint }) => findTriples(faint.scan(), MAX_TRIPLES),
  'symbol-fine': ({ fine }) => findTriples(fine.scan(), MAX_TRIPLES),
  'symbol-bare': ({ half }) => findTriples(bareScan(half.scan()), MAX_TRIPLES),
  'symbol-whole': ({ whole }) => findTriples(whole.scan(), MAX_TRIPLES),
  'symbol-guessed': ({ half, quarter }) => guessTriples([half.scan(), quarter.scan()], MAX_GUESSES),
  'symbol-guessed-whole': ({ whole, half, quarter }) => guessTriples([whole.scan(), half.scan(), quarter.scan()], MAX_GUESSES),
} as const satisfies Record<string, (views: Views) => Triple[]>
type LookName = Look | keyof typeof SYMBOL_LOOKS | 'native'

/** What most codes need, in the order of yield for the time. */
const QUICK: readonly LookName[] = ['half', 'inverted', 'symbol-half', 'symbol-quarter', 'symbol-faint']
/** The rest, in the same order: one a frame for a moving picture, all for a still one, and then those too dear for a frame. */
const FURTHER: readonly LookName[] = ['symbol-fine', 'symbol-guessed', 'whole', 'shrink', 'threshold', 'sharp', 'denoised', 'histogram', 'symbol-bare']
const DEAR: readonly LookName[] = ['native', 'symbol-whole', 'symbol-guessed-whole', 'filtered']

const MAX_TRIPLES = 3
const MAX_GUESSES = 4
/** Codes in one picture that are told apart. */
const MAX_CODES = 8
/** A grid that fits so well lies on a symbol, read or not; under three finders that were seen there is one anyway. */
const SEEN_FIT = 1.1
const NO_LIGHT: Light = { mean: 0, burnt: 0, black: 1 }
const [WHITE, BLACK] = [255, 0]

/** A warmed decoder; `wasm` is zxing-wasm's reader module, handed in so that no network is asked. */
export async function createDecoder({ wasm }: { wasm: ArrayBuffer }): Promise<Decoder> {
  const engine = await createEngine(wasm)
  let turn = 0

  /** What one look finds, in the whole picture's pixels. */
  async function ask(name: LookName, views: Views): Promise<readonly Finding[]> {
    if (name === 'native') return readNative(engine, views)
    if (name in SYMBOL_LOOKS) {
      const triples = SYMBOL_LOOKS[name as keyof typeof SYMBOL_LOOKS](views)
      return textOf(engine, readSymbol(views.whole.luma, triples), name.startsWith('symbol-guessed'))
    }
    const prepared = LOOKS[name as Look](views)
    if (!prepared) return []
    const { pixels, options, factor } = prepared
    return (await engine(pixels, options)).map((found) => scaledFinding(found, 1 / factor))
  }

  /** Look by look until one reads something; of the rest, the last that was found. */
  async function lookAt(views: Views, names: readonly LookName[], large: boolean): Promise<readonly Finding[]> {
    let found: readonly Finding[] = []
    for (const name of names) {
      const here = await ask(name, views)
      if (here.length > 0) found = here
      if (!here.some(isRead)) continue
      // A large picture may hold codes too small for the look that read the first.
      if (large && name !== 'whole' && views.wholeFactor < 1) found = [...here, ...(await ask('whole', views))]
      break
    }
    return found.map((finding) => scaledFinding(finding, 1 / views.wholeFactor))
  }

  async function look(pixels: Pixels, further: readonly LookName[], { all = false, large }: LookOptions & { large: boolean }): Promise<Sight> {
    if (isEmpty(pixels)) return { kind: 'nothing', light: NO_LIGHT }
    const views = viewsOf(toLuma(pixels))
    const names = [...QUICK, ...further]
    const found = await lookAt(views, names, large)
    // What comes next is another code, and the best look is the first again.
    if (found.some(isRead)) turn = 0
    return sightOf(all ? [...found, ...(await lookBeside(views.native, found, names, large))] : found, lightOf(views.half.luma))
  }

  /** The same looks at the picture with what was read painted over, until they read no more. */
  async function lookBeside(luma: Luma, read: readonly Finding[], names: readonly LookName[], large: boolean): Promise<readonly Finding[]> {
    const found: Finding[] = []
    for (let latest = read.filter(isRead), rest = luma; latest.length > 0 && found.length < MAX_CODES;) {
      for (const { corners } of latest) rest = without(rest, corners)
      const more = await lookAt(viewsOf(rest), names, large)
      found.push(...more)
      latest = more.filter(isRead)
    }
    return found
  }

  async function picture(pixels: Pixels, options: LookOptions = {}): Promise<Sight> {
    const looks = [...FURTHER, ...DEAR]
    if (isEmpty(pixels) || !isTransparent(pixels)) return look(pixels, looks, { ...options, large: true })
    // Dark ink on transparency is for a light page, light ink for a dark one.
    const onWhite = await look(onGround(pixels, WHITE), looks, { ...options, large: true })
    if (onWhite.kind === 'read' || onWhite.kind === 'part') return onWhite
    const onBlack = await look(onGround(pixels, BLACK), looks, { ...options, large: true })
    return onBlack.kind === 'read' || onBlack.kind === 'part' ? onBlack : onWhite
  }

  const frame = (pixels: Pixels, options: LookOptions = {}) => look(pixels, [FURTHER[turn++ % FURTHER.length]!], { ...options, large: false })

  async function file(bytes: Uint8Array): Promise<Sight> {
    return sightOf(await engine(bytes, { tryDownscale: true, maxNumberOfSymbols: 0 }), NO_LIGHT)
  }

  // The first pictures through each look cost ten times the next ones: let them be such as nobody waits for.
  for (let round = 0; round < 2; round++) await picture(warmingPicture(round))
  return { frame, picture, file }
}

const MENDED = { binarizer: 'FixedThreshold', tryDenoise: false, tryInvert: false, tryRotate: false } as const

/** The engine reads the mended symbol: character sets and the kinds of content are its own. */
async function textOf(engine: Engine, sight: SymbolSight | undefined, guessed: boolean): Promise<readonly Finding[]> {
  if (!sight) return []
  const { symbol, corners, fit } = sight
  const [found] = symbol ? await engine(symbolPicture(symbol.modules, symbol.size), MENDED) : []
  if (found && isRead(found)) return [{ ...found, corners }]
  return fit >= SEEN_FIT || !guessed ? [{ text: undefined, aim: '', corners }] : []
}

function scaledFinding(finding: Finding, by: number): Finding {
  return { ...finding, corners: finding.corners.map(({ x, y }) => ({ x: x * by, y: y * by })) }
}

function isRead({ text }: Finding): boolean {
  return text !== undefined
}

/** Findings of one picture, each text once; parts that make a whole text count as one code. */
function sightOf(found: readonly Finding[], light: Light): Sight {
  const codes = new Map<string, SeenCode>()
  const parts: { part: Part; corners: readonly Corner[]; aim: string }[] = []
  for (const { text, aim, corners, part } of found) {
    if (text === undefined) continue
    if (!part) codes.has(text) || codes.set(text, { text, aim, corners })
    else if (!parts.some((other) => other.part.text === part.text && other.part.index === part.index)) parts.push({ part, corners, aim })
  }
  const single = parts.map(({ part }) => part)
  const whole = createParts().add(single, 0)?.text
  const [part] = parts
  if (whole !== undefined && part) codes.set(whole, { text: whole, aim: part.aim, corners: part.corners })
  const missing = whole === undefined ? single : []
  const read = found.filter(isRead)
  const unread = missing.length > 0 || found.some((one) => !isRead(one) && !read.some(({ corners }) => isInside(middleOf(one.corners), corners)))
  const [first, ...beside] = codes.values()
  if (first) return { kind: 'read', ...first, beside, parts: missing, unread, light }
  if (part) return { kind: 'part', parts: missing, corners: part.corners, light }
  const [last] = found
  return last ? { kind: 'unreadable', corners: last.corners, light } : { kind: 'nothing', light }
}

function middleOf(corners: readonly Corner[]): Corner {
  const sum = corners.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }))
  return { x: sum.x / corners.length, y: sum.y / corners.length }
}

/** Within the smallest upright box around the corners. */
function isInside({ x, y }: Corner, corners: readonly Corner[]): boolean {
  const [xs, ys] = [corners.map((corner) => corner.x), corners.map((corner) => corner.y)]
  return x >= Math.min(...xs) && x <= Math.max(...xs) && y >= Math.min(...ys) && y <= Math.max(...ys)
}

function isEmpty({ width, height, data }: Pixels): boolean {
  return width < 1 || height < 1 || data.length < width * height * 4
}
