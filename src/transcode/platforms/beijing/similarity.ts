/** Compares similarities as decimals: a float cannot tell 0.7 from what lies beside it. */

const DECIMAL = /^(0|1)(?:\.(\d{1,60}))?$/

/**
 * Whether `similarity` is greater than `threshold`, strictly; both decimal
 * strings from 0 to 1. Undefined where the first is none: a percentage must not
 * count as a match.
 */
export function exceeds(similarity: string, threshold: string): boolean | undefined {
  const [left, right] = [fractionOf(similarity), fractionOf(threshold)]
  if (left === undefined || right === undefined) return undefined
  const width = Math.max(left.length, right.length)
  const [a, b] = [left.padEnd(width, '0'), right.padEnd(width, '0')]
  return a > b
}

/** The digits with the point taken out behind the first, or undefined outside 0 to 1. */
function fractionOf(text: string): string | undefined {
  const parts = DECIMAL.exec(text.trim())
  if (!parts) return undefined
  const [, whole = '0', fraction = ''] = parts
  return whole === '1' && /[1-9]/.test(fraction) ? undefined : whole + fraction
}
