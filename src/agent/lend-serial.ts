/** The insurance's own library opens the scanner itself: it gets the serial port for the call, one call after the other. */
import type { Hub } from '../devices/hub.ts'
import type { Log } from './log.ts'

/** Longer than a call of the insurance's library takes, ms. */
const LOAN_WAIT_MS = 30_000

/** @param hub asked at each call: it is made after the platforms */
export function createLendSerial(hub: () => Pick<Hub, 'status' | 'lend'>, log: Pick<Log, 'info'>) {
  /** Resolves with what takes the port back. Rejects with DeviceError where it does not come free. */
  return async (why: string): Promise<() => void> => {
    const serial = hub().status().filter(({ kind }) => kind === 'serial')
    // Also one that is being opened again after the call before, or is lent to it still.
    const device = serial.find((each) => each.state === 'open') ?? serial.find((each) => each.state !== 'missing')
    if (!device) return () => {}
    const takeBack = await hub().lend(device.id, { waitMs: LOAN_WAIT_MS })
    log.info('device.lent', { device: device.id, why })
    return takeBack
  }
}
