/** Bytes as they dribble in -> the bytes of one code at a time. */

/** Clock (ms since 1970) and timers; tests put in their own. */
export type Timers = {
  now(): number
  after(ms: number, run: () => void): { cancel(): void }
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return { cancel: () => clearTimeout(timer) }
  },
}

export type Frame = {
  readonly bytes: Uint8Array
  /** When its last byte arrived, ms since 1970. */
  readonly at: number
  readonly endedBy: 'terminator' | 'idle' | 'flush'
  /** Places after which the device was silent for `idleMs` or longer, and went on. */
  readonly gaps: readonly number[]
}

export type FramerOptions = {
  /** `auto` (default): CR, LF, CRLF or ETX; `none`: the idle gap alone; else these characters. */
  readonly terminator?: string
  /** Silence after a chunk that ends a code without a terminator, ms. Default 50. */
  readonly idleMs?: number
  /** The longest code, bytes. Default 4096. */
  readonly maxBytes?: number
  /** How long the device must be silent after these bytes, ms; asked where `idleMs` of silence have passed. Default: see `createFramer`. */
  pauseAfter?(bytes: Uint8Array): number
  frame(frame: Frame): void
  /** The limit was passed: all up to the next terminator or idle gap is thrown away. */
  overflow?(): void
  readonly timers?: Timers
}

export type Framer = {
  push(chunk: Uint8Array): void
  /** Gives out what is held back as if the gap had passed. */
  flush(): void
  /** Forgets all that was received: what follows comes from a port opened anew. */
  reset(): void
}

const STX = 0x02
const ETX = 0x03
const LF = 0x0a
const CR = 0x0d

/**
 * A device that ends its codes with a terminator pauses in the middle of one
 * only when the line is slow (Bluetooth, a busy hub): its gaps are believed later.
 */
export const PATIENCE = 3
/** A timer this late says that the process was kept from running, and bytes may lie unread. */
const LATE_MS = 20
const LATE_AT_MOST = 3
const MOST_GAPS = 8

/**
 * Cuts a stream of bytes into codes: at the terminator first, else at an idle
 * gap after a chunk (`pauseAfter`; else `idleMs`, three times as long once the
 * device is known to send terminators), and never more than `maxBytes`: then it discards until the next
 * terminator or gap. STX begins a code anew, and ends no other. Empty codes are dropped, so CRLF is
 * one terminator however it is split.
 */
export function createFramer(options: FramerOptions): Framer {
  const { terminator = 'auto', idleMs = 50, maxBytes = 4096, timers = systemTimers } = options
  const ending = terminator === 'auto' || terminator === 'none' ? undefined : Buffer.from(terminator, 'utf8')
  const startsAnew = ending?.includes(STX) !== true
  const held = Buffer.alloc(maxBytes + (ending?.length ?? 1))
  let length = 0
  let discarding = false
  let terminated = false
  let lastAt = 0
  let gaps: number[] = []
  let timer: { cancel(): void } | undefined

  const stopWaiting = (): void => {
    timer?.cancel()
    timer = undefined
  }

  const overflow = (): void => {
    discarding = true
    options.overflow?.()
  }

  const end = (endedBy: Frame['endedBy'], endingLength = 0): void => {
    stopWaiting()
    if (!discarding && length - endingLength > maxBytes) overflow()
    const bytes = discarding ? undefined : Uint8Array.prototype.slice.call(held, 0, length - endingLength)
    const places = gaps
    length = 0
    discarding = false
    gaps = []
    if (bytes === undefined || bytes.length === 0) return
    terminated = endedBy === 'terminator'
    options.frame({ bytes, at: lastAt, endedBy, gaps: places })
  }

  const waitForGap = (ms: number, lateBefore = 0): void => {
    stopWaiting()
    const due = timers.now() + ms
    timer = timers.after(ms, () => {
      if (timers.now() - due > LATE_MS && lateBefore < LATE_AT_MOST) return waitForGap(idleMs, lateBefore + 1)
      const wanted = discarding ? 0 : (options.pauseAfter?.(held.subarray(0, length)) ?? 0)
      const rest = Math.ceil(lastAt + wanted - timers.now())
      if (rest > 0) waitForGap(rest)
      else end('idle')
    })
  }

  const take = (byte: number): void => {
    // While discarding, only the last bytes are of use: a terminator of several may stand in them.
    if (length === held.length) {
      if (!discarding) overflow()
      const kept = ending?.length ?? 1
      held.copyWithin(0, length - kept + 1, length)
      length = kept - 1
    }
    held[length++] = byte
  }

  const takeOrEnd = (byte: number): void => {
    if (byte === STX && startsAnew) return end('idle')
    if (terminator === 'auto' && (byte === CR || byte === LF || byte === ETX)) return end('terminator')
    take(byte)
    if (ending && length >= ending.length && held.subarray(length - ending.length, length).equals(ending)) {
      end('terminator', ending.length)
    }
  }

  return {
    push(chunk) {
      if (chunk.length === 0) return
      const now = timers.now()
      if (length > 0 && now - lastAt >= idleMs && gaps.length < MOST_GAPS) gaps.push(length)
      lastAt = now
      for (const byte of chunk) takeOrEnd(byte)
      if (length > 0 || discarding) waitForGap(terminated && !options.pauseAfter ? idleMs * PATIENCE : idleMs)
      else stopWaiting()
    },
    flush: () => end('flush'),
    reset() {
      stopWaiting()
      length = 0
      discarding = false
      terminated = false
      gaps = []
    },
  }
}
