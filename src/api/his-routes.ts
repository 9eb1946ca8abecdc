/** What a HIS calls: the contract's list, one entry each. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import { AgentError } from '../agent/fault.ts'
import { maskPayload } from '../agent/technician/masked-payload.ts'
import type { Outcome } from '../transcode/outcome.ts'
import { TICKET_MS, type Access, type Caller } from './access.ts'
import { route, type Route } from './route.ts'
import * as schemas from './schemas.ts'

export function hisRoutes(agent: Agent, access: Access): Route[] {
  /** A screen sees a person masked until it asks (`reveal`); a HIS sees all. */
  const outcomeFor = (caller: Caller, outcome: Outcome): Outcome =>
    caller.rights.has('screen') ? agent.forScreen(outcome) : outcome
  const reader = ['scan', 'result', 'admin', 'screen'] as const
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
      rights: reader,
      status: 200,
      answer: schemas.ticketAnswer,
      handle: ({ caller }) => ({ ticket: access.issueTicket(caller, TICKET_MS), expiresInMs: TICKET_MS }),
    }),
    route({
      method: 'POST',
      url: '/api/v1/scans',
      summary: '把一段文本当作扫到的码处理',
      rights: ['scan', 'screen'],
      body: schemas.scanBody,
      status: 200,
      answer: schemas.outcome,
      faults: [400],
      async handle({ caller, body }) {
        const kind = caller.rights.has('screen') ? (body.kind ?? 'keyboard') : 'api'
        const device = kind === 'api' ? 'api' : `${kind}:screen`
        const outcome = await agent.scan(body.text, { device, kind }, body.name ? { name: body.name } : undefined)
        return outcomeFor(caller, outcome)
      },
    }),
    route({
      method: 'GET',
      url: '/api/v1/outcomes',
      summary: '某序号之后的扫码结果，旧的在前',
      rights: reader,
      query: schemas.outcomesQuery,
      status: 200,
      answer: schemas.outcomesAnswer,
      handle: ({ caller, query }) => ({
        outcomes: agent.outcomes(query.after, query.limit).map((outcome) => outcomeFor(caller, outcome)),
      }),
    }),
    route({
      method: 'POST',
      url: '/api/v1/outcomes/:id/choice',
      summary: '多个目标卡码中选定一个',
      rights: ['scan', 'screen'],
      body: schemas.choiceBody,
      status: 200,
      answer: schemas.outcome,
      faults: [404, 409, 410],
      handle: async ({ caller, params, body }) => outcomeFor(caller, await agent.choose(params['id'] ?? '', body.targetId)),
    }),
    route({
      method: 'POST',
      url: '/api/v1/outcomes/:id/result',
      summary: 'HIS 办理的结果；应上报的内容已落盘才回答 202',
      rights: ['result'],
      body: schemas.resultBody,
      status: 202,
      answer: schemas.resultAnswer,
      faults: [400, 404, 409, 410, 422, 507],
      handle: ({ params, body }) => ({ reports: agent.result(params['id'] ?? '', body) }),
    }),
    route({
      method: 'GET',
      url: '/api/v1/outbox',
      summary: '待上报的记录，旧的在前；不含内容',
      rights: reader,
      status: 200,
      answer: schemas.outboxAnswer,
      handle() {
        const { pending, dead } = agent.outbox.status()
        return { pending, dead, reports: agent.outbox.reports() }
      },
    }),
    route({
      method: 'POST',
      url: '/api/v1/outbox/:id/retry',
      summary: '立即重试一条未能上报的记录',
      rights: ['admin'],
      status: 202,
      answer: z.object({}),
      faults: [404],
      handle({ params }) {
        if (!agent.outbox.retry(params['id'] ?? '')) throw new AgentError('REPORT_UNKNOWN')
        return {}
      },
    }),
    route({
      method: 'POST',
      url: '/api/v1/platforms/:platform/:operation',
      // A photographed identity card (ocrInfo) is larger than anything else.
      maxBodyBytes: 12 * 1024 * 1024,
      summary: '五份文档中的其他接口，用其本名',
      rights: ['scan', 'technician'],
      body: z.record(z.string(), z.unknown()),
      status: 200,
      answer: z.unknown(),
      faults: [400, 404, 409, 422, 502, 503, 504, 507],
      async handle({ caller, params, body, signal }) {
        const { platform = '', operation = '' } = params
        // A name that is none calls nothing, and could be anybody's.
        const isKnown = () => agent.operations().some((each) => each.platform === platform && each.operation === operation)
        if (caller.rights.has('technician') && isKnown()) agent.audit.write('technician', 'operation.called', { platform, operation })
        const answer = await agent.call(platform, operation, body, signal)
        // Screens and technicians see a person masked, here as everywhere.
        return caller.rights.has('screen') ? maskPayload(answer) : answer
      },
    }),
  ]
}
