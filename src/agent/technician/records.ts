/** What the terminal remembers of its own last hours for the technician: nothing of it names a person. */
import type { Hub } from '../../devices/hub.ts'
import type { DeviceState, DeviceStatus } from '../../devices/scanner.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import type { PlatformId } from '../../transcode/outcome.ts'
import type { EventLog } from '../event-log.ts'
import type { Settings } from '../settings.ts'
import { watchCertificates, type Certificates } from './certificates.ts'
import { originsIn } from './origins.ts'
import { createStageTimes, type StageTimes } from './stage-times.ts'

export type DeviceChange = { at: string; state: DeviceState; fault: string | null }
export type Minute = { at: string; pending: number; dead: number; scans: number }
export type TokenSeen = { fetchedAt: string; goodUntil: string; ageSec: number }

export type Records = {
  readonly times: StageTimes
  readonly certificates: Certificates
  /** Begins to note what the devices do. */
  watch(hub: Pick<Hub, 'status' | 'onStatus' | 'onBytes'>): void
  /** The last 50 changes of a device, oldest first. */
  history(device: string): readonly DeviceChange[]
  /** Counts of the last 24 hours, one a minute, oldest first. */
  minutes(): readonly Minute[]
  /** A platform gave a token that lives so long. */
  tokenRenewed(platform: PlatformId, lifeSec: number): void
  token(platform: PlatformId): TokenSeen | null
  stop(): void
}

const KEPT_CHANGES = 50
const KEPT_MINUTES = 24 * 60
const MINUTE_MS = 60_000

export function createRecords(options: {
  outbox: Pick<Outbox, 'status'>
  events: Pick<EventLog, 'subscribe'>
  settings: Settings
  now: () => number
}): Records {
  const { outbox, events, settings, now } = options
  const times = createStageTimes()
  const certificates = watchCertificates({ hosts: originsIn(settings.platforms).map((url) => url.host), now })
  const changes = new Map<string, DeviceChange[]>()
  const minutes: Minute[] = []
  const tokens = new Map<PlatformId, { at: number; lifeSec: number }>()
  let scans = 0

  const noteChange = (status: DeviceStatus) => {
    const kept = changes.get(status.id) ?? []
    changes.set(status.id, kept)
    kept.push({ at: iso(now()), state: status.state, fault: status.fault?.code ?? null })
    if (kept.length > KEPT_CHANGES) kept.shift()
  }
  const noteMinute = () => {
    minutes.push(minute())
    scans = 0
    if (minutes.length > KEPT_MINUTES) minutes.shift()
  }
  const minute = (): Minute => {
    const { pending, dead } = outbox.status()
    return { at: iso(now()), pending, dead, scans }
  }

  const stops = [certificates.stop, events.subscribe((event) => void (event.type === 'outcome' && scans++))]
  const timer = setInterval(noteMinute, MINUTE_MS).unref()

  return {
    times,
    certificates,
    watch(hub) {
      hub.status().forEach(noteChange)
      stops.push(
        hub.onStatus(noteChange),
        hub.onBytes((chunk) => times.onBytes(chunk.device)),
      )
    },
    history: (device) => changes.get(device) ?? [],
    // The minute that runs comes last, so that a screen has something from the first moment on.
    minutes: () => [...minutes, minute()].slice(-KEPT_MINUTES),
    tokenRenewed: (platform, lifeSec) => void tokens.set(platform, { at: now(), lifeSec }),
    token(platform) {
      const found = tokens.get(platform)
      if (!found) return null
      return {
        fetchedAt: iso(found.at),
        goodUntil: iso(found.at + found.lifeSec * 1000),
        ageSec: Math.max(0, Math.round((now() - found.at) / 1000)),
      }
    },
    stop() {
      clearInterval(timer)
      stops.forEach((stop) => stop())
    },
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
