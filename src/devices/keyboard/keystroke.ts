/** What the wedge needs to know of a key event, from the DOM or from Electron's `before-input-event`. */
export type Keystroke = {
  readonly type: 'down' | 'up'
  /** `KeyboardEvent.code`: the physical key; empty where a remote desktop hides it. */
  readonly code: string
  /** `KeyboardEvent.key`: only asked whether an input method took the key, and where `code` is empty. */
  readonly key: string
  readonly shiftKey: boolean
  readonly altKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey?: boolean
  readonly altGraph?: boolean
  readonly capsLock?: boolean
  readonly repeat?: boolean
  /** 229 where an input method took the key. */
  readonly keyCode?: number
  /** ms on any clock that does not jump. */
  readonly timeStamp: number
  /** The focus is where a person may type. */
  readonly inField?: boolean
}

const TERMINATORS = new Set(['Enter', 'NumpadEnter', 'Tab'])

/** Whether the key ends a code: Enter, Tab, or CR and LF as the control keys that some scanners send. */
export function isTerminator({ code, key, ctrlKey, altKey }: Keystroke): boolean {
  if (ctrlKey && !altKey) return code === 'KeyM' || code === 'KeyJ'
  return TERMINATORS.has(code) || (code === '' && TERMINATORS.has(key))
}

/** Whether the key only changes others. */
export function isModifier({ code, key }: Keystroke): boolean {
  return /^(Shift|Alt|Control|Meta|OS|CapsLock|NumLock|ScrollLock|Fn)/.test(code || key)
}

/** Whether the key is pressed for a character of its own. */
export function standsForCharacter(stroke: Keystroke): boolean {
  return stroke.type === 'down' && !stroke.repeat && !isModifier(stroke) && !isTerminator(stroke)
}

/** Whether an input method took the key for itself. */
export function isTakenByInputMethod({ key, keyCode }: Keystroke): boolean {
  return key === 'Process' || keyCode === 229
}
