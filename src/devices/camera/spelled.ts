/** Bytes of a symbol -> characters. */
import { decodeText } from '../decode-text.ts'

/**
 * The text of a symbol, or of several in order, whose undeclared bytes stand as
 * one character each (U+0000 to U+00FF): in China they are UTF-8 or GBK, and the
 * engine's own guess is Japanese or Latin. Kanji and Hanzi segments are text already.
 */
export function spelled(text: string): string {
  return text.replace(/[\u0000-\u00ff]+/g, (run) => {
    if (/^[\u0000-\u007f]*$/.test(run)) return run
    const read = decodeText(Uint8Array.from(run, (character) => character.charCodeAt(0))).text
    // A mark of a Hanzi segment that Latin has too, such as the dot within a name.
    return read.includes('\ufffd') ? run : read
  })
}
