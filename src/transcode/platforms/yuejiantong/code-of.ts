/** The one-time code in what was scanned. */
import { YUEJIANTONG_CODE, yuejiantongCode } from '../../codes/yuejiantong.ts'

/** The text itself where it is a bare code, else the `code` of a link under `entryUrl`; undefined where there is none. */
export function codeOf(text: string, entryUrl: string | undefined): string | undefined {
  if (!text.includes('://') && YUEJIANTONG_CODE.test(text)) return text
  const url = URL.parse(text)
  const entry = entryUrl === undefined ? null : URL.parse(entryUrl)
  if (url === null || (entry !== null && (url.origin !== entry.origin || url.pathname !== entry.pathname)))
    return undefined
  const code = yuejiantongCode(url)
  return YUEJIANTONG_CODE.test(code) ? code : undefined
}
