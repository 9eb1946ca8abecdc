/** Keeps a device open: opens it, opens it again when it is lost, lends it out, closes it. */
import { DeviceError, type DeviceState } from './scanner.ts'

export type Connection = { close(): Promise<void> }

export type KeepOpenOptions = {
  /**
   * Opens the device; rejects with a DeviceError. `lost` is called at most once
   * that counts, when it is gone after it was open.
   */
  connect(lost: (fault: DeviceError) => void): Promise<Connection>
  state(state: DeviceState, fault?: DeviceError): void
  /** Calls back when the device may have come back, so that nobody waits for the next try. */
  watch?(mayBeBack: () => void): () => void
  /** Wait before the first try again, ms; doubles up to `retryMaxMs`. Default 250. */
  readonly retryFirstMs?: number
  /** Default 5000. */
  readonly retryMaxMs?: number
}

export type KeptOpen = {
  /** Resolves when the device is released and nothing more is reported. */
  close(): Promise<void>
  /** Releases the device until the returned function is called; resolves when it is free. */
  lend(): Promise<() => void>
}

const STATE_OF_FAULT: Partial<Record<DeviceError['code'], DeviceState>> = {
  DEVICE_MISSING: 'missing',
  DEVICE_UNPLUGGED: 'missing',
  DEVICE_BUSY: 'busy',
}

/** Open for shorter than this, a device is not trusted: the waits go on growing. */
const STEADY_MS = 1000

export function keepOpen(options: KeepOpenOptions): KeptOpen {
  const { retryFirstMs = 250, retryMaxMs = 5000 } = options
  let stop = new AbortController()
  let running: Promise<void> = run(stop.signal)
  let lent = false
  let closed = false

  async function run(signal: AbortSignal): Promise<void> {
    let waitMs = retryFirstMs
    options.state('opening')
    while (!signal.aborted) {
      const since = performance.now()
      const { opened, fault } = await openOnce(signal)
      if (signal.aborted) return
      options.state(STATE_OF_FAULT[fault.code] ?? 'failed', fault)
      if (opened && performance.now() - since >= STEADY_MS) waitMs = retryFirstMs
      const woken = await pause(waitMs, signal)
      waitMs = woken ? retryFirstMs : Math.min(waitMs * 2, retryMaxMs)
    }
  }

  /** One life of the connection: resolves with what ended it. */
  async function openOnce(signal: AbortSignal): Promise<{ opened: boolean; fault: DeviceError }> {
    const lost = Promise.withResolvers<DeviceError>()
    const aborted = (): void => lost.resolve(new DeviceError('DEVICE_UNPLUGGED'))
    let connection: Connection
    try {
      connection = await options.connect((fault) => lost.resolve(fault))
    } catch (error) {
      return { opened: false, fault: asDeviceError(error) }
    }
    signal.addEventListener('abort', aborted, { once: true })
    if (signal.aborted) aborted()
    else options.state('open')
    const fault = await lost.promise
    signal.removeEventListener('abort', aborted)
    await connection.close().catch(() => {})
    return { opened: true, fault }
  }

  /** Resolves true when the device may be back, false when the time is up. */
  function pause(ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (woken: boolean): void => {
        clearTimeout(timer)
        unwatch?.()
        signal.removeEventListener('abort', abort)
        resolve(woken)
      }
      const abort = (): void => done(false)
      const timer = setTimeout(() => done(false), ms)
      signal.addEventListener('abort', abort, { once: true })
      const unwatch = options.watch?.(() => done(true))
    })
  }

  return {
    async close() {
      closed = true
      stop.abort()
      await running
    },
    async lend() {
      lent = true
      stop.abort()
      await running
      if (!closed) options.state('lent')
      return () => {
        if (!lent || closed) return
        lent = false
        stop = new AbortController()
        running = run(stop.signal)
      }
    },
  }
}

function asDeviceError(error: unknown): DeviceError {
  if (error instanceof DeviceError) return error
  return new DeviceError('DEVICE_FAILED', error instanceof Error ? error.message : String(error))
}
