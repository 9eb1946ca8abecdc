/** Finds the test sheet's text in what a scanner sent, whole or with losses. */

export type Alignment = {
  readonly before: string
  readonly after: string
  /** Characters of the expected text that are not in the received one, in their order. */
  readonly lost: readonly string[]
  readonly caseInverted: boolean
}

/** Compares what came with what the sheet holds; both short, since the work grows with their product. */
export function alignTexts(received: string, expected: string): Alignment {
  const whole = around(received, expected)
  if (whole) return { ...whole, lost: [], caseInverted: false }
  const inverted = invertCase(received)
  const other = around(inverted, expected)
  if (other) return { before: invertCase(other.before), after: invertCase(other.after), lost: [], caseInverted: true }
  const straight = compare([...received], [...expected])
  const turned = compare([...inverted], [...expected])
  // Only a clear gain says that the case was inverted: letters are about half of the sheet.
  if (turned.lost.length < straight.lost.length / 2) return { ...turned, caseInverted: true }
  return { ...straight, caseInverted: false }
}

function around(received: string, expected: string): { before: string; after: string } | undefined {
  const at = received.indexOf(expected)
  if (at < 0) return undefined
  return { before: received.slice(0, at), after: received.slice(at + expected.length) }
}

/** By the longest common subsequence: what stands before its first and after its last character lies around the code. */
function compare(received: readonly string[], expected: readonly string[]): { before: string; after: string; lost: string[] } {
  const width = expected.length + 1
  const lengths = new Uint32Array((received.length + 1) * width)
  for (let r = received.length - 1; r >= 0; r--) {
    for (let e = expected.length - 1; e >= 0; e--) {
      lengths[r * width + e] =
        received[r] === expected[e]
          ? lengths[(r + 1) * width + e + 1]! + 1
          : Math.max(lengths[(r + 1) * width + e]!, lengths[r * width + e + 1]!)
    }
  }
  const lost: string[] = []
  let firstMatch = -1
  let lastMatch = -1
  let r = 0
  let e = 0
  while (r < received.length && e < expected.length) {
    if (received[r] === expected[e]) {
      if (firstMatch < 0) firstMatch = r
      lastMatch = r++
      e++
    } else if (lengths[(r + 1) * width + e]! >= lengths[r * width + e + 1]!) r++
    else lost.push(expected[e++]!)
  }
  lost.push(...expected.slice(e))
  // With hardly anything in common, nothing can be said about what stands around it.
  if (lost.length > expected.length / 2) return { before: '', after: '', lost }
  return { before: received.slice(0, firstMatch).join(''), after: received.slice(lastMatch + 1).join(''), lost }
}

function invertCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()))
}
