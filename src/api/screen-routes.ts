/** What only the terminal's own screens call; the same server and the same rules. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import { AgentError } from '../agent/fault.ts'
import { staticCodeOf } from '../agent/offers.ts'
import { outboxSummary } from '../agent/outbox-events.ts'
import { SCENES } from '../transcode/platforms/ankang/dictionaries.ts'
import { MEDICAL_STEPS } from '../transcode/platforms/health-card/dictionaries.ts'
import { mayBecomeScreen, RELOAD_MS, TICKET_MS, type Access } from './access.ts'
import { route, type Route } from './route.ts'
import type { Sight } from './sight.ts'

/** Sample codes that a rehearsal scans through the virtual scanner. */
export type Rehearsal = {
  samples(): { id: string; format: string; formatName: string; title: string; note: string }[]
  /** The text of a sample, fresh where the code is dynamic; undefined for an unknown id. */
  textOf(id: string): string | undefined
  scan(text: string): void
}

export type ScreenOptions = { host: string; rehearsal?: Rehearsal | undefined }

const sceneBody = z.object({
  department: z.string().max(50).optional(),
  sceneCode: z.string().regex(/^\d{5}$/, '应为 5 位数字').optional(),
  medicalStep: z.string().refine((code) => Object.hasOwn(MEDICAL_STEPS, code), '不在用卡环节表（3.3.1）中').optional(),
})

export function screenRoutes(agent: Agent, access: Access, sight: Sight, options: ScreenOptions): Route[] {
  const internal = { rights: ['screen'], status: 200, answer: z.unknown(), internal: true } as const
  const screen = () => ({
    terminal: agent.site.terminal,
    hospital: agent.site.hospital ? { name: agent.site.hospital.name } : null,
    version: agent.version,
    host: options.host,
    rehearsal: options.rehearsal !== undefined,
    keyboard: agent.settings.devices.keyboard.enabled,
    camera: agent.settings.devices.camera.enabled,
    cameraId: agent.settings.devices.camera.deviceId,
    devices: agent.hub.status(),
    platforms: agent.monitor.statuses(),
    formats: agent.formats,
    outbox: outboxSummary(agent.outbox.status()),
    dictionaries: { scenes: listOf(SCENES), medicalSteps: listOf(MEDICAL_STEPS) },
    forgetAfterMs: agent.settings.retention.screenMinutes * 60_000,
    notices: agent.notices(),
  })
  const rehearsal = () => {
    if (!options.rehearsal) throw new AgentError('REHEARSAL_OFF')
    return options.rehearsal
  }
  const sampleText = (id: string | undefined) => {
    const text = rehearsal().textOf(id ?? '')
    if (text === undefined) throw new AgentError('NOT_FOUND')
    return text
  }

  return [
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/session',
      rights: null,
      // Read of anybody: a ticket is short.
      maxBodyBytes: 1024,
      summary: '屏幕用票据换取会话',
      body: z.object({ ticket: z.string().max(100) }),
      handle({ body }) {
        const caller = access.useTicket(body.ticket)
        if (!caller) throw new AgentError('TICKET_INVALID')
        if (!mayBecomeScreen(caller)) throw new AgentError('FORBIDDEN_RIGHT')
        return access.issueSession(caller.rights.has('screen') ? caller : undefined)
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/session/renewal',
      summary: '屏幕续期会话',
      handle: ({ caller }) => access.issueSession(caller),
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/session/ticket',
      summary: '再开一个屏幕的票据（60 秒），npm run open 用',
      handle: ({ caller }) => ({ ticket: access.issueTicket(caller, TICKET_MS), expiresInMs: TICKET_MS }),
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/session/reload',
      summary: '页面离开时登记的票据（30 秒、一次），重新载入的页面用它换取会话',
      // The page's own choice: it ends before an answer could reach it.
      body: z.object({ ticket: z.string().regex(/^[0-9a-f]{64}$/, '应为 64 位小写十六进制') }),
      handle({ caller, body }) {
        access.issueTicket(caller, RELOAD_MS, body.ticket)
        return {}
      },
    }),
    route({ ...internal, method: 'GET', url: '/api/v1/screen', summary: '屏幕启动时需要的全部', handle: screen }),
    route({
      ...internal,
      method: 'PATCH',
      url: '/api/v1/screen',
      rights: ['desk'],
      summary: '切换场景、环节或科室',
      body: sceneBody,
      handle({ body }) {
        agent.setScene(Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)))
        return screen()
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/screen/choice',
      summary: '画面里有几个码时，哪一个是患者的',
      body: z.object({ texts: z.array(z.string().min(1).max(4096)).min(1).max(8) }),
      handle: ({ body }) => agent.chooseCode(body.texts),
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/outcomes/:id/reveal',
      rights: ['reveal'],
      summary: '按住查看完整信息',
      body: z.object({ reason: z.string().max(100).optional() }),
      handle({ caller, params, body }) {
        // Identity goes to callers with `scan` only, this way too.
        if (!caller.rights.has('scan')) throw new AgentError('FORBIDDEN_RIGHT')
        const outcome = agent.outcome(params['id'] ?? '')
        agent.audit.write(caller.name, 'outcome.revealed', { outcome: outcome.id, ...(body.reason ? { reason: body.reason } : {}) })
        return outcome
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/outcomes/:id/dynamic-code',
      summary: '患者自己的电子健康卡码，供自助机出示；没有 refreshInMs 的是静态码',
      async handle({ caller, params }) {
        sight.check(caller, params['id'] ?? '')
        const id = params['id'] ?? ''
        const { show, refreshSec } = agent.settings.kiosk.cardCode
        if (show !== 'dynamic') {
          const still = show === 'static' ? staticCodeOf(agent.outcome(id)) : undefined
          if (still === undefined) throw new AgentError('OFFER_NOT_POSSIBLE')
          return { qrCodeText: still }
        }
        const { qrCodeText } = (await agent.accept(id, 'dynamic-code')) as { qrCodeText: string }
        return { qrCodeText, refreshInMs: refreshSec * 1000 }
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/outcomes/:id/beijing-entry',
      summary: '北京医保电子凭证的入口地址，供患者手机扫',
      handle({ caller, params }) {
        sight.check(caller, params['id'] ?? '')
        return agent.accept(params['id'] ?? '', 'beijing-entry')
      },
    }),
    route({
      ...internal,
      method: 'GET',
      url: '/api/v1/rehearsal',
      summary: '演练样码',
      handle: () => ({ samples: rehearsal().samples() }),
    }),
    route({
      ...internal,
      method: 'GET',
      url: '/api/v1/rehearsal/:id/code',
      summary: '一个样码的文本',
      handle: ({ params }) => ({ text: sampleText(params['id']) }),
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/rehearsal/:id/scan',
      status: 202,
      summary: '像扫码枪一样扫一个样码',
      handle({ params }) {
        rehearsal().scan(sampleText(params['id']))
        return {}
      },
    }),
  ]
}

function listOf(table: Readonly<Record<string, string | { name: string }>>): { code: string; name: string }[] {
  return Object.entries(table).map(([code, entry]) => ({ code, name: typeof entry === 'string' ? entry : entry.name }))
}

