import { expect, it } from 'vitest'
import { birthdayWord } from '../../../src/transcode/platforms/birthday.ts'

it.each([
  ['1988-10-22', '1988-10-22'],
  ['19881022', '1988-10-22'],
  ['1991/5/25', '1991-05-25'],
  ['1991年5月25日', '1991-05-25'],
  ['1988-10-22 00:00:00', '1988-10-22'],
  [' 19881022000000', undefined],
  ['1988', undefined],
  ['未知', undefined],
  [undefined, undefined],
])('%j is %j', (text, word) => {
  expect(birthdayWord(text)).toBe(word)
})
