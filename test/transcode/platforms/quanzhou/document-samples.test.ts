import { describe, expect, it } from 'vitest'
import { PlatformError } from '../../../../src/transcode/platforms/platform-error.ts'
import { ecKey } from '../../../../src/transcode/platforms/quanzhou/cipher.ts'
import { createEnvelope } from '../../../../src/transcode/platforms/quanzhou/create-envelope.ts'
import { quanzhouSettings } from '../../../../src/transcode/platforms/quanzhou/settings.ts'
import { Secret } from '../../../../src/transcode/secret.ts'
import { canonicalString } from '../../../../src/transcode/crypto/canonical.ts'
import { createPayloadCipher } from '../../../../src/transcode/platforms/quanzhou/cipher.ts'
import samples from './document-samples.json' with { type: 'json' }

const chsSettings = quanzhouSettings.parse({ ...samples.chs.settings, baseUrl: 'https://platform.example/api' })
const ecSettings = quanzhouSettings.parse({ ...samples.ec.settings, baseUrl: 'https://platform.example/api' })

describe('泉州 sample messages, envelope chs', () => {
  it('signs the request as printed', () => {
    const { chs_fjs_timestamp, psnBasicInfoDTO } = samples.chs.request
    const sealed = JSON.parse(
      createEnvelope(chsSettings).sealRequest('F04.05.13.09', { psnBasicInfoDTO }, Number(chs_fjs_timestamp)),
    )
    expect(sealed).toMatchObject(samples.chs.sealedRequest)
    expect(sealed.psnBasicInfoDTO).toBeUndefined()
    const cipher = createPayloadCipher(chsSettings)!
    expect(JSON.parse(cipher.decrypt(sealed.chs_fjs_encdata))).toEqual({ psnBasicInfoDTO })
  })

  it('signs it the same way through SM3', () => {
    // The digest was made with `openssl dgst -sm3` from the string of the MD5 sample.
    const { psnBasicInfoDTO } = samples.chs.request
    const envelope = createEnvelope({ ...chsSettings, signType: 'SM3' })
    const sealed = JSON.parse(envelope.sealRequest('F04.05.13.09', { psnBasicInfoDTO }, 1631685457000))
    expect(sealed.chs_fjs_sign).toBe(samples.chs.sm3Sign)
  })

  it('decrypts and verifies the answer as printed', () => {
    const opened = createEnvelope(chsSettings).openResponse(samples.chs.sealedResponse)
    expect(opened).toEqual({ accepted: true, code: '0', words: '成功', data: samples.chs.responseData, at: undefined })
  })

  it.each(['bizKey', 'salt'] as const)('believes nothing under another %s', (name) => {
    const envelope = createEnvelope({ ...chsSettings, [name]: new Secret('another') })
    expect(() => envelope.openResponse(samples.chs.sealedResponse)).toThrow(PlatformError)
  })

  it('reads its own request back', () => {
    const envelope = createEnvelope(chsSettings)
    const business = { fixmedins_code: 'H1', hosp_mdtrt_id: '2' }
    expect(envelope.openRequest(JSON.parse(envelope.sealRequest('x', business, 1631685457000)))).toEqual({
      business,
      at: 1631685457000,
      appId: 'ldxt',
      appSecret: '67b082f9d58045619a4ef05147b87659',
    })
  })
})

describe('泉州 sample messages, envelope ec', () => {
  it('derives the SM4 key', () => {
    expect(ecKey(ecSettings).toString()).toBe('863B5F40C70B71EA')
  })

  it('decrypts the sample of the answer', () => {
    expect(JSON.parse(createPayloadCipher(ecSettings)!.decrypt(samples.ec.encData))).toEqual(samples.ec.data)
    expect(createPayloadCipher(ecSettings)!.encrypt(createPayloadCipher(ecSettings)!.decrypt(samples.ec.encData))).toBe(
      samples.ec.encData,
    )
  })

  it('composes the string to sign as printed', () => {
    const message = { ...samples.ec.request, extra: 'x', encData: 'x' }
    expect(`${canonicalString(message, ['signData', 'encData', 'extra'])}&key=${ecSettings.appSecret?.reveal()}`).toBe(
      samples.ec.stringToSign,
    )
  })
})
