import { createServer } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import iconv from 'iconv-lite'
import { afterAll, describe, expect, test } from 'vitest'
import { createHttpClient, replyJson } from '../../../src/transcode/platforms/http.ts'
import { PlatformError } from '../../../src/transcode/platforms/platform-error.ts'
import { textOfReply, unpacked } from '../../../src/transcode/platforms/reply-bytes.ts'

const REPLY = '{"name":"李建国","nation":"汉族","address":"合肥市蜀山区一丁路"}'
const gbk = (text: string) => iconv.encode(text, 'gbk')
const utf8 = (text: string) => Buffer.from(text)

describe('the text of a reply', () => {
  test.each([
    ['application/json;charset=GBK', gbk(REPLY)],
    ['application/json; Charset="gb2312"', gbk(REPLY)],
    ["application/json; charset='GB18030' ; v=1", gbk(REPLY)],
    ['application/json; charset = gbk', gbk(REPLY)],
    ['text/plain;charset=cp936', gbk(REPLY)],
    ['application/json', gbk(REPLY)],
    ['', gbk(REPLY)],
    ['application/json;charset=utf-8', gbk(REPLY)],
    ['application/json;charset=ISO-8859-1', gbk(REPLY)],
    ['application/json;charset=GBK', utf8(REPLY)],
    ['application/json;charset=ISO-8859-1', utf8(REPLY)],
    ['application/json;charset=UTF8', utf8(REPLY)],
    ['application/json;charset=none-such', utf8(REPLY)],
    ['application/json', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8(REPLY)])],
    ['application/json;charset=GBK', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8(REPLY)])],
    ['application/json', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), gbk(REPLY)])],
    ['application/json', Buffer.from(`\uFEFF${REPLY}`, 'utf16le')],
    ['application/json', Buffer.from(REPLY, 'utf16le')],
    ['application/json', Buffer.from(`\uFEFF${REPLY}`, 'utf16le').swap16()],
    ['application/json;charset=utf-16le', Buffer.from(REPLY, 'utf16le')],
  ])('%s, case %#', (type, bytes) => {
    expect(textOfReply(bytes, type)).toBe(REPLY)
  })

  test.each(['{"name":"张三丰"}', '{"name":"李四"}', '{"gender":"女"}', '{"name":"一"}', '{"name":"鲁迅"}'])('%s in GBK under any header, in UTF-8 named GBK', (reply) => {
    for (const type of ['application/json;charset=gbk', 'application/json']) expect(textOfReply(gbk(reply), type)).toBe(reply)
    for (const type of ['application/json;charset=gbk', 'application/json', 'application/json;charset=utf-8']) expect(textOfReply(utf8(reply), type)).toBe(reply)
  })

  test('characters of GB 18030 and foreign names are read', () => {
    expect(textOfReply(iconv.encode('{"name":"王㐆𠮷"}', 'gb18030'), 'application/json;charset=gb18030')).toBe('{"name":"王㐆𠮷"}')
    expect(textOfReply(utf8('{"name":"José Müller"}'), 'application/json')).toBe('{"name":"José Müller"}')
    expect(textOfReply(utf8('{"name":"阿卜杜·热合曼"}'), '')).toBe('{"name":"阿卜杜·热合曼"}')
  })

  test.each([
    ['a character cut in two', Buffer.from([...utf8('{"name":"张'), 0xe4, ...utf8('"}')])],
    ['two names, one of them cut', Buffer.from([...utf8('{"a":"李建国","b":"张'), 0xe4, 0xb8, ...utf8('"}')])],
    ['bytes of no charset', Buffer.from([...utf8('{"name":"'), 0xff, 0xff, 0x80, ...utf8('"}')])],
    ['private use in what nobody declared', Buffer.from([...utf8('{"name":"'), 0xaa, 0xa1, 0xf8, 0xa1, ...utf8('"}')])],
  ])('%s is not read as something else', (_name, bytes) => {
    for (const type of ['application/json', 'application/json;charset=utf-8']) expect(textOfReply(bytes, type)).toContain('\uFFFD')
  })
})

