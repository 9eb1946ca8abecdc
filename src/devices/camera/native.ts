/** Pictures larger than the looks are made for, pixel by pixel: their codes may have modules of two pixels. */
import type { Engine, Finding } from './engine.ts'
import type { Views } from './looks.ts'
import { crop, halve, toPixels, type Luma } from './luma.ts'

/** What the engine is given at once: four bytes a pixel within a module's memory. */
const MAX_PIXELS = 16e6
/** Codes of such small modules are no larger; a larger one is seen in the smaller views. */
const OVERLAP = 600
/** Below this factor there is a size between the whole and the picture as it came. */
const BETWEEN = 0.5

const OPTIONS = { tryDenoise: false, tryInvert: false, maxNumberOfSymbols: 0 } as const

/** Everything that is read in the picture as it came, in the pixels of the whole; nothing where the whole is that. */
export async function readNative(engine: Engine, { native, wholeFactor }: Views): Promise<readonly Finding[]> {
  if (wholeFactor >= 1) return []
  const sizes = wholeFactor < BETWEEN ? [() => native, () => halve(native)] : [() => native]
  for (const size of sizes) {
    const luma = size()
    const factor = (wholeFactor * native.width) / luma.width
    const found: Finding[] = []
    for (const { top, band } of bandsOf(luma)) {
      for (const one of await engine(toPixels(band), OPTIONS)) {
        found.push({ ...one, corners: one.corners.map(({ x, y }) => ({ x: x * factor, y: (y + top) * factor })) })
      }
    }
    if (found.length > 0) return found
  }
  return []
}

function* bandsOf(luma: Luma): Generator<{ top: number; band: Luma }> {
  const { width, height } = luma
  const tall = Math.max(2 * OVERLAP, Math.floor(MAX_PIXELS / width))
  for (let top = 0; ; top += tall - OVERLAP) {
    const bottom = Math.min(height, top + tall)
    yield { top, band: bottom - top === height ? luma : crop(luma, { x: 0, y: top, width, height: bottom - top }) }
    if (bottom === height) return
  }
}
