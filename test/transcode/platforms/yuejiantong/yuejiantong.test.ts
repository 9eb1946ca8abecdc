import { createCipheriv } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../../src/transcode/platforms/http.ts'
import type { PlatformError } from '../../../../src/transcode/platforms/platform-error.ts'
import { codeOf } from '../../../../src/transcode/platforms/yuejiantong/code-of.ts'
import {
  BUSINESS_TYPES,
  CERTIFICATE_TYPES,
  NATIONS,
  wordOf,
} from '../../../../src/transcode/platforms/yuejiantong/dictionaries.ts'
import { decrypted, looksEncrypted } from '../../../../src/transcode/platforms/yuejiantong/sensitive.ts'
import { yuejiantongSettings } from '../../../../src/transcode/platforms/yuejiantong/settings.ts'
import { yuejiantong } from '../../../../src/transcode/platforms/yuejiantong/yuejiantong.ts'
import { playedTools } from '../../../support/played-http.ts'

/** The key of the document's example (规范 4.2). */
const KEY = Buffer.from('A7E2D00B4058086CBD3D4B8A5E0B2697', 'hex')
const SETTINGS = {
  url: 'https://yjt.example/api',
  appCode: 'YY01',
  appKey: KEY.toString('hex'),
  paasId: 'p',
  token: 't',
  appSecret: 's',
  serviceId: 'DGSP_1',
}

const openssl = (plain: string) => {
  const cipher = createCipheriv('sm4-ecb', KEY, null)
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
}

describe('encrypted members', () => {
  it('are read in hex of either case and in Base64', () => {
    const word = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text))
    fc.assert(
      fc.property(word, (plain) => {
        const secret = openssl(plain)
        for (const form of [secret.toString('hex'), secret.toString('hex').toUpperCase(), secret.toString('base64')]) {
          expect(decrypted(KEY, form)).toBe(plain)
          expect(looksEncrypted(form)).toBe(true)
        }
      }),
    )
    expect(decrypted(KEY, openssl('小明').toString('hex'))).toBe('小明')
  })

  it('leave plain values alone', () => {
    for (const plain of ['440106199003070060', '13800000000', '小明', 'E1234567', '', 'F'.repeat(64)])
      expect(decrypted(KEY, plain)).toBeUndefined()
    for (const plain of ['440106199003070060', '13800000000', '小明', 'E1234567'])
      expect(looksEncrypted(plain)).toBe(false)
  })
})

describe('codeOf', () => {
  const entry = 'https://hospital.example/yjt'
  it.each([
    ['afadsgfaar', 'afadsgfaar'],
    [`${entry}?code=a1`, 'a1'],
    [`${entry}?x=1&code=a1#/home`, 'a1'],
    [`${entry}#/home?code=a1`, 'a1'],
    [`${entry}?code=`, undefined],
    [`${entry}?code=${'x'.repeat(33)}`, undefined],
    ['https://other.example/yjt?code=a1', undefined],
    ['https://hospital.example/other?code=a1', undefined],
    ['a b', undefined],
    ['', undefined],
  ])('%s', (text, code) => {
    expect(codeOf(text, entry)).toBe(code)
  })
})

describe('an exchange on a real connection', () => {
  async function exchange(baseUrl: string) {
    const http = createHttpClient()
    const { tools, logged } = playedTools(http)
    const platform = yuejiantong.create(
      yuejiantongSettings.parse({ ...SETTINGS, url: baseUrl, requestTimeoutMs: 300 }),
      tools,
    )
    const error = await platform.ask!({ format: 'yuejiantong', text: 'secretcode' }, {}).then(
      () => undefined,
      (fault: PlatformError) => fault,
    )
    await http.close()
    expect(JSON.stringify([error?.fault, logged])).not.toContain('secretcode')
    return error!
  }

  it('is never repeated once the code may be spent, and says so', async () => {
    let received = 0
    const server = createServer((request) => {
      received += 1
      request.socket.resetAndDestroy()
    }).listen(0, '127.0.0.1')
    await new Promise((ready) => server.once('listening', ready))
    const error = await exchange(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    expect(error.fault).toMatchObject({ code: 'NETWORK_RESET', retryable: false })
    expect(error.fault.advice).toMatch(/可能已被用掉.*重新进入/)
    await new Promise((done) => setTimeout(done, 100))
    expect(received).toBe(1)
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    await new Promise((done) => server.close(done))
    const refused = await exchange(address)
    expect(refused.fault).toMatchObject({ code: 'NETWORK_UNREACHABLE', retryable: true })
    expect(refused.fault.advice).toMatch(/还没有用掉/)
  })
})

describe('the dictionaries', () => {
  it('are those of chapter 3', () => {
    expect(Object.keys(NATIONS).length).toBe(57)
    expect([NATIONS['01'], NATIONS['31'], NATIONS['56'], NATIONS['99']]).toEqual([
      '汉族',
      '达斡尔族',
      '基诺族',
      '其它民族或外国人',
    ])
    expect(CERTIFICATE_TYPES['06']).toBe('港澳居民来往内地通行证')
    expect(Object.keys(BUSINESS_TYPES).length).toBe(12)
    expect([
      wordOf(NATIONS, '3'),
      wordOf(NATIONS, '57'),
      wordOf(NATIONS, undefined),
      wordOf(NATIONS, 'constructor'),
    ]).toEqual(['回族', undefined, undefined, undefined])
  })
})

describe('platforms.yuejiantong', () => {
  it('names what is missing or has a wrong form', () => {
    const faults = (change: object) =>
      (yuejiantongSettings.safeParse({ ...SETTINGS, ...change }).error?.issues ?? []).map((issue) =>
        issue.path.join('.'),
      )
    expect(faults({})).toEqual([])
    expect(faults({ appKey: 'xyz', appCode: '12345678901', businessType: 0, token: undefined })).toEqual([
      'appCode',
      'appKey',
      'token',
      'businessType',
    ])
  })
})
