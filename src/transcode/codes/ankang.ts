import { defineCode } from './code-definition.ts'

const PREFIX = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm'

/** 安康码 (规范 6): whatever begins as printed there, letter by letter; what stands behind it is the platform's to judge. */
export const ankang = defineCode({
  format: 'ankang',
  label: '安康码',
  recognise(text) {
    // No parser: it would fold case, ports, users, backslashes and dots into the address that is asked for.
    if (!text.startsWith(PREFIX) || /[\s\p{Cc}]/u.test(text)) return false
    // `#/myAkmOther` is another page's name.
    if (/^[0-9A-Za-z]/.test(text.slice(PREFIX.length))) return false
    // Two reads run together are nobody's code.
    return !text.includes(PREFIX, 1)
  },
  samples: [
    {
      title: '规范样例',
      text: `${PREFIX}?isScan=1&id=akm:qrcode:9ec1b6b993b74b8687b06db24ad36d1b&cityNo=340000000000`,
    },
    { title: '合肥市', text: `${PREFIX}?isScan=1&id=akm:qrcode:0f1e2d3c4b5a69788796a5b4c3d2e1f0&cityNo=340100000000` },
    { title: '只有 id', text: `${PREFIX}?id=akm:qrcode:5a5a5a5a6b6b6b6b7c7c7c7c8d8d8d8d` },
  ],
})
