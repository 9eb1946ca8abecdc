import { defineCode } from './code-definition.ts'
import { isIdentityNumber } from './identity-number.ts'

/** WeChat; Alipay; UnionPay, as their payment codes are shown to a shop's scanner. */
const NUMBERS = [/^1[0-5]\d{16}$/, /^(?:2[5-9]|30)\d{14,22}$/, /^62\d{17}$/]

/** Pages and app links that pay or collect: protocol -> hosts, none meaning any. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  'wxp:': [],
  'weixin:': ['wxpay'],
  'alipay:': [],
  'alipays:': [],
  'alipayqr:': [],
  'upwallet:': [],
  'https:': ['qr.alipay.com', 'm.alipay.com', 'payapp.weixin.qq.com', 'wx.tenpay.com', 'qr.95516.com'],
}

/** A payment code shown by mistake, with or without rubbish around it: nothing of it is kept. */
export const payment = defineCode({
  format: 'payment',
  label: '付款码',
  ofNobody: true,
  recognise(text) {
    const core = withoutRubbish(text)
    if (NUMBERS.some((number) => number.test(core))) return !isIdentityNumber(core)
    const url = URL.parse(text)
    const hosts = url === null ? undefined : ADDRESSES[url.protocol]
    if (url === null || hosts === undefined || url.username !== '' || url.port !== '') return false
    return hosts.length === 0 || hosts.includes(url.hostname)
  },
  samples: [
    { title: '微信付款码', text: '134567890123456789' },
    { title: '支付宝付款码', text: '285678901234567890' },
    { title: '支付宝付款码（24 位）', text: '301234567890123456789012' },
    { title: '云闪付付款码', text: '6223456789012345678' },
    { title: '带多余字符的微信付款码', text: '*1345 6789 0123 4567 89;' },
    { title: '微信收款码', text: 'wxp://f2f0AbCdEfGhIjKlMnOpQrStUvWxYz01' },
    { title: '支付宝收款码', text: 'https://qr.alipay.com/fkx0123456789abcdef' },
    { title: '大写的支付宝收款码', text: 'HTTPS://QR.ALIPAY.COM/FKX0123456789ABCDEF' },
  ],
})

/** Spaces anywhere and punctuation at both ends left out; for texts that could be a number at all. */
function withoutRubbish(text: string): string {
  if (text.length > 64) return text
  return text.replace(/\s+/g, '').replace(/^[^0-9A-Za-z]+/, '').replace(/(?<![^0-9A-Za-z])[^0-9A-Za-z]+$/, '')
}
