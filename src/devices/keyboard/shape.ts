/** Whether a text looks whole: by its own syntax, or by what began like it before. */

export type Shape = 'whole' | 'unfinished' | 'unknown'

/** How a text begins and how long it is, without what it says. */
export type Print = { readonly opening: string; readonly length: number }

const OPENING = 8
const REMEMBERED_LENGTHS = 8
const REMEMBERED_OPENINGS = 64

/** Known beginnings that cannot be the end: [what it begins like, what a whole one is like]. */
const FORMATS: readonly (readonly [RegExp, RegExp])[] = [
  // 安康码: the district is its last part, of 6 or 12 digits.
  [/^https?:\/\/akm\./i, /[?&]id=[^&]+&cityNo=\d{12}$/i],
  // Any other address of a code carries a parameter.
  [/^https?:\/\//i, /=[^=&#?%/]+$/],
  // 医保电子凭证
  [/^424\d*$/, /^\d{28}$/],
  // 居民身份证 of somebody born in 1900 or later
  [/^[1-9]\d{5}(19|20)\d*$/, /^\d{17}[\dX]$|^\d{19,}$/],
  // 电子健康卡: its id, then `:1`, or `:0:` and a token and its issuer.
  [/^(?=.*[A-Za-z])[0-9A-Za-z]{32,64}(:|$)/, /^[0-9A-Za-z]{32,64}:(1|0:[0-9A-Za-z]{32}::.+)$/],
]
const SCHEME = 'https://'

/** Learns from whole readings; keeps no text. */
export function createShapes() {
  const known = new Map<string, number[]>()

  function shapeOf(text: string): Shape {
    if (text === '') return 'unknown'
    if (text.startsWith('{')) return isClosed(text) ? 'whole' : 'unfinished'
    if (SCHEME.startsWith(text.toLowerCase())) return 'unfinished'
    const format = FORMATS.find(([begins]) => begins.test(text))
    const { opening, length } = printOf(text)
    // Of a text shorter than an opening, only the beginning of one can be like it.
    const lengths = [...known].flatMap(([each, seen]) => (each.startsWith(opening) ? seen : []))
    if (lengths.includes(length)) return 'whole'
    if (format) return format[1].test(text) ? 'whole' : 'unfinished'
    return lengths.length > 0 && length < Math.min(...lengths) ? 'unfinished' : 'unknown'
  }

  return {
    shapeOf,
    learn({ opening, length }: Print): void {
      const lengths = [...(known.get(opening) ?? []).filter((each) => each !== length), length].slice(-REMEMBERED_LENGTHS)
      known.delete(opening)
      known.set(opening, lengths)
      if (known.size > REMEMBERED_OPENINGS) known.delete(known.keys().next().value!)
    },
  }
}

export function printOf(text: string): Print {
  return { opening: text.slice(0, OPENING).replace(/\d/g, '0').replace(/[a-z]/gi, 'a'), length: text.length }
}

/** Whether every brace and quotation mark of a JSON text has its end. */
function isClosed(text: string): boolean {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (quoted && character === '\\') at++
    else if (character === '"') quoted = !quoted
    else if (!quoted && (character === '{' || character === '[')) depth++
    else if (!quoted && (character === '}' || character === ']')) depth--
  }
  return depth === 0 && !quoted
}
