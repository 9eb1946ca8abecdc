import { expect, test } from 'vitest'
import { chooseCode } from '../../src/transcode/choose-code.ts'
import { CODES } from '../../src/transcode/codes/index.ts'
import { createRecogniser } from '../../src/transcode/recognise.ts'

const recognise = createRecogniser({ hospitalCard: '^ZY\\d{10}$' })
const choose = (...texts: string[]) => chooseCode(texts, recognise)
const CARD = '7B1D9E0C44A25F6688BB3310CDEF9042A1B2C3D4E5F60718293A4B5C6D7E8F90:1'

test.each(CODES.filter(({ ofNobody }) => ofNobody).flatMap(({ samples }) => samples.map(({ text }) => text)))('%s never goes before a patient’s code', (text) => {
  expect(choose(text, CARD)).toEqual({ kind: 'one', index: 1, patient: true })
  expect(choose(CARD, text)).toEqual({ kind: 'one', index: 0, patient: true })
  expect(choose(text)).toEqual({ kind: 'one', index: 0, patient: false })
})

test('of codes that are no patient’s, the payment code is taken, for which there is advice', () => {
  expect(choose('https://menu.example/table/7', '134567890123456789')).toEqual({ kind: 'one', index: 1, patient: false })
})

test('the hospital’s own pattern makes a patient’s code', () => {
  expect(choose('https://menu.example/table/7', 'ZY0012345678')).toEqual({ kind: 'one', index: 1, patient: true })
  expect(choose(CARD, 'ZY0012345678')).toEqual({ kind: 'several' })
})

test('codes of two patients are nobody’s; a card’s static and dynamic codes and one number written in two ways are one patient’s', () => {
  expect(choose(CARD, CARD.replace('7B', '8C'))).toEqual({ kind: 'several' })
  expect(choose('134567890123456789', CARD, '340101199003077427')).toEqual({ kind: 'several' })
  expect(choose(CARD, `${CARD.slice(0, -1)}0:0123456789ABCDEF0123456789ABCDEF::10086`)).toEqual({ kind: 'one', index: 0, patient: true })
  expect(choose('34010119850612004x', '340101198506 12004X')).toEqual({ kind: 'one', index: 0, patient: true })
})
