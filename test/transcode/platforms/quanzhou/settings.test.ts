import { describe, expect, it } from 'vitest'
import { quanzhouSettings } from '../../../../src/transcode/platforms/quanzhou/settings.ts'

const BASE = {
  baseUrl: 'https://platform.example/api',
  appId: 'ldxt',
  appSecret: 's',
  bizKey: 'b',
  salt: 'x',
  signType: 'MD5',
  encType: 'AES',
}
const PRIVATE = '3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8'
const PUBLIC =
  '09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13'

function faults(change: Record<string, unknown>): Record<string, string> {
  const result = quanzhouSettings.safeParse({ ...BASE, ...change })
  return Object.fromEntries((result.error?.issues ?? []).map((issue) => [issue.path.join('.'), issue.message]))
}

describe('platforms.quanzhou', () => {
  it('has defaults for what may be left out', () => {
    expect(faults({})).toEqual({})
    expect(quanzhouSettings.parse(BASE)).toMatchObject({
      envelope: 'chs',
      auth: 'user',
      requestTimeoutMs: 8000,
      codes: {},
    })
  })

  it('has no default for signType and encType', () => {
    expect(faults({ signType: undefined, encType: undefined })).toEqual({ signType: 'required', encType: 'required' })
  })

  it('refuses what the document names without a word on how, and says so', () => {
    const found = faults({ signType: 'RSA', encType: 'PKCS7' })
    expect(found['signType']).toMatch(/^must be one of MD5, SM3, SM2: RSA .*没有说明/)
    expect(found['encType']).toMatch(/^must be one of AES, SM4, none: PKCS7 .*没有说明/)
    expect(faults({ encType: 'RSA' })['encType']).toMatch(/RSA .*没有说明/)
    expect(faults({ encType: 'DES' })['encType']).toBe('must be one of AES, SM4, none 取值不对')
  })

  it.each([
    [{ bizKey: undefined }, 'bizKey'],
    [{ appSecret: undefined }, 'appSecret'],
    [{ salt: undefined }, 'salt'],
    [{ encType: 'SM4' }, 'sm4Key'],
    [{ auth: 'oauth2' }, 'tokenUrl'],
    [{ signType: 'SM2', platformPublicKey: PUBLIC }, 'privateKey'],
    [{ signType: 'SM2', privateKey: PRIVATE }, 'platformPublicKey'],
    [{ envelope: 'ec', appSecret: undefined }, 'appSecret'],
  ])('requires what a choice needs: %j', (change, path) => {
    const found = faults(change)
    expect(Object.keys(found)).toEqual([path])
    expect(found[path]).toMatch(/^required/)
  })

  it('does not require what a choice does not need', () => {
    expect(faults({ auth: 'anonymous', appSecret: undefined, encType: 'none', salt: undefined })).toEqual({})
    expect(faults({ envelope: 'ec', bizKey: undefined })).toEqual({})
  })

  it.each([
    [{ encType: 'SM4', sm4Key: 'short' }, 'sm4Key'],
    [{ envelope: 'ec', encType: 'SM4' }, 'appId'],
    [{ envelope: 'ec', auth: 'oauth2', tokenUrl: 'https://platform.example/token' }, 'auth'],
    [{ signType: 'SM2', privateKey: '00'.repeat(32), platformPublicKey: PUBLIC }, 'privateKey'],
    [{ signType: 'SM2', privateKey: PRIVATE, platformPublicKey: `${'1'.repeat(128)}` }, 'platformPublicKey'],
    [{ baseUrl: 'ftp://platform.example' }, 'baseUrl'],
    [{ inbound: { listen: '9800', hisUrl: 'https://his.example' } }, 'inbound.listen'],
  ])('names a wrong form: %j', (change, path) => {
    expect(Object.keys(faults(change))).toEqual([path])
  })

  it('takes keys in their forms', () => {
    expect(faults({ signType: 'SM2', privateKey: PRIVATE, platformPublicKey: PUBLIC })).toEqual({})
    expect(faults({ signType: 'SM2', privateKey: PRIVATE, platformPublicKey: `04${PUBLIC}` })).toEqual({})
    expect(faults({ encType: 'SM4', sm4Key: '0123456789abcdeffedcba9876543210' })).toEqual({})
    expect(faults({ encType: 'SM4', sm4Key: '16 characters ok' })).toEqual({})
  })
})
