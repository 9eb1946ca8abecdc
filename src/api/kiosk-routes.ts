/** What the kiosk asks of its terminal beside scanning: its voice, and a call for staff that a desk can answer. */
import { z } from 'zod'
import type { Agent } from '../agent/agent.ts'
import { AgentError } from '../agent/fault.ts'
import { cardMark } from '../agent/card-mark.ts'
import { LANGUAGES, listRecordings, readRecording, type RecordingLanguage } from '../agent/recordings.ts'
import { CALL_REASONS } from '../agent/staff-call.ts'
import { registrationOffered } from './registration-routes.ts'
import { route, sendFile, type Route } from './route.ts'
import type { Sight } from './sight.ts'

export function kioskRoutes(agent: Agent, sight: Sight): Route[] {
  const internal = { rights: ['screen'], status: 200, answer: z.unknown(), internal: true } as const
  const { kiosk } = agent.settings
  const calls = agent.staffCalls

  return [
    route({
      ...internal,
      method: 'GET',
      url: '/api/v1/kiosk',
      summary: '自助机的音量、医院自录的语音和当前的求助',
      handle: () => ({
        volume: kiosk.volume,
        helpPlace: kiosk.helpPlace,
        recordings: listRecordings(kiosk.recordingsDir),
        cardMark: cardMark(kiosk.cardMarkFile),
        registration: registrationOffered(agent),
        call: calls.current(),
      }),
    }),
    route({
      ...internal,
      method: 'GET',
      url: '/api/v1/kiosk/recordings/:language/:prompt',
      summary: '医院自录的一条语音',
      handle({ params }) {
        const { language, prompt = '' } = params
        const found = LANGUAGES.includes(language as RecordingLanguage)
          ? readRecording(kiosk.recordingsDir, language as RecordingLanguage, prompt)
          : undefined
        if (!found) throw new AgentError('NOT_FOUND')
        return sendFile(found.file, found.mediaType, found.bytes)
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/visit/end',
      summary: '患者已离开：此前的扫码结果不再属于自助机',
      body: z.object({ at: z.number() }),
      handle({ body }) {
        sight.endVisit(body.at)
        return {}
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/staff-call',
      summary: '患者叫工作人员；再次调用只是再响一次',
      body: z.object({ reason: z.enum(CALL_REASONS) }),
      handle: ({ body }) => ({ call: calls.call(body.reason) }),
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/staff-call/withdrawal',
      summary: '患者不用帮助了',
      handle() {
        calls.withdraw()
        return { call: null }
      },
    }),
    route({
      ...internal,
      method: 'POST',
      url: '/api/v1/staff-call/:id/seen',
      summary: '窗口看到了求助',
      handle({ params }) {
        if (!calls.see(params['id'] ?? '')) throw new AgentError('CALL_OVER')
        return { call: calls.current() }
      },
    }),
  ]
}
