import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { healthCardSign } from '../../src/simulator/health-card/gateway.ts'
import { DEFAULT_PROFILE, type ChannelKeys } from '../../src/simulator/quanzhou/profile.ts'
import { isSignedBy, opened, signatureOf, textToSign } from '../../src/simulator/quanzhou/wire.ts'
import { jsonInOrder, signingText } from '../../src/simulator/signing-text.ts'
import { canonicalString } from '../../src/transcode/crypto/canonical.ts'

const keys: ChannelKeys = {
  appId: 'ldxt',
  appSecret: '67b082f9d58045619a4ef05147b87659',
  bizKey: 'testkey',
  salt: 'f2313d85601342b8b15c872286c6aaff',
  sm4Key: '',
}

describe('the values printed in the documents', () => {
  it('电子健康卡 3.1.3.3, with its character 20 read as l', () => {
    const commonIn = { appToken: '', requestId: 'DB4D975748A84309977EA25224C0F5CF', hospitalId: '90003', timestamp: '1525392000', sign: '' }
    const req = { appId: 'a1a2e0bde41574ad8ea9a4bb58022oop' }
    const sign = healthCardSign(commonIn, req, '8c8e763f443ef983ac33aef1c7085cfb')
    expect(sign).toBe('TsccMUMTHfOiEovR2hMlRXcQqctRFmPbpPIZdxXCJ/o=')
  })

  it('泉州: the request sample with bizkey testkey', () => {
    const request = {
      chs_fjs_appid: 'ldxt',
      chs_fjs_appsecret: '67b082f9d58045619a4ef05147b87659',
      chs_fjs_funid: 'F04.05.13.09',
      chs_fjs_timestamp: '1631685457000',
      chs_fjs_sign: 'not part of it',
      chs_fjs_encdata: 'nor this',
      psnBasicInfoDTO: {
        psnNo: '543212343', name: '王二', gend: '1', brdy: '19800101', certType: '01', certNo: '650101198001010032',
        naty: '01', natRegnCode: 'CHN', survStas: '1', poolarea: '660100',
      },
    }
    expect(signatureOf(DEFAULT_PROFILE, request, keys, 'terminal')).toBe('37A299CF9B627EABB920D3314324031B')
  })

  it('泉州: the answer sample opens and bears the signature of what is inside', () => {
    const cipher =
      'DB71ufMpR08XAPA5AtubOGT1aXmUi1jm/+o4Kuk91DrP1W9Xx0w0iJ7/WraEfSszlmuusnXnxtjFfQsGi0rBjEYvmkFfU/IUsFag5Yl8z1VgJdG7Ztws2wg+' +
      'xLtDVZKxyhF1M2pmDUcA/Nsil5DsYjFATfKhMf0R6VQy9tf8bQudfp5+BnZ5rIl4GFxiqW1Eshf8F+ZF4V94cXVG0nVBGa2K+2FekKui8XHLCAZDpInBPlIc' +
      'Dr8v0M51ZYdN4Abb9MfIOsGd+J3u+Lvj8XztgvV5+G8cM/8UbXcweMTp+QJn2YXy2FYeSFV0vyKMcltW4TRK36AfPs3F4KM4InMV7kTFjNaUeupMAlfEPUot' +
      'd9uTAw35pCf0YeDtInICOS8USdh3KVdOf1LILYZXvMk8BBqqvXCG91GHgMEtU+kiRLQ='
    const text = opened(DEFAULT_PROFILE, cipher, keys) ?? ''
    const inside = JSON.parse(text) as Record<string, unknown>
    expect(inside['chs_fjs_sign']).toBe('682FD1B29011DFE68DB4FCAA35901D6F')
    expect(isSignedBy(DEFAULT_PROFILE, inside, keys, 'platform', inside['chs_fjs_sign'])).toBe(true)
    expect(isSignedBy(DEFAULT_PROFILE, { ...inside, code: 1 }, keys, 'platform', inside['chs_fjs_sign'])).toBe(false)
  })

  it('泉州 附录1: the text to sign and the cipher of the answer sample', () => {
    const gateway: ChannelKeys = { ...keys, appId: '43AF047BBA47FC8A1AE8EFB232BDBBCB', appSecret: '4117E877F5FA0A0188891283E4B617D5' }
    const letter = {
      version: '1.0.0', transType: 'ec.gen.index', timestamp: '20200207175759', signType: 'SM2', encType: 'SM4', signData: 'x', extra: 'y',
      data: {
        userName: '测试', phoneNumber: '13763873033', idType: '01', idNo: '350181199011193519',
        appUserId: 'o8z4C5avQXqC0aWFPf1Mzu6D7WCQ_bd', appId: '43AF047BBA47FC8A1AE8EFB232BDBBCB',
      },
      appId: '43AF047BBA47FC8A1AE8EFB232BDBBCB',
    }
    expect(textToSign('ec', letter, gateway)).toBe(
      'appId=43AF047BBA47FC8A1AE8EFB232BDBBCB&data={"appId":"43AF047BBA47FC8A1AE8EFB232BDBBCB",' +
        '"appUserId":"o8z4C5avQXqC0aWFPf1Mzu6D7WCQ_bd","idNo":"350181199011193519","idType":"01",' +
        '"phoneNumber":"13763873033","userName":"测试"}&encType=SM4&signType=SM2&timestamp=20200207175759' +
        '&transType=ec.gen.index&version=1.0.0&key=4117E877F5FA0A0188891283E4B617D5',
    )
    const cipher =
      '64A9C5A7AB3AEA5FC01DE87025F999521C08D25DA13BD715D7E036A7D7C1DBCB6AB7914898A23A99C97EBEFE5277247AD7D0DD9B18F4DCC71A2C280C51' +
      '43F25B857C795E6BA9F399652C3A4264FC2CBBA7E06B08E151362301659FC3F3773480966E8D19AB082B64A4F9B9BDBABCE57DC2CA95C9975090885AB2' +
      '86BB736BA3BB98F3540962552F40C8350926B93CD21CB7A624E6C4E41E349627E7B36B5C1B5F94604EDC42EA6034D63B2D387A87F42130F0D47B9445F9' +
      'D729566FE183F9A959'
    const text = opened({ envelope: 'ec', signType: 'SM2', encType: 'SM4', auth: 'user' }, cipher, gateway) ?? ''
    expect(JSON.parse(text)).toBeTypeOf('object')
  })
})

describe('the text that is signed', () => {
  it('sorts by code unit, leaves out what is empty, and writes nested values in order', () => {
    const members = new Map<string, unknown>(Object.entries({ b: 2, a: '', Z: null, aa: true, B: { y: null, x: [{ q: 1, p: undefined }], a: '' } }))
    expect(signingText(members, new Set())).toBe('B={"a":"","x":[{"q":1}]}&aa=true&b=2')
    expect(signingText(members, new Set(['aa', 'B']))).toBe('b=2')
    expect(jsonInOrder([null, 1, 'é'])).toBe('[null,1,"é"]')
  })

  it('agrees with the terminal on everything a request can hold', () => {
    const name = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => text !== '__proto__')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(name, tree), (members) => {
        expect(signingText(new Map(Object.entries(members)), new Set(['sign']))).toBe(canonicalString(members, ['sign']))
      }),
      { numRuns: 300 },
    )
  })
})
