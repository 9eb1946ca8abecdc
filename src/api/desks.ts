/** A technician's desks of one terminal: made once, used by the routes and by the event sockets. */
import type { Agent } from '../agent/agent.ts'
import { createDeviceDesk, type DeviceDesk } from '../agent/technician/device-desk.ts'
import { isInKeyStore } from '../agent/technician/key-places.ts'
import { createReportDesk, type ReportDesk } from '../agent/technician/report-desk.ts'
import { createSettingsDesk, type SettingsDesk } from '../agent/technician/settings-desk.ts'

export type Desks = { devices: DeviceDesk; reports: ReportDesk; settings: SettingsDesk }

export function createDesks(agent: Agent): Desks {
  const { hub, outbox, audit } = agent
  return {
    devices: createDeviceDesk({ hub, settings: agent.settings.devices, audit }),
    reports: createReportDesk({ outbox, audit }),
    settings: createSettingsDesk({
      file: agent.settingsFile,
      audit,
      isStored: (name) => isInKeyStore(agent.dataDir, name),
    }),
  }
}
