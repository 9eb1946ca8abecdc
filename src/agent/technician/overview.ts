/** The first page of the diagnostic screen: how the terminal stands, all of it, nothing personal. */
import { statfsSync } from 'node:fs'
import { arch, freemem, hostname, release, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { sheetOfModel } from '../../devices/known-scanners.ts'
import { DEVICE_STATES, type DeviceStatus } from '../../devices/scanner.ts'
import type { PlatformId } from '../../transcode/outcome.ts'
import type { Agent } from '../agent.ts'
import { PLATFORM_STATE_NAMES, transportWords, type PlatformStatus } from '../platform-monitor.ts'
import { DEFINITIONS } from '../settings.ts'
import type { SeenCertificate } from './certificates.ts'
import { keyPlaces, type KeyPlaces } from './key-places.ts'
import { originsIn, plainOriginsIn } from './origins.ts'
import type { DeviceChange, Minute, TokenSeen } from './records.ts'
import type { SettingsDesk } from './settings-desk.ts'

export type DeviceOverview = DeviceStatus & { stateName: string; sheet: string | null; history: (DeviceChange & { stateName: string })[] }
export type PlatformOverview = PlatformStatus & {
  stateName: string
  lastFaultWords?: { message: string; advice: string }
  token: TokenSeen | null
  plainHttp: string[]
  certificates: SeenCertificate[]
}
export type Overview = {
  at: string
  terminal: { id: string; mode: 'window' | 'kiosk'; hospital: string | null }
  versions: { app: string; node: string; electron: string | null; chrome: string | null; sqlite: string | null }
  host: { kind: string; name: string; os: string }
  startedAt: string
  uptimeSec: number
  memory: {
    rssBytes: number
    heapUsedBytes: number
    heapTotalBytes: number
    systemFreeBytes: number
    systemTotalBytes: number
  }
  dataDir: { path: string; freeBytes: number | null; totalBytes: number | null }
  settingsFile: string | null
  restartNeeded: boolean
  keys: KeyPlaces
  devices: DeviceOverview[]
  platforms: PlatformOverview[]
  notices: ReturnType<Agent['notices']>
  outbox: ReturnType<Agent['outbox']['status']> & { deliveredToday: Record<string, number>; minutes: readonly Minute[] }
}

/** @param host what shows the screens: electron, browser or none */
export async function overviewOf(agent: Agent, desk: SettingsDesk, host: string): Promise<Overview> {
  const { settings, site, records, dataDir } = agent
  const { rss, heapUsed, heapTotal } = process.memoryUsage()
  const today = new Date()
  return {
    at: today.toISOString(),
    terminal: { id: site.terminal.id, mode: site.terminal.mode, hospital: site.hospital?.name || null },
    versions: {
      app: agent.version,
      node: process.versions.node,
      electron: process.versions['electron'] ?? null,
      chrome: process.versions['chrome'] ?? null,
      sqlite: process.versions['sqlite'] ?? null,
    },
    host: { kind: host, name: hostname(), os: `${process.platform} ${release()} ${arch()}` },
    startedAt: new Date(agent.startedAt).toISOString(),
    uptimeSec: agent.health().uptimeSec,
    memory: {
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      heapTotalBytes: heapTotal,
      systemFreeBytes: freemem(),
      systemTotalBytes: totalmem(),
    },
    dataDir: { path: resolve(dataDir), ...roomIn(dataDir) },
    settingsFile: agent.settingsFile === undefined ? null : resolve(agent.settingsFile),
    restartNeeded: desk.restartNeeded(),
    keys: await keyPlaces({
      dataDir,
      settingsFile: agent.settingsFile,
      secrets: desk.secrets(),
      tokenInSettings: settings.api.token !== undefined,
    }),
    devices: agent.hub.status().map((status) => ({
      ...status,
      stateName: DEVICE_STATES[status.state],
      sheet: sheetOfModel(status.model) ?? null,
      history: records.history(status.id).map((change) => ({ ...change, stateName: DEVICE_STATES[change.state] })),
    })),
    platforms: agent.monitor.statuses().map((status) => ({
      ...status,
      stateName: PLATFORM_STATE_NAMES[status.state],
      ...(status.lastFault === undefined ? {} : { lastFaultWords: transportWords(status.lastFault) }),
      token: records.token(status.id),
      ...addressesOf(agent, status.id),
    })),
    notices: agent.notices(),
    outbox: {
      ...agent.outbox.status(),
      deliveredToday: agent.outbox.delivered(today.setHours(0, 0, 0, 0)),
      minutes: records.minutes(),
    },
  }
}

function addressesOf(
  { settings, records }: Agent,
  id: PlatformId,
): { plainHttp: string[]; certificates: SeenCertificate[] } {
  const key = DEFINITIONS.find((definition) => definition.id === id)?.settingsKey ?? id
  const section = settings.platforms[key]
  return {
    plainHttp: plainOriginsIn(section),
    certificates: records.certificates.of(originsIn(section).map((url) => url.host)),
  }
}

function roomIn(directory: string): { freeBytes: number | null; totalBytes: number | null } {
  try {
    const { bavail, blocks, bsize } = statfsSync(directory)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return { freeBytes: null, totalBytes: null }
  }
}
