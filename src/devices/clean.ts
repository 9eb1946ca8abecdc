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

/** ECI indicators (ISO/IEC 15424 and 18004: `\` and six digits) before the data, which must not be empty. */
const ECI = /^(?:\\\d{6})+(?=.)/s

/** A cleaned code, and what stood before it. */
export type CleanText = { readonly text: string; readonly aim?: string; readonly eci?: string }

/**
 * Takes off STX/ETX, AIM identifier, ECI indicators, configured prefix and
 * suffix, byte order marks, NULs and other control characters, and turns
 * full-width ASCII into half-width; punctuation of a text with Chinese
 * characters is left as it is. `eci`: the six digits that hold for the data.
 */
export function cleanText(raw: string, options: CleanOptions = {}): CleanText {
  const prefix = visible(options.prefix ?? '').trimStart()
  const suffix = visible(options.suffix ?? '').trimEnd()
  const whole = halfWidth(visible(raw)).trim()

  // The prefix stands before or after the identifier, or next to the data, by the scanner's settings.
  let data = withoutStart(whole, prefix)
  let mayFollow = data === whole
  const aim = AIM.exec(data)?.[0]
  if (aim !== undefined) data = data.slice(aim.length)
  if (aim !== undefined && mayFollow) {
    const bare = withoutStart(data, prefix)
    mayFollow = bare === data
    data = bare
  }
  const eci = ECI.exec(data)?.[0].slice(-6)
  data = withoutEci(data)
  if (eci !== undefined && mayFollow) data = withoutStart(data, prefix)
  return { text: withoutEnd(data, suffix).trim(), ...(aim !== undefined && { aim }), ...(eci !== undefined && { eci }) }
}

/** A scanner that sends an ECI indicator first sends others where they stand, and each backslash of the data twice; any other text is left as it is. */
function withoutEci(text: string): string {
  return ECI.test(text) ? text.replace(/\\(\\|\d{6})/g, (_, next: string) => (next === '\\' ? '\\' : '')) : text
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
