import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import { decodeText } from '../../src/devices/decode-text.ts'

const NAMES = ['张三', '鲁班', '陆', '模范', '李小国，男', '龘', 'ABC张DEF']

describe('decodeText', () => {
  it.each(NAMES)('tells UTF-8 from GBK: %s', (text) => {
    expect(decodeText(Buffer.from(text))).toEqual({ text, encoding: 'utf8' })
    expect(decodeText(iconv.encode(text, 'gbk'))).toEqual({ text, encoding: 'gbk' })
  })

  it('keeps the dot of a name in UTF-8', () => {
    expect(decodeText(Buffer.from('A·B')).text).toBe('A·B')
    expect(decodeText(Buffer.from('阿卜杜·热合曼')).text).toBe('阿卜杜·热合曼')
  })

  it('obeys a given encoding', () => {
    expect(decodeText(Buffer.from([0xc2, 0xbd]), 'utf8').text).toBe('½')
    expect(decodeText(Buffer.from([0xc2, 0xbd]), 'gbk').text).toBe('陆')
  })

  it('drops marks and line glitches', () => {
    expect(decodeText(Buffer.from([0xff, 0x00, 0xef, 0xbb, 0xbf, 0x41, 0xff])).text).toBe('A')
    expect(decodeText(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), iconv.encode('张三', 'gbk')])).text).toBe('张三')
  })

  it('shows what is neither', () => {
    expect(decodeText(Buffer.from([0x41, 0x81, 0x20, 0x42])).text).toContain('\ufffd')
  })
})
