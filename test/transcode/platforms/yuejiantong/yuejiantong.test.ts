import { createCipheriv } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
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
    [`${entry}?code=a.b~c!`, 'a.b~c!'],
    [`${entry}?code=a+b/c==`, 'a+b/c=='],
    [`${entry}?code=a%2Bb%2Fc%3D%3D`, 'a+b/c=='],
    [`${entry}?code=50%`, '50%'],
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

describe('what the platform answers', () => {
  const ENTRY = 'https://hospital.example/yjt'
  const GOOD = { certificateNo: openssl('340101199003077427').toString('hex'), certificateType: '01', name: '周小川', phone: openssl('18812342012').toString('hex'), gender: 2, nation: '01' }

  /** A platform that answers each exchange with the next of these. */
  async function platformThat(...answers: (object | 'hang up')[]) {
    let asked = 0
    const server = createServer((request, response) => {
      const answer = answers[asked++]
      if (answer === 'hang up' || answer === undefined) return void request.socket.resetAndDestroy()
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    }).listen(0, '127.0.0.1')
    await new Promise((ready) => server.once('listening', ready))
    const http = createHttpClient()
    const { tools } = playedTools(http)
    let now = 1_700_000_000_000
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const platform = yuejiantong.create(yuejiantongSettings.parse({ ...SETTINGS, url, entryUrl: ENTRY }), { ...tools, now: () => now })
    onTestFinished(async () => {
      await http.close()
      server.close()
    })
    const codeOfFault = (fault: PlatformError) => fault.fault.code
    return {
      asked: () => asked,
      pass: (ms: number) => void (now += ms),
      scan: (code: string) => platform.ask!({ format: 'yuejiantong', text: `${ENTRY}?code=${code}` }, {}).catch(codeOfFault),
      call: (code: string) => platform.operations['exchangeCode']!.call({ code } as never, {}).catch(codeOfFault),
    }
  }
  const good = (data: object) => ({ errcode: 0, errmsg: 'SUCCESS', data })

  it('is asked once for each code, whatever came of it and on whatever path it comes again, for 5 minutes', async () => {
    const { asked, pass, scan, call } = await platformThat(good(GOOD), { errcode: 1, errmsg: '失败' }, 'hang up', good(GOOD))
    expect(await scan('once')).toMatchObject({ patient: { name: '周小川' } })
    expect([await scan('once'), await call('once'), await scan('refused'), await scan('refused'), await call('lost'), await call('lost')]).toEqual(['CODE_USED', 'CODE_USED', '1', 'CODE_USED', 'NETWORK_RESET', 'CODE_USED'])
    expect(asked()).toBe(3)
    pass(300_000)
    expect(await call('once')).toMatchObject({ name: '周小川' })
  })

  it('two scans of one code at once ask once', async () => {
    const { asked, scan } = await platformThat(good(GOOD))
    const both = await Promise.all([scan('twin'), scan('twin')])
    expect([both.filter((one) => one === 'CODE_USED').length, asked()]).toEqual([1, 1])
  })

  it.each([['gender', '女性', '性别'], ['gender', 1.5, '性别'], ['nation', { code: '01' }, '民族'], ['channel', ['1'], '渠道'], ['userId', { id: 1 }, '用户 ID']])(
    'an odd %s (%j) is dropped with a notice, the person kept',
    async (name, value, label) => {
      const odd = { ...GOOD, [name]: value }
      const { scan, call } = await platformThat(good(odd), good(odd))
      expect(await scan('a')).toMatchObject({ patient: { name: '周小川', idNumber: '340101199003077427' }, notices: [expect.stringContaining(label)] })
      const told = (await call('b')) as Record<string, unknown>
      expect(told).toMatchObject({ name: '周小川', omitted: [name] })
      expect(told).not.toHaveProperty(name)
    },
  )

  it('保密 is what the patient wants, 未知 what nobody knows', async () => {
    const { scan } = await platformThat(good({ ...GOOD, gender: 3 }), good({ ...GOOD, gender: 4 }))
    expect(await scan('a')).toMatchObject({ patient: { gender: '保密' } })
    expect(await scan('b')).toMatchObject({ patient: { gender: '未知' } })
  })

  it('what does not decrypt is left out and named, in the direct call as well', async () => {
    const other = createCipheriv('sm4-ecb', Buffer.alloc(16, 7), null)
    const cipher = Buffer.concat([other.update('340101199003077427'), other.final()]).toString('hex')
    const { scan, call } = await platformThat(good({ ...GOOD, certificateNo: cipher }), good({ ...GOOD, certificateNo: cipher }))
    expect(JSON.stringify(await scan('a'))).not.toContain(cipher)
    const told = await call('b')
    expect(told).toMatchObject({ name: '周小川', phone: '18812342012', omitted: ['certificateNo'] })
    expect(JSON.stringify(told)).not.toContain(cipher)
  })
})
