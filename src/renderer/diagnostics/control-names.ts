/** Names of the control characters (GB/T 1988): none of them can be seen otherwise. */
const NAMES =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(' ')

/** The name of a control character, or undefined for what can be seen. */
function controlName(code: number): string | undefined {
  return code === 0x7f ? 'DEL' : NAMES[code]
}

export type TextPart = { readonly text: string; readonly control: boolean }

/** Text in runs, its control characters apart and by their names. */
export function namedText(text: string): TextPart[] {
  const parts: TextPart[] = []
  for (const letter of text) {
    const name = controlName(letter.codePointAt(0) ?? -1)
    const last = parts.at(-1)
    if (name === undefined && last && !last.control) parts[parts.length - 1] = { text: last.text + letter, control: false }
    else parts.push({ text: name ?? letter, control: name !== undefined })
  }
  return parts
}
