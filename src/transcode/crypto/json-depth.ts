/** How deep a JSON text is nested: seen before it is parsed, since what walks it afterwards calls itself. */

/** Deeper than any document's own replies by far. */
const MAX_DEPTH = 100

/** True where a text nests more than 100 objects and arrays, JSON or not. */
export function isTooDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (inString) {
      if (char === BACKSLASH) at++
      else if (char === QUOTE) inString = false
    } else if (char === QUOTE) inString = true
    else if (char === BRACKET || char === BRACE) {
      if (++depth > MAX_DEPTH) return true
    } else if (char === BRACKET + 2 || char === BRACE + 2) depth--
  }
  return false
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** `[` and `{`; each is closed by the character two after it. */
const BRACKET = 0x5b
const BRACE = 0x7b
