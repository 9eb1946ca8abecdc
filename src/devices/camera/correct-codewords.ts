/** Reed-Solomon of QR symbols over GF(256), 0x11d: wrong codewords, and such as are known to be doubtful. */

const EXP = new Uint8Array(512)
const LOG = new Uint8Array(256)
for (let i = 0, value = 1; i < 255; i++) {
  EXP[i] = EXP[i + 255] = value
  LOG[value] = i
  value <<= 1
  if (value > 255) value ^= 0x11d
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : EXP[LOG[a]! + LOG[b]!]!
}

function over(a: number, b: number): number {
  return a === 0 ? 0 : EXP[LOG[a]! + 255 - LOG[b]!]!
}

/**
 * Corrects a block in place; `doubtful` holds places whose values do not count.
 * The number of wrong codewords besides those, or -1 where the block cannot be
 * corrected: with 2 checks to spare, and 4 beyond the choice of the wrong ones,
 * so that no noise passes for a block.
 */
export function correctCodewords(block: Uint8Array, checks: number, doubtful: readonly number[]): number {
  const length = block.length
  const syndromes = new Uint8Array(checks)
  let clean = true
  for (let i = 0; i < checks; i++) {
    let value = 0
    const root = EXP[i]!
    for (let k = 0; k < length; k++) value = times(value, root) ^ block[k]!
    syndromes[i] = value
    if (value !== 0) clean = false
  }
  if (clean) return 0
  const erased = doubtful.length
  const free = checks - erased
  if (free < 4) return -1
  // The locator starts from the doubtful places and grows by Berlekamp and Massey's steps.
  let locator = new Uint8Array(checks + 2)
  locator[0] = 1
  for (let k = 0; k < erased; k++) {
    const root = EXP[length - 1 - doubtful[k]!]!
    for (let i = k + 1; i > 0; i--) locator[i] = locator[i]! ^ times(locator[i - 1]!, root)
  }
  let before = locator.slice()
  let degree = erased
  for (let step = erased; step < checks; step++) {
    let gap = syndromes[step]!
    for (let i = 1; i <= degree; i++) gap ^= times(locator[i]!, syndromes[step - i] ?? 0)
    before.copyWithin(1, 0)
    before[0] = 0
    if (gap === 0) continue
    const grown = locator.slice()
    for (let i = 0; i < grown.length; i++) grown[i] = grown[i]! ^ times(gap, before[i]!)
    if (2 * degree <= step + erased) {
      degree = step + erased + 1 - degree
      before = locator.map((value) => over(value, gap))
    }
    locator = grown
  }
  const wrong = degree - erased
  if (wrong < 0 || free - 2 * wrong < 2 || free - wrong < 4) return -1
  return amend(block, syndromes, locator, degree) ? wrong : -1
}

/** Finds the places (Chien) and the values (Forney). */
function amend(block: Uint8Array, syndromes: Uint8Array, locator: Uint8Array, degree: number): boolean {
  const length = block.length
  const places: number[] = []
  for (let at = 0; at < length; at++) {
    const inverse = EXP[(255 - (length - 1 - at)) % 255]!
    let value = 0
    for (let i = degree; i >= 0; i--) value = times(value, inverse) ^ locator[i]!
    if (value === 0) places.push(at)
  }
  if (places.length !== degree) return false
  const evaluator = new Uint8Array(degree)
  for (let i = 0; i < degree; i++) {
    let value = 0
    for (let k = 0; k <= i; k++) value ^= times(syndromes[i - k]!, locator[k]!)
    evaluator[i] = value
  }
  for (const at of places) {
    const power = length - 1 - at
    const inverse = EXP[(255 - power) % 255]!
    let [top, bottom] = [0, 0]
    for (let i = degree - 1; i >= 0; i--) top = times(top, inverse) ^ evaluator[i]!
    for (let i = 1; i <= degree; i += 2) bottom ^= times(locator[i]!, EXP[(LOG[inverse]! * (i - 1)) % 255]!)
    if (bottom === 0) return false
    block[at] = block[at]! ^ over(times(top, EXP[power]!), bottom)
  }
  return true
}
