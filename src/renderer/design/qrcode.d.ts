declare module 'qrcode' {
  type Options = { errorCorrectionLevel?: 'L' | 'M' | 'Q' | 'H' }
  const QRCode: {
    create(text: string, options?: Options): { modules: { size: number; data: Uint8Array } }
  }
  export default QRCode
}
