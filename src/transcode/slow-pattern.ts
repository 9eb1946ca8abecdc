/** How long a pattern takes on texts made to lead it astray: measured in processor time, against a pattern that is known to be bearable. */
import { createContext, Script, type Context } from 'node:vm'

/** The slowest that is let through: three repetitions of anything, some 10 ms on a PC. */
const BEARABLE = '.*.*.*x'
const TIMES_BEARABLE = 3
/** Of one character repeated, the characters that the most parts of the pattern take. */
const TRIED_LETTERS = 3
/** How much slower an expression's first run is at most, before it has been compiled. */
const INTERPRETED = 6
/** What a machine that cannot run the first measurement at once may take, ms of the wall clock. */
const LONGEST_WALL_MS = 10_000

const script = new Script('pattern.test(text)')
let context: Context | undefined
const known = new Map<string, boolean>()
let bearableMs: number | undefined

/** True if some text of `length` characters takes the pattern more than three times as long as the slowest bearable one. Each pattern is measured once. */
export function isSlowPattern(source: string, length: number): boolean {
  let slow = known.get(source)
  if (slow === undefined) known.set(source, (slow = measure(source, length)))
  return slow
}

function measure(source: string, length: number): boolean {
  bearableMs ??= Math.max(1, costOf(whole(BEARABLE), 'a'.repeat(length), Infinity))
  const most = TIMES_BEARABLE * bearableMs
  const pattern = whole(source)
  let spent = 0
  for (const text of adverseTexts(source, length)) {
    const cost = costOf(pattern, text, most)
    if (cost > most) return true
    // The start waits for this: what has been bearable so often is taken for bearable.
    if ((spent += cost) > 4 * most) return false
  }
  return false
}

function whole(source: string): RegExp {
  return new RegExp(`^(?:${source})$`)
}

/** Processor time of one match, ms; Infinity if it was cut off beyond `most`. The first run of an expression is interpreted and several times slower: a slow one is run again. */
function costOf(pattern: RegExp, text: string, most: number): number {
  const first = run(pattern, text, most * INTERPRETED)
  return first === Infinity || first <= most ? first : run(pattern, text, most)
}

function run(pattern: RegExp, text: string, most: number): number {
  Object.assign((context ??= createContext({})), { pattern, text })
  for (let wallMs = Math.min(LONGEST_WALL_MS, Math.max(50, most * 4)); ; wallMs = Math.min(LONGEST_WALL_MS, wallMs * 2)) {
    const began = processorMs()
    try {
      script.runInContext(context!, { timeout: Math.ceil(wallMs) })
      return processorMs() - began
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      // Cut off by the wall clock: on a busy machine that says little of the pattern.
      if (processorMs() - began >= most || wallMs >= LONGEST_WALL_MS) return Infinity
    }
  }
}

function processorMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage()
  return (user + system) / 1000
}

/** A part of a pattern that takes one character, with what stands before it. */
type Atom = { source: string; times: number; varies: boolean }

/** Up to each part that varies the text that leads there, then one character on and on, with an end that does not match and without. */
function adverseTexts(source: string, length: number): string[] {
  const atoms = atomsOf(source)
  const takes = (atom: Atom, letter: string) => {
    try {
      return new RegExp(`^${atom.source}$`).test(letter)
    } catch {
      // A mark of laziness is no pattern by itself.
      return false
    }
  }
  const candidates = [...new Set([...atoms.map(({ source }) => source).filter((each) => each.length === 1 && each !== '.'), ...'aA0_ -中!'])]
  const counted = candidates.map((letter) => ({ letter, count: atoms.filter((atom) => takes(atom, letter)).length })).sort((one, other) => other.count - one.count)
  const letters = counted.filter(({ count }) => count > 0).slice(0, TRIED_LETTERS)
  const sample = (atom: Atom) => (candidates.find((letter) => takes(atom, letter)) ?? '').repeat(atom.times)
  const leads = new Set(['', ...atoms.flatMap((atom, at) => (atom.varies ? [atoms.slice(0, at).map(sample).join('')] : []))])
  return [...leads].flatMap((lead) =>
    letters.flatMap(({ letter }) => {
      const text = (lead + letter.repeat(length)).slice(0, length - 1)
      return [`${text}\n`, text]
    }),
  )
}

/** Classes, escapes, dots and characters in the order they are written; groups and alternatives are passed over. */
function atomsOf(source: string): Atom[] {
  const found = source.matchAll(/(\[(?:\\.|[^\]\\])*\]?|\\(?:[pP]\{[^}]{0,60}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)|\(\?(?::|<[^>]*>?)|[()|^$]|[^\\])([*+?]|\{(\d+)(?:,\d*)?\})?/gs)
  return [...found].flatMap(([, atom = '', repetition = '', times], at, all) => {
    // After an alternative anything may begin anew.
    const varies = /^[*+?]|,/.test(repetition) || all[at - 1]?.[1] === '|' || /^\(/.test(all[at - 1]?.[1] ?? '')
    return /^(\(.*|[)|^$]|\\[bB])$/.test(atom) ? [] : [{ source: atom, times: times === undefined ? 1 : Math.min(Number(times), 300), varies }]
  })
}
