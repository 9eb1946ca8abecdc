/** The calls of the old package that tests ask for a second opinion. */
declare module 'sm-crypto-legacy' {
  type SmOptions = { hash?: boolean; der?: boolean; publicKey?: string; userId?: string }
  const legacy: {
    sm2: {
      generateKeyPairHex(): { privateKey: string; publicKey: string }
      doEncrypt(message: string, publicKey: string, mode?: 0 | 1): string
      doDecrypt(cipher: string, privateKey: string, mode?: 0 | 1): string
      doSignature(message: string, privateKey: string, options?: SmOptions): string
      doVerifySignature(message: string, signature: string, publicKey: string, options?: SmOptions): boolean
    }
    sm3(message: string): string
    sm4: {
      encrypt(message: string, key: string, options?: { mode?: 'cbc'; iv?: string }): string
      decrypt(cipher: string, key: string, options?: { mode?: 'cbc'; iv?: string }): string
    }
  }
  export default legacy
}
