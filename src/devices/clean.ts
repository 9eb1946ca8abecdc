/** What scanners add to a code, taken off again. */

export type CleanOptions = {
  /** Characters that the scanner was told to put before every code. */
  readonly prefix?: string
  /** Characters that the scanner was told to put after every code. */
  readonly suffix?: string
}

/** AIM code characters of ISO/IEC 15424 (and `h` for Han Xin), each with one modifier. */
const AIM = /^\][A-IK-UXZcdeghjopsz][0-9A-Za-z]/

// Control characters, zero-width and direction marks, byte order marks: none belongs to a code.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufffe]/g
const CHINESE = /\p{Script=Han}/u

/**
 * Takes off STX/ETX, AIM identifier, configured prefix and suffix, byte order
 * marks, NULs and other control characters, and turns full-width ASCII into
 * half-width; punctuation of a text with Chinese characters is left as it is.
 */
export function cleanText(raw: string, options: CleanOptions = {}): { readonly text: string; readonly aim?: string } {
  const prefix = visible(options.prefix ?? '').trimStart()
  const suffix = visible(options.suffix ?? '').trimEnd()
  const whole = halfWidth(visible(raw)).trim()

  // The identifier stands before or after the prefix, by the scanner's settings.
  const unprefixed = withoutStart(whole, prefix)
  const aim = AIM.exec(unprefixed)?.[0]
  if (aim === undefined) return { text: withoutEnd(unprefixed, suffix).trim() }
  const data = unprefixed.slice(aim.length)
  return { text: withoutEnd(unprefixed === whole ? withoutStart(data, prefix) : data, suffix).trim(), aim }
}

function visible(text: string): string {
  return text.replace(INVISIBLE, '')
}

function withoutStart(text: string, start: string): string {
  return start !== '' && text.startsWith(start) ? text.slice(start.length) : text
}

function withoutEnd(text: string, end: string): string {
  return end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text
}

function halfWidth(text: string): string {
  const wide = CHINESE.test(text) ? /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/g : /[\uff01-\uff5e]/g
  return text.replace(wide, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
}
