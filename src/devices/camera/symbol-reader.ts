/** A QR symbol found by its finders and read module by module, where a general engine gives up. */
import { mendSymbol } from './mend-symbol.ts'
import type { Corner } from './engine.ts'
import { fieldOf, type Field } from './field.ts'
import { drifted } from './grid-drift.ts'
import { knownShare, modulesOf } from './grid-fit.ts'
import type { Grid } from './grid-places.ts'
import { firstGrid, fitted } from './grid.ts'
import type { Box, Luma } from './luma.ts'
import { layoutOf, MAX_VERSION } from './symbol.ts'
import { moduleOf, type Triple } from './triples.ts'
import { unblurred } from './unblur.ts'

/** A symbol's place. */
export type SymbolSight = { readonly corners: readonly Corner[]; readonly symbol: SymbolModules | undefined; readonly fit: number }

/** Row by row, dark 1, made out without a fault. */
export type SymbolModules = { readonly size: number; readonly modules: Uint8Array }

/** Below this fit there is no symbol under the grid; above it, it is worth the time for bends. */
const SOME_FIT = 0.75
/** Share of the modules known beforehand that must be right before any more time is spent. */
const KNOWN_SHARE = 0.7
/** How often blur is judged and taken back: the clearer the modules, the better it is judged. */
const CLEARINGS = 3
const REACHES = [4.5, 2.2] as const

/** What stands under the likeliest threes of finders; the first that reads, or the one that fits best. */
export function readSymbol(whole: Luma, triples: readonly Triple[]): SymbolSight | undefined {
  let best: SymbolSight | undefined
  for (const triple of triples) {
    const sight = readTriple(whole, triple)
    if (sight.symbol) return sight
    if (!best || sight.fit > best.fit) best = sight
  }
  return best
}

function readTriple(whole: Luma, triple: Triple): SymbolSight {
  const sign = triple.corner.inverted ? -1 : 1
  const module = moduleOf(triple)
  const box = around(whole, triple, module)
  const field = fieldOf(whole, box, module, REACHES[0])
  const likely = sizes(triple, module).flatMap((size) => {
    const layout = layoutOf((size - 17) / 4)
    const grid = firstGrid(field, triple, layout, sign)
    const known = grid ? knownShare(field, grid, layout, sign) : 0
    return grid && known >= KNOWN_SHARE ? [{ layout, grid }] : []
  }).sort((a, b) => b.grid.fit - a.grid.fit).slice(0, 2)
    .map(({ layout, grid }) => ({ layout, grid: fitted(field, grid, layout, sign, false) }))
    .sort((a, b) => b.grid.fit - a.grid.fit)
  const [first] = likely
  if (!first) return { corners: cornersUnder(triple, module), symbol: undefined, fit: 0 }
  const { layout } = first
  let { grid } = first
  let modules = made(field, grid)
  if (!modules && grid.fit > SOME_FIT) {
    grid = fitted(field, grid, layout, sign, true)
    modules = made(field, grid)
    modules ??= made(field, drifted(field, grid, layout, sign))
    modules ??= made(fieldOf(whole, box, module, REACHES[1]), grid)
  }
  return { corners: cornersOf(field, grid), symbol: modules && { size: layout.size, modules }, fit: grid.fit }

  function made(from: Field, at: Grid): Uint8Array | undefined {
    const values = modulesOf(from, at, layout.size, sign)
    let modules: Float32Array | undefined = values
    for (let round = 0; modules && round <= CLEARINGS; round++) {
      const read = mendSymbol(modules, layout)
      if (read) return read
      modules = unblurred(values, modules, layout.fixed, layout.size)
    }
    return undefined
  }
}

/** The sizes that the distance of the finders allows, likeliest first. */
function sizes({ corner, right, below }: Triple, module: number): number[] {
  const along = Math.hypot(right.x - corner.x, right.y - corner.y)
  const down = Math.hypot(below.x - corner.x, below.y - corner.y)
  const version = (Math.sqrt(along * down) / module + 7 - 17) / 4
  const nearest = Math.max(1, Math.min(MAX_VERSION, Math.round(version)))
  const beside = version > nearest ? [nearest + 1, nearest - 1] : [nearest - 1, nearest + 1]
  return [nearest, ...beside].filter((v) => v >= 1 && v <= MAX_VERSION).map((v) => v * 4 + 17)
}

function around(whole: Luma, { corner, right, below }: Triple, module: number): Box {
  const far = { x: right.x + below.x - corner.x, y: right.y + below.y - corner.y }
  const xs = [corner.x, right.x, below.x, far.x]
  const ys = [corner.y, right.y, below.y, far.y]
  const margin = module * 8 + 0.15 * Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys))
  const left = Math.max(0, Math.floor(Math.min(...xs) - margin))
  const top = Math.max(0, Math.floor(Math.min(...ys) - margin))
  return {
    x: left, y: top,
    width: Math.min(whole.width, Math.ceil(Math.max(...xs) + margin)) - left,
    height: Math.min(whole.height, Math.ceil(Math.max(...ys) + margin)) - top,
  }
}

function cornersOf({ scale, x, y }: Field, { places }: Grid): Corner[] {
  return [0, 2, 4, 6].map((k) => ({ x: places[k]! / scale + x, y: places[k + 1]! / scale + y }))
}

/** As far as three finders tell: their middles lie three and a half modules within the symbol. */
function cornersUnder({ corner, right, below }: Triple, module: number): Corner[] {
  const beyond = (from: Corner, to: Corner) => (3.5 * module) / Math.hypot(to.x - from.x, to.y - from.y)
  const [along, down] = [beyond(corner, right), beyond(corner, below)]
  const at = (u: number, v: number) => ({
    x: corner.x + u * (right.x - corner.x) + v * (below.x - corner.x),
    y: corner.y + u * (right.y - corner.y) + v * (below.y - corner.y),
  })
  return [at(-along, -down), at(1 + along, -down), at(1 + along, 1 + down), at(-along, 1 + down)]
}
