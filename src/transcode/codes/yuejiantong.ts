import { defineCode } from './code-definition.ts'

/** 粤健通 code: the business system's own link with `code` appended (规范 3.1); only where the settings name that link. */
export const yuejiantong = defineCode({
  format: 'yuejiantong',
  label: '粤健通',
  oneTime: true,
  recognise(text, { yuejiantongEntryUrl: entry }) {
    const url = URL.parse(text)
    // The parser drops tabs and line ends and turns backslashes round: no link of ours has them.
    if (url === null || entry === undefined || /[\s\\\p{Cc}]/u.test(text)) return false
    if (url.origin !== entry.origin || url.pathname !== entry.pathname || url.username !== '' || url.password !== '') return false
    if (entry.hash !== '' && routeOf(url) !== routeOf(entry)) return false
    for (const [name, value] of entry.searchParams) if (url.searchParams.get(name) !== value) return false
    return YUEJIANTONG_CODE.test(yuejiantongCode(url))
  },
  samples: [{ title: '业务系统链接后拼接 code', text: 'https://hospital.example/yuejiantong?code=afadsgfaar' }],
  sampleSettings: { yuejiantongEntryUrl: 'https://hospital.example/yuejiantong' },
})

/** 认证 code, String(32) (3.2.4), of whatever characters can be printed. */
export const YUEJIANTONG_CODE = /^[^\s\p{C}]{1,32}$/u

/**
 * The one-time code in such a link; '' where there is none. A single-page entry has it
 * behind the `#`. A `+` is one: the code is appended as it is, not as a form.
 */
export function yuejiantongCode(url: URL): string {
  const behindHash = url.hash.includes('?') ? url.hash.slice(url.hash.indexOf('?')) : ''
  const written = /[?&]code=([^&#]*)/.exec(url.search)?.[1] ?? /[?&]code=([^&#]*)/.exec(behindHash)?.[1] ?? ''
  try {
    return decodeURIComponent(written)
  } catch {
    return written
  }
}

/** What stands behind the `#` up to a `?`. */
function routeOf({ hash }: URL): string {
  return hash.split('?', 1)[0] ?? ''
}
