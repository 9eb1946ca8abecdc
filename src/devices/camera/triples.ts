/** Which three finder patterns may be one symbol's. */
import { binarise, findFinders, type Bits, type Finder, type Parting } from './finders.ts'
import type { Luma } from './luma.ts'

/** Clockwise: the corner between the two others, and what lies right of and below it. */
export type Triple = { readonly corner: Finder; readonly right: Finder; readonly below: Finder }

/** Share of the three patterns' modules that must be of the right colour. */
const SOUND_SHARE = 0.66
/** The same with the timing between them counted for a third. */
const SHARE = 0.67
/** Threes whose modules are looked at. */
const MAX_CHECKED = 40

/** A picture `factor` times the whole, in dark and light, and the finder patterns in it. */
export type Scan = { readonly bits: Bits; readonly factor: number; readonly finders: readonly Finder[] }

export function scanFinders(luma: Luma, factor: number, parting: Parting): Scan {
  const bits = binarise(luma, parting)
  return { bits, factor, finders: findFinders(bits) }
}

/** The same picture, searched for symbols whose outermost dark modules run on into a dark ground. */
export function bareScan({ bits, factor }: Scan): Scan {
  return { bits, factor, finders: findFinders(bits, true) }
}

/** The likeliest threes of a scan, in the whole's pixels, at most `max`. */
export function findTriples({ bits, factor, finders }: Scan, max: number): Triple[] {
  return sound(bits, threes(finders)).slice(0, max).map((triple) => scaled(triple, 1 / factor))
}

export function scaled({ corner, right, below }: Triple, by: number): Triple {
  return { corner: scaledFinder(corner, by), right: scaledFinder(right, by), below: scaledFinder(below, by) }
}

export function scaledFinder(finder: Finder, by: number): Finder {
  return { ...finder, x: finder.x * by, y: finder.y * by, module: finder.module * by }
}

/** The side of a module, freed from the slant: a line through a tilted square is longer than one along its side. */
export function moduleOf({ corner, right, below }: Triple): number {
  const along = upright(corner, right)
  const down = upright(corner, below)
  return (corner.module * (along + down) * 0.5 + right.module * along + below.module * down) / 3
}

function upright(a: Finder, b: Finder): number {
  const [dx, dy] = [Math.abs(b.x - a.x), Math.abs(b.y - a.y)]
  return Math.max(dx, dy) / Math.hypot(dx, dy)
}

function threes(finders: readonly Finder[]): { triple: Triple; misfit: number }[] {
  const found: { triple: Triple; misfit: number }[] = []
  for (const [i, a] of finders.entries()) {
    for (const [j, b] of finders.entries()) {
      if (j <= i || a.inverted !== b.inverted) continue
      for (let k = j + 1; k < finders.length; k++) {
        const c = finders[k]!
        if (b.inverted !== c.inverted) continue
        const [low, high] = [Math.min(a.module, b.module, c.module), Math.max(a.module, b.module, c.module)]
        if (high > 2 * low) continue
        for (const [corner, p, q] of [[a, b, c], [b, c, a], [c, a, b]] as const) {
          const one = squared(corner, p, q)
          if (one) found.push({ triple: one.triple, misfit: one.misfit + Math.log(high / low) - 0.08 * Math.log2(Math.min(a.hits, b.hits, c.hits)) })
        }
      }
    }
  }
  return found.sort((a, b) => a.misfit - b.misfit).slice(0, MAX_CHECKED)
}

