/** Where the third finder pattern must be when only two are to be seen: one lies under a spot, a fold or a glare. */
import type { Bits, Finder } from './finders.ts'
import { scaled, scaledFinder, soundShare, timingShare, type Scan, type Triple } from './triples.ts'

/** The clearest finders, each taken with each. */
const MAX_PAIRED = 8
/** Share of the modules of the three patterns and of the timing between them that must be right. */
const SHARE = 0.7
/** How far perspective may stretch or slant the side that is not seen. */
const LEAN = 0.3
const MAX_STEPS = 8
/** Some modules of a finder pattern, from its middle, and the ring in which they lie. */
const PATTERN = [-3, -2, -1, 0, 1, 2, 3].flatMap((v) =>
  [-3, -2, -1, 0, 1, 2, 3].filter((u) => (u + v) % 2 === 0).map((u) => [u, v, Math.max(Math.abs(u), Math.abs(v))] as const))

/** Threes of which one is guessed, from the finders of all scans, in the whole's pixels; the likeliest first, at most `max`. */
export function guessTriples(scans: readonly Scan[], max: number): Triple[] {
  const finders = merged(scans).slice(0, MAX_PAIRED)
  const guesses: { triple: Triple; share: number }[] = []
  for (const [i, one] of finders.entries()) {
    for (const other of finders.slice(i + 1)) {
      if (one.inverted !== other.inverted || Math.max(one.module, other.module) > 1.7 * Math.min(one.module, other.module)) continue
      const { bits, factor } = scanFor(scans, one.module)
      for (const triple of guessed(bits, scaledFinder(one, factor), scaledFinder(other, factor))) {
        const share = (timingShare(bits, triple) + soundShare(bits, triple)) / 2
        if (share >= SHARE) guesses.push({ triple: scaled(triple, 1 / factor), share })
      }
    }
  }
  return guesses.sort((one, two) => two.share - one.share).slice(0, max).map(({ triple }) => triple)
}

/** The finders of all scans, each once, those crossed longest first. */
function merged(scans: readonly Scan[]): Finder[] {
  const all: Finder[] = []
  for (const { finders, factor } of scans) {
    for (const finder of finders) {
      const { x, y, module, inverted, hits } = scaledFinder(finder, 1 / factor)
      const near = all.some((other) => other.inverted === inverted && Math.hypot(other.x - x, other.y - y) < 2 * module)
      if (!near) all.push({ x, y, module, inverted, hits: hits / factor })
    }
  }
  return all.sort((a, b) => b.hits / Math.sqrt(b.module) - a.hits / Math.sqrt(a.module))
}

/** The smallest picture that still shows such modules. */
function scanFor(scans: readonly Scan[], module: number): Scan {
  const enough = scans.filter(({ factor }) => module * factor >= 3).sort((a, b) => a.factor - b.factor)
  return enough[0] ?? scans.reduce((a, b) => (a.factor > b.factor ? a : b))
}

/** Side by side, the third may lie on either side of either; as ends of the diagonal, on either side of its middle. */
function guessed(bits: Bits, a: Finder, b: Finder): Triple[] {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const module = (a.module + b.module) / 2
  const far = Math.hypot(dx, dy) / module
  if (far < 9 || far > 150) return []
  const triples: Triple[] = []
  for (const side of [1, -1]) {
    const [px, py] = [-dy * side, dx * side]
    for (const corner of [a, b]) {
      const other = corner === a ? b : a
      const third = likeliest(bits, corner, module, [dx / far, dy / far], px, py, dx, dy)
      triples.push(side === (corner === a ? 1 : -1) ? { corner, right: other, below: third } : { corner, right: third, below: other })
    }
    const middle = { ...a, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
    const axis: readonly [number, number] = [(dx + px) / 2 / far, (dy + py) / 2 / far]
    const corner = likeliest(bits, middle, module, axis, px / 2, py / 2, dx / 2, dy / 2)
    triples.push(side === 1 ? { corner, right: a, below: b } : { corner, right: b, below: a })
  }
  return triples
}

/** The place around `from` + (px, py) that looks most like what is left of a finder pattern. */
function likeliest(
  { width, height, data }: Bits, from: Finder, module: number, axis: readonly [number, number], px: number, py: number, dx: number, dy: number,
): Finder {
  const length = Math.hypot(axis[0], axis[1])
  const [ux, uy] = [(axis[0] / length) * module, (axis[1] / length) * module]
  const dark = from.inverted ? 0 : 1
  const far = Math.hypot(px, py) / module
  // Strides of a module where that is not too many.
  const steps = Math.min(MAX_STEPS, Math.ceil(far * LEAN))
  let best = { share: -1, x: from.x + px, y: from.y + py }
  for (let a = -steps; a <= steps; a++) {
    for (let b = -steps; b <= steps; b++) {
      const [stretch, slant] = [1 + (a * LEAN) / steps, (b * LEAN) / steps]
      const [x, y] = [from.x + px * stretch + dx * slant, from.y + py * stretch + dy * slant]
      let share = -(a * a + b * b) / (steps * steps)
      for (const [u, v, ring] of PATTERN) {
        const [sx, sy] = [Math.floor(x + u * ux - v * uy), Math.floor(y + u * uy + v * ux)]
        if (sx >= 0 && sy >= 0 && sx < width && sy < height && data[sy * width + sx] === (ring === 2 ? 1 - dark : dark)) share++
      }
      if (share > best.share) best = { share, x, y }
    }
  }
  return { x: best.x, y: best.y, module, inverted: from.inverted, hits: 0 }
}
