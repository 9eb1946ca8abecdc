/** No regular expression of the product can be made to think for long. */
import { runInNewContext } from 'node:vm'
import { isSafe } from 'redos-detector'
import { expect, test } from 'vitest'
import { filesBelow, textOf } from '../support/imports.ts'
import { regexLiteralsIn, type RegexLiteral } from '../support/regex-literals.ts'

/** The longest text that anything of a scanner is matched against; settings and replies' words are shorter. */
const LENGTH = 4096
const LIMIT_MS = 50

const literals = ['src', 'scripts'].flatMap((folder) => filesBelow(folder, ['.ts', '.vue', '.mjs'])).flatMap((file) => regexLiteralsIn(file, textOf(file)))
/** What repeats nothing, or a fixed number of times, takes no longer than its text. */
const repeating = literals.filter(({ source }) => /[*+]|\{\d+,/.test(source))

/** True where the detector finds no way for it to try again and again. */
function isPlain({ source, flags }: RegexLiteral): boolean {
  return isSafe(new RegExp(source, flags), { maxScore: 20, timeout: 5000 }).safe
}

/** Texts that a pattern nearly matches for ever: every character and pair of it, repeated and broken off. */
function attacksOn(source: string): string[] {
  const characters = [...new Set([...source.replace(/\\[a-zA-Z]/g, '').replace(/[\\^$()[\]{}|?*+]/g, ''), ...'0aA_ \t\n.:/=%-中\\{[('])]
  const pieces = [...characters, ...characters.flatMap((first) => ['0', 'a', ' ', '.'].map((second) => first + second)), '1.1.', '{1,', '[a]', '(?<']
  const whole = pieces.map((piece) => piece.repeat(Math.ceil(LENGTH / piece.length)).slice(0, LENGTH - 1))
  return whole.flatMap((text) => [`${text}\u0000`, `x${text.slice(1)}!`])
}

/** The slowest of the attacks, ms; endless ones are broken off. */
function slowest({ source, flags }: RegexLiteral): number {
  const context = { source, flags, attacks: attacksOn(source), now: () => performance.now() }
  const run = `let worst = 0
    for (const text of attacks) {
      const regex = new RegExp(source, flags)
      let best = Infinity
      // The least of three: a loaded machine stops anybody for a while.
      for (let round = 0; round < 3 && best > ${LIMIT_MS}; round++) { const began = now(); text.replace(regex, ''); best = Math.min(best, now() - began) }
      worst = Math.max(worst, best)
    }
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

test('those that the detector does not clear answer every attack of 4,096 characters within 50 ms', () => {
  const doubtful = repeating.filter((literal) => !isPlain(literal))
  const slow = doubtful.map((literal) => ({ ...literal, ms: slowest(literal) })).filter(({ ms }) => ms > LIMIT_MS)
  expect(slow).toEqual([])
}, 120_000)

test('the check finds what is slow', () => {
  const bad = [
    { place: '', source: '^(a+)+$', flags: '' },
    { place: '', source: '(\\w+\\s?)*:', flags: '' },
  ]
  for (const literal of bad) expect(isPlain(literal)).toBe(false)
  const began = performance.now()
  expect(() => runInNewContext("/^(a+)+$/.test('a'.repeat(40) + '!')", {}, { timeout: 300 })).toThrow(/timed out/)
  expect(performance.now() - began).toBeLessThan(5000)
})
