/** The diagnostic screen's calls about reports. */
import { z } from 'zod'
import type { ReportDesk } from '../agent/technician/report-desk.ts'
import { REPORT_STATES } from '../outbox/outbox.ts'
import { route, sendFile, type Route } from './route.ts'
import { reason, technical } from './technical.ts'

const filter = {
  state: z.enum(REPORT_STATES).optional(),
  text: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
}
const path = z.string().min(1).max(200)
/** Each is written into the audit, on disk, before it goes. */
const MOST_REMOVED = 200
const value = z.union([z.string().max(2000), z.number(), z.boolean(), z.null()])

export function reportRoutes(desk: ReportDesk): Route[] {
  const idOf = (params: Record<string, string>) => params['id'] ?? ''
  return [
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/reports',
      summary: '上报记录',
      query: z.object(filter),
      handle: ({ query }) => desk.list(query),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/reports/search',
      summary: '在失败上报的内容中查找',
      body: z.object({ ...filter, text: z.string().min(1).max(100) }),
      handle: ({ body }) => desk.list(body, true),
    }),
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/reports/:id',
      summary: '一条上报，内容已脱敏',
      handle: ({ params }) => desk.read(idOf(params)),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/reports/:id/reveal',
      summary: '一条上报的完整内容',
      body: z.object(reason),
      handle: ({ params, body }) => desk.reveal(idOf(params), body),
    }),
    route({
      ...technical,
      method: 'PATCH',
      url: '/api/v1/diagnostics/reports/:id',
      summary: '改正失败上报中有误的字段',
      body: z.object({
        set: z.record(path, value).refine((set) => Object.keys(set).length > 0, '请给出要改的字段'),
        ...reason,
      }),
      handle: ({ params, body }) => desk.edit(idOf(params), body.set, body),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/reports/:id/retry',
      status: 202,
      summary: '立即重试',
      handle({ params }) {
        desk.retry(idOf(params))
        return {}
      },
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/reports/:id/settle',
      status: 202,
      summary: '确认待核实的上报已送达',
      handle({ params }) {
        desk.settle(idOf(params))
        return {}
      },
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/reports/remove',
      summary: '删除失败的上报',
      body: z.object({ ids: z.array(z.string().max(50)).min(1).max(MOST_REMOVED), ...reason }),
      handle: ({ body }) => ({ removed: desk.remove(body.ids, body) }),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/reports/export',
      summary: '导出失败与待核实的上报，用口令加密',
      body: z.object({ passphrase: z.string().max(200), ...reason }),
      async handle({ body }) {
        const time = new Date().toISOString().slice(0, 16).replace(/[-:]/g, '')
        return sendFile(
          `maqiao-dead-reports-${time}.bin`,
          'application/octet-stream',
          await desk.export(body.passphrase, body),
        )
      },
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/lanes/:kind/resume',
      status: 202,
      summary: '恢复一类暂停的上报',
      handle({ params }) {
        desk.resume(params['kind'] ?? '')
        return {}
      },
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/reports/release',
      status: 202,
      summary: '放行恢复或复制来的上报',
      body: z.object(reason),
      handle({ body }) {
        desk.release(body)
        return {}
      },
    }),
  ]
}
