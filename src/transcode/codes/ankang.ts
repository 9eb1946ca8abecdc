import { defineCode } from './code-definition.ts'

const PAGE = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html'
const ROUTE = '#/myAkm?'

/** 安康码 (规范 6): begins as printed there, letter by letter, and has an `id` behind the `#`. */
export const ankang = defineCode({
  format: 'ankang',
  label: '安康码',
  recognise(text) {
    // No parser: it would fold case, ports, users, backslashes and dots into the address that is asked for.
    if (!text.startsWith(PAGE + ROUTE) || /[\s\p{Cc}]/u.test(text)) return false
    // Two reads run together are nobody's code.
    if (text.includes(PAGE, 1)) return false
    return Boolean(new URLSearchParams(text.slice(PAGE.length + ROUTE.length)).get('id')?.trim())
  },
  samples: [
    {
      title: '规范样例',
      text: `${PAGE}#/myAkm?isScan=1&id=akm:qrcode:9ec1b6b993b74b8687b06db24ad36d1b&cityNo=340000000000`,
    },
    { title: '合肥市', text: `${PAGE}#/myAkm?isScan=1&id=akm:qrcode:0f1e2d3c4b5a69788796a5b4c3d2e1f0&cityNo=340100000000` },
    { title: '只有 id', text: `${PAGE}#/myAkm?id=akm:qrcode:5a5a5a5a6b6b6b6b7c7c7c7c8d8d8d8d` },
  ],
})
