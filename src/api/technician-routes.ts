/** The diagnostic screen's calls: how the terminal stands, its checks, keys and support package. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import { diagnose } from '../agent/diagnostics.ts'
import { AgentError } from '../agent/fault.ts'
import type { Check } from '../agent/technician/check.ts'
import { overviewOf } from '../agent/technician/overview.ts'
import { rotateOutboxKey } from '../agent/technician/rotation.ts'
import { packageName, packageParts, zipOf } from '../agent/technician/support-package.ts'
import { PLATFORM_NAMES } from '../transcode/outcome.ts'
import { deviceRoutes } from './device-routes.ts'
import { jsonSchema } from './openapi.ts'
import { reportRoutes } from './report-routes.ts'
import { route, sendFile, type Route } from './route.ts'
import { settingsRoutes } from './settings-routes.ts'
import { reason, technical, who } from './technical.ts'
import type { Desks } from './desks.ts'

export type TechnicianOptions = {
  host: string
  rehearsal?: unknown
  /** Gives the HIS another token and tells the file it is in; absent where the settings hold the token. */
  rotateToken?: (() => string) | undefined
}

export function technicianRoutes(agent: Agent, desks: Desks, options: TechnicianOptions): Route[] {
  let rotating: Promise<void> = Promise.resolve()

  return [
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics',
      summary: '终端的全貌',
      handle: async () => ({ ...(await overviewOf(agent, desks.settings, options.host)), update: desks.updates.state() }),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/checks',
      summary: '逐项检查，与 npm run doctor 相同',
      async handle() {
        const begun = performance.now()
        const checks: Check[] = []
        for await (const check of diagnose(agent.settings, agent.dataDir, agent.settingsFile)) checks.push(check)
        return { checks, ms: Math.round(performance.now() - begun) }
      },
    }),
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/latency',
      summary: '最近 500 次扫码各阶段用时',
      handle: () => agent.records.times.histograms(),
    }),
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/log',
      summary: '最近的日志',
      handle: () => ({ lines: agent.log.tail() }),
    }),
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/operations',
      summary: '可手工调用的接口',
      handle: () => ({
        rehearsal: options.rehearsal !== undefined,
        operations: agent.operations().map(({ platform, operation, title, source, definition }) => ({
          platform,
          platformName: PLATFORM_NAMES[platform as keyof typeof PLATFORM_NAMES],
          operation,
          title,
          source,
          request: jsonSchema(definition.request, 'input'),
        })),
      }),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/keys/rotate',
      summary: '更换上报密钥或接口令牌',
      body: z.object({ what: z.enum(['outbox', 'api-token']), ...reason }),
      handle: ({ body }) => (body.what === 'outbox' ? rotateKey(body) : rotateToken(body)),
    }),
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/support',
      summary: '诊断包的内容',
      async handle() {
        const parts = await packageParts(agent, desks.settings, options.host)
        return {
          name: packageName(agent.settings.terminal.id, Date.now()),
          contents: parts.map(({ name, what, bytes }) => ({ name, bytes: bytes.length, what })),
        }
      },
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/support',
      summary: '诊断包',
      body: z.object({ who }),
      async handle({ body }) {
        const bytes = zipOf(await packageParts(agent, desks.settings, options.host))
        agent.audit.write(body.who, 'support.exported', { bytes: bytes.length })
        return sendFile(packageName(agent.settings.terminal.id, Date.now()), 'application/zip', bytes)
      },
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/update/look',
      summary: '现在查看有没有新版本',
      handle: () => desks.updates.look(),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/update/install',
      summary: '请安装服务装上已取来的新版本',
      status: 202,
      body: z.object({ version: z.string().max(30), ...reason }),
      handle({ body: { version, ...why } }) {
        desks.updates.install(version, why)
        return desks.updates.state()
      },
    }),
    ...deviceRoutes(agent, desks.devices),
    ...reportRoutes(desks.reports),
    ...settingsRoutes(agent, desks.settings),
  ]

  async function rotateKey({ who, why }: { who: string; why: string }): Promise<unknown> {
    agent.audit.write(who, 'key.rotated', { why, key: 'outbox' })
    const rotate = () => rotateOutboxKey({ directory: agent.dataDir, outbox: agent.outbox, state: agent.state })
    // One after the other: the first would forget the key that the second still seals under.
    await (rotating = rotating.then(rotate, rotate))
    return { what: 'outbox', resealed: true }
  }

  function rotateToken({ who, why }: { who: string; why: string }): unknown {
    if (!options.rotateToken) throw new AgentError('TOKEN_IN_SETTINGS')
    agent.audit.write(who, 'token.rotated', { why })
    return { what: 'api-token', place: options.rotateToken() }
  }
}
