/** The diagnostic screen's calls about the settings file; no secret ever leaves through them. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import type { SettingsDesk } from '../agent/technician/settings-desk.ts'
import { route, sendFile, type Route } from './route.ts'
import { reason, technical, who } from './technical.ts'

const settings = z.record(z.string(), z.unknown())

export function settingsRoutes(agent: Agent, desk: SettingsDesk): Route[] {
  return [
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/settings',
      summary: '设置，不含密钥',
      handle: () => desk.read(),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/settings/preview',
      summary: '检查并比较，不保存',
      body: z.object({ settings }),
      handle: ({ body }) => desk.preview(body.settings),
    }),
    route({
      ...technical,
      method: 'PUT',
      url: '/api/v1/diagnostics/settings',
      summary: '保存设置，重启后生效',
      body: z.object({ settings, revision: z.string().max(64).optional(), ...reason }),
      handle: ({ body }) => desk.write(body),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/settings/export',
      summary: '导出设置，不含密钥',
      body: z.object({ who }),
      handle({ body }) {
        const id = agent.settings.terminal.id.replace(/[^0-9A-Za-z_-]/g, '_')
        return sendFile(`maqiao-settings-${id}.json`, 'application/json', Buffer.from(desk.export(body.who)))
      },
    }),
  ]
}
