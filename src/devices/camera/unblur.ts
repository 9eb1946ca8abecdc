/** Blur runs from each module into its eight neighbours: the symbol itself tells how much, and it is taken back. */

/** How much of its own, of those beside it, above and below, and across its corners a module shows, and what all show. */
type Shares = { readonly own: number; readonly beside: number; readonly above: number; readonly across: number; readonly common: number }

/** Enough for what is left to be settled. */
const STEPS = 8
/** Share of what does not fit yet that each step takes over; the shares' sum is below 2.9 times the own one. */
const PACE = 0.6

/**
 * What the modules, -1 light to 1 dark, would have to be to show `values`, row
 * by row; `guess` tells dark (positive) from light so far, `fixed` what every
 * symbol of the size has. Undefined where nothing stands out.
 */
export function unblurred(values: Float32Array, guess: Float32Array, fixed: Int8Array, size: number): Float32Array | undefined {
  const shares = sharesOf(values, guess.map((value, at) => fixed[at] || Math.sign(value)), size)
  if (!shares || shares.own <= 0) return undefined
  const { own, beside, above, across, common } = shares
  let modules = values.map((value, at) => fixed[at] || clipped((value - common) / own))
  for (let step = 0; step < STEPS; step++) {
    const next = new Float32Array(modules.length)
    for (let row = 0, at = 0; row < size; row++) {
      for (let column = 0; column < size; column++, at++) {
        if (fixed[at]) {
          next[at] = fixed[at]!
          continue
        }
        around(modules, size, row, column)
        const shown = own * modules[at]! + beside * sums[0]! + above * sums[1]! + across * sums[2]! + common
        next[at] = clipped(modules[at]! + (PACE * (values[at]! - shown)) / own)
      }
    }
    modules = next
  }
  return modules
}

function clipped(value: number): number {
  return value > 1 ? 1 : value < -1 ? -1 : value
}

/** Sums of the neighbours of the module asked for last: beside, above and below, across the corners. Beyond the edge it is light. */
const sums = new Float64Array(3)

function around(modules: Float32Array, size: number, row: number, column: number): void {
  const at = row * size + column
  const [left, right] = [column > 0, column + 1 < size]
  const above = row > 0 ? at - size : -1
  const below = row + 1 < size ? at + size : -1
  sums[0] = (left ? modules[at - 1]! : -1) + (right ? modules[at + 1]! : -1)
  sums[1] = (above < 0 ? -1 : modules[above]!) + (below < 0 ? -1 : modules[below]!)
  sums[2] =
    (above >= 0 && left ? modules[above - 1]! : -1) + (above >= 0 && right ? modules[above + 1]! : -1) +
    (below >= 0 && left ? modules[below - 1]! : -1) + (below >= 0 && right ? modules[below + 1]! : -1)
}

const UNKNOWNS = 5

/** The shares that explain `values` best (least squares), if the modules are as decided. */
function sharesOf(values: Float32Array, decided: Float32Array, size: number): Shares | undefined {
  const width = UNKNOWNS + 1
  const equations = new Float64Array(UNKNOWNS * width)
  const terms = new Float64Array(width)
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at++) {
      around(decided, size, row, column)
      terms.set(sums, 1)
      terms[0] = decided[at]!
      terms[4] = 1
      terms[5] = values[at]!
      for (let i = 0; i < UNKNOWNS; i++) for (let j = 0; j < width; j++) equations[i * width + j]! += terms[i]! * terms[j]!
    }
  }
  const solved = solve(equations)
  if (!solved) return undefined
  const [own, beside, above, across, common] = solved as [number, number, number, number, number]
  return { own, beside, above, across, common }
}

/** Gauss and Jordan's way, without swaps: sums of squares stand on the diagonal. */
function solve(equations: Float64Array): number[] | undefined {
  const width = UNKNOWNS + 1
  for (let i = 0; i < UNKNOWNS; i++) {
    const pivot = equations[i * width + i]!
    if (!(pivot > 1e-6)) return undefined
    for (let row = 0; row < UNKNOWNS; row++) {
      if (row === i) continue
      const share = equations[row * width + i]! / pivot
      for (let k = i; k < width; k++) equations[row * width + k]! -= share * equations[i * width + k]!
    }
  }
  return Array.from({ length: UNKNOWNS }, (_, i) => equations[i * width + UNKNOWNS]! / equations[i * width + i]!)
}
