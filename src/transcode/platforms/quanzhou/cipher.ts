/** Encrypts and decrypts the payloads of both envelopes with AES or SM4. */
import { aesDecrypt, aesEncrypt } from '../../crypto/aes.ts'
import { bytesOfBase64, bytesOfHex, CryptoError, utf8Of } from '../../crypto/crypto-error.ts'
import { javaSeededKey } from '../../crypto/java-key.ts'
import { sm4Decrypt, sm4Encrypt } from '../../crypto/sm4.ts'
import type { QuanzhouSettings } from './settings.ts'

export type PayloadCipher = {
  encrypt(plain: string): string
  /** Throws CryptoError. */
  decrypt(cipher: string): string
}

/** The cipher that the settings choose, or undefined for encType none. `chs` writes Base64, `ec` upper-case hex. */
export function createPayloadCipher(settings: QuanzhouSettings): PayloadCipher | undefined {
  const { encType, envelope } = settings
  if (encType === 'none') return undefined
  const key =
    encType === 'AES'
      ? javaSeededKey(settings.salt?.reveal() ?? '')
      : envelope === 'ec'
        ? ecKey(settings)
        : givenKey(settings.sm4Key?.reveal() ?? '')
  const [encrypt, decrypt] = encType === 'AES' ? [aesEncrypt, aesDecrypt] : [sm4Encrypt, sm4Decrypt]
  const base64 = envelope === 'chs'
  return {
    encrypt(plain) {
      const bytes = encrypt(key, plain)
      return base64 ? bytes.toString('base64') : bytes.toString('hex').toUpperCase()
    },
    decrypt: (cipher) => utf8Of(decrypt(key, base64 ? bytesOfBase64(cipher) : bytesOfHex(cipher.trim(), 'CIPHERTEXT'))),
  }
}

/** 附录1 1.4.2 step 3: SM4-ECB of appSecret under the first 16 characters of appId; of its upper-case hex the first 16. */
export function ecKey({ appId, appSecret }: Pick<QuanzhouSettings, 'appId' | 'appSecret'>): Buffer {
  const outer = Buffer.from(appId.slice(0, 16), 'ascii')
  return Buffer.from(sm4Encrypt(outer, appSecret?.reveal() ?? '').toString('hex').toUpperCase().slice(0, 16), 'ascii')
}

function givenKey(key: string): Buffer {
  if (/^[0-9a-f]{32}$/i.test(key)) return Buffer.from(key, 'hex')
  const bytes = Buffer.from(key, 'utf8')
  if (bytes.length !== 16) throw new CryptoError('KEY', 'sm4Key')
  return bytes
}
