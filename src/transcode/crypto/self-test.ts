/** Known answers of the primitives and signing strings: run by the doctor, in Node and inside Electron alike. */
import { aesDecrypt, aesEncrypt } from './aes.ts'
import { canonicalString } from './canonical.ts'
import { md5, sha256 } from './digests.ts'
import { javaSeededKey } from './java-key.ts'
import { sm2PrivateKey, sm2Sign, sm2Verify } from './sm2.ts'
import { sm3 } from './sm3.ts'
import { sm4Decrypt, sm4Encrypt } from './sm4.ts'

const SM4_KEY = Buffer.from('0123456789abcdeffedcba9876543210', 'hex')

const TESTS: Readonly<Record<string, () => boolean>> = {
  // GB/T 32905-2016 A.1
  SM3: () => sm3('abc').toString('hex') === '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  // GB/T 32907-2016 A.1
  SM4: () => sm4Encrypt(SM4_KEY, SM4_KEY).subarray(0, 16).toString('hex') === '681edf34d206965e86b3e94f536e4246',
  'SM4 往返': () => sm4Decrypt(SM4_KEY, sm4Encrypt(SM4_KEY, '码桥')).toString() === '码桥',
  'SM2 签名': () => {
    const key = sm2PrivateKey('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8')
    const signature = sm2Sign(key, '码桥')
    return sm2Verify(key.publicKey, '码桥', signature) && !sm2Verify(key.publicKey, '码侨', signature)
  },
  // 电子健康卡 3.1.3.3, character 20 read as l
  电子健康卡签名: () =>
    sha256(
      canonicalString({
        appId: 'a1a2e0bde41574ad8ea9a4bb58022oop',
        hospitalId: '90003',
        requestId: 'DB4D975748A84309977EA25224C0F5CF',
        timestamp: '1525392000',
        appToken: '',
      }) + '8c8e763f443ef983ac33aef1c7085cfb',
    ).toString('base64') === 'TsccMUMTHfOiEovR2hMlRXcQqctRFmPbpPIZdxXCJ/o=',
  // 泉州 报文示例
  泉州签名: () =>
    md5(
      `${canonicalString({
        chs_fjs_appid: 'ldxt',
        chs_fjs_appsecret: '67b082f9d58045619a4ef05147b87659',
        chs_fjs_funid: 'F04.05.13.09',
        chs_fjs_timestamp: '1631685457000',
        psnBasicInfoDTO: {
          psnNo: '543212343',
          name: '王二',
          gend: '1',
          brdy: '19800101',
          certType: '01',
          certNo: '650101198001010032',
          naty: '01',
          natRegnCode: 'CHN',
          survStas: '1',
          poolarea: '660100',
        },
      })}&key=testkey`,
    )
      .toString('hex')
      .toUpperCase() === '37A299CF9B627EABB920D3314324031B',
  '泉州 AES 密钥': () => {
    const key = javaSeededKey('f2313d85601342b8b15c872286c6aaff')
    return aesDecrypt(key, aesEncrypt(key, '码桥')).toString() === '码桥'
  },
}

/** Names of the tests that failed; empty is good. */
export function cryptoSelfTest(): string[] {
  return Object.entries(TESTS).flatMap(([name, holds]) => {
    try {
      return holds() ? [] : [name]
    } catch {
      return [name]
    }
  })
}
