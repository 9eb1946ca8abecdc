/** Keys of the desk: F-keys and Esc anywhere, digits and Enter outside text fields. */
export type DeskKeys = {
  /** True where the key did something. */
  press(key: string): boolean
  hold(): void
  release(): void
  /** True while keyboard scanners are read: plain keys then come from the reader, which knows whose they are. */
  shared(): boolean
}

/** Listens until the returned function is called. F2 holds; everything else is told once. */
export function listenKeys(keys: DeskKeys): () => void {
  let held = false

  function down(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return
    if (event.key === 'F2' && !event.shiftKey) {
      event.preventDefault()
      if (held || event.repeat) return
      held = true
      keys.hold()
      return
    }
    const command = isCommand(event.key)
    // A scanner's Enter never gets here: its reader keeps it, and tells of no Enter that is a person's.
    const readers = keys.shared() && event.key !== 'Enter'
    if (event.repeat || (!command && (readers || ownsKey(event)))) return
    if (keys.press(event.shiftKey && command ? `Shift+${event.key}` : event.key)) event.preventDefault()
  }

  function up(event: KeyboardEvent): void {
    if (event.key === 'F2') letGo()
  }

  function letGo(): void {
    if (!held) return
    held = false
    keys.release()
  }

  window.addEventListener('keydown', down)
  window.addEventListener('keyup', up)
  window.addEventListener('blur', letGo)
  document.addEventListener('visibilitychange', letGo)
  return () => {
    window.removeEventListener('keydown', down)
    window.removeEventListener('keyup', up)
    window.removeEventListener('blur', letGo)
    document.removeEventListener('visibilitychange', letGo)
  }
}

/** F-keys and Esc: no scanner types them, so they are told at once. */
export function isCommand(key: string): boolean {
  return /^F\d+$|^Escape$/.test(key)
}

/** A field takes all plain keys; a focused button takes its Enter. */
function ownsKey({ target, key }: KeyboardEvent): boolean {
  return target instanceof HTMLInputElement || (key === 'Enter' && target instanceof HTMLButtonElement)
}