/** Two legs at about a right angle and of about one length, as far as perspective goes. */
function squared(corner: Finder, p: Finder, q: Finder): { triple: Triple; misfit: number } | undefined {
  const [px, py, qx, qy] = [p.x - corner.x, p.y - corner.y, q.x - corner.x, q.y - corner.y]
  const [one, other] = [Math.hypot(px, py), Math.hypot(qx, qy)]
  const cosine = (px * qx + py * qy) / (one * other)
  const stretch = Math.max(one, other) / Math.min(one, other)
  if (Math.abs(cosine) > 0.75 || stretch > 2.6) return undefined
  const [right, below] = px * qy - py * qx > 0 ? [p, q] : [q, p]
  const triple = { corner, right, below }
  // 14 modules between the middles in version 1, 90 in version 20; a slant shortens one leg.
  const modules = Math.sqrt(one * other) / moduleOf(triple)
  if (modules < 9 || modules > 105) return undefined
  return { triple, misfit: Math.abs(cosine) + Math.log(stretch) }
}

/** Those whose three patterns are dark and light where they should be, module by module. */
function sound(bits: Bits, candidates: readonly { triple: Triple; misfit: number }[]): Triple[] {
  return candidates.flatMap(({ triple, misfit }) => {
    const sound = soundShare(bits, triple)
    if (sound < SOUND_SHARE) return []
    const share = (2 * sound + timingShare(bits, triple)) / 3
    return share < SHARE ? [] : [{ triple, share, misfit }]
  })
    .sort((a, b) => b.share - 0.15 * b.misfit - (a.share - 0.15 * a.misfit))
    .map(({ triple }) => triple)
}

/** Share of the modules of the three patterns that are dark and light where they should be. */
export function soundShare({ width, height, data }: Bits, triple: Triple): number {
  const { corner, right, below } = triple
  const dark = corner.inverted ? 0 : 1
  const one = Math.hypot(right.x - corner.x, right.y - corner.y)
  const other = Math.hypot(below.x - corner.x, below.y - corner.y)
  // A side seen slanting is shorter, module by module.
  const slant = Math.sqrt(one * other)
  const [ax, ay] = [(right.x - corner.x) / slant, (right.y - corner.y) / slant]
  const [bx, by] = [(below.x - corner.x) / slant, (below.y - corner.y) / slant]
  let good = 0
  for (const finder of [corner, right, below]) {
    const module = (finder.module * (upright(corner, right) + upright(corner, below))) / 2
    for (let v = -3; v <= 3; v++) {
      for (let u = -3; u <= 3; u++) {
        const x = Math.floor(finder.x + (u * ax + v * bx) * module)
        const y = Math.floor(finder.y + (u * ay + v * by) * module)
        if (x < 0 || y < 0 || x >= width || y >= height) continue
        const expected = Math.max(Math.abs(u), Math.abs(v)) === 2 ? 1 - dark : dark
        if (data[y * width + x] === expected) good++
      }
    }
  }
  return good / 147
}

/** Share of the modules between the patterns, dark and light by turns, that are right, for the best of the sizes that come near. */
export function timingShare({ width, height, data }: Bits, triple: Triple): number {
  const { corner, right, below } = triple
  const dark = corner.inverted ? 0 : 1
  const [rx, ry, bx, by] = [right.x - corner.x, right.y - corner.y, below.x - corner.x, below.y - corner.y]
  const modules = Math.sqrt(Math.hypot(rx, ry) * Math.hypot(bx, by)) / moduleOf(triple)
  const nearest = Math.round((modules - 10) / 4)
  let best = 0
  for (const version of [nearest - 1, nearest, nearest + 1]) {
    if (version < 1) continue
    const count = version * 4 + 10
    let good = 0
    const at = (u: number, v: number) => {
      const x = Math.floor(corner.x + (u * rx + v * bx) / count)
      const y = Math.floor(corner.y + (u * ry + v * by) / count)
      return x >= 0 && y >= 0 && x < width && y < height ? data[y * width + x] : undefined
    }
    for (let k = 5; k <= count - 5; k++) {
      const expected = k % 2 === 1 ? dark : 1 - dark
      if (at(k, 3) === expected) good++
      if (at(3, k) === expected) good++
    }
    best = Math.max(best, good / (2 * (count - 9)))
  }
  return best
}
