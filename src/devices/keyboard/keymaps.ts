/** Physical key -> character, as a scanner set to that country types it. */

/** Key code (`KeyboardEvent.code`) -> characters plain, with Shift, with AltGr; `dead` accents wait for the next key. */
export type Keymap = {
  readonly keys: Readonly<Record<string, readonly string[]>>
  /** Accent -> the combining mark it puts on the next letter. */
  readonly dead: Readonly<Record<string, string>>
}

const ACCENTS = { '^': '\u0302', '´': '\u0301', '`': '\u0300', '¨': '\u0308', '~': '\u0303' } as const

const NUMPAD = {
  Numpad0: ['0'], Numpad1: ['1'], Numpad2: ['2'], Numpad3: ['3'], Numpad4: ['4'],
  Numpad5: ['5'], Numpad6: ['6'], Numpad7: ['7'], Numpad8: ['8'], Numpad9: ['9'],
  NumpadDecimal: ['.'], NumpadAdd: ['+'], NumpadSubtract: ['-'], NumpadMultiply: ['*'], NumpadDivide: ['/'],
  Space: [' ', ' '],
} as const

const US_KEYS: Keymap['keys'] = {
  ...NUMPAD,
  ...letters('abcdefghijklmnopqrstuvwxyz'),
  ...digits('1234567890', '!@#$%^&*()'),
  Backquote: ['`', '~'], Minus: ['-', '_'], Equal: ['=', '+'],
  BracketLeft: ['[', '{'], BracketRight: [']', '}'], Backslash: ['\\', '|'], IntlBackslash: ['\\', '|'],
  Semicolon: [';', ':'], Quote: ["'", '"'], Comma: [',', '<'], Period: ['.', '>'], Slash: ['/', '?'],
}

/** The layouts that a scanner may be set to; `us` is what nearly all are delivered with. */
export const KEYMAPS = {
  us: { keys: US_KEYS, dead: {} },
  uk: {
    keys: {
      ...US_KEYS,
      ...digits('1234567890', '!"£$%^&*()'),
      Digit4: ['4', '$', '€'],
      Backquote: ['`', '¬', '¦'], Quote: ["'", '@'], Backslash: ['#', '~'], IntlBackslash: ['\\', '|'],
    },
    dead: {},
  },
  german: {
    keys: {
      ...US_KEYS,
      ...digits('1234567890', '!"§$%&/()='),
      Digit2: ['2', '"', '²'], Digit3: ['3', '§', '³'],
      Digit7: ['7', '/', '{'], Digit8: ['8', '(', '['], Digit9: ['9', ')', ']'], Digit0: ['0', '=', '}'],
      KeyY: ['z', 'Z'], KeyZ: ['y', 'Y'], KeyQ: ['q', 'Q', '@'], KeyE: ['e', 'E', '€'], KeyM: ['m', 'M', 'µ'],
      Backquote: ['^', '°'], Minus: ['ß', '?', '\\'], Equal: ['´', '`'],
      BracketLeft: ['ü', 'Ü'], BracketRight: ['+', '*', '~'], Backslash: ['#', "'"], IntlBackslash: ['<', '>', '|'],
      Semicolon: ['ö', 'Ö'], Quote: ['ä', 'Ä'], Comma: [',', ';'], Period: ['.', ':'], Slash: ['-', '_'],
    },
    dead: { '^': ACCENTS['^'], '´': ACCENTS['´'], '`': ACCENTS['`'] },
  },
  french: {
    keys: {
      ...US_KEYS,
      ...digits('&é"\'(-è_çà', '1234567890'),
      Digit3: ['"', '3', '#'], Digit4: ["'", '4', '{'], Digit5: ['(', '5', '['], Digit6: ['-', '6', '|'],
      Digit8: ['_', '8', '\\'], Digit0: ['à', '0', '@'],
      KeyQ: ['a', 'A'], KeyA: ['q', 'Q'], KeyW: ['z', 'Z'], KeyZ: ['w', 'W'], KeyM: [',', '?'], KeyE: ['e', 'E', '€'],
      Backquote: ['²'], Minus: [')', '°', ']'], Equal: ['=', '+', '}'],
      BracketLeft: ['^', '¨'], BracketRight: ['$', '£', '¤'], Backslash: ['*', 'µ'], IntlBackslash: ['<', '>'],
      Semicolon: ['m', 'M'], Quote: ['ù', '%'], Comma: [';', '.'], Period: [':', '/'], Slash: ['!', '§'],
    },
    dead: { '^': ACCENTS['^'], '¨': ACCENTS['¨'] },
  },
} as const satisfies Record<string, Keymap>
export type KeymapName = keyof typeof KEYMAPS

/** What a dead accent and the character after it make: `^` and `e` give `ê`, an accent and a space the accent itself. */
export function compose(keymap: Keymap, accent: string, next: string): string {
  if (next === ' ') return accent
  const mark = keymap.dead[accent]
  const composed = mark === undefined ? '' : (next + mark).normalize('NFC')
  return [...composed].length === 1 ? composed : accent + next
}

function letters(alphabet: string): Record<string, string[]> {
  return Object.fromEntries([...alphabet].map((letter) => {
    const capital = letter.toUpperCase()
    return [`Key${capital}`, [letter, capital]]
  }))
}

/** Both strings in the order of the keys 1 to 9 and 0. */
function digits(plain: string, shifted: string): Record<string, string[]> {
  return Object.fromEntries(
    [...plain].map((character, index) => [`Digit${(index + 1) % 10}`, [character, shifted[index] ?? '']]),
  )
}
