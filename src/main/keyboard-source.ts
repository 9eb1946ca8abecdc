/** Reads scanners in keyboard mode beside the page, from `before-input-event`: for the time in which the page stands still, dies or is loading. */
import type { Input, WebContents } from 'electron'
import { isModifier, isTerminator, type Keystroke } from '../devices/keyboard/keystroke.ts'
import type { OfferedReading } from '../devices/keyboard/second-source.ts'
import { createWedge } from '../devices/keyboard/wedge.ts'
import { CHANNELS } from '../preload/shell.ts'

/** Longer than what a person types while this process stands still and all keys seem to come at once. */
const LEAST_CHARACTERS = 12
/** A page that dies is back within 5 s; afterwards nothing of the patient's is kept here. */
const HELD_MS = 5000

type Contents = Pick<WebContents, 'on' | 'send'>
type Options = {
  /** Calls back when our own page listens; other pages never get a code. */
  onReady(ready: () => void): void
}

/** Offers readings to the page, which takes them only where it missed their keys itself. */
export function readKeys(contents: Contents, { onReady }: Options): void {
  let timer: NodeJS.Timeout | undefined
  let forgetting: NodeJS.Timeout | undefined
  let startedAt = 0
  let keys = 0
  let held: OfferedReading | undefined

  const wedge = createWedge({
    minLength: LEAST_CHARACTERS,
    onReading({ text }) {
      held = { text, keys, startedAt, endedAt: Date.now() }
      contents.send(CHANNELS.keyboard, held)
      clearTimeout(forgetting)
      forgetting = setTimeout(() => (held = undefined), HELD_MS).unref()
    },
  })
  const settle = (): void => {
    wedge.settle(performance.now())
    arm()
  }
  function arm(): void {
    clearTimeout(timer)
    if (wedge.dueAt !== undefined) timer = setTimeout(settle, Math.max(0, wedge.dueAt - performance.now()))
  }

  contents.on('before-input-event', (_event, input) => {
    const stroke = keystrokeOf(input, performance.now())
    if (!stroke) return
    wedge.settle(stroke.timeStamp)
    if (wedge.dueAt === undefined) {
      startedAt = Date.now()
      keys = 0
    }
    if (stroke.type === 'down' && !stroke.repeat && !isModifier(stroke) && !isTerminator(stroke)) keys += 1
    wedge.press(stroke)
    arm()
  })
  onReady(() => {
    if (held) contents.send(CHANNELS.keyboard, held)
  })
}

/** Arrival stands for the time of the key, which Electron does not tell; where the focus is it does not tell either, so the stricter measure of a field applies. */
function keystrokeOf(input: Input, timeStamp: number): Keystroke | undefined {
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
    timeStamp,
    inField: true,
  }
}
