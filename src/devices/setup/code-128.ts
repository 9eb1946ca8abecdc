/** Code 128 with FNC3: ISO/IEC 15417. */

/** Widths of bars and spaces by symbol value 0 to 106; the last is the stop pattern. */
const PATTERNS = (
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 ' +
  '123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 ' +
  '131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 ' +
  '213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 ' +
  '141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 ' +
  '124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 ' +
  '411131 211412 211214 211232 2331112'
).split(' ')
/** "This is a command to the reader": the reader obeys and hands nothing on. Stands for the symbol in a text. */
export const FNC3 = '\u00f3'
const FNC3_VALUE = 96
const TO_C = 99
const STOP = 106
/** Set A has control characters, set B small letters; FNC3 is the same in both. */
const SETS = {
  A: { start: 103, back: 101, value: (unit: number) => (unit < 32 ? unit + 64 : unit < 96 ? unit - 32 : undefined) },
  B: { start: 104, back: 100, value: (unit: number) => (unit >= 32 && unit < 127 ? unit - 32 : undefined) },
} as const
/** Shorter runs of digits gain nothing by pairs. */
const PAIRS_FROM = /\d{6,}/g

/** Widths in modules, bar first, by turns bar and space; throws for a text that needs control characters and small letters at once. */
export function code128(text: string): number[] {
  const set = /[\u0000-\u001f]/.test(text) ? SETS.A : SETS.B
  const single = (part: string): number[] =>
    [...part].map((character) => {
      const value = character === FNC3 ? FNC3_VALUE : set.value(character.charCodeAt(0))
      if (value === undefined) throw new RangeError('Code 128 has no such character beside the others')
      return value
    })
  const values: number[] = []
  let from = 0
  for (const { index, 0: digits } of text.matchAll(PAIRS_FROM)) {
    const even = digits.length - (digits.length % 2)
    values.push(...single(text.slice(from, index)), TO_C)
    for (let at = 0; at < even; at += 2) values.push(Number(digits.slice(at, at + 2)))
    values.push(set.back)
    from = index + even
  }
  values.push(...single(text.slice(from)))
  const check = values.reduce((sum, value, index) => sum + (index + 1) * value, set.start) % 103
  return [set.start, ...values, check, STOP].flatMap((value) => [...(PATTERNS[value] ?? '')].map(Number))
}
