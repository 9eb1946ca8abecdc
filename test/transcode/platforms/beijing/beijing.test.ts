import { createDecipheriv, createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beijing } from '../../../../src/transcode/platforms/beijing/beijing.ts'
import { beijingSettings } from '../../../../src/transcode/platforms/beijing/settings.ts'
import { exceeds } from '../../../../src/transcode/platforms/beijing/similarity.ts'
import { playedHttp, playedTools } from '../../../support/played-http.ts'

const SETTINGS = {
  entryUrl: 'https://ybj.example/homepage/hospital',
  hospitalCode: '1001',
  appSecret: 'secret',
  aesKey: '78a0e4f3980117f135217cf3b3f0970d',
}

describe('the entry address', () => {
  it('reads back to what was signed, for any name and number', async () => {
    const platform = beijing.create(beijingSettings.parse(SETTINGS), playedTools(playedHttp(() => ({})).http).tools)
    const word = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .map((text) => text.trim())
      .filter((text) => text !== '' && text.length <= 32 && text.isWellFormed())
    await fc.assert(
      fc.asyncProperty(word, word, async (userName, cardNo) => {
        const { url } = (await platform.operations['entryUrl']!.call({ userName, cardNo } as never, {})) as {
          url: string
        }
        const got = Object.fromEntries(new URL(url).searchParams)
        const open = (hex: string) => {
          const decipher = createDecipheriv('aes-256-ecb', Buffer.from(SETTINGS.aesKey), null)
          return decipher.update(hex, 'hex', 'utf8') + decipher.final('utf8')
        }
        expect([open(got['userName']!), open(got['cardNo']!)]).toEqual([userName, cardNo])
        const plain = `cardNo=${cardNo}&cardType=01&hospitalCode=1001&timestamp=${got['timestamp']}&userName=${userName}&appSecret=secret`
        expect(got['sign']).toBe(createHash('sha256').update(plain).digest('hex'))
        expect(Object.keys(got)).toEqual(['hospitalCode', 'userName', 'cardType', 'cardNo', 'timestamp', 'sign'])
      }),
    )
  })
})

describe('comparing similarities', () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 }).map((list) => list.join(''))

  it('is exact where floats are not', () => {
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        const scaled = (text: string) => BigInt(text.padEnd(40, '0'))
        expect(exceeds(`0.${a}`, `0.${b}`)).toBe(scaled(a) > scaled(b))
      }),
    )
    expect(Number('0.70000000000000001') > 0.7).toBe(false)
    expect(exceeds('0.70000000000000001', '0.7')).toBe(true)
  })

  it('takes nothing but decimals from 0 to 1', () => {
    for (const text of ['', '.8', '8', '1.1', '0,8', '0x1', '1e-1', 'NaN', '+0.8', '0.', `0.${'1'.repeat(61)}`])
      expect(exceeds(text, '0.7')).toBeUndefined()
  })
})

describe('platforms.beijing', () => {
  const faults = (change: object) =>
    (beijingSettings.safeParse({ ...SETTINGS, ...change }).error?.issues ?? []).map((issue) => issue.path.join('.'))

  it('needs the three face settings together', () => {
    expect(faults({})).toEqual([])
    expect(faults({ faceUrl: 'https://face.example' })).toEqual(['faceAppId', 'faceAppSecret'])
    expect(faults({ faceAppId: 'x', faceAppSecret: 'y' })).toEqual(['faceUrl'])
  })

  it('takes the face check without the entry, but not neither', () => {
    const faultsOf = (settings: object) => (beijingSettings.safeParse(settings).error?.issues ?? []).map((issue) => issue.path.join('.'))
    expect(faultsOf({ faceUrl: 'https://face.example', faceAppId: 'x', faceAppSecret: 'y' })).toEqual([])
    expect(faultsOf({})).toEqual(['entryUrl', 'hospitalCode', 'appSecret', 'aesKey'])
    expect(faultsOf({ hospitalCode: '1001' })).toEqual(['entryUrl', 'appSecret', 'aesKey'])
  })

  it('needs a key of 32 characters', () => {
    expect(faults({ aesKey: 'short' })).toEqual(['aesKey'])
    expect(faults({ aesKey: undefined, hospitalCode: '' })).toEqual(['hospitalCode', 'aesKey'])
  })
})
