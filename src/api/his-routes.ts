/** What a HIS calls: the contract's list, one entry each. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import { AgentError } from '../agent/fault.ts'
import { changesSomething } from '../agent/operations.ts'
import { CLIENT_RIGHTS } from '../agent/settings.ts'
import type { ReportDesk } from '../agent/technician/report-desk.ts'
import { maskPayload } from '../agent/technician/masked-payload.ts'
import { TICKET_MS, type Access } from './access.ts'
import { route, type Route, type RouteRequest } from './route.ts'
import * as schemas from './schemas.ts'
import type { Sight } from './sight.ts'

export function hisRoutes(agent: Agent, access: Access, sight: Sight, reports: Pick<ReportDesk, 'retry' | 'settle'>): Route[] {
  const everyClient = [...CLIENT_RIGHTS, 'screen'] as const
  const operation = {
    summary: '五份文档中的其他接口，用其本名',
    rights: ['operations'],
    body: z.record(z.string(), z.unknown()),
    status: 200,
    answer: z.unknown(),
    faults: [400, 404, 409, 422, 502, 503, 504, 507],
    async handle({ caller, params, body, signal }: Omit<RouteRequest, 'body'> & { body: Record<string, unknown> }) {
      const { platform = 'health-card', operation: name = 'ocrInfo' } = params
      // A name that is none calls nothing, and could be anybody's.
      const isKnown = () => agent.operations().some((each) => each.platform === platform && each.operation === name)
      if ((caller.rights.has('technician') || changesSomething(platform, name)) && isKnown()) agent.audit.write(caller.name, 'operation.called', { platform, operation: name })
      const answer = await agent.call(platform, name, body, signal)
      // A screen sees a person masked and who may not scan sees nobody, here as everywhere.
      return caller.rights.has('scan') && !caller.rights.has('screen') ? answer : maskPayload(answer)
    },
  } as const
  return [
    route({
      method: 'GET',
      url: '/api/v1/health',
      summary: '终端是否正常；不含任何患者信息',
      rights: null,
      status: 200,
      answer: schemas.health,
      handle: () => agent.health(),
    }),
    route({
      method: 'POST',
      url: '/api/v1/tickets',
      summary: '取一次性票据（60 秒），用于不能带请求头的地址 ?ticket=',
      rights: everyClient,
      status: 200,
      answer: schemas.ticketAnswer,
      handle: ({ caller }) => ({ ticket: access.issueTicket(caller, TICKET_MS), expiresInMs: TICKET_MS }),
    }),
    route({
      method: 'POST',
      url: '/api/v1/scans',
      summary: '把一段文本当作扫到的码处理',
      rights: ['scan', 'kiosk'],
      body: schemas.scanBody,
      status: 200,
      answer: schemas.outcome,
      faults: [400],
      async handle({ caller, body }) {
        const kind = caller.rights.has('screen') ? (body.kind ?? 'keyboard') : 'api'
        const device = kind === 'api' ? 'api' : `${kind}:screen`
        const outcome = await agent.scan(body.text, { device, kind }, body.name ? { name: body.name } : undefined)
        return sight.shown(caller, outcome)
      },
    }),
    route({
      method: 'GET',
      url: '/api/v1/outcomes',
      summary: '某序号之后的扫码结果，旧的在前；没有 scan 权限的看不到患者身份',
      rights: ['scan', 'result', 'admin', 'kiosk'],
      query: schemas.outcomesQuery,
      status: 200,
      answer: schemas.outcomesAnswer,
      faults: [400],
      handle({ caller, query: { after, limit, newest } }) {
        if (newest !== undefined) return { outcomes: sight.list(caller, agent.latestOutcomes(newest)) }
        if (after > agent.events.lastSeq()) throw new AgentError('SEQ_UNKNOWN')
        return { outcomes: sight.list(caller, agent.outcomes(after, limit)) }
      },
    }),
    route({
      method: 'POST',
      url: '/api/v1/outcomes/:id/choice',
      summary: '多个目标卡码中选定一个',
      rights: ['scan', 'kiosk'],
      body: schemas.choiceBody,
      status: 200,
      answer: schemas.outcome,
      faults: [404, 409, 410],
      async handle({ caller, params, body }) {
        const id = params['id'] ?? ''
        sight.check(caller, id)
        return sight.shown(caller, await agent.choose(id, body.targetId))
      },
    }),
    route({
      method: 'POST',
      url: '/api/v1/outcomes/:id/result',
      summary: 'HIS 办理的结果；应上报的内容已落盘才回答 202。同一 tradeNo 内容不同：还没有发出的改正（corrected），已发出的 409 RESULT_DIFFERS',
      rights: ['result'],
      body: schemas.resultBody,
      status: 202,
      answer: schemas.resultAnswer,
      faults: [400, 404, 409, 410, 422, 507],
      handle: ({ params, body }) => agent.result(params['id'] ?? '', body),
    }),
    route({
      method: 'POST',
      url: '/api/v1/reports',
      summary: '没有在本终端扫码的用卡（电子健康卡 2.7.2）：HIS 以自己的编号提交，落盘后上报',
      rights: ['result'],
      body: schemas.ownReportBody,
      status: 202,
      answer: schemas.resultAnswer,
      faults: [400, 404, 409, 422, 507],
      handle: ({ body }) => agent.report(body),
    }),
    route({
      method: 'GET',
      url: '/api/v1/outbox',
      summary: '待上报的记录，旧的在前；不含内容',
      rights: ['scan', 'result', 'admin'],
      status: 200,
      answer: schemas.outboxAnswer,
      handle() {
        const { pending, dead, unproven } = agent.outbox.status()
        return { pending, dead, unproven, reports: agent.outbox.reports() }
      },
    }),
    route({
      method: 'POST',
      url: '/api/v1/outbox/:id/retry',
      summary: '立即重试一条未能上报的记录；待核实（unproven）的换新请求号再报一次',
      rights: ['admin'],
      status: 202,
      answer: z.object({}),
      faults: [404, 507],
      handle({ caller, params }) {
        reports.retry(params['id'] ?? '', caller.name)
        return {}
      },
    }),
    route({
      method: 'POST',
      url: '/api/v1/outbox/:id/settle',
      summary: '确认一条待核实（unproven）的上报平台已经计数：按已送达结束',
      rights: ['admin'],
      status: 202,
      answer: z.object({}),
      faults: [404, 409, 507],
      handle({ caller, params }) {
        reports.settle(params['id'] ?? '', caller.name)
        return {}
      },
    }),
    route({
      ...operation,
      method: 'POST',
      url: '/api/v1/platforms/:platform/:operation',
    }),
    route({
      ...operation,
      method: 'POST',
      url: '/api/v1/platforms/health-card/ocrInfo',
      // A photographed identity card is larger than anything else.
      maxBodyBytes: 12 * 1024 * 1024,
      internal: true,
    }),
  ]
}
