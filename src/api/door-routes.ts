/** The technician's door as the screens see it. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import { AgentError } from '../agent/fault.ts'
import { AUDITED } from '../agent/technician/audit-log.ts'
import { route, type Route } from './route.ts'

const pin = z.string().min(1).max(100)

/** @param onLeave ends the terminal and its screens; absent where no host shows them */
export function doorRoutes(agent: Agent, onLeave?: () => void): Route[] {
  const internal = { rights: ['screen'], status: 200, answer: z.unknown(), internal: true } as const
  return [
    route({ ...internal, method: 'GET', url: '/api/v1/technician', summary: '口令是否已设置、是否锁定', handle: () => agent.door.state() }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/technician/pin',
      summary: '设置或修改口令',
      body: z.object({ pin, present: pin.optional() }),
      async handle({ body }) {
        await agent.door.setPin(body.pin, body.present)
        return agent.door.state()
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/technician/session',
      summary: '用口令进入诊断',
      body: z.object({ pin }),
      handle: ({ body }) => agent.door.open(body.pin),
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/technician/session/end',
      rights: ['technician'],
      summary: '退出诊断',
      body: z.object({ token: z.string() }),
      handle({ body }) {
        agent.door.close(body.token)
        return {}
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/technician/leave',
      rights: ['technician'],
      summary: '结束码桥并关闭界面，自助机由此回到系统',
      handle() {
        if (onLeave === undefined) throw new AgentError('LEAVE_NO_HOST')
        agent.audit.write('technician', 'terminal.left')
        // Once the answer is on its way.
        setImmediate(onLeave)
        return {}
      },
    }),
    route({
      ...internal,
      method: 'GET',
      url: '/api/v1/diagnostics/audit',
      rights: ['technician'],
      summary: '审计记录与校验',
      handle: async () => ({ check: await agent.audit.verifyInTurns(), entries: agent.audit.latest(500).map((entry) => ({ ...entry, words: AUDITED[entry.what] })) }),
    }),
  ]
}
