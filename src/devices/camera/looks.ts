/** The ways of looking at one picture, cheapest gain first. */
import type { ReaderOptions } from 'zxing-wasm/reader'
import { crop, halve, resize, sharpen, thresholdByMean, toPixels, type Box, type Luma, type Pixels } from './luma.ts'

/** A picture made ready for the engine; `factor` and `offset` lead its coordinates back. */
export type Prepared = {
  readonly pixels: Pixels
  readonly options: ReaderOptions
  readonly factor: number
  readonly offset?: { readonly x: number; readonly y: number }
}

/** One picture in the sizes that the looks share; each is made once. */
export type Views = {
  readonly whole: Luma
  /** Of the picture as it came: large ones are looked at smaller. */
  readonly wholeFactor: number
  readonly half: Luma
  /** Of the whole. */
  readonly halfFactor: number
}

/** More than this short side in pixels shows noise rather than modules. */
const HALF_SHORT_SIDE = 400
const WHOLE_SHORT_SIDE = 1080
/** The size in pixels to which the region around a code is brought. */
const REGION_SIDE = 440
/** A code found and not read may make other looks find another place: several are wanted, none of them unread. */
const SECOND = { returnErrors: true, maxNumberOfSymbols: 4 } as const satisfies ReaderOptions

export function viewsOf(luma: Luma): Views {
  let whole = luma
  while (shortSide(whole) >= 2 * WHOLE_SHORT_SIDE) whole = halve(whole)
  if (shortSide(whole) > WHOLE_SHORT_SIDE) whole = resize(whole, WHOLE_SHORT_SIDE / shortSide(whole))
  let half = whole
  while (shortSide(half) >= 1.5 * HALF_SHORT_SIDE) half = halve(half)
  return { whole, half, halfFactor: half.width / whole.width, wholeFactor: whole.width / luma.width }
}

/** The first look: half the size reads nearly as much as the whole in half the time. */
export function firstLook({ half, halfFactor }: Views): Prepared {
  return { pixels: toPixels(half), options: {}, factor: halfFactor }
}

/** Second looks by name; one a frame on a moving picture, all on a still one. */
export const SECOND_LOOKS = {
  /** Small codes. The engine's noise filter would cost more here than all the other looks of a frame. */
  whole: ({ whole }) => ({ pixels: toPixels(whole), options: { tryDenoise: false }, factor: 1 }),
  /** Out of focus. */
  sharp: ({ half, halfFactor }) => ({ pixels: toPixels(sharpen(half, 3, 2)), options: SECOND, factor: halfFactor }),
  /** Glare and shadow. */
  threshold: ({ half, halfFactor }) => ({
    pixels: toPixels(thresholdByMean(half, 20, 3)),
    options: { ...SECOND, binarizer: 'FixedThreshold' },
    factor: halfFactor,
  }),
  /** A shadow's hard edge across the code. */
  fine: ({ half, halfFactor }) => ({
    pixels: toPixels(thresholdByMean(half, 12, 3)),
    options: { ...SECOND, binarizer: 'FixedThreshold' },
    factor: halfFactor,
  }),
  /** Noise and gaps in the print, between whole and half. */
  shrink: ({ whole }) => ({ pixels: toPixels(resize(whole, 1 / 1.5)), options: SECOND, factor: 1 / 1.5 }),
  /** Screens with stripes, even light. */
  histogram: ({ half, halfFactor }) => ({
    pixels: toPixels(half),
    options: { ...SECOND, binarizer: 'GlobalHistogram', tryDenoise: false },
    factor: halfFactor,
  }),
} as const satisfies Record<string, (views: Views) => Prepared>
export type SecondLook = keyof typeof SECOND_LOOKS

/** Looks too dear for every round of the others: for a still picture that nothing else reads, and now and then a frame. */
export const DEAR_LOOKS = {
  /** Very large codes blurred, and small ones in noise. */
  'whole-filtered': ({ whole }) => ({ pixels: toPixels(whole), options: { tryDownscale: true }, factor: 1 }),
} as const satisfies Record<string, (views: Views) => Prepared>
export type DearLook = keyof typeof DEAR_LOOKS

/** Looks at the surroundings of a code that was found and not read, given in the whole picture's pixels. */
export const REGION_LOOKS = {
  'region-plain': (luma) => ({ pixels: toPixels(luma), options: SECOND }),
  'region-sharp': (luma) => ({ pixels: toPixels(sharpen(luma, 5, 2)), options: SECOND }),
  'region-threshold': (luma) => ({
    pixels: toPixels(thresholdByMean(luma, 28, 3)),
    options: { ...SECOND, binarizer: 'FixedThreshold' },
  }),
} as const satisfies Record<string, (luma: Luma) => Pick<Prepared, 'pixels' | 'options'>>
export type RegionLook = keyof typeof REGION_LOOKS

export function regionLook({ whole }: Views, box: Box, name: RegionLook): Prepared {
  const region = crop(whole, box)
  const wanted = REGION_SIDE / Math.max(box.width, box.height)
  let luma = region
  while (luma.width > 2 * REGION_SIDE) luma = halve(luma)
  luma = resize(luma, Math.min(3, (wanted * region.width) / luma.width))
  return { ...REGION_LOOKS[name](luma), factor: luma.width / region.width, offset: box }
}

function shortSide({ width, height }: Luma): number {
  return Math.min(width, height)
}
