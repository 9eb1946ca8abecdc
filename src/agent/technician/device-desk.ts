/** Devices in a technician's hands: lent, taken back, their speed found, their scans examined. */
import { inTurn } from '../../devices/claims.ts'
import { serialIds } from '../../devices/device-ids.ts'
import type { Hub } from '../../devices/hub.ts'
import { DeviceError, type DeviceStatus } from '../../devices/scanner.ts'
import { detectBaudRate } from '../../devices/serial/detect-baud-rate.ts'
import { matchingPorts } from '../../devices/serial/port-list.ts'
import { listPorts } from '../../devices/serial/serial-port.ts'
import { AgentError } from '../fault.ts'
import type { Settings } from '../settings.ts'
import type { AuditLog } from './audit-log.ts'
import { createExaminations, type Examinations } from './scanner-examinations.ts'

export type BaudTried = { device: string; baudRate: number }

export type DeviceDesk = {
  readonly examinations: Examinations
  /** Throws AgentError DEVICE_UNKNOWN. */
  status(device: string): DeviceStatus
  /** Rejects with DeviceError. */
  lend(device: string, minutes: number): Promise<{ lentUntil: string | null }>
  takeBack(device: string): boolean
  /** Listens at one rate after the other, each `waitMs`. Rejects with DeviceError, DEVICE_WRONG_MODE where it is no serial port. */
  detectBaud(
    device: string,
    options: { waitMs?: number | undefined; signal: AbortSignal },
  ): Promise<{ baudRate: number | null; configured: number }>
  onBaudTried(listener: (tried: BaudTried) => void): () => void
  stop(): void
}

const RATES = 8
const WAIT_MS = 10_000

export function createDeviceDesk(options: {
  hub: Hub
  settings: Settings['devices']
  audit: Pick<AuditLog, 'write'>
}): DeviceDesk {
  const { hub, settings, audit } = options
  const examinations = createExaminations(hub)
  const listeners = new Set<(tried: BaudTried) => void>()
  const stopping = new AbortController()

  function status(device: string): DeviceStatus {
    const found = hub.status().find(({ id }) => id === device)
    if (!found) throw new AgentError('DEVICE_UNKNOWN')
    return found
  }

  /** The settings' entry behind a device, and the port it has now. */
  async function portOf(device: string): Promise<{ path: string; baudRate: number }> {
    const ids = serialIds(settings.serial)
    const index = ids.findIndex(({ id }) => id === device)
    const found = settings.serial[index]
    if (!found) throw new DeviceError('DEVICE_WRONG_MODE', 'no serial port')
    const { path, match, baudRate } = found
    if (path !== undefined) return { path, baudRate }
    const [port] = inTurn(matchingPorts(await listPorts(), match!), ids[index]!.place)
    if (!port) throw new DeviceError('DEVICE_MISSING')
    return { path: port.path, baudRate }
  }

  return {
    examinations,
    status,
    async lend(device, minutes) {
      status(device)
      audit.write('technician', 'device.lent', { device, minutes })
      await hub.lend(device, { timeLimitMs: minutes * 60_000, released: true })
      return { lentUntil: status(device).lentUntil ?? null }
    },
    takeBack(device) {
      status(device)
      audit.write('technician', 'device.takenBack', { device })
      return hub.takeBack(device)
    },
    async detectBaud(device, { waitMs = WAIT_MS, signal }) {
      status(device)
      const { path, baudRate: configured } = await portOf(device)
      audit.write('technician', 'device.detected', { device })
      // The scanner lets go of its port for the time.
      const giveBack = await hub.lend(device, { timeLimitMs: RATES * waitMs + 30_000 })
      try {
        const found = await detectBaudRate({
          path,
          waitMs,
          signal: AbortSignal.any([signal, stopping.signal]),
          trying: (baudRate) => listeners.forEach((listener) => listener({ device, baudRate })),
        })
        return { baudRate: found ?? null, configured }
      } finally {
        giveBack()
      }
    },
    onBaudTried(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop() {
      stopping.abort()
      examinations.stop()
    },
  }
}
