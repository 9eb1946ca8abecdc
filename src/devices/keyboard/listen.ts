/** Attaches the wedge to a window: a scanner in keyboard mode reads wherever the focus is. */
import { isField, rememberField } from './field.ts'
import { standsForCharacter, type Keystroke } from './keystroke.ts'
import { createSecondSource, type SecondSource } from './second-source.ts'
import { createWedge, type Wedge, type WedgeOptions } from './wedge.ts'

export type KeyboardScannerOptions = WedgeOptions & {
  /** The window listened to; the global one by default. */
  readonly target?: Window
  /** Another observer of the same keys, heard only where keys were missed here. */
  readonly second?: SecondSource | undefined
}

/** A timer this late has waited for a busy page: key events may still be queued behind it, ms. */
const LATE_MS = 50
/** How soon the timer asks again while keys wait, ms. */
const AGAIN_MS = 5
const VERDICT_KEY = 'maqiao.keyboard'
/** The other observer tells nothing but the text. */
const NOTHING_MET = { inputMethod: false, capsLock: false, numpad: false, terminated: true, withoutCode: false } as const
/** Events older than this when they arrive are on another clock. */
const LONGEST_LAG_MS = 60_000

/**
 * Listens in the capture phase until the returned function is called. What a
 * scanner typed into a field before it was known for one is taken out again; a
 * person's keys are passed on untouched.
 */
export function listenToKeyboard(options: KeyboardScannerOptions): () => void {
  const target = options.target ?? window
  let timer: ReturnType<typeof setTimeout> | undefined
  /** How late the last key arrived: on a loaded machine the ones behind it are late as well, and no pause is over. */
  let lagMs = 0
  let restore: (() => void) | undefined
  let field: EventTarget | null | undefined

  const second = createSecondSource({
    take: (text) => options.onReading({ text, msPerCharacter: 0, evidence: NOTHING_MET, advice: [] }),
    isBusy: () => wedge.dueAt !== undefined || inputWaits(),
    listeningSince: Date.now(),
    loadedAt: performance.timeOrigin,
    lastVerdict: lastVerdictIn(target),
  })
  const unsubscribe = options.second?.(second.offer)

  const wedge: Wedge = createWedge({
    ...options,
    onReading: (reading) => {
      putBack(reading.evidence.inputMethod)
      if (second.verdict(reading.text)) return
      options.onReading(reading)
    },
    onUnreadable: (fault) => {
      putBack(false)
      second.verdict()
      options.onUnreadable?.(fault)
    },
  })

  /** An input method holds its own copy of what was typed until it loses the focus. */
  function putBack(composing: boolean): void {
    const element = field
    if (composing && element instanceof HTMLElement) {
      element.blur()
      restore?.()
      element.focus()
    } else restore?.()
    restore = undefined
  }

  function onKey(event: KeyboardEvent): void {
    const focused = event.composedPath()[0]
    const inField = isField(focused)
    const lag = performance.now() - event.timeStamp
    lagMs = lag > 0 && lag < LONGEST_LAG_MS ? lag : 0
    wedge.settle(event.timeStamp)
    if (event.type === 'keydown' && wedge.dueAt === undefined) {
      field = inField ? focused : undefined
      restore = inField ? rememberField(focused) : undefined
    }
    const stroke = keystrokeOf(event, inField)
    if (standsForCharacter(stroke)) second.key()
    const verdict = wedge.press(stroke)
    // Alt and an arrow of the numeric keypad (NumLock off) would leave the page.
    const leaves = event.altKey && event.code.startsWith('Numpad') && /^(Arrow|Home)/.test(event.key)
    if (verdict === 'scanner' || leaves) {
      event.preventDefault()
      if (verdict === 'scanner') event.stopImmediatePropagation()
    }
    arm()
  }

  function arm(): void {
    clearTimeout(timer)
    const { dueAt } = wedge
    if (dueAt === undefined) return
    const at = dueAt + lagMs
    timer = setTimeout(ring, Math.max(0, at - performance.now()), at)
  }

  /** Keys that wait to be handled were pressed before now: they are asked first. */
  function ring(at: number): void {
    if (inputWaits()) timer = setTimeout(ring, AGAIN_MS, at)
    else if (performance.now() - at > LATE_MS) timer = setTimeout(settle, 0)
    else settle()
  }

  function settle(): void {
    wedge.settle(performance.now() - lagMs)
    arm()
  }

  const types = ['keydown', 'keyup'] as const
  for (const type of types) target.addEventListener(type, onKey, { capture: true })
  return () => {
    clearTimeout(timer)
    second.stop()
    unsubscribe?.()
    for (const type of types) target.removeEventListener(type, onKey, { capture: true })
  }
}

/** In the window's session storage: a page that was loaded again must not take what the one before it took. */
function lastVerdictIn({ sessionStorage }: Window): { get(): number; set(at: number): void } {
  return {
    get: () => Number(sessionStorage.getItem(VERDICT_KEY) ?? 0),
    set: (at) => sessionStorage.setItem(VERDICT_KEY, String(at)),
  }
}

/** Chromium alone can tell; elsewhere a late timer gives way once. */
function inputWaits(): boolean {
  const { scheduling } = navigator as Navigator & { scheduling?: { isInputPending?(): boolean } }
  return scheduling?.isInputPending?.() === true
}

function keystrokeOf(event: KeyboardEvent, inField: boolean): Keystroke {
  return {
    type: event.type === 'keyup' ? 'up' : 'down',
    code: event.code,
    key: event.key,
    shiftKey: event.shiftKey,
    altKey: event.altKey,
    ctrlKey: event.ctrlKey,
    metaKey: event.metaKey,
    altGraph: event.getModifierState('AltGraph'),
    capsLock: event.getModifierState('CapsLock'),
    repeat: event.repeat,
    keyCode: event.keyCode,
    timeStamp: event.timeStamp,
    inField,
  }
}
