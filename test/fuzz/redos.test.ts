/** No regular expression of the product can be made to think for long. */
import { runInNewContext } from 'node:vm'
import { isSafe } from 'redos-detector'
import { expect, test } from 'vitest'
import { filesBelow, textOf } from '../support/imports.ts'
import { regexLiteralsIn, type RegexLiteral } from '../support/regex-literals.ts'

/** The longest text that anything of a scanner is matched against; settings and replies' words are shorter. */
const LENGTH = 4096
const PARTS = 8
/** A search in proportion to its text ends sooner; one that begins anew at every character takes ten times as long and more. */
const QUICK_MS = 1
/** In proportion, the whole takes as long as its parts; 8 times as long where the search begins anew at every character. */
const GROWTH = 3

const literals = ['src', 'scripts'].flatMap((folder) => filesBelow(folder, ['.ts', '.vue', '.mjs'])).flatMap((file) => regexLiteralsIn(file, textOf(file)))
/** What repeats nothing, or a fixed number of times, takes no longer than its text. */
const repeating = literals.filter(({ source }) => /[*+]|\{\d+,/.test(source))

/** True where the detector finds, before long, no way for it to try again and again. */
function isPlain({ source, flags }: RegexLiteral): boolean {
  try {
    return isSafe(new RegExp(source, flags), { maxScore: 20, timeout: 300 }).safe
  } catch {
    // It does not know every flag: then the attacks decide.
    return false
  }
}

/** Texts that a pattern nearly matches for ever: every character and pair of it, repeated and broken off. */
function attacksOn(source: string, length: number): string[] {
  const characters = [...new Set([...source.replace(/\\[a-zA-Z]/g, '').replace(/[\\^$()[\]{}|?*+]/g, ''), ...'0aA_ \t\n.:/=%-中\\{[('])]
  const pieces = [...characters, ...characters.flatMap((first) => ['0', 'a', ' ', '.'].map((second) => first + second)), '1.1.', '{1,', '[a]', '(?<']
  const whole = pieces.map((piece) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length - 1))
  return whole.flatMap((text) => [`${text}\u0000`, `x${text.slice(1)}!`, `${text}z`])
}

/** The attack that grows the most, as times of its parts'; Infinity for one without an end. */
function growth({ source, flags }: RegexLiteral): number {
  const context = { source, flags, wholes: attacksOn(source, LENGTH), parts: attacksOn(source, LENGTH / PARTS), now: () => performance.now() }
  const run = `const regex = new RegExp(source, flags)
    // The least of nine: a loaded machine stops anybody for a while, and the first round compiles.
    const least = (text, times) => {
      let best = Infinity
      for (let round = 0; round < 9 && best > ${QUICK_MS}; round++) {
        const began = now()
        for (let n = 0; n < times; n++) text.replace(regex, '')
        best = Math.min(best, now() - began)
      }
      return best
    }
    let worst = 0
    wholes.forEach((text, at) => {
      const whole = least(text, 1)
      if (whole > ${QUICK_MS}) worst = Math.max(worst, whole / least(parts[at], ${PARTS}))
    })
    worst`
  try {
    return runInNewContext(run, context, { timeout: 20_000 }) as number
  } catch {
    return Infinity
  }
}

test('there are many of them', () => {
  expect(literals.length).toBeGreaterThan(200)
  expect(repeating.length).toBeGreaterThan(80)
})

test('those that the detector does not clear take a time in proportion to the text for every attack of 4,096 characters', () => {
  const doubtful = repeating.filter((literal) => !isPlain(literal))
  const slow = doubtful.map((literal) => ({ ...literal, growth: growth(literal) })).filter((literal) => literal.growth > GROWTH)
  expect(slow).toEqual([])
}, 120_000)

test('the check finds what is slow', () => {
  const bad = [
    { place: '', source: '^(a+)+$', flags: '' },
    { place: '', source: '(\\w+\\s?)*:', flags: '' },
  ]
  for (const literal of bad) expect(isPlain(literal)).toBe(false)
  expect(growth({ place: '', source: '\\/+$', flags: '' })).toBeGreaterThan(GROWTH)
  expect(growth({ place: '', source: '(?<!\\/)\\/+$', flags: '' })).toBeLessThanOrEqual(GROWTH)
  const began = performance.now()
  expect(() => runInNewContext("/^(a+)+$/.test('a'.repeat(40) + '!')", {}, { timeout: 300 })).toThrow(/timed out/)
  expect(performance.now() - began).toBeLessThan(5000)
})
