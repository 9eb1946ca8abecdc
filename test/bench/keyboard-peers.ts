/** Published keyboard-scanner libraries, fed the same keys on a played clock. */
import type { Keystroke } from '../../src/devices/keyboard/keystroke.ts'

export type Peer = {
  readonly name: string
  /** All keys of one code, then a long pause; whether exactly that code was read, once. */
  reads(strokes: readonly Keystroke[], text: string): boolean
  close(): void
}

type Handler = (event: unknown) => void
type Timer = { at: number; run: () => void; every?: number }

const PAUSE_MS = 3000
const NAMED: Readonly<Record<string, number>> = {
  Enter: 13, Tab: 9, ShiftLeft: 16, AltLeft: 18, Space: 32, Semicolon: 186, Equal: 187, Comma: 188, Minus: 189, Period: 190,
  Slash: 191, Backquote: 192, BracketLeft: 219, Backslash: 220, BracketRight: 221, Quote: 222,
}

/** Replaces the clock, the timers and `document` for as long as a peer is examined. */
export async function withPeers<T>(work: (peers: Peer[]) => T): Promise<T> {
  const own = {
    setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval, now: Date.now, performanceNow: Object.getOwnPropertyDescriptor(performance, 'now'),
  }
  // Loaded on the true clock: the loader has timers of its own.
  const [{ default: onScan }, { default: KeyboardBarcodeScanner }] = (await Promise.all([
    import(new URL('../../node_modules/onscan.js/onscan.js', import.meta.url).href),
    import(new URL('../../node_modules/@point-of-sale/keyboard-barcode-scanner/dist/keyboard-barcode-scanner.esm.js', import.meta.url).href),
  ])) as [{ default: OnScan }, { default: new () => PointOfSale }]
  const world = createPlayedWorld()
  const target = { tagName: 'BODY' }
  const document = createTarget()
  Object.assign(globalThis, {
    setTimeout: world.after, clearTimeout: world.clear, setInterval: world.every, clearInterval: world.clear, document: document.element,
  })
  Date.now = world.now
  Object.defineProperty(performance, 'now', { value: world.now, configurable: true })
  try {
    let texts: string[] = []
    const play = (handle: (event: unknown) => void): Peer['reads'] => (strokes, text) => {
      texts = []
      for (const stroke of strokes) {
        world.advanceTo(stroke.timeStamp)
        handle(eventOf(stroke, target))
      }
      world.advanceTo((strokes.at(-1)?.timeStamp ?? 0) + PAUSE_MS)
      return texts.length === 1 && texts[0] === text
    }
    const first = createTarget()
    onScan.attachTo(first.element, { onScan: (text) => void texts.push(text) })
    const second = new KeyboardBarcodeScanner()
    second.addEventListener('barcode', ({ value }) => void texts.push(value))
    await second.connect()
    const peers: Peer[] = [
      { name: 'onscan.js 1.5.2', reads: play(first.dispatch), close: () => {} },
      { name: '@point-of-sale/keyboard-barcode-scanner 1.1.4', reads: play(document.dispatch), close: () => void second.disconnect() },
    ]
    const result = work(peers)
    for (const peer of peers) peer.close()
    return result
  } finally {
    Object.assign(globalThis, { setTimeout: own.setTimeout, clearTimeout: own.clearTimeout, setInterval: own.setInterval, clearInterval: own.clearInterval, document: undefined })
    Date.now = own.now
    if (own.performanceNow) Object.defineProperty(performance, 'now', own.performanceNow)
    else Reflect.deleteProperty(performance, 'now')
  }
}

type OnScan = { attachTo(element: object, options: { onScan(text: string): void }): void }
type PointOfSale = { connect(): Promise<void>; disconnect(): Promise<void>; addEventListener(name: 'barcode', listener: (barcode: { value: string }) => void): void }

/** A keydown or keyup as a browser on a US keyboard reports it. */
function eventOf({ type, code, key, keyCode, shiftKey, altKey, ctrlKey }: Keystroke, target: object) {
  const number = NAMED[code] ?? (/^(?:Key|Digit)(.)$/.exec(code)?.[1] ?? '').charCodeAt(0)
  const which = keyCode === 229 ? 229 : number
  const ignored = (): void => {}
  return { type: `key${type}`, code, key, which, keyCode: which, shiftKey, altKey, ctrlKey, target, preventDefault: ignored, stopPropagation: ignored, stopImmediatePropagation: ignored }
}

function createTarget() {
  const handlers = new Map<string, Handler[]>()
  const element = {
    addEventListener: (type: string, handler: Handler) => void handlers.set(type, [...(handlers.get(type) ?? []), handler]),
    removeEventListener: (type: string, handler: Handler) => void handlers.set(type, (handlers.get(type) ?? []).filter((each) => each !== handler)),
    dispatchEvent: () => true,
  }
  const dispatch = (event: unknown): void => {
    for (const handler of handlers.get((event as { type: string }).type) ?? []) handler.call(element, event)
  }
  return { element, dispatch }
}

function createPlayedWorld() {
  let clock = 1
  let last = 0
  const timers = new Map<number, Timer>()
  const add = (timer: Timer): number => {
    timers.set(++last, timer)
    return last
  }
  return {
    now: () => clock,
    after: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => add({ at: clock + ms, run: () => run(...args) }),
    every: (run: () => void, ms: number) => add({ at: clock + ms, run, every: ms }),
    clear: (id: number) => void timers.delete(id),
    advanceTo(until: number): void {
      for (;;) {
        let next: [number, Timer] | undefined
        for (const entry of timers) if (entry[1].at <= until && entry[1].at < (next?.[1].at ?? Infinity)) next = entry
        if (!next) break
        const [id, timer] = next
        clock = Math.max(clock, timer.at)
        if (timer.every === undefined) timers.delete(id)
        else timer.at += timer.every
        timer.run()
      }
      clock = Math.max(clock, until)
    },
  }
}
