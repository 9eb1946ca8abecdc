/** A technician's desks of one terminal: made once, used by the routes and by the event sockets. */
import { resolve } from 'node:path'
import type { Agent } from '../agent/agent.ts'
import { variablesNamedIn } from '../agent/settings-file.ts'
import { createDeviceDesk, type DeviceDesk } from '../agent/technician/device-desk.ts'
import { isInKeyStore } from '../agent/technician/key-places.ts'
import { createReportDesk, type ReportDesk } from '../agent/technician/report-desk.ts'
import { createSettingsDesk, type SettingsDesk } from '../agent/technician/settings-desk.ts'
import { createUpdateDesk, type UpdateDesk } from '../agent/update/update-desk.ts'

export type Desks = { devices: DeviceDesk; reports: ReportDesk; settings: SettingsDesk; updates: UpdateDesk; stop(): void }

export function createDesks(agent: Agent): Desks {
  const { hub, outbox, audit } = agent
  const settingsFile = agent.settingsFile === undefined ? undefined : resolve(agent.settingsFile)
  /** A host may take them out of the environment once the terminal has started. */
  const taken = settingsFile === undefined ? new Set<string>() : variablesNamedIn(settingsFile)
  const devices = createDeviceDesk({ hub, settings: agent.settings.devices, audit })
  const updates = createUpdateDesk({
    settings: agent.settings,
    dataDir: agent.dataDir,
    version: agent.version,
    startedAt: agent.startedAt,
    lastScanAt: () => timeOf(agent.latestOutcomes(1)[0]?.scannedAt),
    audit,
    log: (event, fields) => agent.log.info(event, fields),
  })
  return {
    devices,
    updates,
    reports: createReportDesk({ outbox, audit }),
    settings: createSettingsDesk({
      file: settingsFile,
      dataDir: agent.dataDir,
      audit,
      isStored: (name) => process.env[name] === undefined && (taken.has(name) || isInKeyStore(agent.dataDir, name)),
    }),
    stop() {
      devices.stop()
      updates.stop()
    },
  }
}

function timeOf(at: string | undefined): number | undefined {
  return at === undefined ? undefined : Date.parse(at)
}
