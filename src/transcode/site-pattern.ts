/** A site's own patterns for codes: held to what can never hang the terminal. */
import { isSlowPattern } from './slow-pattern.ts'

/** Longest pattern, characters. */
const MAX_PATTERN = 200
/** Longest text that a site's pattern is tried on, characters. */
const MAX_PATTERN_TEXT = 256
/**
 * How much a pattern may branch, in doublings of the work on the longest text:
 * a repetition of variable length counts 8, an option or alternative 1.
 */
const MAX_DOUBLINGS = 24
/** With one variable part there is nothing to try in more than one way: no time goes into measuring such a pattern. */
const UNMEASURED_DOUBLINGS = 9

/** What is wrong with a pattern, for the settings file; null where it may be used. '' is no pattern and fine. */
export function sitePatternFault(source: string): string | null {
  if (source.length > MAX_PATTERN) return `pattern has more than ${MAX_PATTERN} characters`
  try {
    new RegExp(source)
  } catch {
    return 'invalid pattern'
  }
  const { fault, doublings } = branching(source)
  return fault ?? (doublings > UNMEASURED_DOUBLINGS && isSlowPattern(source, MAX_PATTERN_TEXT) ? 'pattern takes too long on some texts' : null)
}

/**
 * Compiles a pattern that `sitePatternFault` has passed into a test of whole
 * texts: `^` and `$` around it may be written or left out. '' gives undefined;
 * texts of more than 256 characters never match.
 */
export function compileSitePattern(source: string): ((text: string) => boolean) | undefined {
  if (source === '') return undefined
  const pattern = new RegExp(`^(?:${source})$`)
  return (text) => text.length <= MAX_PATTERN_TEXT && pattern.test(text)
}

function branching(source: string): { fault: string | null; doublings: number } {
  const failed = (fault: string) => ({ fault, doublings: 0 })
  // Classes and escaped characters branch no more than a letter does.
  const plain = source.replace(/\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\k<[^>]*>|\\./g, (escape) => (/^\\(?:[1-9]|k<)/.test(escape) ? '\u0001' : 'a'))
  if (plain.includes('\u0001')) return failed('pattern must not refer back')
  if (/\(\?(?:[=!]|<[=!])/.test(plain)) return failed('pattern must not look ahead or behind')
  let doublings = 0
  const groups: { branches: boolean }[] = [{ branches: false }]
  const marks = plain.replace(/\[[^\]]*\]?/g, 'a').replace(/\(\?(?::|<[^>]*>?)/g, '(')
  for (let at = 0; at < marks.length; at += 1) {
    const mark = marks[at]
    if (mark === '(') groups.push({ branches: false })
    if (mark === '|') {
      doublings += 1
      branched()
    }
    if (mark === ')') {
      const inner = groups.pop()
      const repetition = repetitionAt(marks, at + 1)
      if (inner?.branches && repetition !== 'none' && repetition !== 'option') return failed('pattern repeats a group that can match in more than one way')
      if (inner?.branches) branched()
    }
    const repetition = repetitionAt(marks, at + 1)
    if (repetition === 'variable' || repetition === 'option') {
      doublings += repetition === 'variable' ? 8 : 1
      branched()
    }
  }
  return { fault: doublings > MAX_DOUBLINGS ? 'pattern has too many variable parts' : null, doublings }

  function branched(): void {
    const innermost = groups.at(-1)
    if (innermost) innermost.branches = true
  }
}

function repetitionAt(marks: string, at: number): 'none' | 'option' | 'fixed' | 'variable' {
  const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(marks.slice(at, at + 24))
  if (!found) return 'none'
  if (found[0] === '?') return /[*+?}]/.test(marks[at - 1] ?? '') ? 'none' : 'option'
  if (found[1] === undefined) return 'variable'
  return found[2] === '' || found[1] === found[3] ? 'fixed' : 'variable'
}
