/** The diagnostic screen's calls about scanners. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import type { DeviceDesk } from '../agent/technician/device-desk.ts'
import { examineKeys } from '../agent/technician/scanner-examinations.ts'
import { shownSheets } from '../agent/technician/shown-sheets.ts'
import { pluggedIn } from '../agent/technician/plugged-in.ts'
import { route, type Route } from './route.ts'
import { technical } from './technical.ts'

const keys = z
  .array(z.object({ text: z.string().max(16), at: z.number() }))
  .min(1)
  .max(5000)

export function deviceRoutes(agent: Agent, desk: DeviceDesk): Route[] {
  const idOf = (params: Record<string, string>) => params['id'] ?? ''
  return [
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/ports',
      summary: '已插入的设备',
      handle: () => pluggedIn(agent.settings.devices),
    }),
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/setup-sheets',
      summary: '各厂家的设置码',
      handle: () => ({ sheets: shownSheets() }),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/devices/:id/lend',
      summary: '借出设备',
      body: z.object({ minutes: z.number().min(1).max(60) }),
      handle: ({ params, body }) => desk.lend(idOf(params), body.minutes),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/devices/:id/take-back',
      summary: '收回设备',
      handle: ({ params }) => ({ takenBack: desk.takeBack(idOf(params)) }),
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/devices/:id/detect-baud',
      summary: '检测波特率',
      body: z.object({ waitMs: z.int().min(100).max(30_000).optional() }),
      handle: ({ params, body, signal }) => desk.detectBaud(idOf(params), { ...body, signal }),
    }),
    route({
      ...technical,
      method: 'GET',
      url: '/api/v1/diagnostics/devices/:id/doctor',
      summary: '扫码枪诊断的结果',
      handle({ params }) {
        desk.status(idOf(params))
        return desk.examinations.of(idOf(params))
      },
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/devices/:id/doctor',
      summary: '扫码枪诊断：扫一次测试单',
      body: z.object({ action: z.enum(['start', 'stop']) }),
      handle({ params, body }) {
        const status = desk.status(idOf(params))
        return body.action === 'start' ? desk.examinations.start(status) : desk.examinations.end(status.id)
      },
    }),
    route({
      ...technical,
      method: 'POST',
      url: '/api/v1/diagnostics/doctor',
      summary: '键盘模式扫码枪诊断：屏幕收到的按键',
      body: z.object({ mode: z.literal('keyboard'), keys }),
      handle: ({ body }) => examineKeys(body.keys),
    }),
  ]
}
