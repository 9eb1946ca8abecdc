/** Whether a text is a whole code: one judgement for serial, HID and keyboard scanners. */

/**
 * `whole`: no code goes on from it. `likely`: a code of a format, or as long as one
 * that began like it, though another may begin like it. `unfinished`: no code ends
 * so. `open`: it may be the end, but mostly more comes.
 * `unknown`: nothing is known of it.
 */
export type Shape = 'whole' | 'likely' | 'unfinished' | 'open' | 'unknown'

/** How a text begins and how long it is, without what it says. */
export type Print = { readonly opening: string; readonly length: number }

/** How a device ended its codes so far; undefined before its first one. */
export type Ending = 'terminator' | 'pause' | undefined

/** Silence after which what came is given out, or given up as a half, ms. */
const UNFINISHED_MS = 1000
/** The same where the text says neither, or nothing is known of the device. */
const SUPPOSED_MS = 300
const OPENING = 8
const REMEMBERED_LENGTHS = 8
const REMEMBERED_OPENINGS = 64

const ANKANG_PAGE = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myakm?'
/** The first of these that a text begins like says its shape. A test holds them to the samples of the formats. */
const FORMATS: readonly { begins(text: string): boolean; shape(text: string): Shape }[] = [
  {
    begins: (text) => text.startsWith('{'),
    shape: (text) => (isClosed(text) ? 'whole' : 'open'),
  },
  {
    // 安康码: an id, and mostly the district of 12 digits as its last part.
    begins: (text) => ANKANG_PAGE.startsWith(text.toLowerCase()) || /^https?:\/\/akm\./i.test(text),
    shape(text) {
      if (/[?&]id=[^&]+&cityNo=\d{12}$/i.test(text)) return 'whole'
      if (/[?&]id=[^&]+&cityNo=\d{6}$|[?&]id=(akm(:|%3A)qrcode(:|%3A))?[0-9A-Za-z]{32}$|&cityNo=\d{12}&[^&=]+=[^&=]+$/i.test(text)) return 'unknown'
      return 'unfinished'
    },
  },
  {
    begins: (text) => /^https?:\/\//i.test(text),
    shape: (text) => (/=[^=&#?%/]+$/.test(text) ? 'unknown' : 'open'),
  },
  {
    // 医保电子凭证
    begins: (text) => /^424\d{0,25}$/.test(text),
    shape: ({ length }) => (length === 28 ? 'whole' : 'unfinished'),
  },
  {
    // 居民身份证 of somebody born in 1900 or later
    begins: (text) => /^[1-9]\d{5}(19|20)\d{0,10}[Xx]?$/.test(text),
    shape: (text) => (/^\d{17}[\dXx]$/.test(text) ? 'likely' : 'unfinished'),
  },
  {
    // 电子健康卡: its id, then `:1`, or `:0:`, a token and the issuer, mostly of 11 digits.
    begins: (text) => /^[0-9A-Za-z]{32,64}:|^(?=.*[A-Za-z])[0-9A-Za-z]{32,64}$/.test(text),
    shape(text) {
      if (/^[0-9A-Za-z]{32,64}:1$/.test(text)) return 'whole'
      const issuer = /^[0-9A-Za-z]{32,64}:0:[0-9A-Za-z]{32}::([0-9A-Za-z]+)$/.exec(text)?.[1]
      return issuer === undefined ? 'unfinished' : issuer.length === 11 ? 'likely' : issuer.length < 11 ? 'open' : 'unknown'
    },
  },
]

/** @param isCode whether the site's own settings take a text for a code, such as 院内就诊卡 */
export function createShapes(isCode: (text: string) => boolean = () => false) {
  const known = new Map<string, number[]>()

  function shapeOf(text: string): Shape {
    if (text === '') return 'unknown'
    const shape = FORMATS.find(({ begins }) => begins(text))?.shape(text) ?? 'unknown'
    if (shape === 'whole' || shape === 'likely') return shape
    const { opening, length } = printOf(text)
    // Of a text shorter than an opening, only the beginning of one can be like it.
    const lengths = [...known].flatMap(([each, seen]) => (each.startsWith(opening) ? seen : []))
    if (lengths.includes(length)) return 'likely'
    // An address is a code long before its end. What two formats claim is given time to go on.
    const siteCode = !text.includes('://') && isCode(text)
    if (shape === 'unfinished') return siteCode ? 'unknown' : shape
    if (shape === 'unknown' && siteCode) return 'likely'
    return lengths.length > 0 && length < Math.min(...lengths) ? 'open' : shape
  }

  return {
    shapeOf,
    /** From a reading that was whole. */
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

/** Whether a text that no terminator ended is a half: it cannot be the end, or is no code and its device says where the end is. */
export function isCut(shape: Shape, ending: Ending): boolean {
  return shape === 'unfinished' || (ending === 'terminator' && (shape === 'unknown' || shape === 'open'))
}

/** How long a text is waited for before it counts as ended, ms. @param idleMs, patientMs what ends a whole one, by whether its device sends terminators */
export function pauseFor(shape: Shape, ending: Ending, idleMs: number, patientMs: number): number {
  if (shape === 'whole') return ending === 'terminator' ? patientMs : idleMs
  if (isCut(shape, ending) || shape === 'open' || ending === 'terminator') return Math.max(UNFINISHED_MS, patientMs)
  return shape === 'likely' && ending === 'pause' ? idleMs : Math.max(SUPPOSED_MS, idleMs)
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
