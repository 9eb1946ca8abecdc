import iconv from 'iconv-lite'
import { expect, it } from 'vitest'
import { createCodeReader, type ReadingOptions } from '../../src/devices/code-reader.ts'

function read(bytes: Uint8Array, options: ReadingOptions = {}): string[] {
  const heard: string[] = []
  const reader = createCodeReader(options, { text: ({ text }) => heard.push(text), fault: ({ code }) => heard.push(code) })
  reader.push(bytes)
  reader.push(Buffer.from('\r'))
  return heard
}
const bytesOf = (before: string, text: string, encoding: string) => Buffer.concat([Buffer.from(before), iconv.encode(text, encoding)])

it.each(['\\000026', ']Q2\\000026', '\\000003\\000026'])('%s says UTF-8, also where the text could be GBK', (before) => {
  expect(read(bytesOf(before, '½', 'utf8'))).toEqual(['½'])
  expect(read(bytesOf('', '½', 'utf8'))).toEqual(['陆'])
})

it.each(['\\000029', '\\000031', ']Q2\\000032'])('%s says GB 18030, also where the text could be UTF-8', (before) => {
  const look = iconv.encode('渚涙爣', 'gbk')
  expect(look.toString('utf8')).not.toContain('\ufffd')
  expect(read(Buffer.concat([Buffer.from(before), look]))).toEqual(['渚涙爣'])
  expect(read(bytesOf(before, '鲁迅|ZY0012345678', 'gbk'))).toEqual(['鲁迅|ZY0012345678'])
})

it('an indicator that the bytes contradict, one of no encoding and a setting leave the encoding as it is', () => {
  expect(read(bytesOf('\\000026', '张三丰', 'gbk'))).toEqual(['张三丰'])
  expect(read(bytesOf('\\000029', '张', 'utf8'))).toEqual(['张'])
  expect(read(bytesOf('\\000020', '张三', 'utf8'))).toEqual(['张三'])
  expect(read(bytesOf('\\000026', '陆', 'gbk'), { encoding: 'gbk' })).toEqual(['陆'])
})
