/** Devices given to other programs for a while, such as the insurance control that opens the scanner itself. */
import { DeviceError, type Scanner } from './scanner.ts'

export type LendOptions = {
  /** At most this long, ms; default 60 000, at most an hour. */
  readonly timeLimitMs?: number
  /** How long to wait for one's turn while it is lent, in the order of asking, ms; default 0. */
  readonly waitMs?: number
  /** Only released, not used by us: whoever asks meanwhile may use it as well, and need not wait. */
  readonly released?: boolean
}

const USUAL_MS = 60_000
const LONGEST_MS = 3_600_000

type Loan = { readonly until: number; readonly released: boolean; takeBack(): void; drop(): void }

/** What takes the device back; null: free, to be asked for; undefined: not in time. */
type Turn = (() => void) | null | undefined

/** Keeps who has what until when; a device that is never returned comes back by itself. */
export function createLending() {
  const loans = new Map<string, Loan>()
  /** Who waits for a device, the first in front. */
  const queues = new Map<string, ((turn: Turn) => void)[]>()

  function myTurn(device: string, waitMs: number): Promise<Turn> {
    const queue = queues.get(device) ?? []
    queues.set(device, queue)
    return new Promise((resolve) => {
      const take = (turn: Turn): void => {
        clearTimeout(timer)
        queue.splice(queue.indexOf(take), 1)
        resolve(turn)
      }
      const timer = setTimeout(take, waitMs, undefined)
      queue.push(take)
    })
  }

  /** To the next in turn as it is, still released: opened in between, it would be taken away again at once. */
  function pass(device: string, giveBack: (() => void) | null): void {
    const next = queues.get(device)?.[0]
    if (next) return next(giveBack)
    loans.delete(device)
    giveBack?.()
  }

  return {
    /** ms since 1970; absent where it is not lent. */
    until: (deviceId: string): number | undefined => loans.get(deviceId)?.until,
    /** Resolves when the device is free for the other program, with what takes it back. */
    async lend(scanner: Scanner, options: LendOptions, now: () => number): Promise<() => void> {
      const { timeLimitMs = USUAL_MS, waitMs = 0, released = false } = options
      const { device } = scanner.source
      if (!scanner.lend) throw new DeviceError('DEVICE_BUSY', 'cannot be lent')
      const before = loans.get(device)
      if (before?.released && waitMs > 0) return () => {}
      const turn = before && (waitMs > 0 ? await myTurn(device, waitMs) : undefined)
      if (before && turn === undefined) throw new DeviceError('DEVICE_BUSY', 'lent already')
      const limitMs = Math.min(Math.max(timeLimitMs, 1), LONGEST_MS)
      let giveBack = turn ?? undefined
      let over = false
      const takeBack = (): void => {
        if (over) return
        over = true
        clearTimeout(timer)
        // Otherwise it is still being released.
        if (giveBack) pass(device, giveBack)
      }
      const timer = setTimeout(takeBack, limitMs)
      loans.set(device, {
        until: now() + limitMs,
        released,
        takeBack,
        drop() {
          over = true
          clearTimeout(timer)
        },
      })
      if (giveBack) return takeBack
      try {
        giveBack = await scanner.lend()
      } catch (error) {
        clearTimeout(timer)
        over = true
        pass(device, null)
        throw error
      }
      // The time may have run out, or all been closed, while the device was being released.
      if (over && loans.has(device)) pass(device, giveBack)
      return takeBack
    },
    takeBack(deviceId: string): boolean {
      const loan = loans.get(deviceId)
      loan?.takeBack()
      return loan !== undefined
    },
    /** Ends the time limits without opening anything again: the devices are being closed. */
    forget(): void {
      for (const loan of loans.values()) loan.drop()
      loans.clear()
      for (const queue of queues.values()) for (const take of [...queue]) take(undefined)
    },
  }
}
