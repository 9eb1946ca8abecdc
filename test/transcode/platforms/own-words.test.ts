import { expect, it } from 'vitest'
import { ownWords } from '../../../src/transcode/platforms/own-words.ts'

it.each([
  ['安康码已失效', '安康码已失效'],
  ['证件 34010119850612004X 不存在\n请核对', '证件 *** 不存在 请核对'],
  ['token=C86AAE0F838F2018A6F6246D0BBCECD5 无效', 'token=*** 无效'],
  ['手机 18812342012', '手机 ***'],
  ['错误 10020', '错误 10020'],
  ['长'.repeat(101), `${'长'.repeat(100)}…`],
  [undefined, ''],
  [{ a: 1 }, ''],
])('keeps a platform’s words and no number that could be a person’s: %j', (words, kept) => {
  expect(ownWords(words)).toBe(kept)
})
