/** Many scanners, one stream of scans; a code held in view is one scan. */
import { createHash, randomBytes } from 'node:crypto'
import type { Timers } from './framer.ts'
import { createLending, type LendOptions } from './lending.ts'
import type { ScannerCommand } from './known-scanners.ts'
import { maskCode, personal, type Scan } from './scan.ts'
import { DeviceError, type DeviceStatus, type Scanner, type ScannerEvents } from './scanner.ts'
import { watchSleep } from './watch-sleep.ts'

export type HubOptions = {
  readonly scanners: readonly Scanner[]
  /** The same text again within this time of its last reading is dropped, ms, on whatever device; 0 drops none. Default 2000. */
  readonly repeatWithinMs?: number
  /** ms since 1970. */
  readonly now?: () => number
  /** By which sleep is noticed; replaced in tests. */
  readonly timers?: Timers
}

/** `bytes` is raw and personal: for the diagnostic screen alone, never for a log. */
export type RawChunk = { readonly device: string; readonly bytes: Uint8Array; readonly at: number }

export type Hub = {
  start(): void
  /** Resolves when every device is released and nothing more is reported. */
  stop(): Promise<void>
  status(): DeviceStatus[]
  /** Each listener gets every scan; what it throws is its own. Returns what takes it off. */
  onScan(listener: (scan: Scan) => void): () => void
  onStatus(listener: (status: DeviceStatus) => void): () => void
  onBytes(listener: (chunk: RawChunk) => void): () => void
  /**
   * Gives a device to another program until the returned function is called, at
   * most for the time limit. Rejects with DEVICE_MISSING for an unknown device,
   * DEVICE_BUSY where it cannot be lent, or is lent already and was not returned
   * in the time that one waits.
   */
  lend(deviceId: string, options?: LendOptions): Promise<() => void>
  /** Takes a lent device back before its time; false where it is not lent. */
  takeBack(deviceId: string): boolean
  /** Pulls the trigger or sounds the beep; rejects with DEVICE_MISSING or DEVICE_WRONG_MODE. */
  command(deviceId: string, command: ScannerCommand): Promise<void>
}

export function createHub(options: HubOptions): Hub {
  const { scanners, repeatWithinMs = 2000, now = Date.now } = options
  const seen = createRepeats(repeatWithinMs)
  const statuses = new Map<Scanner, DeviceStatus>()
  const scans = createListeners<Scan>()
  const changes = createListeners<DeviceStatus>()
  const chunks = createListeners<RawChunk>()
  const lending = createLending()
  let running = false
  let stopWatching = (): void => {}

  const put = (scanner: Scanner, status: Omit<DeviceStatus, 'id' | 'kind' | 'model' | 'since'>): void => {
    const before = statuses.get(scanner)
    const since = before?.state === status.state ? before.since : new Date(now()).toISOString()
    const { device: id, kind } = scanner.source
    const next = { id, kind, since, ...(scanner.model !== undefined && { model: scanner.model }), ...status }
    // Each half of a code is told, for somebody must scan again.
    if (before && status.fault?.code !== 'DEVICE_CUT' && JSON.stringify(before) === JSON.stringify(next)) return
    statuses.set(scanner, next)
    changes.tell(next)
  }

  const eventsOf = (scanner: Scanner): ScannerEvents => ({
    text({ text, aim, at = now() }) {
      if (!running || seen.isRepeat(text, now())) return
      const scan = { text, source: scanner.source, scannedAt: new Date(at).toISOString(), ...(aim !== undefined && { aim }) }
      scans.tell(personal(scan, maskCode(text)))
    },
    state(state, fault) {
      const until = state === 'lent' ? lending.until(scanner.source.device) : undefined
      put(scanner, {
        state,
        ...(fault && { fault: { code: fault.code, message: fault.message, advice: fault.advice } }),
        ...(until !== undefined && { lentUntil: new Date(until).toISOString() }),
      })
    },
    bytes: (bytes) => chunks.tell({ device: scanner.source.device, bytes, at: now() }),
  })

  const open = (scanner: Scanner): void => {
    const events = eventsOf(scanner)
    try {
      scanner.open(events)
    } catch (error) {
      events.state('failed', error instanceof DeviceError ? error : new DeviceError('DEVICE_FAILED', String(error)))
    }
  }

  /** After sleep: what is lent is the borrower's to open. */
  const reopen = async (): Promise<void> => {
    await Promise.all(
      scanners.map(async (scanner) => {
        if (lending.until(scanner.source.device) !== undefined) return
        await scanner.close().catch(() => {})
        if (running) open(scanner)
      }),
    )
  }

  const named = (deviceId: string): Scanner => {
    const scanner = scanners.find(({ source }) => source.device === deviceId)
    if (!scanner) throw new DeviceError('DEVICE_MISSING', 'no such device')
    return scanner
  }

  for (const scanner of scanners) put(scanner, { state: 'missing' })

  return {
    start() {
      if (running) return
      running = true
      scanners.forEach(open)
      stopWatching = watchSleep(() => void reopen(), options.timers)
    },
    async stop() {
      running = false
      stopWatching()
      lending.forget()
      await Promise.allSettled(scanners.map((scanner) => scanner.close()))
      seen.forget()
    },
    status: () => scanners.map((scanner) => statuses.get(scanner)!),
    onScan: scans.add,
    onStatus: changes.add,
    onBytes: chunks.add,
    async lend(deviceId, options = {}) {
      const scanner = named(deviceId)
      const takeBack = await lending.lend(scanner, options, now)
      // Passed on from the borrower before: lent as it was, until another time.
      if (statuses.get(scanner)?.state === 'lent') eventsOf(scanner).state('lent')
      return takeBack
    },
    takeBack: (deviceId) => lending.takeBack(deviceId),
    async command(deviceId, command) {
      const scanner = named(deviceId)
      if (!scanner.command) throw new DeviceError('DEVICE_WRONG_MODE', 'takes no commands')
      await scanner.command(command)
    },
  }
}

/** Remembers texts as salted digests only: they are personal and some may not be kept at all. */
function createRepeats(withinMs: number) {
  const salt = randomBytes(16)
  const lastRead = new Map<string, number>()
  return {
    isRepeat(text: string, at: number): boolean {
      if (withinMs === 0) return false
      // Oldest first, since each reading puts its text at the end.
      for (const [key, last] of lastRead) {
        if (at - last < withinMs && last <= at) break
        lastRead.delete(key)
      }
      const key = createHash('sha256').update(salt).update(text).digest('base64')
      const repeated = lastRead.delete(key)
      lastRead.set(key, at)
      return repeated
    },
    forget: () => lastRead.clear(),
  }
}

function createListeners<T>() {
  const listeners = new Set<(value: T) => void>()
  return {
    add(listener: (value: T) => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell(value: T): void {
      for (const listener of listeners) {
        try {
          listener(value)
        } catch {
          // One listener's fault must not keep the scan from the others.
        }
      }
    },
  }
}
