import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalString, compactJson } from '../../../src/transcode/crypto/canonical.ts'
import { md5 } from '../../../src/transcode/crypto/digests.ts'
import { beijing } from '../../../src/transcode/platforms/beijing/beijing.ts'
import { eVoucher } from '../../../src/transcode/platforms/e-voucher/e-voucher.ts'
import type { PlatformDefinition } from '../../../src/transcode/platforms/platform.ts'
import { PlatformError } from '../../../src/transcode/platforms/platform-error.ts'
import { quanzhou } from '../../../src/transcode/platforms/quanzhou/quanzhou.ts'
import { yuejiantong } from '../../../src/transcode/platforms/yuejiantong/yuejiantong.ts'
import { playedHttp, playedTools, type Played } from '../../support/played-http.ts'

const SECRET = '测试一350502198803070026'
const who = { psn_name: SECRET.slice(0, 3), cert_no: SECRET.slice(3) }
const url = 'https://platform.example/api'
const chs = { baseUrl: url, appId: 'ldxt', bizKey: 'biz', auth: 'anonymous', signType: 'MD5', encType: 'none' }

type Case = [name: string, definition: PlatformDefinition<never>, settings: object, operation: string, body: object]
const cases = [
  ['quanzhou query', quanzhou, chs, 'BC00.03.00.01', who],
  [
    'quanzhou freeze',
    quanzhou,
    chs,
    'BC00.03.00.03',
    { ...who, hosp_mdtrt_id: '1', cert_type: '01', is_own: '1', frez_type: '1', opt_name: 'x' },
  ],
  [
    'quanzhou ec',
    quanzhou,
    { ...chs, envelope: 'ec', appSecret: 's', signType: 'SM3' },
    'BC00.03.00.02',
    { ...who, hosp_mdtrt_id: '1' },
  ],
  [
    'beijing',
    beijing,
    {
      entryUrl: url,
      hospitalCode: '1',
      appSecret: 's',
      aesKey: 'k'.repeat(32),
      faceUrl: url,
      faceAppId: 'i',
      faceAppSecret: 's',
    },
    'checkFace',
    { name: who.psn_name, certNo: who.cert_no },
  ],
  [
    'yuejiantong',
    yuejiantong,
    { url, appCode: 'a', appKey: '0'.repeat(32), paasId: 'p', token: 't', appSecret: 's', serviceId: 'x' },
    'exchangeCode',
    { code: 'a1' },
  ],
  ['e-voucher', eVoucher, { gatewayUrl: url, codeField: 'c' }, 'query', { code: '1' }],
] as unknown as Case[]

const names = [
  'code',
  'type',
  'data',
  'message',
  'respCode',
  'signData',
  'encData',
  'chs_fjs_sign',
  'chs_fjs_encdata',
  'chs_fjs_timestamp',
  'timestamp',
  'errcode',
  'errmsg',
  'row',
  'total',
  'name',
  'certificateNo',
  'idNo',
  'extData',
]
const value = fc.oneof(fc.jsonValue(), fc.constantFrom(0, '0', '', null, 'success', '0.8', '00'.repeat(16)))
const members = fc.dictionary(
  fc.constantFrom(...names),
  fc.oneof(value, fc.dictionary(fc.constantFrom(...names), value)),
)
const reply: fc.Arbitrary<Played> = fc.record({
  status: fc.constantFrom(200, 200, 200, 204, 302, 404, 500),
  body: fc.oneof(
    fc.string(),
    fc.json(),
    members.map((object) => JSON.stringify(object)),
    fc.constant('['.repeat(20_000)),
  ),
})
/** Envelope chs with a signature that holds. */
const signed: fc.Arbitrary<Played> = members.map((object) => {
  const { chs_fjs_sign: _sign, chs_fjs_encdata: _cipher, ...clear } = object as Record<string, unknown>
  const signature = md5(`${canonicalString(clear)}&key=biz`).toString('hex')
  return { body: compactJson({ ...clear, chs_fjs_sign: signature }) }
})

describe('whatever a platform answers', () => {
  it.each(cases)(
    '%s gives a result or a PlatformError, and repeats nothing personal',
    async (_name, definition, settings, operation, body) => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(reply, signed), async (answer) => {
          const { tools, logged } = playedTools(playedHttp(() => answer).http)
          const platform = definition.create(definition.settings.parse(settings) as never, tools)
          try {
            expect(
              platform.operations[operation]!.response.safeParse(
                await platform.operations[operation]!.call(body as never, {}),
              ).success,
            ).toBe(true)
          } catch (error) {
            expect(error).toBeInstanceOf(PlatformError)
            expect(JSON.stringify([(error as PlatformError).fault, logged])).not.toMatch(/测试一|350502/)
          }
        }),
        { numRuns: 300 },
      )
    },
  )
})
