/** One picture in several sizes, and the ways in which the general engine looks at it. */
import type { ReaderOptions } from 'zxing-wasm/reader'
import type { Parting } from './finders.ts'
import { halve, invert, resize, sharpen, thresholdByMean, toPixels, type Luma, type Pixels } from './luma.ts'
import { findTriples, scanFinders, type Scan } from './triples.ts'

/** A picture made ready for the engine; `factor` leads its coordinates back to the whole. */
export type Prepared = { readonly pixels: Pixels; readonly options: ReaderOptions; readonly factor: number }

/** A picture `factor` times the whole, and what may be finders in it, searched when it is first asked for. */
export type View = { readonly luma: Luma; readonly factor: number; scan(): Scan }

/** Each is made when it is first asked for. */
export type Views = {
  /** Of the picture as it came: large ones are looked at smaller. */
  readonly wholeFactor: number
  readonly whole: View
  /** The picture as it came. */
  readonly native: Luma
  /** The whole, its finders searched as those of the smallest codes. */
  readonly fine: View
  /** Half the whole, or less. */
  readonly half: View
  readonly quarter: View
  /** The quarter, its finders searched as those in weak light. */
  readonly faint: View
}

/** More than this short side in pixels shows noise rather than modules. */
const HALF_SHORT_SIDE = 400
const WHOLE_SHORT_SIDE = 1080
/** More than the middle of a finder. */
const COMMON: Parting = { radius: 20, clearly: 5 }
/** Two modules of a small code, whose finders' light rings are blurred darker than the paper around it. */
const FINE: Parting = { radius: 5, clearly: 5 }
/** Sixteen pixels in one hold little noise, and in bad light hardly more contrast. */
const FAINT: Parting = { radius: 7, clearly: 2 }

export function viewsOf(luma: Luma): Views {
  let whole = luma
  while (shortSide(whole) >= 2 * WHOLE_SHORT_SIDE) whole = halve(whole)
  if (shortSide(whole) > WHOLE_SHORT_SIDE) whole = resize(whole, WHOLE_SHORT_SIDE / shortSide(whole))
  let half = whole
  while (shortSide(half) >= 1.5 * HALF_SHORT_SIDE) half = halve(half)
  const view = (make: () => Luma, parting: Parting): View => {
    let made: Luma | undefined
    let scanned: Scan | undefined
    const factor = () => (made ??= make()).width / whole.width
    return {
      get luma() {
        return (made ??= make())
      },
      get factor() {
        return factor()
      },
      scan: () => (scanned ??= scanFinders((made ??= make()), factor(), parting)),
    }
  }
  const quarter = view(() => halve(half), COMMON)
  return {
    wholeFactor: whole.width / luma.width,
    native: luma,
    whole: view(() => whole, COMMON),
    fine: view(() => whole, FINE),
    half: view(() => half, COMMON),
    quarter,
    faint: view(() => quarter.luma, FAINT),
  }
}

/** Looks by name, dearer ones later. */
export const LOOKS = {
  /** Half the size reads nearly as much as the whole in a third of the time; all codes in it, as one costs no less. */
  half: ({ half }) => ({
    pixels: toPixels(half.luma),
    options: { tryDenoise: false, tryInvert: false, maxNumberOfSymbols: 0, returnErrors: true },
    factor: half.factor,
  }),
  /** Light modules on dark, where such a symbol's finders were seen. */
  inverted: ({ half }) =>
    findTriples(half.scan(), 3).some(({ corner }) => corner.inverted)
      ? { pixels: toPixels(invert(half.luma)), options: { tryDenoise: false, tryInvert: false, maxNumberOfSymbols: 0 }, factor: half.factor }
      : undefined,
  /** Noise and gaps in the print. */
  denoised: ({ half }) => ({ pixels: toPixels(half.luma), options: {}, factor: half.factor }),
  /** Small codes. The engine's noise filter would cost more here than all the other looks of a frame. */
  whole: ({ whole }) => ({ pixels: toPixels(whole.luma), options: { tryDenoise: false, tryInvert: false, maxNumberOfSymbols: 0 }, factor: 1 }),
  /** Out of focus. */
  sharp: ({ half }) => ({ pixels: toPixels(sharpen(half.luma, 3, 2)), options: {}, factor: half.factor }),
  /** Glare and shadow. */
  threshold: ({ half }) => ({
    pixels: toPixels(thresholdByMean(half.luma, 20, 3)),
    options: { binarizer: 'FixedThreshold' },
    factor: half.factor,
  }),
  /** Between whole and half. */
  shrink: ({ whole }) => ({ pixels: toPixels(resize(whole.luma, 1 / 1.5)), options: { tryDenoise: false }, factor: 1 / 1.5 }),
  /** Screens with stripes, even light. */
  histogram: ({ half }) => ({
    pixels: toPixels(half.luma),
    options: { binarizer: 'GlobalHistogram', tryDenoise: false },
    factor: half.factor,
  }),
  /** Very large codes blurred, and small ones in noise. */
  filtered: ({ whole }) => ({ pixels: toPixels(whole.luma), options: { tryDownscale: true }, factor: 1 }),
} as const satisfies Record<string, (views: Views) => Prepared | undefined>
export type Look = keyof typeof LOOKS

function shortSide({ width, height }: Luma): number {
  return Math.min(width, height)
}
