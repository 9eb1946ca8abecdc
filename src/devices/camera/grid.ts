/** Lays a symbol's grid over the picture: three finders, then whatever makes the modules stand out most. */
import type { Field } from './field.ts'
import { farFit, fitOf } from './grid-fit.ts'
import { CORNERS, cornersFrom, inField, PLACES, type Grid } from './grid-places.ts'
import type { Layout } from './symbol.ts'
import type { Triple } from './triples.ts'

/** From strides over a module to strides within one. */
const STRIDES = [0.6, 0.3, 0.15, 0.08]
/** Far corners that are tried with the whole symbol. */
const SEEDS = 4

/** The grid as the three finders and the surroundings of the far corner say. */
export function firstGrid(field: Field, { corner, right, below }: Triple, layout: Layout, sign: number): Grid | undefined {
  const { size } = layout
  const [cx, cy] = inField(field, corner)
  const [rx, ry] = inField(field, right)
  const [bx, by] = inField(field, below)
  const step = Math.hypot(rx - cx, ry - cy) / (size - 7)
  const other = Math.hypot(bx - cx, by - cy) / (size - 7)
  const unit = [(rx - cx) / (size - 7) / step, (ry - cy) / (size - 7) / step, (bx - cx) / (size - 7) / other, (by - cy) / (size - 7) / other]
  const reach = Math.max(2, Math.min(9, size * 0.16))
  const best: { middles: number[]; fit: number }[] = []
  // Sizes of the finders tell how far the plane leans; where they mislead, the search finds its way back.
  const depth = (finder: Triple['corner']) => Math.pow(corner.module / finder.module, 2 / 3)
  const [wr, wb] = [depth(right), depth(below)]
  const w = Math.max(0.5, wr + wb - 1)
  const middles = [cx, cy, rx, ry, 0, 0, bx, by]
  for (const [x, y] of [[rx + bx - cx, ry + by - cy], [(wr * rx + wb * bx - cx) / w, (wr * ry + wb * by - cy) / w]] as const) {
    for (let a = -reach; a <= reach; a++) {
      for (let b = -reach; b <= reach; b++) {
        middles[4] = x + a * step * unit[0]! + b * other * unit[2]!
        middles[5] = y + a * step * unit[1]! + b * other * unit[3]!
        const fit = farFit(field, middles, layout, sign) - 0.004 * (Math.abs(a) + Math.abs(b))
        if (best.length === SEEDS && fit <= best[SEEDS - 1]!.fit) continue
        best.push({ middles: middles.slice(), fit })
        best.sort((one, two) => two.fit - one.fit).splice(SEEDS)
      }
    }
  }
  return best.flatMap((one) => {
    const places = cornersFrom(one.middles, size)
    return places ? [{ places, fit: fitOf(field, places, layout, sign) }] : []
  }).sort((one, two) => two.fit - one.fit)[0]
}

/** Moves the corners, and with `bent` the bends, as long as the modules stand out better. */
export function fitted(field: Field, grid: Grid, layout: Layout, sign: number, bent: boolean): Grid {
  const places = grid.places.slice()
  const module = Math.hypot(places[2]! - places[0]!, places[3]! - places[1]!) / layout.size
  let fit = fitOf(field, places, layout, sign)
  const count = bent ? PLACES : CORNERS
  for (const stride of STRIDES) {
    for (let round = 0; round < (bent ? 3 : 2); round++) {
      const before = fit
      for (let k = 0; k < count; k++) {
        // A bend of one bulges by a quarter of it in the middle.
        const reach = module * stride * (k < CORNERS ? 1 : k % 6 < 2 ? 4 : 12)
        for (const by of [reach, -reach]) {
          const old = places[k]!
          places[k] = old + by
          const moved = fitOf(field, places, layout, sign)
          if (moved > fit) {
            fit = moved
            break
          }
          places[k] = old
        }
      }
      if (fit - before < 0.002) break
    }
  }
  return { places, fit }
}
