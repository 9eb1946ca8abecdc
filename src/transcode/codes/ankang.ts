import { defineCode } from './code-definition.ts'

const PAGE = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html'

/** 安康码 (规范 6): the page's address with `#/myAkm` and an `id` behind the `#`. */
export const ankang = defineCode({
  format: 'ankang',
  label: '安康码',
  recognise(text) {
    const url = URL.parse(text)
    // An address that the parser had to rewrite (case, port, user, backslash, tab) is not the one the document prints.
    if (url === null || url.href !== text || url.origin + url.pathname !== PAGE) return false
    if (url.search !== '' || url.username !== '' || url.password !== '') return false
    const [route, query] = splitOnce(url.hash, '?')
    return route === '#/myAkm' && Boolean(new URLSearchParams(query).get('id'))
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

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
