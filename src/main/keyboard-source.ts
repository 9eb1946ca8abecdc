/** Shows the keys of `before-input-event` to the observer: for the time in which the page stands still, dies or is loading. */
import type { Input, WebContents } from 'electron'
import { createKeyboardObserver, type ObservedKey } from '../agent/keyboard-observer.ts'
import { CHANNELS } from '../preload/shell.ts'

type Contents = Pick<WebContents, 'on' | 'send' | 'isDestroyed'>
type Options = {
  /** Calls back when our own page listens; other pages never get a code. */
  onReady(ready: () => void): void
}

/** Offers readings to the page, which takes them only where it missed their keys itself. */
export function readKeys(contents: Contents, { onReady }: Options): void {
  const observer = createKeyboardObserver((reading) => {
    // A code may still be under way when its window is gone.
    if (!contents.isDestroyed()) contents.send(CHANNELS.keyboard, reading)
  })
  contents.on('before-input-event', (_event, input) => {
    const key = keyOf(input)
    if (key) observer.key(key)
  })
  onReady(() => observer.offerAgain())
}

function keyOf(input: Input): ObservedKey | undefined {
  const type = input.type === 'keyUp' ? 'up' : input.type === 'keyDown' || input.type === 'rawKeyDown' ? 'down' : undefined
  if (type === undefined) return undefined
  return {
    type,
    code: input.code ?? '',
    key: input.key,
    shiftKey: input.shift,
    altKey: input.alt,
    ctrlKey: input.control,
    metaKey: input.meta,
    capsLock: input.modifiers?.includes('capslock') ?? false,
    repeat: input.isAutoRepeat,
  }
}