describe('a packed reply', () => {
  const plain = utf8(REPLY)
  test.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['GZIP', gzipSync(plain)],
    ['', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['zstd', zstdCompressSync(plain)],
    ['deflate, gzip', gzipSync(deflateSync(plain))],
    ['gzip', plain],
    ['deflate', plain],
    ['br', plain],
    ['identity', plain],
    ['utf-8', plain],
  ])('as %s, case %#', async (encoding, bytes) => {
    expect((await unpacked(bytes, encoding, 1000)).toString()).toBe(REPLY)
  })

  test.each([
    ['gzip', gzipSync(Buffer.alloc(100_000, ' '))],
    ['deflate', deflateSync(Buffer.alloc(100_000, ' '))],
    ['deflate', deflateRawSync(Buffer.alloc(100_000, ' '))],
    ['br', brotliCompressSync(Buffer.alloc(100_000, ' '))],
    ['zstd', zstdCompressSync(Buffer.alloc(100_000, ' '))],
    ['', gzipSync(Buffer.alloc(100_000, ' '))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(100_000, ' ')))],
  ])('of %s is not unpacked beyond its limit, case %#', async (encoding, bomb) => {
    await expect(unpacked(bomb, encoding, 1000)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' })
  })
})

describe('over HTTP', () => {
  const http = createHttpClient()
  let answer: { headers: Record<string, string>; body: Buffer; status?: number }
  const server = createServer((_request, response) => response.writeHead(answer.status ?? 200, answer.headers).end(answer.body))
  const listening = new Promise<string>((done) => server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as { port: number }).port}/`)))
  afterAll(async () => {
    server.close()
    await http.close()
  })
  const ask = async (given: typeof answer) => {
    answer = given
    try {
      return replyJson('ankang', await http.send({ platform: 'ankang', operation: 'x', url: await listening, body: '{}', timeoutMs: 5000 }))
    } catch (error) {
      return (error as PlatformError).fault
    }
  }

  test('packing and charset are undone', async () => {
    expect(await ask({ headers: { 'content-encoding': 'gzip', 'content-type': 'application/json;charset=gbk' }, body: gzipSync(gbk(REPLY)) })).toMatchObject({ name: '李建国' })
  })

  test('damage has a code and tells whom to ask', async () => {
    const cut = gzipSync(utf8(REPLY.repeat(50))).subarray(0, 60)
    expect(await ask({ headers: { 'content-encoding': 'gzip' }, body: cut })).toMatchObject({ code: 'REPLY_ENCODING', advice: expect.stringMatching(/按应急流程.*信息科：/) })
    expect(await ask({ headers: {}, body: Buffer.from([0x7b, 0x22, 0xff, 0xff]) })).toMatchObject({ code: 'REPLY_CHARSET', advice: expect.stringMatching(/信息科：/) })
  })

  test.each([
    ['a redirect', { status: 302, headers: { location: 'http://portal.example/login?u=10.1.1.9' }, body: Buffer.alloc(0) }, 'HTTP_STATUS', /转向 portal\.example/],
    ['a page', { headers: { 'content-type': 'text/html' }, body: utf8('\n<!DOCTYPE html><title>上网认证</title>') }, 'REPLY_NOT_JSON', /网页/],
    ['511', { status: 511, headers: {}, body: utf8('<html>') }, 'HTTP_STATUS', /HTTP 511/],
  ])('%s is told as such, and no patient is sent for a fresh code', async (_name, given, code, message) => {
    const fault = await ask(given)
    expect(fault).toMatchObject({ code, message: expect.stringMatching(message), advice: expect.stringMatching(/信息科：.*(上网认证|准入门户)/) })
    expect(JSON.stringify(fault)).not.toMatch(/刷新|重新扫码|10\.1\.1\.9/)
  })
})
