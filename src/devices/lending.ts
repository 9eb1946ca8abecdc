/** Devices given to other programs for a while, such as the insurance control that opens the scanner itself. */
import { DeviceError, type Scanner } from './scanner.ts'

const LONGEST_MS = 3_600_000

type Loan = { readonly until: number; takeBack(): void; drop(): void }

/** Keeps who has what until when; a device that is never returned comes back by itself. */
export function createLending() {
  const loans = new Map<string, Loan>()
  return {
    /** ms since 1970; absent where it is not lent. */
    until: (deviceId: string): number | undefined => loans.get(deviceId)?.until,
    /** Resolves when the device is free for the other program, with what takes it back. */
    async lend(scanner: Scanner, timeLimitMs: number, now: number): Promise<() => void> {
      const { device } = scanner.source
      if (!scanner.lend) throw new DeviceError('DEVICE_BUSY', 'cannot be lent')
      if (loans.has(device)) throw new DeviceError('DEVICE_BUSY', 'lent already')
      const limitMs = Math.min(Math.max(timeLimitMs, 1), LONGEST_MS)
      let giveBack: (() => void) | undefined
      let over = false
      const takeBack = (): void => {
        if (over) return
        over = true
        clearTimeout(timer)
        loans.delete(device)
        giveBack?.()
      }
      const timer = setTimeout(takeBack, limitMs)
      loans.set(device, {
        until: now + limitMs,
        takeBack,
        drop() {
          over = true
          clearTimeout(timer)
        },
      })
      try {
        giveBack = await scanner.lend()
      } catch (error) {
        takeBack()
        throw error
      }
      // The time may have run out while the device was being released.
      if (over && !loans.has(device)) giveBack()
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
    },
  }
}
