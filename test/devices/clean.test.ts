import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText } from '../../src/devices/clean.ts'

describe('cleanText', () => {
  it.each([
    ['\x02CODE\x03', { text: 'CODE' }],
    [']Q1https://a.example/?x=1', { text: 'https://a.example/?x=1', aim: ']Q1' }],
    ['\x02]C0123456\x03\r\n', { text: '123456', aim: ']C0' }],
    [']d2ABC', { text: 'ABC', aim: ']d2' }],
    ['\ufeffCODE', { text: 'CODE' }],
    ['\ufeff]Q3CODE', { text: 'CODE', aim: ']Q3' }],
    ['C\0O\x07D\x1bE\0\0', { text: 'CODE' }],
    ['  CODE \t', { text: 'CODE' }],
    ['\u3000CODE\u3000', { text: 'CODE' }],
    ['ＣＯＤＥ：１２３', { text: 'CODE:123' }],
    ['ｈｔｔｐｓ：／／ａ．ｅｘａｍｐｌｅ', { text: 'https://a.example' }],
    ['张三，男（三十岁）：１２', { text: '张三，男（三十岁）：12' }],
    ['阿卜杜·热合曼', { text: '阿卜杜·热合曼' }],
    ['𠮷野家', { text: '𠮷野家' }],
    [String.raw`\000026CODE`, { text: 'CODE', eci: '000026' }],
    [String.raw`]Q2\000029CODE`, { text: 'CODE', aim: ']Q2', eci: '000029' }],
    [String.raw`\999999CODE`, { text: 'CODE', eci: '999999' }],
    [String.raw`\000026123456`, { text: '123456', eci: '000026' }],
    [String.raw`\000003\000026C\000029D`, { text: 'CD', eci: '000026' }],
    [String.raw`\000026C:\\D\\\\E`, { text: String.raw`C:\D\\E`, eci: '000026' }],
    [String.raw`\000026C\\000029`, { text: String.raw`C\000029`, eci: '000026' }],
    // No indicator: five digits, not in front, nothing after it.
    [String.raw`\00002CODE`, { text: String.raw`\00002CODE` }],
    [String.raw`C\000026\\D`, { text: String.raw`C\000026\\D` }],
    [String.raw`\\server\share`, { text: String.raw`\\server\share` }],
    [String.raw`\u4e2d`, { text: String.raw`\u4e2d` }],
    [String.raw`\\000026CODE`, { text: String.raw`\\000026CODE` }],
    [String.raw`\000026`, { text: String.raw`\000026` }],
    // Not an identifier: not at the start, no such code letter, no modifier, nothing after it.
    ['A]Q1B', { text: 'A]Q1B' }],
    [']q1B', { text: ']q1B' }],
    [']Q-B', { text: ']Q-B' }],
    ['}Q1B', { text: '}Q1B' }],
    ['', { text: '' }],
    ['\x02\x03\r\n\0', { text: '' }],
  ])('%j -> %j', (raw, expected) => {
    expect(cleanText(raw)).toEqual(expected)
  })

  it('takes a configured prefix and suffix off once, before or after the identifier', () => {
    const options = { prefix: 'P#', suffix: '#S' }
    expect(cleanText('P#CODE#S', options)).toEqual({ text: 'CODE' })
    expect(cleanText('P#]Q1CODE#S', options)).toEqual({ text: 'CODE', aim: ']Q1' })
    expect(cleanText(']Q1P#CODE#S', options)).toEqual({ text: 'CODE', aim: ']Q1' })
    expect(cleanText('P#P#CODE#S#S', options)).toEqual({ text: 'P#CODE#S' })
    expect(cleanText('CODE', options)).toEqual({ text: 'CODE' })
    for (const raw of ['P#]Q2\\000026CODE#S', ']Q2P#\\000026CODE#S', ']Q2\\000026P#CODE#S']) {
      expect(cleanText(raw, options)).toEqual({ text: 'CODE', aim: ']Q2', eci: '000026' })
    }
  })

  it('leaves a clean code alone, whatever stands in it', () => {
    const clean = fc.string({ unit: fc.constantFrom(...'AZaz09:/?=&#-_.%[]张国，（'), minLength: 1 })
    fc.assert(
      fc.property(clean.filter((text) => !text.startsWith(']')), (text) => {
        // Full-width punctuation stands beside Chinese characters only.
        fc.pre(!/[，（]/.test(text) || /[张国]/.test(text))
        expect(cleanText(text)).toEqual({ text })
      }),
    )
  })
})
